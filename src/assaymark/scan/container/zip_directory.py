"""Where a zip's directories are, as every kind of reader would find them, and what they list.

Readers disagree: some take the last end record, some the one whose comment reaches the end of the file;
some find the directory by its stated offset, some by its size; some believe the count, some the size.
"""

import struct
from collections.abc import Iterator

from msgspec import Struct

from assaymark.scan.blob import Blob
from assaymark.scan.container.blobs import is_streamed

__all__ = ["Directory", "Entry", "decoded", "find_directories", "has_directory", "zip64_sizes"]

TAIL = 22 + 0xFFFF
"""The end record and the longest comment."""
STREAMED = 4 << 20
"""Bytes of a stream that are expanded to see whether it ends as a zip."""
MAX_DIRECTORY = 32 << 20
"""Bytes of a directory that are read."""
MAX_END_RECORDS = 16
_END, _END64, _LOCATOR, _ENTRY = b"PK\5\6", b"PK\6\6", b"PK\6\7", b"PK\1\2"
_FULL16, _FULL32 = 0xFFFF, 0xFFFFFFFF


class Entry(Struct, frozen=True, kw_only=True):
    """What the directory says of one member."""

    raw: bytes
    """The name as it stands there."""
    name: str
    method: int
    flags: int
    crc: int
    packed: int
    size: int
    offset: int
    """Of its local header, in the blob."""
    mode: int = 0
    """Unix mode; 0 where the host is another."""
    unicode_name: bytes = b""
    """What the Info-ZIP extra field says the name is."""


class Directory(Struct, frozen=True, kw_only=True):
    """One central directory."""

    start: int
    end: int
    """Behind its last entry."""
    record: int
    """Of the end record that leads to it."""
    after: int
    """Behind that record and its comment."""
    shift: int
    """What has to be added to stated offsets: bytes were put before the archive."""
    stated: int
    """Members that the end record counts."""
    stated_end: int
    entries: tuple[Entry, ...]
    cut: bool = False
    """Whether it was not read to its end, since it is too long."""


class _Claim(Struct, frozen=True):
    """Where an end record says that a directory is."""

    record: int
    after: int
    count: int
    size: int
    offset: int
    end: int
    """Where the directory ends if nothing lies between."""


def has_directory(blob: Blob, head: bytes) -> bool:
    """Whether the blob ends as a zip does, cheaply; the end of a stream is not looked for."""
    if is_streamed(blob) and blob.read(STREAMED, 1):
        return False
    tail = head if blob.size <= len(head) else _tail(blob)
    at = tail.rfind(_END)
    return at >= 0 and any(True for _ in _starts(blob, max(0, blob.size - len(tail)), tail))


def find_directories(blob: Blob, members: int) -> Iterator[Directory]:
    """Every directory that some reader would use, the one most readers use first.

    Args:
        blob: the file.
        members: entries to read at most.
    """
    tail = _tail(blob)
    base = max(0, blob.size - len(tail))
    seen: list[tuple[int, int]] = []
    for claim, start in _starts(blob, base, tail):
        if any(low <= start < high or low <= claim.record < high for low, high in seen):
            continue
        found = _parse(blob, claim, start, members)
        first = min((e.offset for e in found.entries), default=found.start)
        seen.append((min(first, found.start), found.end))
        yield found


def _tail(blob: Blob) -> bytes:
    return blob.read(max(0, blob.size - TAIL), TAIL)


def _starts(blob: Blob, base: int, tail: bytes) -> Iterator[tuple[_Claim, int]]:
    at = tail.rfind(_END)
    for _ in range(MAX_END_RECORDS):
        if at < 0:
            return
        for claim in _claims(blob, base, tail, at):
            by_size = claim.end - claim.size
            for start in dict.fromkeys((by_size, claim.offset)):
                if 0 <= start < blob.size and _begins(blob, claim, start):
                    yield claim, start
        at = tail.rfind(_END, 0, at)


def _begins(blob: Blob, claim: _Claim, start: int) -> bool:
    if claim.count == 0 and claim.size == 0:
        return start == claim.record
    return blob.read(start, 4) == _ENTRY


