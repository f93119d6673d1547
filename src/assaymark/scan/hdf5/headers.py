"""Object headers, versions 1 and 2, with their continuation blocks → messages."""

from collections.abc import Iterator

from msgspec import Struct

from assaymark.inspection import HoleKind
from assaymark.scan.hdf5.source import Cursor, Source, Unread

__all__ = ["Kind", "Message", "read_messages"]

MAX_BLOCKS = 1_000
"""Continuation blocks of one object."""
MAX_BLOCK = 64 << 20
"""Bytes of one block."""


class Kind:
    """Numbers of the message types that matter here."""

    DATASPACE = 0x01
    LINK_INFO = 0x02
    DATATYPE = 0x03
    LINK = 0x06
    EXTERNAL_FILES = 0x07
    LAYOUT = 0x08
    ATTRIBUTE = 0x0C
    SHARED_TABLE = 0x0F
    CONTINUATION = 0x10
    SYMBOL_TABLE = 0x11
    DRIVER = 0x14
    ATTRIBUTE_INFO = 0x15


class Message(Struct, frozen=True):
    """One header message."""

    kind: int
    flags: int
    data: bytes
    offset: int
    """Where its data begin in the file."""

    @property
    def shared(self) -> bool:
        """Whether the data only say where the message is."""
        return bool(self.flags & 2)


def read_messages(source: Source, address: int) -> tuple[Message, ...]:
    """All messages of the object at `address`, in order."""
    if source.at(address, 4) == b"OHDR":
        return tuple(_follow(source, *_second(source, address)))
    return tuple(_follow(source, *_first(source, address)))


def _first(source: Source, address: int) -> tuple[Cursor, int, int]:
    head = source.cursor(address, 16)
    version = head.number(1)
    if version != 1:
        raise Unread(f"no object header of a known version at {address:,}", head.start)
    head.take(7)
    return _block(source, address + 16, head.number(4)), 1, 0


def _second(source: Source, address: int) -> tuple[Cursor, int, int]:
    head = source.cursor(address, min(64, source.blob.size - source.base - address))
    head.take(4)
    version, flags = head.number(1), head.number(1)
    if version != 2:
        raise Unread(f"object header version {version}", head.start, HoleKind.UNSUPPORTED)
    head.take(16 * bool(flags & 0x20) + 4 * bool(flags & 0x10))
    size = head.number(1 << (flags & 3))
    return _block(source, address + head.position, size), 2, flags


def _block(source: Source, address: int, size: int) -> Cursor:
    if size > MAX_BLOCK:
        reason = f"an object header block of {size:,} bytes, more than {MAX_BLOCK:,}"
        raise Unread(reason, address + source.base, HoleKind.BOUND)
    return source.cursor(address, size)


def _follow(source: Source, block: Cursor, version: int, flags: int) -> Iterator[Message]:
    """Messages of a block, then those of the blocks it continues in."""
    waiting, seen = [block], {block.start}
    while waiting:
        for message in _in_block(waiting.pop(0), version, flags):
            if message.kind != Kind.CONTINUATION:
                yield message
                continue
            more = _continued(source, message, version)
            if more.start in seen or len(seen) >= MAX_BLOCKS:
                raise Unread("an object header continues in itself, or without end", message.offset)
            seen.add(more.start)
            waiting.append(more)


def _continued(source: Source, message: Message, version: int) -> Cursor:
    told = Cursor(message.data, source, message.offset)
    address, length = told.address(), told.length()
    block = _block(source, address, length)
    if version == 2:
        block.expect(b"OCHK")
        block.data = block.data[:-4]
    return block


def _in_block(block: Cursor, version: int, flags: int) -> Iterator[Message]:
    prefix = 8 if version == 1 else 6 if flags & 4 else 4
    while block.left >= prefix:
        kind = block.number(2 if version == 1 else 1)
        size, marks = block.number(2), block.number(1)
        block.take(prefix - (5 if version == 1 else 4))
        if size > block.left:
            raise Unread("a header message is cut short", block.start + block.position)
        yield Message(kind, marks, block.take(size), block.start + block.position - size)
