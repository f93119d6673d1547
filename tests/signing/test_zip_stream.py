"""Zip archives."""

import io
import os
import stat
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assaymark.signing import entries, zip_stream
from assaymark.signing.backup import entries_of
from assaymark.signing.entries import BadBackup, BadEntry, Budget
from assaymark.signing.zip_stream import zip_entries


def archive(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive made by the standard library."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return out.getvalue()


def read(data: bytes) -> dict[str, bytes | str]:
    """Name → content or fault."""
    found: dict[str, bytes | str] = {}
    for entry in zip_entries(io.BytesIO(data), Budget(len(data))):
        try:
            found[entry.name] = entry.fault or b"".join(entry.chunks())
        except BadEntry as error:
            found[entry.name] = str(error)
    return found


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_files_are_read(method: int) -> None:
    """Folders are passed over, the leading full stop is left out."""
    files = {"a": b"1", "./d/b": os.urandom(3 << 20), "e/": b"", "模型": b""}
    assert read(archive(files, method)) == {"a": b"1", "d/b": files["./d/b"], "模型": b""}


def test_other_compression_links_and_encryption_have_no_content() -> None:
    """Each says why; those methods could not be unpacked in bounded steps."""
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        assert "compressed" in str(read(archive({"a": b"1"}, method))["a"])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        link = zipfile.ZipInfo("l")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        packed.writestr(link, "/etc/passwd")
    assert "link" in str(read(out.getvalue())["l"])
    locked = bytearray(archive({"a": b"1"}))
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    assert "encrypted" in str(read(bytes(locked))["a"])


def test_a_damaged_file_does_not_hide_the_others() -> None:
    """Its checksum is wrong; the next one is read."""
    bad = archive({"a": b"12345678", "b": b"2"}, zipfile.ZIP_STORED).replace(b"12345678", b"12345679", 1)
    assert read(bad) == {"a": "is damaged in the backup: Bad CRC-32 for file 'a'", "b": b"2"}


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_damage_is_told_or_harmless(data: st.DataObject) -> None:
    """Nothing but `BadBackup` is raised, and no content passes that was changed."""
    good = archive({"a": b"1" * 300, "d/b": b"2"})
    position = data.draw(st.integers(0, len(good) - 1))
    bad = bytearray(good)
    bad[position] ^= data.draw(st.integers(1, 255))
    try:
        found = read(bytes(bad))
    except BadBackup:
        return
    assert all(isinstance(content, str) or content in (b"1" * 300, b"2") for content in found.values())


def test_a_directory_without_end_is_not_taken_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its stated size is looked at before it is read."""
    monkeypatch.setattr(zip_stream, "_LONGEST_DIRECTORY", 100)
    with pytest.raises(BadBackup, match="directory"):
        read(archive({f"{n}": b"" for n in range(20)}))


def test_a_bomb_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what is read counts: an unlisted bomb costs nothing."""
    monkeypatch.setattr(entries, "_FREE_BYTES", 1 << 20)
    (tmp_path / "bomb.zip").write_bytes(archive({"zeros": bytes(60 << 20), "b": b"2"}))
    assert [entry.name for entry in entries_of(tmp_path / "bomb.zip")] == ["zeros", "b"]
    with pytest.raises(BadBackup, match="200-fold"):
        [list(entry.chunks()) for entry in entries_of(tmp_path / "bomb.zip")]


def test_a_file_without_a_name_is_passed_on() -> None:
    """The standard library stumbles over it."""
    bad = archive({"a": b"1"}, zipfile.ZIP_STORED).replace(b"a", b"\0")
    assert list(read(bad)) == [""]
