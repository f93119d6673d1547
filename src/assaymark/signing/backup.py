"""A backup at a path → its entries: a folder, or an archive that is read as a stream and never unpacked."""

import gzip
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from assaymark.errors import NothingToAssess
from assaymark.signing.entries import CHUNK, BadEntry, Budget, Entry
from assaymark.signing.listing import Found, list_files
from assaymark.signing.reading import CannotRead, open_regular
from assaymark.signing.tar_stream import tar_entries
from assaymark.signing.zip_stream import zip_entries

__all__ = ["backup_kind", "entries_of"]

_OTHER = {b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"\x28\xb5\x2f\xfd": "Zstandard", b"7z\xbc\xaf": "7-Zip"}


def backup_kind(path: Path) -> str:
    """`folder`, `tar`, `tar.gz` or `zip`, by content.

    Raises:
        NothingToAssess: it is none of them, or not there.
    """
    if path.is_dir():
        return "folder"
    try:
        handle = open_regular(path.resolve())
    except (CannotRead, OSError) as error:
        raise NothingToAssess(
            f"The backup {path} {error}.", "Name a folder, or a tar or zip archive."
        ) from error
    head = os.pread(handle, 512, 0)
    os.close(handle)
    if head.startswith(b"\x1f\x8b"):
        return "tar.gz"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if head[257:262] == b"ustar" or (len(head) == 512 and not head.strip(b"\0")):
        return "tar"
    other = next((name for magic, name in _OTHER.items() if head.startswith(magic)), "")
    advice = (
        f"Unpack {other} yourself and name the folder."
        if other
        else "Name a folder, or a tar or zip archive."
    )
    raise NothingToAssess(f"The backup {path} is no folder, tar, tar.gz or zip.", advice)


def entries_of(path: Path) -> Iterator[Entry]:
    """What the backup holds, in its order.

    Raises:
        NothingToAssess: there is no backup.
        BadBackup: it is damaged, or holds more than is honest; what came before still counts.
    """
    kind = backup_kind(path)
    if kind == "folder":
        yield from _folder(path)
        return
    with open(open_regular(path.resolve()), "rb") as file:  # noqa: PTH123  a descriptor, no path
        budget = Budget(os.fstat(file.fileno()).st_size)
        if kind == "zip":
            yield from zip_entries(file, budget)
        elif kind == "tar":
            yield from tar_entries(file, budget)
        else:
            with closing(gzip.GzipFile(fileobj=file)) as unpacked:
                yield from tar_entries(unpacked, budget)


def _folder(path: Path) -> Iterator[Entry]:
    listing = list_files(path)
    for trouble in listing.troubles:
        yield Entry(trouble.name, trouble.reason, lambda: iter(()))
    for found in listing.files:
        yield Entry(found.name, "", _FileReader(found))


class _FileReader:
    """The content of one file of a folder."""

    def __init__(self, found: Found) -> None:
        self._found = found

    def __call__(self) -> Iterator[bytes]:
        try:
            with open(open_regular(self._found.path, self._found.stamp), "rb") as file:  # noqa: PTH123
                while data := file.read(CHUNK):
                    yield data
        except (CannotRead, OSError) as error:
            raise BadEntry(str(error)) from error
