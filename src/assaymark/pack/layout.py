"""Where a pack's members lie: a ZIP file read by one narrow rule, so that no two readers see two packs.

Every byte of the file belongs to exactly one thing: for each member its local header and content, then the
central directory, then the end record. Nothing before, between or after; nothing compressed, encrypted,
commented or written twice. (APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12, 4.3.16; no ZIP64.)
"""

import os
import struct
from itertools import pairwise
from typing import BinaryIO, NamedTuple

from msgspec import Struct

from assaymark.pack.format import MAX_MEMBERS, MAX_PACK
from assaymark.pack.known import is_known, most
from assaymark.pack.names import collision, fault
from assaymark.pack.refused import CONTAINER, NotAPack, Refused
from assaymark.signing.problems import shown

__all__ = ["Member", "layout"]

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_LONGEST_DIRECTORY = 16 << 20
_FIXED_TIME = (0, 0x21)
"""1980-01-01 00:00:00 in MS-DOS form."""
_VERSION = 20
_MADE_BY = (3 << 8) | _VERSION
_MODE = 0o100644 << 16
_UTF8, _ENCRYPTED, _DESCRIPTOR = 0x800, 0x1, 0x8


class Member(Struct, frozen=True):
    """A member in its place."""

    name: str
    start: int
    """Offset of its first byte of content."""
    size: int
    crc: int
    """CRC-32 as stated."""


class _Central(NamedTuple):
    """A row of the central directory, field by field (APPNOTE 4.3.12)."""

    mark: bytes
    made: int
    needed: int
    flags: int
    method: int
    time: int
    day: int
    crc: int
    packed: int
    size: int
    length: int
    extra: int
    comment: int
    disk: int
    kind: int
    mode: int
    offset: int


class _Row(Struct, frozen=True):
    """A row of the central directory, as far as it may differ between members."""

    raw: bytes
    name: str
    flags: int
    crc: int
    size: int
    offset: int


def layout(file: BinaryIO) -> tuple[Member, ...]:
    """The members of the pack in `file`, in their order; no content has been read.

    Raises:
        NotAPack: it is no ZIP file.
        Refused: it is one that breaks the rule.
    """
    size = file.seek(0, os.SEEK_END)
    count, offset, length = _end(file, size)
    rows = _rows(_read(file, offset, length), count)
    _names(rows)
    members, at = [], 0
    for row in rows:
        start = _local(file, row, at, offset)
        members.append(Member(row.name, start, row.size, row.crc))
        at = start + row.size
    if at != offset:
        raise Refused(CONTAINER, f"{offset - at:,} bytes lie between the last member and the directory.")
    return tuple(members)


def _end(file: BinaryIO, size: int) -> tuple[int, int, int]:
    """Number of members, offset and length of the directory."""
    begins = _read(file, 0, min(4, size))
    if begins not in (b"PK\x03\x04", b"PK\x05\x06") or size < _END.size:
        raise NotAPack(
            "This is no pack: it does not begin as a ZIP file does.",
            "Name a file that `assaymark pack` wrote.",
        )
    if size > MAX_PACK:
        raise Refused(CONTAINER, f"it is {size:,} bytes long; the most that is read is {MAX_PACK:,}.")
    mark, disk, first, here, count, length, offset, comment = _END.unpack(
        _read(file, size - _END.size, _END.size)
    )
    if mark != b"PK\x05\x06":
        raise Refused(
            CONTAINER, "it does not end as a pack does: its end was cut off, or something was added."
        )
    if disk or first or comment or here != count:
        raise Refused(CONTAINER, "its end record names a comment, further disks or members elsewhere.")
    if offset + length + _END.size != size:
        raise Refused(CONTAINER, "its directory does not lie directly before its end.")
    if not count:
        raise NotAPack(
            "This is no pack: it is an empty ZIP file.", "Name a file that `assaymark pack` wrote."
        )
    if count > MAX_MEMBERS or length > _LONGEST_DIRECTORY:
        raise Refused(CONTAINER, f"it lists {count:,} members; the most that is read is {MAX_MEMBERS:,}.")
    return count, offset, length