def _claims(blob: Blob, base: int, tail: bytes, at: int) -> Iterator[_Claim]:
    if len(tail) < at + 22:
        return
    _, _, here, count, size, offset, comment = struct.unpack_from("<4H2IH", tail, at + 4)
    record, after = base + at, base + at + 22 + comment
    saturated = count == _FULL16 or size == _FULL32 or offset == _FULL32
    yield from _claims64(blob, record, after)
    if not saturated and (here == count or count):
        yield _Claim(record, after, count, size, offset, record)


def _claims64(blob: Blob, record: int, after: int) -> Iterator[_Claim]:
    locator = blob.read(record - 20, 20) if record >= 20 else b""
    if locator[:4] != _LOCATOR:
        return
    stated = struct.unpack_from("<Q", locator, 8)[0]
    for at in dict.fromkeys((record - 20 - 56, stated)):
        found = blob.read(at, 56) if 0 <= at < record else b""
        if len(found) == 56 and found[:4] == _END64:
            count, size, offset = struct.unpack_from("<3Q", found, 32)
            yield _Claim(record, after, count, size, offset, at)


def _parse(blob: Blob, claim: _Claim, start: int, members: int) -> Directory:
    by_size = claim.end - claim.size
    shift = start - claim.offset if start == by_size else 0
    entries: list[Entry] = []
    stop = min(claim.record, start + MAX_DIRECTORY)
    data, base, at = b"", start, start
    cut = False
    while at + 46 <= stop:
        if at + 46 + 3 * _FULL16 > base + len(data) and base + len(data) < stop:
            data, base = blob.read(at, min(1 << 20, stop - at)), at
        entry = _entry(data, at - base, shift)
        if entry is None:
            break
        if len(entries) >= members:
            cut = True
            break
        entries.append(entry[0])
        at += entry[1]
    cut = cut or (stop < claim.record and at + 46 > stop)
    return Directory(
        start=start, end=at, record=claim.record, after=claim.after, shift=shift, stated=claim.count,
        stated_end=start + claim.size, entries=tuple(entries), cut=cut,
    )  # fmt: skip


def _entry(data: bytes, at: int, shift: int) -> tuple[Entry, int] | None:
    """The entry at an offset and its length; None if there is none."""
    if data[at : at + 4] != _ENTRY or len(data) < at + 46:
        return None
    made, _, flags, method, _, _, crc, packed, size, n, m, k, _, _, attributes, offset = struct.unpack_from(
        "<6H3I5H2I", data, at + 4
    )
    raw = data[at + 46 : at + 46 + n]
    if len(raw) < n:
        return None
    extra = data[at + 46 + n : at + 46 + n + m]
    size, packed, offset = zip64_sizes(extra, size, packed, offset)
    return Entry(
        raw=raw, name=decoded(raw, flags), method=method, flags=flags, crc=crc, packed=packed, size=size,
        offset=offset + shift, mode=attributes >> 16 if made >> 8 in (3, 19) else 0,
        unicode_name=dict(_fields(extra)).get(0x7075, b"")[5:],
    ), 46 + n + m + k  # fmt: skip


def decoded(raw: bytes, flags: int) -> str:
    """A member's name as Python's zipfile reads it; what is no UTF-8 stays visible as escapes."""
    return raw.decode("utf-8", "backslashreplace") if flags & 0x800 else raw.decode("cp437")


def _fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        yield kind, extra[at + 4 : at + 4 + length]
        at += 4 + length


def zip64_sizes(extra: bytes, size: int, packed: int, offset: int = 0) -> tuple[int, int, int]:
    """Sizes and offset, with those that are too large for 32 bits taken from the extra field."""
    found = dict(_fields(extra)).get(1, b"") if _FULL32 in (size, packed, offset) else b""
    values = iter(struct.unpack_from(f"<{len(found) // 8}Q", found))
    size = next(values, size) if size == _FULL32 else size
    packed = next(values, packed) if packed == _FULL32 else packed
    offset = next(values, offset) if offset == _FULL32 else offset
    return size, packed, offset
