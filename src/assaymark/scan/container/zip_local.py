"""Local headers: what stands before each member, against what the directory says of it."""

import struct
from collections.abc import Iterator

from msgspec import Struct

from assaymark.scan.blob import Blob
from assaymark.scan.container.zip_directory import Entry, decoded, zip64_sizes

__all__ = ["LOCAL", "Local", "Span", "differences", "gaps", "read_local", "span_of"]

LOCAL = b"PK\3\4"
_DESCRIPTOR = b"PK\7\x08"
_STREAMED = 0x8
"""Flag: sizes and checksum follow the data."""


class Local(Struct, frozen=True, kw_only=True):
    """One local header."""

    raw: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    data: int
    """Where the member's bytes begin."""

    @property
    def name(self) -> str:
        """Its name, decoded as the directory's would be."""
        return decoded(self.raw, self.flags)


class Span(Struct, frozen=True):
    """Bytes that belong to one member: local header, data, descriptor."""

    start: int
    end: int
    name: str


def read_local(blob: Blob, offset: int) -> Local | None:
    """The local header at an offset, or None if there is none."""
    data = blob.read(offset, 320) if offset >= 0 else b""
    if data[:4] != LOCAL or len(data) < 30:
        return None
    _, flags, method, _, _, crc, packed, size, n, m = struct.unpack_from("<5H3I2H", data, 4)
    if len(data) < 30 + n + m:
        data = blob.read(offset, 30 + n + m)
    if len(data) < 30 + n:
        return None
    size, packed, _ = zip64_sizes(data[30 + n : 30 + n + m], size, packed)
    return Local(
        raw=data[30 : 30 + n], flags=flags, method=method, crc=crc, packed=packed, size=size,
        data=offset + 30 + n + m,
    )  # fmt: skip


def differences(entry: Entry, local: Local, descriptor: tuple[int, int, int] | None) -> Iterator[str]:
    """Where the local header, or the descriptor behind the data, says something else than the directory."""
    if local.method != entry.method:
        yield f"compression method {local.method} against {entry.method}"
    if (local.flags ^ entry.flags) & 1:
        yield "encrypted against not encrypted"
    streamed = bool(local.flags & _STREAMED)
    pairs = (
        ("checksum", local.crc, entry.crc),
        ("packed size", local.packed, entry.packed),
        ("size", local.size, entry.size),
    )
    for what, here, there in pairs:
        if here != there and not (streamed and here in (0, 0xFFFFFFFF)) and here != there & 0xFFFFFFFF:
            yield f"{what} {here} against {there}"
    if descriptor is not None and descriptor != (entry.crc, entry.packed, entry.size):
        yield "the descriptor behind the data against the directory"


def span_of(blob: Blob, entry: Entry, local: Local) -> tuple[Span, tuple[int, int, int] | None]:
    """The bytes of a member, and the checksum and sizes of the descriptor behind it, if it has one."""
    end = local.data + entry.packed
    found = None
    if local.flags & _STREAMED or entry.flags & _STREAMED:
        length, found = _descriptor(blob.read(end, 24), entry)
        end += length
    return Span(entry.offset, end, entry.name), found


def _descriptor(data: bytes, entry: Entry) -> tuple[int, tuple[int, int, int] | None]:
    """Length and content; of the four ways to write one, the one that agrees with the directory."""
    signed = 4 if data[:4] == _DESCRIPTOR else 0
    readings = [
        (signed + struct.calcsize(form), struct.unpack_from(form, data, signed))
        for form in ("<III", "<IQQ")
        if len(data) >= signed + struct.calcsize(form)
    ]
    agreeing = next((r for r in readings if r[1] == (entry.crc, entry.packed, entry.size)), None)
    if agreeing:
        return agreeing
    if signed and readings:
        large = entry.packed > 0xFFFFFFFF or entry.size > 0xFFFFFFFF
        return readings[-1] if large else readings[0]
    return 0, None


def gaps(spans: list[Span], end: int) -> tuple[list[tuple[int, int]], list[tuple[Span, Span]]]:
    """Bytes that belong to no member, and members that overlap.

    Args:
        spans: of all members.
        end: where the directory begins.
    """
    free: list[tuple[int, int]] = []
    overlaps: list[tuple[Span, Span]] = []
    last: Span | None = None
    for span in sorted(spans, key=lambda s: (s.start, s.end)):
        if last is not None and span.start > last.end:
            free.append((last.end, span.start))
        if last is not None and span.start < last.end:
            overlaps.append((last, span))
        if last is None or span.end > last.end:
            last = span
    if last is not None and last.end < end:
        free.append((last.end, end))
    return free, overlaps
