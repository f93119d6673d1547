"""Attributes, compact and dense, and the text in them."""

from collections.abc import Iterator
from math import prod

from msgspec import Struct

from assaymark.inspection import HoleKind
from assaymark.scan.hdf5.btrees import records
from assaymark.scan.hdf5.fractal import FractalHeap
from assaymark.scan.hdf5.headers import Kind, Message, read_messages
from assaymark.scan.hdf5.heaps import GlobalHeaps
from assaymark.scan.hdf5.source import Cursor, Source, Unread

__all__ = ["Attribute", "attribute_of", "count_of", "dense_attributes", "text_of"]

MAX_TEXT = 32 << 20
"""Bytes of one attribute's text."""
MAX_STRINGS = 4_096
"""Strings of one attribute."""
_FIXED, _OPAQUE, _VARIABLE = 3, 5, 9


class Attribute(Struct, frozen=True):
    """One attribute, not yet decoded."""

    name: str
    type: bytes
    """The datatype message."""
    count: int
    """Elements."""
    data: bytes
    offset: int


def attribute_of(source: Source, data: bytes, offset: int) -> Attribute:
    """An attribute message, versions 1 to 3."""
    cursor = Cursor(data, source, offset)
    version, flags = cursor.number(1), cursor.number(1)
    if version not in (1, 2, 3):
        raise Unread(f"attribute message version {version}", offset, HoleKind.UNSUPPORTED)
    sizes = [cursor.number(2) for _ in range(3)]
    cursor.take(version == 3)
    parts = []
    for size in sizes:
        parts.append(cursor.take(size))
        if version == 1:
            cursor.take(min(-size % 8, cursor.left))
    kind = _committed(source, parts[1], offset) if version > 1 and flags & 1 else parts[1]
    space = _committed(source, parts[2], offset) if version > 1 and flags & 2 else parts[2]
    name = parts[0].partition(b"\0")[0].decode("utf-8", "backslashreplace")
    count = count_of(Cursor(space, source, offset))
    return Attribute(name, kind, count, cursor.take(cursor.left), offset)


def _committed(source: Source, data: bytes, offset: int) -> bytes:
    """The datatype that a shared message stands for."""
    cursor = Cursor(data, source, offset)
    version, kind = cursor.number(1), cursor.number(1)
    if version == 3 and kind == 1:
        raise Unread("a message in the table of shared messages", offset, HoleKind.UNSUPPORTED)
    cursor.take(6 if version == 1 else 0)
    for message in read_messages(source, cursor.address()):
        if message.kind == Kind.DATATYPE and not message.shared:
            return message.data
    raise Unread("a shared datatype that is not there", offset)


def count_of(space: Cursor) -> int:
    """Elements of a dataspace message."""
    version, rank = space.number(1), space.number(1)
    space.take(1)
    kind = space.number(1)
    space.take(4 if version == 1 else 0)
    if version == 2 and kind == 2:
        return 0
    return prod(space.length() for _ in range(rank))


def dense_attributes(source: Source, message: Message) -> Iterator[Attribute]:
    """Attributes of an object that keeps them in a fractal heap."""
    cursor = Cursor(message.data, source, message.offset)
    cursor.take(1)
    flags = cursor.number(1)
    cursor.take(2 * (flags & 1))
    heap, names = cursor.address(), cursor.address()
    if source.none in (heap, names):
        return
    objects = FractalHeap(source, heap)
    for record in records(source, names, (8, 9)):
        if record[8] & 2:
            raise Unread("an attribute in the table of shared messages", message.offset, HoleKind.UNSUPPORTED)
        yield attribute_of(source, objects.get(record[:8]), message.offset)


def text_of(source: Source, heaps: GlobalHeaps, attribute: Attribute) -> tuple[bytes, ...] | None:
    """The strings of an attribute; None if it holds something else."""
    kind = Cursor(attribute.type, source, attribute.offset)
    what = kind.number(1) & 15
    bits, size = kind.number(3), kind.number(4)
    if what not in (_FIXED, _OPAQUE) and not (what == _VARIABLE and bits & 15 == 1):
        return None
    if attribute.count > MAX_STRINGS:
        reason = f"attribute {attribute.name!r} has more than {MAX_STRINGS:,} strings"
        raise Unread(reason, attribute.offset, HoleKind.BOUND)
    data = Cursor(attribute.data, source, attribute.offset)
    if what == _VARIABLE:
        return _variable(source, heaps, data, attribute)
    strings = [data.take(size) for _ in range(attribute.count)]
    return tuple(s if what == _OPAQUE or bits & 15 == 1 else s.partition(b"\0")[0] for s in strings)


def _variable(source: Source, heaps: GlobalHeaps, data: Cursor, attribute: Attribute) -> tuple[bytes, ...]:
    strings, total = [], 0
    for _ in range(attribute.count):
        length, address, index = data.number(4), data.address(), data.number(4)
        total += length
        if total > MAX_TEXT:
            reason = f"attribute {attribute.name!r} is longer than {MAX_TEXT:,} bytes"
            raise Unread(reason, attribute.offset, HoleKind.BOUND)
        strings.append(heaps.get(address, index)[:length] if length and address else b"")
    return tuple(strings)
