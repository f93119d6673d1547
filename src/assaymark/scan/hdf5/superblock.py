"""Where an HDF5 file says its root group and its address sizes are, versions 0 to 3."""

from collections.abc import Iterator

from msgspec import Struct

from assaymark.inspection import HoleKind
from assaymark.scan.blob import Blob
from assaymark.scan.hdf5.source import Cursor, Source, Unread

__all__ = ["SIGNATURE", "Superblock", "read_superblock", "signature_at"]

SIGNATURE = b"\x89HDF\r\n\x1a\n"
_WIDTHS = (2, 4, 8)


class Superblock(Struct, frozen=True):
    """What the walk starts from."""

    start: int
    """Offset of the signature; before it lies a user block."""
    version: int
    root: int
    """Address of the root group's object header."""
    end: int
    """Where the file says it ends."""
    extension: int | None = None
    driver: int | None = None
    """Address of a driver information block: the file is one of several."""
    cached: tuple[int, int] | None = None
    """B-tree and heap of the root group as its symbol table entry repeats them."""


def signature_at(blob: Blob) -> int:
    """The offset of the signature: 0, or a power of two from 512; -1 if there is none."""
    for offset in _places(blob.size):
        if blob.read(offset, 8) == SIGNATURE:
            return offset
    return -1


def _places(size: int) -> Iterator[int]:
    yield 0
    offset = 512
    while offset + 8 <= size and offset <= 1 << 30:
        yield offset
        offset *= 2


def read_superblock(blob: Blob) -> tuple[Source, Superblock]:
    """The superblock and a source that knows its sizes; `Unread` if there is no telling."""
    start = signature_at(blob)
    if start < 0:
        raise Unread("no HDF5 signature")
    head = Source(blob, start).cursor(0, min(128, blob.size - start))
    head.take(8)
    version = head.number(1)
    if version in (0, 1):
        return _old(blob, head, start, version)
    if version in (2, 3):
        return _new(blob, head, start, version)
    raise Unread(f"superblock version {version}", start, HoleKind.UNSUPPORTED)


def _sized(blob: Blob, start: int, cursor: Cursor) -> Source:
    """A source with the address sizes that come next."""
    offsets, lengths = cursor.number(1), cursor.number(1)
    if offsets not in _WIDTHS or lengths not in _WIDTHS:
        raise Unread(f"addresses of {offsets} and lengths of {lengths} bytes", start, HoleKind.UNSUPPORTED)
    source = Source(blob, start, offsets, lengths)
    cursor.source = source
    source.at(0, len(cursor.data))
    return source


def _old(blob: Blob, cursor: Cursor, start: int, version: int) -> tuple[Source, Superblock]:
    cursor.take(4)
    source = _sized(blob, start, cursor)
    cursor.take(9 if version == 0 else 13)
    source.base = cursor.address()
    cursor.address()
    end, driver = cursor.address(), cursor.address()
    cursor.address()
    root = cursor.address()
    kind = cursor.number(4)
    cursor.take(4)
    cached = (cursor.address(), cursor.address()) if kind == 1 else None
    told = Superblock(start, version, root, _end(blob, start, end), None, _somewhere(source, driver), cached)
    return _rebased(source, start), told


def _new(blob: Blob, cursor: Cursor, start: int, version: int) -> tuple[Source, Superblock]:
    source = _sized(blob, start, cursor)
    cursor.take(1)
    source.base = cursor.address()
    extension, end, root = cursor.address(), cursor.address(), cursor.address()
    told = Superblock(start, version, root, _end(blob, start, end), _somewhere(source, extension))
    return _rebased(source, start), told


def _rebased(source: Source, start: int) -> Source:
    """The base address is where the superblock lies; a file moved behind a longer user block keeps 0."""
    if source.base != start and source.base != 0:
        raise Unread(f"base address {source.base:,}, superblock at {start:,}", start)
    source.base = start
    return source


def _somewhere(source: Source, address: int) -> int | None:
    return None if address == source.none else address


def _end(blob: Blob, start: int, told: int) -> int:
    """Where the file ends: the library counts a user block in, the specification does not."""
    return start + told if start + told == blob.size else told
