"""What a path holds as a backup."""

import os
import tarfile
import zipfile
from pathlib import Path

import pytest
from tests.signing.samples import write_files

from assaymark.errors import NothingToAssess
from assaymark.signing.backup import backup_kind, entries_of
from assaymark.signing.entries import BadEntry

FILES = {"a": b"1", "d/b": b"2" * 3_000_000}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two files."""
    return write_files(tmp_path / "m", FILES)


def packed(folder: Path, kind: str) -> Path:
    """The folder as an archive whose name says nothing."""
    out = folder.parent / f"backup-{kind.replace('.', '-')}"
    if kind == "zip":
        with zipfile.ZipFile(out, "w") as archive:
            for name in FILES:
                archive.write(folder / name, name)
    else:
        with tarfile.open(out, "w:gz" if kind == "tar.gz" else "w") as archive:
            archive.add(folder, ".")
    return out


@pytest.mark.parametrize("kind", ["folder", "tar", "tar.gz", "zip"])
def test_each_kind_is_known_by_its_content(folder: Path, kind: str) -> None:
    """And read; a link to it is as good."""
    path = folder if kind == "folder" else packed(folder, kind)
    (folder.parent / "link").symlink_to(path)
    for place in (path, folder.parent / "link"):
        assert backup_kind(place) == kind
        assert {entry.name: b"".join(entry.chunks()) for entry in entries_of(place)} == FILES


def test_what_is_no_backup_says_so(tmp_path: Path) -> None:
    """Other archives are named; pipes are not waited for."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "x.tar.xz").write_bytes(b"\xfd7zXZ\0" + b"x" * 600)
    (tmp_path / "text").write_bytes(b"hello")
    for name, reason in {
        "pipe": "no regular file",
        "gone": "opened",
        "x.tar.xz": "Unpack xz",
        "text": "is no folder",
    }.items():
        with pytest.raises(NothingToAssess) as error:
            list(entries_of(tmp_path / name))
        assert reason in str(error.value)


def test_what_is_no_file_in_a_folder_has_a_fault(folder: Path) -> None:
    """Links are not followed."""
    (folder / "l").symlink_to("a")
    faults = {entry.name: entry.fault for entry in entries_of(folder)}
    assert "symbolic link" in faults["l"]
    assert list(next(e for e in entries_of(folder) if e.name == "l").chunks()) == []


def test_a_file_that_changes_is_told(folder: Path) -> None:
    """Between listing and reading."""
    entries = entries_of(folder)
    first = next(entries)
    (folder / "a").write_bytes(b"other")
    with pytest.raises(BadEntry, match="changed"):
        list(first.chunks())
