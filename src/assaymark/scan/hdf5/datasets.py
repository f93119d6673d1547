"""Where a dataset's values lie: inside the file, in other files, or put together from other datasets."""

from msgspec import Struct

from assaymark.inspection import HoleKind
from assaymark.scan.hdf5.btrees import chunk_bytes
from assaymark.scan.hdf5.headers import Message
from assaymark.scan.hdf5.heaps import GlobalHeaps, LocalHeap
from assaymark.scan.hdf5.source import Cursor, Source, Unread

__all__ = ["Layout", "external_files", "layout_of", "virtual_sources"]

MAX_SOURCES = 10_000
"""Files or datasets that one dataset may be made of."""
_COMPACT, _CONTIGUOUS, _CHUNKED, _VIRTUAL = range(4)


class Layout(Struct, frozen=True):
    """How the values are stored."""

    stored: int = 0
    """Bytes in this file, as far as its structures say."""
    virtual: tuple[int, int] | None = None
    """Global heap object that lists the sources of a virtual dataset."""


def layout_of(source: Source, message: Message) -> Layout:
    """A data layout message, versions 1 to 5."""
    cursor = Cursor(message.data, source, message.offset)
    version = cursor.number(1)
    if version in (1, 2):
        return _oldest(source, cursor)
    if version not in (3, 4, 5):
        raise Unread(f"data layout version {version}", message.offset, HoleKind.UNSUPPORTED)
    kind = cursor.number(1)
    if kind == _COMPACT:
        return Layout(cursor.number(2))
    if kind == _CONTIGUOUS:
        cursor.address()
        return Layout(cursor.length())
    if kind == _VIRTUAL:
        return Layout(virtual=(cursor.address(), cursor.number(4)))
    if kind != _CHUNKED:
        raise Unread(f"data layout class {kind}", message.offset, HoleKind.UNSUPPORTED)
    if version == 3:
        dimensions = cursor.number(1)
        return Layout(_chunks(source, cursor.address(), dimensions))
    return Layout()


def _oldest(source: Source, cursor: Cursor) -> Layout:
    dimensions, kind = cursor.number(1), cursor.number(1)
    cursor.take(5)
    if kind == _COMPACT:
        cursor.take(4 * dimensions)
        return Layout(cursor.number(4))
    address = cursor.address()
    return Layout(_chunks(source, address, dimensions) if kind == _CHUNKED else 0)


def _chunks(source: Source, address: int, dimensions: int) -> int:
    if address == source.none:
        return 0
    return chunk_bytes(source, address, dimensions)


def external_files(source: Source, message: Message) -> tuple[str, ...]:
    """Names of the files that hold the values."""
    cursor = Cursor(message.data, source, message.offset)
    cursor.take(6)
    used = cursor.number(2)
    if used > MAX_SOURCES:
        raise Unread(f"more than {MAX_SOURCES:,} external files", message.offset, HoleKind.BOUND)
    heap = LocalHeap(source, cursor.address())
    names = []
    for _ in range(used):
        names.append(heap.name(cursor.length()))
        cursor.take(2 * source.lengths)
    return tuple(names)


def virtual_sources(
    source: Source, heaps: GlobalHeaps, where: tuple[int, int]
) -> tuple[tuple[str, str], ...]:
    """File and dataset of each source; the file `.` is this one."""
    data = Cursor(heaps.get(*where), source, where[0] + source.base)
    version = data.number(1)
    if version > 1:
        raise Unread(f"virtual dataset version {version}", data.start, HoleKind.UNSUPPORTED)
    count = data.length()
    if count > MAX_SOURCES:
        raise Unread(f"more than {MAX_SOURCES:,} sources of a virtual dataset", data.start, HoleKind.BOUND)
    names: list[tuple[str, str]] = []
    for _ in range(count):
        flags = data.number(1) if version else 0
        file = "." if flags & 4 else _named(data, names, 0, bool(flags & 1))
        names.append((file, _named(data, names, 1, bool(flags & 2))))
        _selection(data)
        _selection(data)
    return tuple(names)


def _named(data: Cursor, before: list[tuple[str, str]], which: int, shared: bool) -> str:
    """A name, or since HDF5 2.0 the number of an earlier entry that has the same."""
    if not shared:
        return _name(data)
    index = data.length()
    if index >= len(before):
        raise Unread("a source of a virtual dataset shares a name with none before it", data.start)
    return before[index][which]


def _name(data: Cursor) -> str:
    end = data.data.find(b"\0", data.position)
    if end < 0:
        raise Unread("a name without end in a virtual dataset", data.start)
    name = data.take(end - data.position).decode("utf-8", "backslashreplace")
    data.take(1)
    return name


def _selection(data: Cursor) -> None:
    """Skip one serialised selection."""
    kind, version = data.number(4), data.number(4)
    if kind in (0, 3):
        data.take(8)
    elif kind == 2 and version >= 2:
        _hyperslab(data, version)
    elif kind == 1 and version == 2:
        width, rank = data.number(1), data.number(4)
        data.take(data.number(width) * rank * width)
    elif kind in (1, 2) and version == 1:
        data.take(4)
        data.take(data.number(4))
    else:
        raise Unread(f"a selection of kind {kind} in a virtual dataset", data.start, HoleKind.UNSUPPORTED)


def _hyperslab(data: Cursor, version: int) -> None:
    flags = data.number(1)
    if version == 2:
        data.take(data.number(4))
        return
    width, rank = data.number(1), data.number(4)
    data.take(4 * rank * width if flags & 1 else data.number(width) * 2 * rank * width)
