"""Zip archives: every member, whatever its name, and every way in which readers would disagree about them."""

from collections import defaultdict
from collections.abc import Iterator

from assaymark.inspection import Hazard, Header, Hole, HoleKind, Level
from assaymark.scan.blob import Blob
from assaymark.scan.container.beside import shadows
from assaymark.scan.container.blobs import allowance_of
from assaymark.scan.container.families import Family, family_of, raw_storage
from assaymark.scan.container.member_names import collisions, link_hazards, name_hazards, shown
from assaymark.scan.container.starts import starts_like
from assaymark.scan.container.zip_directory import Directory, Entry, find_directories, has_directory
from assaymark.scan.container.zip_hidden import hidden, outside
from assaymark.scan.container.zip_local import Local, Span, differences, gaps, read_local, span_of
from assaymark.scan.container.zip_members import Reader
from assaymark.scan.part import Covered, Limits, Look, Member, Part

__all__ = ["claims_zip", "inspect_zip"]

_CARRIERS = (
    b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18", b"7z\xbc\xaf\x27\x1c"
)  # fmt: skip
_LINK = 0o120000


def claims_zip(look: Look) -> bool:
    """Whether the blob begins or ends as a zip; the last member of a tar is not the tar's end."""
    if look.head.startswith((b"PK\3\4", b"PK\5\6")):
        return True
    if look.head.startswith(_CARRIERS) or look.head[257:262] == b"ustar":
        return False
    return has_directory(look.blob, look.head)


def inspect_zip(blob: Blob, limits: Limits) -> Iterator[Part]:
    """All that lies in the archive, through every directory it has, and between."""
    reader = Reader(blob, limits, allowance_of(blob, limits))
    directories = []
    family: Family | None = None
    for number, directory in enumerate(find_directories(blob, limits.members)):
        if number == 0:
            family = family_of(blob, directory.entries, limits)
        directories.append(directory)
        yield from _directory(blob, reader, directory, family, number, limits)
    if not directories:
        reason = "it begins as a zip archive and has no directory that can be read"
        yield Hole(kind=HoleKind.BROKEN, reason=reason)
        yield from hidden(blob, reader, 0, blob.size, listed=False)
    else:
        yield from outside(blob, reader, directories)
    if family is None:
        entries = directories[0].entries if directories else ()
        yield Header(format="zip", metadata=(("members", f"{len(entries)}"),))


def _directory(
    blob: Blob, reader: Reader, directory: Directory, family: Family | None, number: int, limits: Limits
) -> Iterator[Part]:  # fmt: skip
    if number:
        message = f"A second directory lists {len(directory.entries):,} members: readers disagree."
        yield Hazard(
            rule="zip-several-directories", level=Level.DANGEROUS, message=message, offset=directory.start
        )
    yield from _counts(directory, limits)
    yield from _names(directory.entries, model=family is not None)
    spans: list[Span] = []
    read = directory.end - directory.start
    data = 0
    for entry in directory.entries:
        local = read_local(blob, entry.offset)
        if local is None:
            reason = f"there is no member at its offset {entry.offset:,}"
            yield Hole(kind=HoleKind.BROKEN, reason=reason, member=entry.name, size=entry.packed)
            continue
        span, descriptor = span_of(blob, entry, local)
        spans.append(span)
        read += local.data - entry.offset
        yield from _against(entry, local, descriptor)
        if raw_storage(family, entry) and not entry.flags & 1:
            yield from _storage(blob, reader, entry, local)
            data += entry.packed
        else:
            yield from _content(reader, entry, local)
    yield Covered(interpreted=read, data=data)
    if not directory.cut:
        yield from _between(blob, reader, directory, spans)


def _counts(directory: Directory, limits: Limits) -> Iterator[Part]:
    entries = directory.entries
    if directory.cut:
        reason = f"more than {len(entries):,} members in its directory, which is not read further"
        yield Hole(kind=HoleKind.BOUND, reason=reason, offset=directory.end)
    elif directory.stated_end not in (directory.end, directory.record) or (
        directory.stated != len(entries) and directory.stated != len(entries) & 0xFFFF
    ):
        message = (
            f"The end record counts {directory.stated:,} members, the directory lists {len(entries):,}: "
            "readers see different ones."
        )
        yield Hazard(
            rule="zip-count-mismatch", level=Level.DANGEROUS, message=message, offset=directory.record
        )


