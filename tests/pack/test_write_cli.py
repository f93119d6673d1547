"""`assaymark pack` and `assaymark sign-off`, as people call them."""

import json
import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.pack.supplier import write_system

from assaymark.errors import AssaymarkError, UsageError
from assaymark.ledger.cosignature import witness_key
from assaymark.ledger.keys import create_key, load_key, public_bytes
from assaymark.ledger.note import ED25519, VerifierKey
from assaymark.ledger.witness import Witness
from assaymark.ledger.witness_server import WitnessServer
from assaymark.pack.verify import Asked, verify_pack

SECONDS = "1795435200"
"""2026-11-23T12:00:00Z."""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A supplier's folder; key, state and cache beside it."""
    for name in ("CONFIG", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    for name in ("ASSAYMARK_KEY", "ASSAYMARK_STATE_DIR", "ASSAYMARK_CACHE_DIR", "ASSAYMARK_KEYRING"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", SECONDS)
    write_system(tmp_path / "shop")
    here = Path.cwd()
    os.chdir(tmp_path)
    yield tmp_path / "shop"
    os.chdir(here)


def run(name: str, *arguments: str | Path) -> Result:
    """Run a command; errors come through. The exit code is what it returns."""
    command = import_module(f"assaymark._cli.{name}").command
    return CliRunner().invoke(
        command, list(map(str, arguments)), catch_exceptions=False, standalone_mode=False
    )


def test_it_says_what_is_inside_and_how_to_check(root: Path) -> None:
    """Verdicts, evidence, papers, digest, key and the command for the receiver."""
    done = run("pack", root, "-o", "shop.assaypack", "--check", "--jobs", "1")

    assert done.return_value == 0
    assert "System: shop-assistant, assessment 1 in the ledger assaymark.local/" in done.stdout
    assert "of 72 provisions" in done.stdout
    assert "Attestations: 2. Documents: 1." in done.stdout
    assert "assaymark verify-pack shop.assaypack" in done.stdout
    assert "Verified: " in done.stdout
    assert Path("shop.assaypack").stat().st_size > 100_000


def test_as_json_and_with_another_key(root: Path) -> None:
    """The members are listed, the bill of materials among them; the ledger's head stays the machine's."""
    create_key(Path("bob.pem"))
    told = json.loads(run("pack", root, "--key", "bob.pem", "--json", "-q", "--check", "--jobs", "1").stdout)

    assert told["file"] == "assessment.assaypack"
    assert told["publicKey"] == load_key(Path("bob.pem")).public_key().public_bytes_raw().hex()
    assert "bom.cdx.json" in {m["name"] for m in told["members"]}
    assert told["redacted"] == []


def test_redacted_documents_are_listed(root: Path) -> None:
    """With the reason."""
    done = run("pack", root, "--redact", "--jobs", "1")

    assert "Left out: docs/threats.md. Withheld by the sender." in done.stdout
    assert "Documents: 0." in done.stdout


def test_again_into_the_same_file_with_the_head_that_the_receiver_holds(root: Path) -> None:
    """The pack in the folder is no part of the system; the number counts on; the ledger extends the head."""
    run("pack", root, "-o", root / "x.assaypack", "-q", "--jobs", "1")
    before = verify_pack(root / "x.assaypack").assessment
    assert before is not None
    Path("held.txt").write_text(before.checkpoint)
    again = run("pack", root, "-o", root / "x.assaypack", "--json", "--since", "held.txt", "--jobs", "1")
    after = verify_pack(root / "x.assaypack", Asked(now=datetime.now(UTC), held=(before.checkpoint,)))

    assert json.loads(again.stdout)["assessment"] == 2
    assert after.problems == ()
    assert after.assessment is not None
    assert after.assessment.files == before.files


@pytest.mark.parametrize("content", [b"\xff", b"x" * 20_000])
def test_a_file_that_is_no_head_is_refused(root: Path, content: bytes) -> None:
    """Before anything is written."""
    Path("held.txt").write_bytes(content)

    with pytest.raises(UsageError, match=r"held\.txt"):
        run("pack", root, "--since", "held.txt", "-q", "--jobs", "1")
    assert not Path("assessment.assaypack").exists()


@pytest.mark.parametrize("half", [("--role", "Developer"), ("--by", "Ada Example")])
def test_a_sign_off_takes_a_role_and_a_name(root: Path, half: tuple[str, str]) -> None:
    """One without the other says nothing."""
    with pytest.raises(UsageError, match="role and a name"):
        run("pack", root, *half)


def test_signing_off_at_once_and_later(root: Path) -> None:
    """The machine's key at once, another person's from a file later."""
    create_key(Path("bob.pem"))
    run("pack", root, "--role", "Developer", "--by", "Ada Example", "-q", "--jobs", "1")
    bob = ("--role", "Assessor", "--by", "Bob Example", "--key", "bob.pem", "--statement", "I tried it.")
    done = run("sign_off", "assessment.assaypack", *bob, "--time", "2026-11-24T09:00:00+01:00")
    found = verify_pack(Path("assessment.assaypack"))

    assert done.stdout.startswith("Signed assessment.assaypack as Assessor: sign-offs/")
    assert {(s.name, s.role, s.at) for s in found.signatures if s.kind == "sign-off"} == {
        ("Ada Example", "Developer", "2026-11-23T12:00:00Z"),
        ("Bob Example", "Assessor", "2026-11-24T08:00:00Z"),
    }


@pytest.mark.parametrize("time", ["yesterday", "0001-01-01T00:00:00+23:00"])
def test_a_time_that_is_none_is_refused(root: Path, time: str) -> None:
    """And nothing is signed."""
    with pytest.raises(UsageError, match="no time"):
        run("sign_off", "x", "--role", "Developer", "--by", "Ada", "--time", time)


def test_a_key_without_an_owner_needs_role_and_name(root: Path) -> None:
    """The machine's key does not say who sits at it."""
    with pytest.raises(UsageError, match="role and a name"):
        run("sign_off", "x")


def test_a_ledger_that_does_not_verify_is_never_packed(root: Path) -> None:
    """One changed byte of an entry is enough."""
    run("pack", root, "-q", "--jobs", "1")
    Path("assessment.assaypack").unlink()
    bundle = max((root / "assurance").rglob("tile/entries/*.p/*"), key=lambda path: int(path.name))
    data = bytearray(bundle.read_bytes())
    data[100] ^= 1
    bundle.write_bytes(data)

    with pytest.raises(AssaymarkError):
        run("pack", root, "-q", "--jobs", "1")
    assert not Path("assessment.assaypack").exists()


def test_a_witness_cosigns_the_head_of_the_pack(root: Path, tmp_path: Path) -> None:
    """The cosignature is in the pack; a witness that saw another ledger ends it, and nothing is written."""
    run("pack", root, "-q", "--jobs", "1")
    first = verify_pack(Path("assessment.assaypack")).assessment
    assert first is not None
    key = Ed25519PrivateKey.generate()
    log = VerifierKey(first.ledger_origin, ED25519, bytes.fromhex(first.public_key))
    named = witness_key("witness.example/w1", public_bytes(key))
    witness = Witness(tmp_path / "witness", name="witness.example/w1", key=key, logs=[log])
    with WitnessServer(("127.0.0.1", 0), witness) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/"
        run("pack", root, "-q", "--witness", url, "--witness-key", named.text(), "--jobs", "1")
        server.shutdown()
        thread.join()
    asked = Asked(now=datetime.now(UTC), witnesses=(named,))
    found = verify_pack(Path("assessment.assaypack"), asked)

    assert found.problems == ()
    assert [s.name for s in found.signatures if s.kind == "witness"] == ["witness.example/w1"]
    with pytest.raises(UsageError, match="1 witnesses and 0 keys"):
        run("pack", root, "--witness", url)
