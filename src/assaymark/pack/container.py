"""Write a pack's ZIP file: members stored, in the order of their names, nothing in it that varies.

Each member is a local header, its name, its content; after all of them the central directory and the end
record. No compression, encryption, extra fields, comments, data descriptors or ZIP64; 1980-01-01 as time.
(APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16.) `pack.layout` reads exactly this.
"""

import struct
import zlib
from collections.abc import Iterable
from hashlib import sha256
from typing import BinaryIO

from msgspec import Struct

from assaymark.errors import AssaymarkError
from assaymark.pack.format import MAX_MEMBERS, MAX_PACK
from assaymark.pack.names import collision, fault, largest
from assaymark.signing.problems import shown

__all__ = ["Container", "Written"]

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_VERSION = 20
"""Of the format that readers need: 2.0."""
_MADE_BY = (3 << 8) | _VERSION
"""On Unix, which gives the attributes their meaning."""
_TIME, _DAY = 0, 0x21
"""1980-01-01 00:00:00 in MS-DOS form, the first that there is."""
_MODE = 0o100644 << 16
_UTF8 = 0x800


class Written(Struct, frozen=True):
    """A member as it was written."""

    name: str
    size: int
    sha256: str
    """Hexadecimal, of its content."""


class _Row(Struct, frozen=True):
    name: bytes
    flags: int
    crc: int
    size: int
    offset: int


class Container:
    """A ZIP file in the making. Members are streamed: memory does not grow with their size."""

    def __init__(self, file: BinaryIO) -> None:
        """Begin at the start of `file`, which can seek."""
        self._file = file
        self._rows: list[_Row] = []
        self._names: list[str] = []

    def add(self, name: str, content: bytes | Iterable[bytes]) -> Written:
        """Write the next member.

        Raises:
            AssaymarkError: the name is unfit or out of order, or a bound is exceeded.
        """
        self._check(name)
        encoded = name.encode()
        flags = 0 if name.isascii() else _UTF8
        offset = self._file.tell()
        self._file.write(_local(_Row(encoded, flags, 0, 0, offset)))
        digest, crc, size, most = sha256(), 0, 0, largest(name)
        for chunk in (content,) if isinstance(content, bytes) else content:
            digest.update(chunk)
            crc = zlib.crc32(chunk, crc)
            size += len(chunk)
            if size > most or offset + size > MAX_PACK:
                raise _too_large(name, most)
            self._file.write(chunk)
        row = _Row(encoded, flags, crc, size, offset)
        end = self._file.tell()
        self._file.seek(offset)
        self._file.write(_local(row))
        self._file.seek(end)
        self._rows.append(row)
        self._names.append(name)
        return Written(name, size, digest.hexdigest())

    def finish(self) -> None:
        """Write the directory and the end record.

        Raises:
            AssaymarkError: two names would be one file on some systems, or the pack is too large.
        """
        if same := collision(self._names):
            raise AssaymarkError(
                f"{shown(same[0])} and {shown(same[1])} would be one file on some systems.",
                "Rename one of them.",
            )
        start = self._file.tell()
        for row in self._rows:
            self._file.write(_central(row))
        length = self._file.tell() - start
        count = len(self._rows)
        self._file.write(_END.pack(b"PK\x05\x06", 0, 0, count, count, length, start, 0))
        if self._file.tell() > MAX_PACK:
            raise _too_large("The pack", MAX_PACK)

    def _check(self, name: str) -> None:
        if reason := fault(name):
            raise AssaymarkError(f"{shown(name)} cannot be in a pack: it {reason}.", "Rename it.")
        if self._names and name <= self._names[-1]:
            raise AssaymarkError(f"{shown(name)} is written out of order.", "This is our fault; report it.")
        if len(self._names) >= MAX_MEMBERS:
            raise AssaymarkError(
                f"A pack holds at most {MAX_MEMBERS:,} files.", "Leave the documents out with --redact."
            )


def _local(row: _Row) -> bytes:
    fields = (_VERSION, row.flags, 0, _TIME, _DAY, row.crc, row.size, row.size, len(row.name), 0)
    return _LOCAL.pack(b"PK\x03\x04", *fields) + row.name


def _central(row: _Row) -> bytes:
    same = (_VERSION, row.flags, 0, _TIME, _DAY, row.crc, row.size, row.size, len(row.name))
    return _CENTRAL.pack(b"PK\x01\x02", _MADE_BY, *same, 0, 0, 0, 0, _MODE, row.offset) + row.name


def _too_large(name: str, most: int) -> AssaymarkError:
    return AssaymarkError(
        f"{shown(name)} is longer than {most:,} bytes, or makes the pack longer than {MAX_PACK:,}.",
        "Leave the documents out with --redact; their digests stay in.",
    )