def _names(entries: tuple[Entry, ...], *, model: bool) -> Iterator[Hazard]:
    same: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        same[entry.name].append(entry)
        yield from name_hazards(entry.name)
        if entry.unicode_name and entry.unicode_name.decode("utf-8", "replace") != entry.name:
            level = Level.DANGEROUS if entry.raw.isascii() else Level.NOTE
            other = shown(entry.unicode_name.decode("utf-8", "replace"))
            message = f"{shown(entry.name)!r} is called {other!r} in an extra field that some readers prefer."
            yield Hazard(rule="zip-name-mismatch", level=level, message=message, member=entry.name)
    for name, found in same.items():
        if len(found) > 1:
            yield _duplicate(name, found)
    yield from collisions(same, model=model)
    yield from shadows(same)


def _duplicate(name: str, found: list[Entry]) -> Hazard:
    differ = len({(e.crc, e.size) for e in found}) > 1
    message = f"{shown(name)!r} is there {len(found)} times" + (
        " with different content: readers choose differently." if differ else ", each time the same."
    )
    level = Level.DANGEROUS if differ else Level.NOTE
    return Hazard(rule="archive-duplicate-entry", level=level, message=message, member=name)


def _against(entry: Entry, local: Local, descriptor: tuple[int, int, int] | None) -> Iterator[Hazard]:
    if local.raw != entry.raw:
        message = f"{shown(entry.name)!r} in the directory is {shown(local.name)!r} before its data."
        yield Hazard(
            rule="zip-name-mismatch", level=Level.DANGEROUS, message=message, member=entry.name,
            offset=entry.offset,
        )  # fmt: skip
        yield from name_hazards(local.name)
    found = "; ".join(differences(entry, local, descriptor))
    if entry.method == 0 and local.method == 0 and entry.packed != entry.size and not entry.flags & 1:
        found = f"stored in {entry.packed:,} bytes, said to be {entry.size:,}"
    if found:
        message = f"The headers of {shown(entry.name)!r} contradict each other: {found}."
        yield Hazard(
            rule="zip-header-mismatch", level=Level.DANGEROUS, message=message, member=entry.name,
            offset=entry.offset,
        )  # fmt: skip


def _storage(blob: Blob, reader: Reader, entry: Entry, local: Local) -> Iterator[Part]:
    """Numbers that no loader interprets: only their beginning is looked at."""
    opened = reader.open(entry, local)
    if opened.blob is None:
        if opened.hole:
            yield opened.hole
    elif starts_like(opened.blob.read(0, 512)):
        message = f"{shown(entry.name)!r} should hold plain numbers and begins as another format does."
        yield Hazard(rule="storage-not-numbers", level=Level.UNKNOWN, message=message, member=entry.name)
        yield Member(entry.name, opened.blob)
    elif local.data + entry.packed > blob.size:
        reason = f"it ends {local.data + entry.packed - blob.size:,} bytes behind the file"
        yield Hole(kind=HoleKind.BROKEN, reason=reason, member=entry.name)


def _content(reader: Reader, entry: Entry, local: Local) -> Iterator[Part]:
    if entry.mode & 0o170000 == _LINK:
        opened = reader.open(entry, local)
        target = opened.blob.read(0, 4096) if opened.blob is not None else b""
        yield from link_hazards(entry.name, target.decode("utf-8", "backslashreplace"))
        return
    if entry.name.endswith("/"):
        if not entry.size and entry.packed <= 2:  # Java packs a folder's nothing into two bytes
            return
        message = f"{shown(entry.name)!r} is a folder by its name, and has content."
        yield Hazard(rule="zip-gap", level=Level.UNKNOWN, message=message, member=entry.name)
    yield from reader.members(entry, local)


def _between(blob: Blob, reader: Reader, directory: Directory, spans: list[Span]) -> Iterator[Part]:
    """What lies between members, and members that lie in each other."""
    free, overlaps = gaps(spans, directory.start)
    for one, other in overlaps[:20]:
        message = f"{shown(one.name)!r} and {shown(other.name)!r} share bytes, as in archives made to burst."
        yield Hazard(
            rule="zip-overlap", level=Level.DANGEROUS, message=message, member=other.name, offset=other.start
        )
    for start, end in free[:1000]:
        yield from hidden(blob, reader, start, end)
    if len(free) > 1000:
        yield Hole(kind=HoleKind.BOUND, reason=f"{len(free):,} gaps between members; 1,000 were looked into")
