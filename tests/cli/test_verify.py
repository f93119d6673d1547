"""``assaymark verify``."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.signing.samples import KEY, OTHER_KEY, certificate, model, public_pem, sign
from tests.signing.sigstore_instance import IDENTITY, ISSUER, Instance

from assaymark._cli.verify import command
from assaymark.errors import UsageError
from assaymark.signing.certificates import CertificateSigner
from assaymark.signing.model import Plan, describe_model
from assaymark.signing.problems import DoesNotVerify
from assaymark.signing.statement import encode


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A signed model and public keys, in the working folder."""
    (tmp_path / "key.pub").write_bytes(public_pem(KEY))
    (tmp_path / "other.pub").write_bytes(public_pem(OTHER_KEY))
    monkeypatch.chdir(tmp_path)
    folder = model(tmp_path)
    sign(folder)
    return folder


def verify(*args: str) -> Result:
    """Run it; the value a command returns is its exit code; errors of ours come through."""
    result = CliRunner().invoke(command, args, standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result


def test_what_was_signed_is_told_on_standard_output() -> None:
    """Figures and who signed."""
    result = verify("model", "--key", "key.pub")
    assert (result.return_value, result.stderr) == (0, "")
    first, second, third = result.stdout.splitlines()
    assert first == "model is what was signed: 3 files, 10.2 kB."
    assert second.startswith("Signed by: public key ")
    assert third == "Not looked at, as you or the signer asked: 1 path."


def test_what_was_not_is_told_on_standard_error(folder: Path) -> None:
    """Each difference, and exit code 14."""
    (folder / "empty").write_text("x")
    (folder / "new\x1b[2J").touch()
    (folder / "weights.bin").rename(folder / "w.bin")
    result = verify("model", "--key", "key.pub")
    assert (result.return_value, result.stdout) == (14, "")
    assert result.stderr.splitlines()[1:] == [
        "  changed: empty",
        "  extra: new\\x1b[2J",
        "  renamed: weights.bin (w.bin)",
    ]


def test_a_long_list_is_cut(folder: Path) -> None:
    """Fifty and a count."""
    for number in range(70):
        (folder / f"{number}").touch()
    assert verify("model", "--key", "key.pub").stderr.splitlines()[-1] == "  and 20 more"


def test_a_signature_that_does_not_hold_is_an_error_of_that_code(folder: Path) -> None:
    """Another key, no file, noise."""
    with pytest.raises(DoesNotVerify, match="Another key signed") as error:
        verify("model", "--key", "other.pub")
    assert error.value.exit_code == 14
    with pytest.raises(DoesNotVerify, match=r"none\.sig cannot be opened"):
        verify("model", "--key", "key.pub", "--signature", "none.sig")
    (folder / "model.sig").write_text("noise")
    with pytest.raises(DoesNotVerify, match="no valid JSON"):
        verify("model", "--key", "key.pub")


def test_certificates_are_trusted_by_name(folder: Path) -> None:
    """The root's file is what counts."""
    root = certificate("root", authority=True)
    leaf = certificate("leaf", root)
    Path("root.pem").write_bytes(root.pem())
    payload = encode(describe_model(folder, signature=folder / "model.sig").manifest)
    (folder / "model.sig").write_bytes(CertificateSigner(leaf.key, [leaf.certificate]).sign(payload))
    assert "Signed by: CN=leaf, vouched for by CN=root" in verify("model", "--trust", "root.pem").stdout


def test_an_identity_at_a_provider_can_be_named(folder: Path) -> None:
    """Both halves of it; what is trusted comes from a file."""
    instance = Instance()
    instance.root(Path("trusted_root.json"))
    payload = encode(describe_model(folder, signature=folder / "model.sig").manifest)
    (folder / "model.sig").write_text(json.dumps(instance.sign(payload)))
    who = ("--identity", IDENTITY, "--issuer", ISSUER)
    result = verify("model", *who, "--sigstore-root", "trusted_root.json")
    assert f"Signed by: {IDENTITY}, vouched for by {ISSUER} through Sigstore" in result.stdout
    with pytest.raises(UsageError, match="go together"):
        verify("model", "--identity", IDENTITY)
    with pytest.raises(UsageError, match="exclude each other"):
        verify("model", *who, "--key", "key.pub")


def test_somebody_has_to_be_named() -> None:
    """A signature by anybody shows nothing."""
    with pytest.raises(UsageError, match="Whose signature"):
        verify("model")
    with pytest.raises(UsageError, match="exclude each other"):
        verify("model", "--key", "key.pub", "--trust", "key.pub")


def test_unsigned_files_can_be_accepted(folder: Path) -> None:
    """All of them, or by name; the report counts them."""
    (folder / "notes.txt").touch()
    assert verify("model", "--key", "key.pub").return_value == 14
    assert verify("model", "--key", "key.pub", "--ignore", "notes.txt").return_value == 0
    result = verify("model", "--key", "key.pub", "--ignore-unsigned-files")
    assert "Not signed, and accepted as you asked: 1 file." in result.stdout


def test_git_can_be_signed_and_asked_for(folder: Path) -> None:
    """Where the signer did not leave it out."""
    sign(folder, Plan(ignore_git=False))
    assert verify("model", "--key", "key.pub", "--with-git").return_value == 0
    (folder / ".git" / "hook").touch()
    assert verify("model", "--key", "key.pub").return_value == 0
    assert verify("model", "--key", "key.pub", "--with-git").return_value == 14


def test_it_can_be_read_by_a_machine(folder: Path) -> None:
    """One object, whatever the outcome."""
    good = json.loads(verify("model", "--key", "key.pub", "--json").stdout)
    assert (good["v"], good["ok"], good["files"], good["differences"]) == (1, True, 3, [])
    (folder / "empty").write_text("x")
    changed = verify("model", "--key", "key.pub", "--json")
    assert changed.return_value == 14
    assert json.loads(changed.stdout)["differences"] == [{"kind": "changed", "name": "empty", "detail": ""}]
    refused = verify("model", "--key", "other.pub", "--json")
    assert refused.return_value == 14
    assert json.loads(refused.stdout)["problem"].startswith("Another key signed")
