"""What a zip's directory does not list: members in gaps, data before and behind the archive."""

from collections.abc import Iterator, Sequence

from assaymark.inspection import Hazard, Level
from assaymark.scan.blob import Blob
from assaymark.scan.container.blobs import StreamBlob
from assaymark.scan.container.member_names import name_hazards, shown
from assaymark.scan.container.zip_directory import Directory, Entry
from assaymark.scan.container.zip_local import LOCAL, Local, read_local
from assaymark.scan.container.zip_members import Reader
from assaymark.scan.part import Member, Part

__all__ = ["hidden", "outside"]

LOOKED = 1 << 20
"""Bytes of a gap that are looked at for anything but zeros."""
MOST = 1000
"""Hidden members that are followed in one gap."""
_SIGNING_BLOCK = b"APK Sig Block 42"


def hidden(blob: Blob, reader: Reader, start: int, end: int, *, listed: bool = True) -> Iterator[Part]:
    """Members that lie in the bytes from `start` to `end`, and whatever else does.

    Args:
        blob: the archive.
        reader: opens its members.
        start: where to begin.
        end: where to stop.
        listed: whether there is a directory that ought to list them; without one, none hides.
    """
    for _ in range(MOST):
        head = blob.read(start, 4) if start < end else b""
        local = read_local(blob, start) if head == LOCAL else None
        if local is None:
            break
        if listed:
            message = f"{shown(local.name)!r} is in no directory of the archive: only some readers see it."
            yield Hazard(
                rule="zip-hidden-entry",
                level=Level.DANGEROUS,
                message=message,
                member=local.name,
                offset=start,
            )
        yield from name_hazards(local.name)
        length = min(local.packed, end - local.data) or end - local.data
        entry = _as_entry(local, start, length)
        opened = reader.open(entry, local)
        if opened.blob is not None and local.flags & 1:
            yield from reader.encrypted(entry, opened.blob)
        elif opened.blob is not None:
            yield Member(local.name, opened.blob)
            if isinstance(opened.blob, StreamBlob) and not local.packed:
                opened.blob.drain(1 << 20)
                length = opened.blob.consumed if opened.blob.ended else length
        elif opened.hole is not None:
            yield opened.hole
        start = local.data + length
        if local.flags & 8:  # a descriptor of up to 24 bytes stands behind the data
            start += max(0, blob.read(start, 28).find(LOCAL))
    if listed and end - start > 3:
        yield from _unlisted(blob, reader, start, end)


def _as_entry(local: Local, start: int, length: int) -> Entry:
    size = local.size if local.packed else 1 << 40
    return Entry(
        raw=local.raw, name=local.name, method=local.method, flags=local.flags, crc=local.crc, packed=length,
        size=size, offset=start,
    )  # fmt: skip


def _unlisted(blob: Blob, reader: Reader, start: int, end: int) -> Iterator[Part]:
    """Bytes between members that are none; zeros are padding."""
    found = blob.read(start, min(end - start, LOOKED))
    if not found.strip(b"\0"):
        return
    if found[:4] == b"PK\7\x08" and end - start <= 24:
        return
    signed = end - start >= 24 and blob.read(end - 16, 16) == _SIGNING_BLOCK
    message = f"{end - start:,} bytes between the members belong to none of them."
    if signed:
        message = "An Android signing block lies between members and directory."
    yield Hazard(rule="zip-gap", level=Level.NOTE if signed else Level.UNKNOWN, message=message, offset=start)
    name = f"[gap at {start}]"
    yield Member(name, reader.slice(start, end - start, f"{blob.path}!/{name}"))


def outside(blob: Blob, reader: Reader, directories: Sequence[Directory]) -> Iterator[Part]:
    """What lies before the first member and behind the last end record."""
    first = min(min((e.offset for e in d.entries), default=d.start) for d in directories)
    if first > 0:
        yield from _before(blob, reader, first)
    after = max(d.after for d in directories)
    if after < blob.size:
        rest = blob.read(after, LOOKED)
        if rest.strip(b"\0 \t\r\n"):
            message = f"{blob.size - after:,} bytes lie behind the end of the archive."
            yield Hazard(rule="zip-trailing-data", level=Level.UNKNOWN, message=message, offset=after)
            name = "[after the archive]"
            yield Member(name, reader.slice(after, blob.size - after, f"{blob.path}!/{name}"))


def _before(blob: Blob, reader: Reader, first: int) -> Iterator[Part]:
    head = blob.read(0, 4)
    if head == LOCAL:
        yield from hidden(blob, reader, 0, first)
        return
    script = head[:2] == b"#!"
    message = f"{first:,} bytes lie before the archive: readers that begin there see another file."
    if script:
        message = "A first line names the program that runs the archive, as zipapp writes it."
    attached = blob.read(4, 4) == b"TFL3"  # TensorFlow Lite keeps labels in a zip behind the model
    if attached:
        message = "A TensorFlow Lite model lies before the archive, which holds its attached files."
    level = Level.NOTE if attached or (script and first < 512) else Level.UNKNOWN
    yield Hazard(rule="zip-prepended-data", level=level, message=message, offset=0)
