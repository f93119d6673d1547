"""Protocol buffers, wire format: fields are walked where they lie; what nobody asks for is passed over.

After https://protobuf.dev/programming-guides/encoding/. No schema: each format says which numbers it knows.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from assaymark.scan.blob import Blob
from assaymark.scan.weights._reader import MalformedError, Reader, TooMuchError

__all__ = ["BYTES", "FIXED32", "FIXED64", "VARINT", "Field", "Outermost", "Wire"]

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
MAX_FIELDS = 3_000_000
MAX_READ = 256 << 20


class Field(NamedTuple):
    """One field of a message."""

    number: int
    kind: int
    value: int
    """Of a varint."""
    start: int
    """First byte of the content."""
    end: int
    """Byte after the content."""

    @property
    def size(self) -> int:
        """Bytes of content."""
        return self.end - self.start

    @property
    def signed(self) -> int:
        """A varint as int64."""
        return self.value - (1 << 64) if self.value >> 63 else self.value


class Wire:
    """Walks the messages of one blob; fields and bytes read are bounded for all of it."""

    def __init__(self, blob: Blob, *, fields: int = MAX_FIELDS, limit: int = MAX_READ) -> None:
        self.blob = blob
        self._reader = Reader(blob, limit=limit)
        self._left = self._most = fields

    def fields(self, start: int, end: int) -> Iterator[Field]:
        """The fields of the message from `start` to `end`.

        Raises:
            MalformedError: it is no message.
            TooMuchError: there are too many fields.
        """
        at = start
        while at < end:
            self._left -= 1
            if self._left < 0:
                raise TooMuchError(f"more than {self._most:,} fields")
            field = self._field(at, end)
            yield field
            at = field.end

    def _field(self, at: int, end: int) -> Field:
        reader = self._reader
        reader.at = at
        reader.peek(min(22, end - at))
        data, place = reader.window()
        begin = place
        stop = min(len(data), place + end - at)
        tag, place = _varint(data, place, stop)
        number, kind = tag >> 3, tag & 7
        value = length = 0
        if kind == VARINT:
            value, place = _varint(data, place, stop)
        elif kind == BYTES:
            length, place = _varint(data, place, stop)
        elif kind in (FIXED64, FIXED32):
            length = 8 if kind == FIXED64 else 4
        else:
            raise MalformedError(f"byte {at:,} begins no field (wire type {kind})")
        start = at + place - begin
        if number == 0 or number >= 1 << 29:
            raise MalformedError(f"byte {at:,} begins a field of the impossible number {number:,}")
        if start + length > end:
            raise MalformedError(f"the field at byte {at:,} reaches past the end of its message")
        return Field(number, kind, value & 0xFFFF_FFFF_FFFF_FFFF, start, start + length)

    def raw(self, field: Field, most: int = 1 << 20) -> bytes:
        """A field's content, at most `most` bytes of it."""
        self._reader.at = field.start
        return self._reader.peek(min(field.size, most))

    def text(self, field: Field, most: int = 1 << 16) -> str:
        """A field's content as text, at most `most` bytes of it."""
        return self.raw(field, most).decode("utf-8", "replace")

    def numbers(self, field: Field, most: int = 4096) -> list[int]:
        """A repeated varint field, packed or not; at most `most` values."""
        if field.kind == VARINT:
            return [field.signed]
        data = self.raw(field, most * 10)
        found: list[int] = []
        place = 0
        while place < len(data) and len(found) < most:
            value, place = _varint(data, place, len(data))
            found.append(value - (1 << 64) if value >> 63 else value)
        return found

    def pair(self, field: Field) -> tuple[str, str]:
        """A message of two texts, numbered 1 and 2."""
        found = {1: "", 2: ""}
        for inner in self.fields(field.start, field.end):
            if inner.number in found and inner.kind == BYTES:
                found[inner.number] = self.text(inner)
        return found[1], found[2]


def _varint(data: bytes, place: int, stop: int) -> tuple[int, int]:
    value = shift = 0
    while place < stop:
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7
        if shift >= 70:
            raise MalformedError("a number is longer than ten bytes")
    raise MalformedError("it ends in the middle of a number")


class Outermost:
    """The known fields of a message that is a whole file; what follows the last of them is its tail.

    Args:
        wire: the file.
        known: number → wire type of the fields that the format has.
    """

    def __init__(self, wire: Wire, known: Mapping[int, int]) -> None:
        self._wire = wire
        self._known = known
        self.end = 0
        """Where the last known field ends."""
        self.strange: list[Field] = []
        """Fields of unknown numbers that known ones follow."""

    def __iter__(self) -> Iterator[Field]:
        """Known fields; `end` moves when the next one is asked for."""
        pending: list[Field] = []
        for found in self._wire.fields(0, self._wire.blob.size):
            if self._known.get(found.number) != found.kind:
                pending.append(found)
                continue
            self.strange.extend(pending[: 100 - len(self.strange)])
            pending.clear()
            yield found
            self.end = found.end