def _rows(directory: bytes, count: int) -> list[_Row]:
    rows: list[_Row] = []
    at = 0
    for _ in range(count):
        if len(directory) - at < _CENTRAL.size:
            raise Refused(CONTAINER, f"its directory ends after {len(rows)} of {count} members.")
        row, at = _row(directory, at)
        rows.append(row)
    if at != len(directory):
        raise Refused(CONTAINER, "its directory holds more than the members that it counts.")
    return rows


def _row(directory: bytes, at: int) -> tuple[_Row, int]:
    row = _Central(*_CENTRAL.unpack_from(directory, at))
    end = at + _CENTRAL.size + row.length
    raw = directory[at + _CENTRAL.size : end]
    if row.mark != b"PK\x01\x02" or len(raw) != row.length:
        raise Refused(CONTAINER, f"its directory is damaged at byte {at:,}.")
    name = _decoded(raw, row.flags)
    if reason := _fault(row, ascii_only=name.isascii()):
        raise Refused(name, reason)
    return _Row(raw, name, row.flags, row.crc, row.size, row.offset), end


def _decoded(raw: bytes, flags: int) -> str:
    try:
        return raw.decode("utf-8" if flags & _UTF8 else "ascii")
    except UnicodeDecodeError as error:
        told = shown(raw.decode("latin-1"))
        raise Refused(told, "its name is not in the encoding that it is said to be in.") from error


def _fault(row: _Central, *, ascii_only: bool) -> str:
    """Why a member cannot be a pack's, by its row in the directory; empty if it can."""
    if row.method:
        return f"is compressed (method {row.method}); members of a pack are stored, so that none can expand."
    if row.flags & _ENCRYPTED:
        return "is encrypted."
    if row.flags & _DESCRIPTOR:
        return "states its size only after its content, which lets two readers disagree."
    if row.flags & ~_UTF8:
        return f"has unknown flags ({row.flags:#06x})."
    if row.packed != row.size:
        return f"is said to be {row.size:,} bytes long and {row.packed:,} as stored."
    if (row.time, row.day) != _FIXED_TIME:
        return "bears another time than 1980-01-01, so the pack was not written by `assaymark pack`."
    if row.extra or row.comment or row.disk or row.kind:
        return "has extra fields, a comment or attributes that a pack's members never have."
    if row.mode >> 28 not in (0, 0o10):
        return "is a link, a folder or a device, not a file."
    fixed = (row.made, row.needed, row.mode) == (_MADE_BY, _VERSION, _MODE)
    return (
        "" if fixed and bool(row.flags) != ascii_only else "has attributes that a pack's members never have."
    )


def _names(rows: list[_Row]) -> None:
    for row in rows:
        if reason := fault(row.name):
            raise Refused(row.name, f"has an unfit name: it {reason}.")
        if not is_known(row.name):
            raise Refused(row.name, "has an unfit name: a pack has no such member.")
        if row.size > most(row.name):
            raise Refused(
                row.name, f"is {row.size:,} bytes long; the most that is read is {most(row.name):,}."
            )
    if same := collision(row.name for row in rows):
        one, other = same
        reason = (
            "stands in the pack twice."
            if one == other
            else f"is the same file as {shown(one)} on some systems."
        )
        raise Refused(other, reason)
    every = [row.name for row in rows]
    if late := next((b for a, b in pairwise(every) if a > b), None):
        raise Refused(late, "is out of order: a pack's members stand in the order of their names.")


def _local(file: BinaryIO, row: _Row, at: int, end: int) -> int:
    """Where the content of `row` begins, its local header compared with the directory."""
    start = at + _LOCAL.size + len(row.raw)
    if row.offset != at or start + row.size > end:
        raise Refused(row.name, "does not lie where the one before it ends: members overlap or leave gaps.")
    found = _read(file, at, start - at)
    expected = (
        b"PK\x03\x04",
        _VERSION,
        row.flags,
        0,
        *_FIXED_TIME,
        row.crc,
        row.size,
        row.size,
        len(row.raw),
        0,
    )
    if _LOCAL.unpack_from(found) != expected or found[_LOCAL.size :] != row.raw:
        raise Refused(row.name, "is described otherwise before its content than in the directory.")
    return start


def _read(file: BinaryIO, at: int, length: int) -> bytes:
    file.seek(at)
    data = file.read(length)
    if len(data) != length:
        raise Refused(CONTAINER, "it ends before its content does.")
    return data
