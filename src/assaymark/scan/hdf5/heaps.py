"""Local heaps (names of old groups) and global heaps (strings of variable length)."""

from assaymark.inspection import HoleKind
from assaymark.scan.hdf5.source import Cursor, Source, Unread

__all__ = ["GlobalHeaps", "LocalHeap"]

MAX_COLLECTION = 64 << 20
MAX_NAME = 64 << 10


class LocalHeap:
    """Zero-terminated names by offset."""

    def __init__(self, source: Source, address: int) -> None:
        head = source.cursor(address, 8 + 2 * source.lengths + source.offsets)
        head.expect(b"HEAP")
        head.take(4)
        self.size = head.length()
        head.length()
        self.address = head.address()
        self.source = source

    def name(self, offset: int) -> str:
        """The name at `offset`; bytes that are no UTF-8 stay visible."""
        if offset >= self.size:
            raise Unread("a name lies outside its heap", self.address + self.source.base)
        end = self.source.blob.size - self.source.base - self.address
        length = min(self.size - offset, MAX_NAME, end - offset)
        raw = self.source.at(self.address + offset, max(length, 0))
        return raw.partition(b"\0")[0].decode("utf-8", "backslashreplace")


class GlobalHeaps:
    """Objects by collection and index; a collection is parsed once."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._collections: dict[int, dict[int, tuple[int, int]]] = {}

    def get(self, address: int, index: int) -> bytes:
        """The bytes of one object."""
        objects = self._collections.get(address)
        if objects is None:
            objects = self._collections[address] = self._read(address)
        if index not in objects:
            raise Unread(f"no object {index} in its global heap", address + self.source.base)
        start, size = objects[index]
        return self.source.at(start, size)

    def _read(self, address: int) -> dict[int, tuple[int, int]]:
        source = self.source
        head = source.cursor(address, 8 + source.lengths)
        head.expect(b"GCOL")
        head.take(4)
        size = head.length()
        if size > MAX_COLLECTION:
            reason = f"a global heap of {size:,} bytes, more than {MAX_COLLECTION:,}"
            raise Unread(reason, head.start, HoleKind.BOUND)
        body = Cursor(source.at(address, size), source, head.start)
        body.take(_aligned(head.position))
        objects: dict[int, tuple[int, int]] = {}
        before = _aligned(8 + source.lengths)
        while body.left >= before:
            index = body.number(2)
            body.take(6)
            length = body.length()
            body.take(before - 8 - source.lengths)
            if index == 0:
                break
            objects.setdefault(index, (address + body.position, length))
            body.take(min(_aligned(length), body.left))
        return objects


def _aligned(size: int) -> int:
    return -(-size // 8) * 8
