"""``assaymark hash``."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.signing.samples import model

from assaymark._cli.hash import command
from assaymark.errors import AssaymarkError, UsageError
from assaymark.signing.problems import DoesNotVerify

RUN = "from assaymark._cli.hash import command; command.main(['.'], standalone_mode=False)"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A release, in the working folder."""
    monkeypatch.chdir(tmp_path)
    return model(tmp_path)


def hashed(*args: str) -> Result:
    """Run it; the value a command returns is its exit code; errors of ours come through."""
    result = CliRunner().invoke(command, args, standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result


def test_hashes_are_printed_as_sha256sum_does(folder: Path) -> None:
    """Figures go to standard error."""
    result = hashed("model")
    expected = subprocess.run(
        ["sha256sum", "empty", "sub/config.json", "weights.bin"], cwd=folder, capture_output=True, text=True
    )
    assert result.stdout == expected.stdout
    assert result.stderr == "Hashed 3 files, 10.2 kB.\n"


def test_a_file_is_hashed_alone() -> None:
    """Under its name."""
    assert hashed("model/weights.bin").stdout.endswith("  weights.bin\n")


def test_they_can_be_written_into_the_folder(folder: Path) -> None:
    """The manifest does not list itself, and sha256sum accepts it; twice gives the same."""
    hashed("model", "--output", "model/SHA256SUMS")
    first = (folder / "SHA256SUMS").read_bytes()
    hashed("model", "--output", "model/SHA256SUMS")
    assert (folder / "SHA256SUMS").read_bytes() == first
    done = subprocess.run(["sha256sum", "--strict", "-c", "SHA256SUMS"], cwd=folder, capture_output=True)
    assert done.returncode == 0
    assert hashed("--check", "model/SHA256SUMS").return_value == 0


def test_a_redirection_into_the_folder_is_not_listed(folder: Path) -> None:
    """The shell has made the file before we look."""
    with (folder / "SHA256SUMS").open("wb") as out:
        subprocess.run(
            [sys.executable, "-c", RUN], cwd=folder, stdout=out, stderr=subprocess.PIPE, check=True
        )
    assert b"SHA256SUMS" not in (folder / "SHA256SUMS").read_bytes()
    assert hashed("--check", "model/SHA256SUMS").return_value == 0


@pytest.mark.parametrize(
    ("algorithm", "name"),
    [("sha512", "SHA512SUMS"), ("sha384", "x.sha384"), ("blake2b", "B2SUMS"), ("blake3", "B3SUMS")],
)
def test_other_algorithms_are_known_by_name_and_length(folder: Path, algorithm: str, name: str) -> None:
    """What was written is checked without being told again."""
    hashed("model", "--algorithm", algorithm, "--output", name)
    assert hashed("model", "--check", name).return_value == 0
    (folder / "empty").write_text("x")
    assert hashed("model", "--check", name).return_value == 14


def test_a_difference_is_exit_code_14(folder: Path) -> None:
    """Changed and missing files; files that are not listed only if asked for."""
    hashed("model", "--output", "model/SHA256SUMS")
    (folder / "more").touch()
    extra = hashed("--check", "model/SHA256SUMS")
    assert (extra.return_value, extra.stdout) == (0, "3 files as listed, 10.2 kB.\n")
    assert extra.stderr == "Not listed: 1 file (--strict makes that a failure).\n"
    assert hashed("--check", "model/SHA256SUMS", "--strict").return_value == 14
    assert hashed("--check", "model/SHA256SUMS", "--strict", "--ignore", "more").return_value == 0
    (folder / "empty").write_text("x")
    (folder / "weights.bin").unlink()
    result = hashed("--check", "model/SHA256SUMS")
    assert (result.return_value, result.stdout) == (14, "")
    assert result.stderr.splitlines()[1:] == ["  changed: empty", "  missing: weights.bin"]


def test_a_long_list_is_cut(folder: Path) -> None:
    """Fifty and a count."""
    for number in range(60):
        (folder / f"{number}").touch()
    hashed("model", "--output", "S")
    for number in range(60):
        (folder / f"{number}").unlink()
    assert hashed("model", "--check", "S").stderr.splitlines()[-1] == "  and 10 more"


def test_a_manifest_that_leads_outside_is_refused() -> None:
    """Nothing is looked up there."""
    Path("S").write_text(f"{hashlib.sha256().hexdigest()}  ../x\n")
    with pytest.raises(DoesNotVerify, match="unsafe name"):
        hashed("model", "--check", "S")


def test_what_cannot_be_hashed_writes_nothing(folder: Path) -> None:
    """A link, an empty folder, nothing named."""
    (folder / "l").symlink_to("empty")
    with pytest.raises(AssaymarkError, match="l is a symbolic link"):
        hashed("model", "--output", "S")
    assert not Path("S").exists()
    assert hashed("model", "--ignore", "l").return_value == 0
    Path("none").mkdir()
    with pytest.raises(UsageError, match="There is no file"):
        hashed("none")
    with pytest.raises(UsageError, match="What should be hashed"):
        hashed()
