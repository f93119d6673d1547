"""What a group holds: hard, soft, external and user-defined links, in all three storages."""

from collections.abc import Iterator

from msgspec import Struct

from assaymark.inspection import HoleKind
from assaymark.scan.hdf5.btrees import records, symbol_nodes
from assaymark.scan.hdf5.fractal import FractalHeap
from assaymark.scan.hdf5.headers import Message
from assaymark.scan.hdf5.heaps import LocalHeap
from assaymark.scan.hdf5.source import Cursor, Source, Unread

__all__ = ["Link", "dense_links", "link_of", "symbol_table", "table_links"]

MAX_SYMBOLS = 1 << 16
_HARD, _SOFT, _EXTERNAL = 0, 1, 64


class Link(Struct, frozen=True):
    """One name in a group."""

    name: str
    kind: str
    """`hard`, `soft`, `external` or `user-defined N`."""
    address: int = 0
    """Of the object, for a hard link."""
    target: str = ""
    """Path, for a soft link; `file:path`, for an external one."""
    offset: int = 0
    cached: tuple[int, int] | None = None
    """B-tree and heap of the group it leads to, where an old entry repeats them."""


def link_of(source: Source, data: bytes, offset: int) -> Link:
    """A link message."""
    cursor = Cursor(data, source, offset)
    version, flags = cursor.number(1), cursor.number(1)
    if version != 1:
        raise Unread(f"link message version {version}", offset, HoleKind.UNSUPPORTED)
    kind = cursor.number(1) if flags & 8 else _HARD
    cursor.take(8 * bool(flags & 4) + bool(flags & 16))
    name = _text(cursor.take(cursor.number(1 << (flags & 3))))
    if kind == _HARD:
        return Link(name, "hard", cursor.address(), offset=offset)
    value = cursor.take(cursor.number(2))
    if kind == _SOFT:
        return Link(name, "soft", target=_text(value), offset=offset)
    if kind == _EXTERNAL:
        file, _, path = value[1:].partition(b"\0")
        return Link(name, "external", target=f"{_text(file)}:{_text(path.rstrip(bytes(1)))}", offset=offset)
    return Link(name, f"user-defined {kind}", target=_text(value[:200]), offset=offset)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")


def dense_links(source: Source, message: Message) -> Iterator[Link]:
    """Links of a group that keeps them in a fractal heap."""
    cursor = Cursor(message.data, source, message.offset)
    cursor.take(1)
    flags = cursor.number(1)
    cursor.take(8 * (flags & 1))
    heap, names = cursor.address(), cursor.address()
    if source.none in (heap, names):
        return
    objects = FractalHeap(source, heap)
    for record in records(source, names, (5, 6)):
        yield link_of(source, objects.get(record[4:]), message.offset)


def symbol_table(source: Source, message: Message) -> tuple[int, int]:
    """B-tree and heap that a symbol table message names."""
    cursor = Cursor(message.data, source, message.offset)
    return cursor.address(), cursor.address()


def table_links(source: Source, tree: int, heap: int) -> Iterator[Link]:
    """Links of an old group."""
    names = LocalHeap(source, heap)
    entry = 2 * source.offsets + 24
    for node in symbol_nodes(source, tree):
        head = source.cursor(node, 8)
        head.expect(b"SNOD")
        head.take(2)
        body = source.cursor(node + 8, head.number(2) * entry)
        while body.left:
            yield _entry(body, names)


def _entry(body: Cursor, names: LocalHeap) -> Link:
    offset = body.start + body.position
    name, address = names.name(body.address()), body.address()
    kind = body.number(4)
    body.take(4)
    scratch = Cursor(body.take(16), body.source, offset)
    if kind == 2:
        return Link(name, "soft", target=names.name(scratch.number(4)), offset=offset)
    cached = (scratch.address(), scratch.address()) if kind == 1 else None
    return Link(name, "hard", address, offset=offset, cached=cached)
