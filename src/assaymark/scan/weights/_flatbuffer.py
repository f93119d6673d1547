"""FlatBuffers: tables read by following offsets, each checked against the file and all of them counted.

After https://flatbuffers.dev/internals/. Pages are cached, since tables lie scattered.
"""

import struct
from collections.abc import Iterator

from assaymark.scan.blob import Blob
from assaymark.scan.weights._reader import MalformedError, TooMuchError

__all__ = ["Flat", "Table"]

_PAGE = 1 << 14
_PAGES = 256
MAX_STEPS = 4_000_000


class Flat:
    """One file; `end` is the last byte that anything read so far reaches."""

    def __init__(self, blob: Blob) -> None:
        self.blob = blob
        self.end = 8
        self._pages: dict[int, bytes] = {}
        self._left = MAX_STEPS

    def raw(self, at: int, length: int) -> bytes:
        """A stretch of the file."""
        if at < 0 or length < 0 or at + length > self.blob.size:
            raise MalformedError(f"an offset leads to byte {at + length:,} of {self.blob.size:,}")
        self._left -= 1
        if self._left < 0:
            raise TooMuchError(f"more than {MAX_STEPS:,} values")
        self.end = max(self.end, at + length)
        page, place = divmod(at, _PAGE)
        if place + length <= _PAGE:
            return self._page(page)[place : place + length]
        return self.blob.read(at, length)

    def _page(self, number: int) -> bytes:
        found = self._pages.get(number)
        if found is None:
            if len(self._pages) >= _PAGES:
                self._pages.pop(next(iter(self._pages)))
            found = self._pages[number] = self.blob.read(number * _PAGE, _PAGE)
        return found

    def number(self, form: str, at: int) -> int:
        """One little-endian integer in `struct` notation."""
        value: int = struct.unpack("<" + form, self.raw(at, struct.calcsize("<" + form)))[0]
        return value

    def root(self) -> "Table":
        """The table that the file is."""
        return Table(self, self.number("I", 0))


class Table:
    """A table; fields are asked for by their place in the schema."""

    def __init__(self, flat: Flat, at: int) -> None:
        self.at = at
        self._flat = flat
        self._vtable = at - flat.number("i", at)
        size = flat.number("H", self._vtable)
        self._fields = max(0, (size - 4) // 2)
        reach = max(self._vtable + size, at + flat.number("H", self._vtable + 2))
        if reach > flat.blob.size:
            raise MalformedError(f"a table ends at byte {reach:,} of {flat.blob.size:,}")
        flat.end = max(flat.end, reach)

    def _field(self, place: int) -> int:
        """Where a field lies; 0 if the table leaves it out."""
        if place >= self._fields:
            return 0
        offset = self._flat.number("H", self._vtable + 4 + 2 * place)
        return self.at + offset if offset else 0

    def number(self, place: int, form: str, default: int = 0) -> int:
        """A scalar."""
        at = self._field(place)
        return self._flat.number(form, at) if at else default

    def table(self, place: int) -> "Table | None":
        """A table that a field points to."""
        at = self._field(place)
        return Table(self._flat, at + self._flat.number("I", at)) if at else None

    def vector(self, place: int, width: int = 1) -> tuple[int, int]:
        """First byte and number of elements of a vector; (0, 0) if it is left out."""
        at = self._field(place)
        if not at:
            return 0, 0
        at += self._flat.number("I", at)
        count = self._flat.number("I", at)
        if at + 4 + count * width > self._flat.blob.size:
            raise MalformedError(f"a list of {count:,} reaches past the end of the file")
        self._flat.end = max(self._flat.end, at + 4 + count * width)
        return at + 4, count

    def text(self, place: int, most: int = 1 << 16) -> str:
        """A string."""
        start, count = self.vector(place)
        return self._flat.raw(start, min(count, most)).decode("utf-8", "replace") if count else ""

    def numbers(self, place: int, form: str, most: int = 64) -> list[int]:
        """A vector of integers, at most `most` of them."""
        width = struct.calcsize("<" + form)
        start, count = self.vector(place, width)
        count = min(count, most)
        return list(struct.unpack(f"<{count}{form}", self._flat.raw(start, count * width))) if count else []

    def tables(self, place: int) -> "Iterator[Table]":
        """A vector of tables."""
        start, count = self.vector(place, 4)
        for n in range(count):
            at = start + 4 * n
            yield Table(self._flat, at + self._flat.number("I", at))
