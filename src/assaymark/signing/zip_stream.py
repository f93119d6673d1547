"""A zip archive as entries: what is not listed is not unpacked, and no header is taken in without bound."""

import io
import stat
import zipfile
from collections.abc import Iterator
from typing import BinaryIO

from assaymark.signing.entries import BROKEN, CHUNK, BadBackup, BadEntry, Budget, Entry

__all__ = ["zip_entries"]

_LONGEST_DIRECTORY = 16 << 20
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""The only ones that the standard library unpacks in bounded steps."""
_ENCRYPTED = 0x1


class _Bounded(io.RawIOBase):
    """A file that refuses to be read in large gulps, as a hostile directory would have it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def read(self, count: int = -1, /) -> bytes:
        if count > _LONGEST_DIRECTORY:
            raise BadBackup("its directory is longer than any that is honest")
        return self._file.read(_LONGEST_DIRECTORY if count < 0 else count)


def zip_entries(file: BinaryIO, budget: Budget) -> Iterator[Entry]:
    """The files of a zip archive, in the order of its directory.

    Raises:
        BadBackup: its directory is damaged, or it holds too much.
    """
    try:
        archive = zipfile.ZipFile(_Bounded(file))
    except BROKEN as error:
        raise BadBackup(f"its directory is damaged: {error}") from error
    with archive:
        for info in archive.infolist():
            budget.entry()
            if not info.filename.endswith("/"):
                yield Entry(info.filename.removeprefix("./"), _fault(info), _Reader(archive, info, budget))


class _Reader:
    """The content of one file."""

    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: Budget) -> None:
        self._archive = archive
        self._info = info
        self._budget = budget

    def __call__(self) -> Iterator[bytes]:
        try:
            with self._archive.open(self._info) as member:
                while data := member.read(CHUNK):
                    self._budget.read(len(data))
                    yield data
        except BROKEN as error:
            raise BadEntry(f"is damaged in the backup: {error}") from error


def _fault(info: zipfile.ZipInfo) -> str:
    if stat.S_ISLNK(info.external_attr >> 16):
        return "is a link in the backup; links are not followed"
    if info.flag_bits & _ENCRYPTED:
        return "is encrypted in the backup"
    return "" if info.compress_type in _METHODS else "is compressed in a way that is not read"
