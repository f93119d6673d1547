"""``assaymark restore``."""

import json
import tarfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.signing.samples import KEY, OTHER_KEY, model, public_pem, sign
from tests.signing.sigstore_instance import IDENTITY, ISSUER, Instance

from assaymark import __version__
from assaymark._cli import restore as module
from assaymark._cli.restore import command
from assaymark.errors import NothingToAssess, UsageError
from assaymark.signing.drill import Drilled
from assaymark.signing.manifest import Manifest
from assaymark.signing.model import describe_model
from assaymark.signing.problems import DoesNotVerify
from assaymark.signing.reading import digest_file
from assaymark.signing.statement import encode
from assaymark.signing.sums import encode_sums


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A signed model with a backup and a sums file, in the working folder."""
    monkeypatch.chdir(tmp_path)
    folder = model(tmp_path)
    Path("SHA256SUMS").write_bytes(encode_sums(describe_model(folder).manifest.resources))
    sign(folder, signature=tmp_path / "model.sig")
    Path("key.pub").write_bytes(public_pem(KEY))
    Path("other.pub").write_bytes(public_pem(OTHER_KEY))
    with tarfile.open("backup.tgz", "w:gz") as archive:
        archive.add(folder, "model")
    return folder


def restore(*args: str) -> Result:
    """Run it; the value a command returns is its exit code; errors of ours come through."""
    result = CliRunner().invoke(command, args, standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result


def test_a_drill_tells_figures_and_writes_nothing() -> None:
    """From a signature, whose signer is verified on request, or from a sums file."""
    before = sorted(Path().rglob("*"))
    plain = restore("--drill", "SHA256SUMS", "backup.tgz")
    assert plain.return_value == 0
    head, who = plain.stdout.splitlines()
    assert head.startswith("The state can be restored from backup.tgz below model/: 3 of 3 files, 10.2 kB, ")
    assert who == "Who made the manifest was not verified (--key, --trust)."
    assert "was not verified" in restore("--drill", "model.sig", "backup.tgz").stdout
    known = restore("--drill", "model.sig", "backup.tgz", "--key", "key.pub")
    assert "Manifest signed by: public key" in known.stdout
    assert sorted(Path().rglob("*")) == before


def test_a_drill_that_fails_is_exit_code_14(folder: Path) -> None:
    """What is missing is named, on standard error."""
    (folder / "empty").unlink()
    (folder / "sub" / "config.json").write_text("[]")
    result = restore("--drill", "model.sig", "model")
    assert (result.return_value, result.stdout) == (14, "")
    lines = result.stderr.splitlines()
    assert lines[0].startswith("The state cannot be restored from model: 1 of 3 files, 10.2 kB, ")
    assert lines[1:3] == ["  changed: sub/config.json", "  missing: empty"]
    assert restore("--drill", "SHA256SUMS", "backup.tgz", "--prefix", "other").return_value == 14


def test_a_long_list_is_cut(folder: Path) -> None:
    """Fifty and a count."""
    for number in range(60):
        (folder / f"{number}").touch()
    Path("SHA256SUMS").write_bytes(encode_sums(describe_model(folder).manifest.resources))
    assert "  and 10 more" in restore("--drill", "SHA256SUMS", "backup.tgz").stderr


def test_the_state_is_restored(folder: Path) -> None:
    """Into a new folder, and only from a backup that holds it all."""
    result = restore("model.sig", "backup.tgz", "--to", "copy", "--key", "key.pub")
    assert result.return_value == 0
    assert "Restored to copy and read back." in result.stdout
    assert Path("copy/weights.bin").read_bytes() == (folder / "weights.bin").read_bytes()
    (folder / "empty").write_text("x")
    assert restore("model.sig", "model", "--to", "second").return_value == 14
    assert not Path("second").exists()


def test_a_record_is_written(folder: Path) -> None:
    """Of a drill that holds, of one that does not, of a restore."""
    restore("--drill", "model.sig", "backup.tgz", "--key", "key.pub", "--record", "assurance/drill.json")
    made = json.loads(Path("assurance/drill.json").read_bytes())
    assert made["result"] == "restorable"
    assert made["tool"] == f"assaymark {__version__}"
    assert made["manifest"]["sha256"] == digest_file(Path("model.sig"), "sha256")
    assert made["manifest"]["signed_by"].startswith("public key ")
    assert made["backup"] == {
        "name": "backup.tgz",
        "kind": "tar.gz",
        "sha256": digest_file(Path("backup.tgz"), "sha256"),
    }
    assert not made["restored"]
    restore("SHA256SUMS", "backup.tgz", "--to", "copy", "--record", "r.json")
    assert json.loads(Path("r.json").read_bytes())["restored"]
    (folder / "empty").unlink()
    restore("--drill", "SHA256SUMS", "model", "--record", "r.json")
    failed = json.loads(Path("r.json").read_bytes())
    assert (failed["result"], failed["differences"]) == ("not restorable", ["missing: empty"])
    assert failed["backup"] == {"kind": "folder", "name": "model", "sha256": ""}


def test_whose_manifest_it_is_can_be_demanded() -> None:
    """Another key, or no signature at all, ends it."""
    with pytest.raises(DoesNotVerify, match="Another key signed"):
        restore("--drill", "model.sig", "backup.tgz", "--key", "other.pub")
    with pytest.raises(UsageError, match="carries no signature"):
        restore("--drill", "SHA256SUMS", "backup.tgz", "--key", "key.pub")


def test_an_identity_can_be_demanded(folder: Path) -> None:
    """Of a manifest that was signed with Sigstore."""
    instance = Instance()
    instance.root(Path("root.json"))
    Path("model.sig").write_text(json.dumps(instance.sign(encode(describe_model(folder).manifest))))
    who = ("--identity", IDENTITY, "--issuer", ISSUER, "--sigstore-root", "root.json")
    assert f"signed by: {IDENTITY}" in restore("--drill", "model.sig", "backup.tgz", *who).stdout


def test_wrong_use_is_told() -> None:
    """Neither drill nor target, a target that is taken, a place outside, no backup."""
    with pytest.raises(UsageError, match="Prove or restore"):
        restore("model.sig", "backup.tgz")
    with pytest.raises(UsageError, match="not empty"):
        restore("model.sig", "backup.tgz", "--to", "model")
    with pytest.raises(UsageError, match="leaves the folder"):
        restore("--drill", "model.sig", "backup.tgz", "--prefix", "../x")
    with pytest.raises(NothingToAssess, match="cannot be opened"):
        restore("--drill", "model.sig", "gone.tgz")


def test_a_backup_that_changes_meanwhile_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever was read before."""
    drill = module.drill

    def slow(manifest: Manifest, backup: Path, **options: object) -> Drilled:
        found = drill(manifest, backup, **options)  # type: ignore[arg-type]
        backup.write_bytes(backup.read_bytes() + b"x")
        return found

    monkeypatch.setattr(module, "drill", slow)
    with pytest.raises(DoesNotVerify, match="changed while it was read"):
        restore("--drill", "model.sig", "backup.tgz", "--record", "r.json")
    assert not Path("r.json").exists()
