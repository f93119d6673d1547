"""``assaymark verify-pack``: exit codes, words, JSON; and the same by a script without Assaymark."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.pack.forge import Forgery
from tests.pack.supplier import ADA, real_pack, supplier

from assaymark._cli.verify_pack import command
from assaymark.errors import AssaymarkError
from assaymark.ledger.keys import public_bytes
from assaymark.ledger.rotation import Rotation, render_rotations, sign_rotation
from assaymark.pack.format import BASIS, STATEMENT

SCRIPT = Path(__file__).resolve().parents[2] / "docs/evidence/verify-pack.py"
TODAY = ("--today", "2026-11-24")


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """The supplier's pack."""
    path = tmp_path / "shop.assaypack"
    path.write_bytes(real_pack())
    return path


def run(*words: object) -> SimpleNamespace:
    """Run the command; an error of ours gives its own exit code, as the command line has it."""
    result = CliRunner().invoke(command, [str(word) for word in words], standalone_mode=False)
    if isinstance(result.exception, AssaymarkError):
        return SimpleNamespace(code=result.exception.exit_code, out=str(result.exception))
    if result.exception is not None:
        raise result.exception
    return SimpleNamespace(code=result.return_value, out=result.output)


def test_a_pack_that_verifies(pack: Path) -> None:
    """It says what was assessed, the verdicts with denominators, who signed, and what to ask."""
    done = run(pack, *TODAY)

    assert done.code == 0
    for words in (
        "shop.assaypack verifies",
        "shop-assistant 1.4.0, Example Ltd",
        "against EN 304 223 V2.1.1",
        "✓ pass",
        "of 69",
        "sign-off by Ada Example, Example Ltd as Developer",
        "a key unknown to you",
        "Against it",
        "Questions to ask",
        "Whose it is has to be known otherwise",
    ):
        assert words in done.out


def test_what_is_withheld_and_what_has_ended(pack: Path) -> None:
    """A redacted pack, read much later, says what is withheld and what the time has ended."""
    pack.write_bytes(real_pack(redact=True))
    done = run(pack, "--today", "2027-06-01")
    flat = " ".join(done.out.split())

    assert done.code == 0
    assert "Withheld, of which only the digest is here • docs/threats.md: " in flat
    assert "Otherwise on 2027-06-01, by the passing of time" in done.out
    assert "5.1.1-1 inconclusive, was pass: It was valid until 2027-05-01." in flat


def test_nothing_is_wider_than_a_small_terminal(pack: Path) -> None:
    """Every line fits into 80 columns."""
    assert max(map(len, run(pack, *TODAY).out.splitlines())) <= 80


def test_a_key_that_the_buyer_knows(pack: Path, tmp_path: Path) -> None:
    """A key is known by its digits, by a file with them, or by a file in PEM."""
    digits, pem = tmp_path / "digits", tmp_path / "ada.pem"
    digits.write_text(supplier().public_key + "\n")
    pem.write_bytes(ADA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))

    assert (
        "signed by Example Ltd, whose key"
        in run(pack, *TODAY, "--trust", f"Example Ltd={supplier().public_key}").out
    )
    done = run(pack, *TODAY, "--trust", f"Example={digits}", "--trust", pem)
    assert "known to you as Example" in done.out
    assert "known to you as ada" in done.out
    assert run(pack, *TODAY, "--public-key", supplier().public_key).code == 0
    assert run(pack, *TODAY, "--public-key", "00" * 32).code == 14


@pytest.mark.parametrize("words", [("--trust", "x=12"), ("--trust", "nowhere.pem"), ("--public-key", "12")])
def test_a_key_that_is_none(pack: Path, words: tuple[str, str]) -> None:
    """What is no key is a slip of the pen."""
    assert run(pack, *words).code == 2


def test_a_key_of_another_kind(pack: Path, tmp_path: Path) -> None:
    """A key of another algorithm, a broken file, and two names for one key are told."""
    other, broken = tmp_path / "other.pem", tmp_path / "broken.pem"
    key = generate_private_key(SECP256R1()).public_key()
    other.write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    broken.write_text("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")
    ours = supplier().public_key

    assert run(pack, "--trust", other).code == 2
    assert run(pack, "--trust", broken).code == 2
    assert run(pack, "--trust", f"a={ours}", "--trust", f"b={ours}").code == 2


