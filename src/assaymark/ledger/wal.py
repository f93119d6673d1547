r"""The write-ahead file: entries that are acknowledged and not yet in durable tiles. Pure: bytes in and out.

::

    header   "assaymark wal 1\n", base (8 bytes), length of the origin (2), origin, CRC-32 (4)
    record   marker (4), CRC-32 of what follows (4), flags (1), start (8), index (8), length (2), mark (32),
             entry

Numbers are big-endian. `base` is the index of the first record. `start` is where the write that brought the
record began: each write is synced before the next, so a record that is broken while one of a later write is
whole was damaged, not torn. Bit 0 of the flags ends a batch; a batch without its end counts for nothing. The
marker holds a byte that no UTF-8 has, so that no entry can look like a record.
"""

import struct
import zlib
from collections.abc import Iterable, Sequence

from msgspec import Struct

__all__ = [
    "MAX_BYTES",
    "DamagedError",
    "Record",
    "Records",
    "header",
    "read_header",
    "read_records",
    "written",
]

MAX_BYTES = 1 << 28
"""Longest file that is written or read."""

_MAGIC = b"assaymark wal 1\n"
_FAMILY = b"assaymark wal "
_FIXED = struct.Struct(">QH")
_MARKER = b"\xffREC"
_HEAD = struct.Struct(">4sI")
_REST = struct.Struct(">BQQH32s")
_LENGTH = _HEAD.size + _REST.size
_LAST = 1
_MAX_ORIGIN = 255
_MAX_CANDIDATES = 4_096  # what a torn write leaves has few; a file of markers must not cost hours


class DamagedError(ValueError):
    """The file was changed or damaged, rather than cut short by a crash; the message says what.

    Args:
        message: what is wrong.
        index: the first entry concerned; None if it concerns the file as a whole.
    """

    def __init__(self, message: str, index: int | None = None) -> None:
        super().__init__(message)
        self.index = index


class Record(Struct, frozen=True):
    """One acknowledged entry."""

    data: bytes
    """The entry."""
    mark: bytes
    """32 bytes that show the machine that recorded it that it did."""


class Records(Struct, frozen=True):
    """What a stretch of the file holds."""

    found: tuple[Record, ...]
    """Those of whole batches, in order."""
    end: int
    """Where the last whole batch ends, as an offset in the file; what follows counts for nothing."""


def header(origin: str, base: int) -> bytes:
    """How the file begins, for a log named `origin` whose first `base` entries are in durable tiles."""
    name = origin.encode()
    start = _MAGIC + _FIXED.pack(base, len(name)) + name
    return start + zlib.crc32(start).to_bytes(4, "big")


def read_header(data: bytes) -> tuple[str, int, int]:
    """Origin, base, and where the records begin.

    Raises:
        DamagedError: it is no such file, or its header does not hold.
    """
    if data.startswith(_FAMILY) and not data.startswith(_MAGIC):
        raise DamagedError("a newer Assaymark wrote its write-ahead file; upgrade to read it")
    start = len(_MAGIC) + _FIXED.size
    if not data.startswith(_MAGIC) or len(data) < start:
        raise DamagedError("its write-ahead file does not begin as one")
    base, length = _FIXED.unpack_from(data, len(_MAGIC))
    end = start + length
    stated, name = data[end : end + 4], data[start:end]
    if length > _MAX_ORIGIN or base >= 1 << 56 or stated != zlib.crc32(data[:end]).to_bytes(4, "big"):
        raise DamagedError("the header of its write-ahead file was damaged")
    try:
        return name.decode(), base, end + 4
    except UnicodeDecodeError as error:
        raise DamagedError("the header of its write-ahead file was damaged") from error


def written(batches: Iterable[Sequence[Record]], start: int, index: int) -> bytes:
    """The bytes of one write at offset `start`, whose first record is entry `index`."""
    parts: list[bytes] = []
    for batch in batches:
        for number, record in enumerate(batch, 1):
            flags = _LAST if number == len(batch) else 0
            rest = _REST.pack(flags, start, index, len(record.data), record.mark)
            parts += (_HEAD.pack(_MARKER, zlib.crc32(record.data, zlib.crc32(rest))), rest, record.data)
            index += 1
    return b"".join(parts)


def read_records(data: bytes, offset: int, index: int) -> Records:
    """The records in `data`, which begins at `offset` of the file with entry `index`.

    What is torn at the end was never acknowledged and is left out.

    Raises:
        DamagedError: a record is broken or out of order, and later ones are whole.
    """
    found: list[Record] = []
    waiting: list[Record] = []
    place = end = 0
    while place < len(data):
        seen = _whole(data, place)
        if seen is None:
            _refuse_damage(data, place, offset, index)
            break
        flags, _, number, record = seen
        if number != index:
            raise DamagedError(f"its write-ahead file holds entry {number} where {index} should be", index)
        waiting.append(record)
        index, place = index + 1, place + _LENGTH + len(record.data)
        if flags & _LAST:
            found += waiting
            waiting, end = [], place
    return Records(tuple(found), offset + end)


def _whole(data: bytes, place: int) -> tuple[int, int, int, Record] | None:
    """Flags, start, index and content of the record at `place`; None if it is not whole."""
    if len(data) - place < _LENGTH:
        return None
    marker, stated = _HEAD.unpack_from(data, place)
    begin = place + _HEAD.size
    flags, start, number, length, mark = _REST.unpack_from(data, begin)
    end = place + _LENGTH + length
    if marker != _MARKER or end > len(data) or zlib.crc32(data[begin:end]) != stated:
        return None
    return flags, start, number, Record(data[place + _LENGTH : end], mark)


def _refuse_damage(data: bytes, place: int, offset: int, index: int) -> None:
    """Tell damage from a torn write: after damage, a record of a later write is whole."""
    wrong = DamagedError(f"entry {index} in its write-ahead file was changed or damaged", index)
    candidate = data.find(_MARKER, place + 1)
    for _ in range(_MAX_CANDIDATES):
        if candidate < 0:
            return
        seen = _whole(data, candidate)
        if seen is not None and seen[1] > offset + place:
            raise wrong
        skip = _LENGTH + len(seen[3].data) if seen else 1
        candidate = data.find(_MARKER, candidate + skip)
    raise wrong
