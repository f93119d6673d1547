"""``assaymark sign``."""

import json
import os
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.signing.samples import KEY, NOW, VERIFIER, certificate, model, pem

from assaymark._cli.sign import command
from assaymark.errors import AssaymarkError, UsageError
from assaymark.signing.certificates import CertificateVerifier
from assaymark.signing.problems import DoesNotVerify
from assaymark.signing.verify import read_signature, unverified_manifest, verify_model


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model beside a key, in the working folder."""
    monkeypatch.setenv("ASSAYMARK_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("ASSAYMARK_KEY_PASSWORD", raising=False)
    (tmp_path / "key.pem").write_bytes(pem(KEY))
    (tmp_path / "locked.pem").write_bytes(pem(KEY, b"secret"))
    monkeypatch.chdir(tmp_path)
    return model(tmp_path)


def sign(*args: str, answer: str | None = None) -> Result:
    """Run it; errors of ours come through."""
    result = CliRunner().invoke(command, args, input=answer)
    if isinstance(result.exception, AssaymarkError):
        raise result.exception
    return result


def test_a_model_is_signed_in_its_folder(folder: Path) -> None:
    """The place is printed; the figures go to standard error."""
    result = sign("model", "--key", "key.pem")
    assert result.stdout == "model/model.sig\n"
    assert result.stderr == "Signed 3 files, 10.2 kB.\n"
    assert verify_model(
        folder, read_signature(folder / "model.sig"), VERIFIER, signature=folder / "model.sig"
    ).ok


def test_a_file_is_signed_beside_it(folder: Path) -> None:
    """Under its name."""
    assert sign("model/weights.bin", "--key", "key.pem").stdout == "model/weights.bin.sig\n"
    assert unverified_manifest(read_signature(folder / "weights.bin.sig")).names == {"weights.bin"}


def test_options_reach_the_statement(folder: Path) -> None:
    """Place, method, hash, what is left out, git, links."""
    (folder / "l").symlink_to("empty")
    options = (
        "--method",
        "shards",
        "--hash",
        "blake2b",
        "--ignore",
        "./sub/",
        "--with-git",
        "--allow-symlinks",
    )
    sign("model", "--key", "key.pem", "--signature", "out/m.sig", *options)
    manifest = unverified_manifest(read_signature(Path("out/m.sig")))
    assert manifest.names == {".git/HEAD", "empty", "l", "weights.bin"}
    how = manifest.serialization
    assert (how.method, how.hash_type, how.allow_symlinks, how.ignore_paths) == (
        "shards",
        "blake2b",
        True,
        ("sub",),
    )


def test_a_certificate_goes_along(folder: Path) -> None:
    """With those above it."""
    root = certificate("root", authority=True)
    leaf = certificate("leaf", root, key=KEY)
    Path("leaf.pem").write_bytes(leaf.pem())
    Path("root.pem").write_bytes(root.pem())
    sign("model", "--key", "key.pem", "--certificate", "leaf.pem", "--chain", "root.pem")
    trust = CertificateVerifier([root.certificate], NOW)
    assert verify_model(
        folder, read_signature(folder / "model.sig"), trust, signature=folder / "model.sig"
    ).ok
    with pytest.raises(UsageError, match="--chain goes with --certificate"):
        sign("model", "--key", "key.pem", "--chain", "root.pem")


def test_a_locked_key_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the variable; without one, and without a terminal, it says which variable."""
    with pytest.raises(UsageError, match="ASSAYMARK_KEY_PASSWORD"):
        sign("model", "--key", "locked.pem")
    monkeypatch.setenv("ASSAYMARK_KEY_PASSWORD", "wrong")
    with pytest.raises(UsageError, match="does not open"):
        sign("model", "--key", "locked.pem")
    monkeypatch.setenv("ASSAYMARK_KEY_PASSWORD", "secret")
    assert sign("model", "--key", "locked.pem").exit_code == 0


def test_a_person_is_asked_for_the_password(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At a terminal only; the answer is not shown."""
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _: True, raising=False)
    result = sign("model", "--key", "locked.pem", answer="secret\n")
    assert result.exit_code == 0
    assert "secret" not in result.output
    with pytest.raises(UsageError, match="does not open"):
        sign("model", "--key", "locked.pem", answer="wrong\n")


def test_signing_again_tells_what_changed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And reads that alone."""
    now = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now + 3600 * 10**9)
    sign("model", "--key", "key.pem")
    assert sign("model", "--key", "key.pem").stderr == "Signed 3 files, 10.2 kB, 0 bytes of them read anew.\n"
    (folder / "README\x1b.md").write_text("new")
    (folder / "empty").unlink()
    (folder / "sub" / "config.json").write_text("[1]")
    assert sign("model", "--key", "key.pem").stderr.splitlines() == [
        "Signed 3 files, 10.2 kB, 6 bytes of them read anew.",
        "Added since it was last signed: README\\x1b.md",
        "Removed since it was last signed: empty",
        "Changed since it was last signed: sub/config.json",
    ]
    assert sign("model", "--key", "key.pem", "--rehash").stderr == "Signed 3 files, 10.2 kB.\n"


def test_a_cache_that_cannot_be_kept_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next run reads all, that is all."""
    monkeypatch.setenv("ASSAYMARK_CACHE_DIR", str(tmp_path / "key.pem"))
    assert sign("model", "--key", "key.pem").exit_code == 0


def test_nothing_else_is_written_over(folder: Path) -> None:
    """A slip of the hand must not cost a model its weights."""
    before = (folder / "weights.bin").read_bytes()
    with pytest.raises(UsageError, match="is no model signature"):
        sign("model", "--key", "key.pem", "--signature", "model/weights.bin")
    assert (folder / "weights.bin").read_bytes() == before


def test_what_cannot_be_signed_leaves_the_old_signature(folder: Path) -> None:
    """A link, a pipe, an empty folder."""
    sign("model", "--key", "key.pem")
    before = (folder / "model.sig").read_bytes()
    os.mkfifo(folder / "pipe")
    with pytest.raises(AssaymarkError, match="pipe is no regular file; nothing was signed"):
        sign("model", "--key", "key.pem")
    assert (folder / "model.sig").read_bytes() == before


def test_a_long_list_of_changes_is_cut(folder: Path) -> None:
    """Ten names are enough."""
    sign("model", "--key", "key.pem")
    for number in range(12):
        (folder / f"n{number:02}").touch()
    assert "n08, n09 and 2 more" in sign("model", "--key", "key.pem").stderr
    assert json.loads((folder / "model.sig").read_bytes())["mediaType"]


def test_another_hash_is_not_compared(folder: Path) -> None:
    """Digests of two algorithms cannot be."""
    sign("model", "--key", "key.pem")
    assert "since" not in sign("model", "--key", "key.pem", "--hash", "blake2b").stderr
    with pytest.raises(DoesNotVerify):
        unverified_manifest(b"")
