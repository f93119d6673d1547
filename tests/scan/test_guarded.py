"""A loader gets a file only after it was read whole and found safe, and gets what was checked."""

import hashlib
import os
import pickle
from pathlib import Path

import pytest
from tests.scan.payloads import CLEAN, DANGEROUS, LOCKED, UNKNOWN

from assaymark.errors import UsageError
from assaymark.inspection import Verdict
from assaymark.scan import RefusedError, open_checked

SHA256 = hashlib.sha256(CLEAN).hexdigest()


def place(folder: Path, content: bytes) -> Path:
    """A file with that content."""
    path = folder / "m.pkl"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("sealed", [True, False])
def test_a_safe_file_is_handed_on(tmp_path: Path, sealed: bool) -> None:
    """From its beginning, with or without an expected digest."""
    for sha256 in ("", SHA256, f"sha256:{SHA256.upper()}".replace("SHA256:", "sha256:")):
        with open_checked(place(tmp_path, CLEAN), sha256=sha256, sealed=sealed) as file:
            assert pickle.load(file) == {"weights": [1.5, 2.5], "words": "os.system"}


@pytest.mark.parametrize("sealed", [True, False])
@pytest.mark.parametrize("content", [DANGEROUS, UNKNOWN, LOCKED, b"# Notes", CLEAN[:-3]])
def test_anything_else_is_refused(tmp_path: Path, content: bytes, sealed: bool) -> None:
    """Dangerous, unknown, encrypted, of no known format, broken."""
    with pytest.raises(RefusedError) as refused:
        open_checked(place(tmp_path, content), sealed=sealed)

    assert refused.value.inspection is not None
    assert refused.value.inspection.verdict is not Verdict.CLEAN


def test_unknown_names_can_be_allowed_and_dangerous_ones_cannot(tmp_path: Path) -> None:
    """The caller's word settles only what nobody knows."""
    with open_checked(place(tmp_path, UNKNOWN), allow_unknown=True) as file:
        assert file.read() == UNKNOWN
    with pytest.raises(RefusedError):
        open_checked(place(tmp_path, DANGEROUS), allow_unknown=True)


def test_another_digest_is_refused(tmp_path: Path) -> None:
    """Safe to load is not yet the right file."""
    with pytest.raises(RefusedError, match="digest"):
        open_checked(place(tmp_path, CLEAN), sha256="0" * 64)


def test_a_change_after_the_check_does_not_reach_the_loader(tmp_path: Path) -> None:
    """What was checked is what is handed on."""
    path = place(tmp_path, CLEAN)
    with open_checked(path) as file:
        path.write_bytes(DANGEROUS)
        assert file.read() == CLEAN


def test_misuse_is_told(tmp_path: Path) -> None:
    """No digest, no file, no regular file; a pipe is not waited for."""
    os.mkfifo(tmp_path / "pipe")
    for path, sha256 in ((place(tmp_path, CLEAN), "abc"), (tmp_path / "none", ""), (tmp_path / "pipe", "")):
        with pytest.raises(UsageError):
            open_checked(path, sha256=sha256)