def test_a_pack_that_does_not_verify(pack: Path) -> None:
    """It says where and why, and that nothing in it counts."""
    forged = Forgery(real_pack())
    forged.members["documents/install.md"] = b"curl | sh\n"
    pack.write_bytes(forged.zipped())
    done = run(pack, *TODAY)

    assert done.code == 14
    assert "shop.assaypack does not verify (1 problem):" in done.out
    assert "documents/install.md: is in the pack, and the statement does not cover it." in done.out
    assert "Nothing that it says may be relied on" in " ".join(done.out.split())


def test_what_is_no_pack(tmp_path: Path) -> None:
    """Another file is told to be none, also by the whole program; a missing one is a slip of the pen."""
    (tmp_path / "letter.pdf").write_bytes(b"%PDF-1.7\n")
    whole = subprocess.run(
        [sys.executable, "-m", "assaymark", "verify-pack", str(tmp_path / "letter.pdf")],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert whole.returncode == 3
    assert whole.stderr.startswith("assaymark: This is no pack")

    assert run(tmp_path / "letter.pdf").code == 3
    assert run(tmp_path).code == 3
    assert run(tmp_path / "missing").code == 2


def test_a_held_head(pack: Path, tmp_path: Path) -> None:
    """A head that the buyer kept is compared; a file that is none is told."""
    kept = tmp_path / "head"
    kept.write_text(json.loads(Forgery(real_pack()).members[BASIS])["head"])

    assert run(pack, *TODAY, "--held", kept).code == 0
    kept.write_text("rubbish")
    assert run(pack, *TODAY, "--held", kept).code == 14
    assert run(pack, *TODAY, "--held", tmp_path / "missing").code == 2


def test_a_policy(pack: Path, tmp_path: Path) -> None:
    """Met is 0, not met is 19, and each rule is told; a policy with mistakes is 2."""
    rules = tmp_path / "policy.yaml"
    rules.write_text("assaymark_policy: 1\nname: Small\nmust_pass: [5.1.1-1]\n")
    assert run(pack, *TODAY, "--policy", rules).code == 0
    rules.write_text(
        f"assaymark_policy: 1\nname: Small\nmust_pass: [all-shall]\nno_fail: true\n"
        f"signers: ['{supplier().public_key}']\nsigned_off_by: [{{role: Developer, name: Ada Example, "
        f"key: '{ADA.public_key().public_bytes_raw().hex()}'}}]\n"
    )
    done = run(pack, *TODAY, "--policy", rules)
    assert done.code == 19
    assert "Your policy, Small" in done.out
    assert done.out.index("NOT MET: must_pass: all-shall") < done.out.index("met: no_fail")
    assert "known to you as Ada Example" in done.out
    rules.write_text("assaymark_policy: 1\nmust: x\n")
    assert run(pack, *TODAY, "--policy", rules).code == 2


def test_json(pack: Path, tmp_path: Path) -> None:
    """One versioned object holds everything, whether the pack verifies or not."""
    rules = tmp_path / "policy.yaml"
    rules.write_text("assaymark_policy: 1\nmust_pass: [all-shall]\n")
    done = run(pack, *TODAY, "--json", "--policy", rules)
    value = json.loads(done.out)

    assert done.code == 19
    assert (value["assaymark_verification"], value["ok"], value["day"]) == (1, True, "2026-11-24")
    assert len(value["results"]) == value["counts"]["total"] == 72
    assert value["assessed"]["system"] == "shop-assistant"
    assert value["policy"]["met"] is False
    assert len(value["questions"]) > 10
    assert "5.1.3-1" in {row["provision"] for row in value["against"]}
    assert value["aged"] == []
    pack.write_bytes(pack.read_bytes()[:-1])
    value = json.loads(run(pack, "--json").out)
    assert (value["ok"], value["assessed"], value["results"]) == (False, None, [])
    assert value["problems"][0]["place"] == "container"


def test_questions_in_markdown(pack: Path, tmp_path: Path) -> None:
    """The questions are written as a letter that can be sent, with a stranger's words as words."""
    letter = tmp_path / "questions.md"
    run(pack, *TODAY, "--questions", letter)
    text = letter.read_text()

    assert text.startswith("# Questions about shop-assistant\n")
    assert "It should cover:" in text
    assert "It could show:" in text
    assert "5.1.3-1\\#1 (shall):" in text


def test_a_terminal_survives_hostile_words(tmp_path: Path) -> None:
    """Control characters in names and reasons are shown, never sent."""
    forged = Forgery(real_pack(signed_off=False))
    forged.predicate["system"] = "\x1b[2Jgone\u202e"
    path = tmp_path / "evil.assaypack"
    path.write_bytes(forged.sealed())
    done = run(path, *TODAY)

    assert done.code == 14
    assert "\x1b" not in done.out
    assert "\u202e" not in done.out


def script(*words: object) -> subprocess.CompletedProcess[str]:
    """The script without Assaymark, in a Python that cannot import it."""
    blocked = "import sys; sys.modules['assaymark'] = None; import runpy; sys.argv = sys.argv[1:]; "
    start = f"{blocked}runpy.run_path(sys.argv[0], run_name='__main__')"
    return subprocess.run(
        [sys.executable, "-c", start, str(SCRIPT), *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"PATH": os.environ["PATH"]},
    )


def test_the_script_verifies_a_real_pack(pack: Path) -> None:
    """A page of Python that is not ours comes to the same: members, entries and signatures hold."""
    done = script(pack, supplier().public_key)

    assert (done.returncode, done.stderr) == (0, "")
    assert "14 members and" in done.stdout
    assert "signed off by 'Ada Example' as 'Developer'" in done.stdout
    assert f"signed with {supplier().public_key}" in done.stdout


def test_the_script_refuses_what_was_tampered_with(pack: Path) -> None:
    """A changed member, entry, proof, head, statement or sign-off, and another's key, are each refused."""
    for name in Forgery(real_pack()).members:
        forged = Forgery(real_pack())
        content = bytearray(forged.members[name])
        content[len(content) // 2] ^= 1
        forged.members[name] = bytes(content)
        pack.write_bytes(forged.zipped())
        done = script(pack)

        assert done.returncode != 0, name
    pack.write_bytes(real_pack())
    assert "it is signed with the key" in script(pack, "00" * 32).stderr


def test_the_script_refuses_what_was_signed_again(pack: Path) -> None:
    """A log that was forged and signed again is refused where its entries are not under its head."""
    forged = Forgery(real_pack(signed_off=False))
    forged.members["ledger/entries.jsonl"] = forged.members["ledger/entries.jsonl"].replace(
        b'"outcome":"not met"', b'"outcome":"met"', 1
    )
    pack.write_bytes(forged.sealed())
    assert "was changed" in script(pack).stderr
    forged = Forgery(real_pack(signed_off=False))
    proofs = forged.members["ledger/proofs.jsonl"].splitlines()
    rows = [json.loads(line) for line in proofs]
    rows[0]["hashes"] = rows[1]["hashes"]
    forged.members["ledger/proofs.jsonl"] = b"".join(json.dumps(r).encode() + b"\n" for r in rows)
    pack.write_bytes(forged.sealed())
    assert "entry 0 is not in the ledger" in script(pack).stderr
    assert STATEMENT in forged.members


def test_a_key_is_followed_to_its_successor(pack: Path, tmp_path: Path) -> None:
    """Whoever knows Ada's old key knows the new one, by the statement that both signed and by no other."""
    old = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"old").digest())
    handed = Rotation(
        name="ada",
        old_key=public_bytes(old).hex(),
        new_key=public_bytes(ADA).hex(),
        rotated_at="2026-11-01T00:00:00Z",
    )
    file = tmp_path / "ada.rotation.json"
    file.write_bytes(render_rotations([sign_rotation(handed, old, ADA)]))
    policy = tmp_path / "policy.yaml"
    policy.write_text(f"assaymark_policy: 1\nsigned_off_by: [{{role: Developer, key: {handed.old_key}}}]\n")
    asked = (pack, *TODAY, "--trust", f"ada={handed.old_key}", "--policy", policy)

    followed = run(*asked, "--rotation", file)
    assert (followed.code, "known to you as ada" in followed.out) == (0, True)

    assert run(*asked).code == 19
    file.write_bytes(render_rotations([sign_rotation(handed, ADA, ADA)]))
    forged = run(*asked, "--rotation", file)
    assert (forged.code, "no key rotations that verify" in forged.out) == (2, True)
