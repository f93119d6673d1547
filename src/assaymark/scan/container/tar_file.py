"""Tar archives: every member, links and devices, and what lies behind the end mark."""

from collections.abc import Iterator

from assaymark.inspection import Hazard, Header, Hole, HoleKind, Level
from assaymark.scan.blob import Blob
from assaymark.scan.container.beside import shadows
from assaymark.scan.container.blobs import Allowance, PiecesBlob, SliceBlob, allowance_of, is_streamed
from assaymark.scan.container.member_names import collisions, escapes, link_hazards, name_hazards, shown
from assaymark.scan.container.oci import check_digest, is_layer, stated_digest
from assaymark.scan.container.tar_header import BLOCK, TarEntry, TarProblem, is_header, tar_entries
from assaymark.scan.part import Covered, Limits, Look, Member, Part

__all__ = ["claims_tar", "inspect_tar"]

_LINKS = {ord("1"): True, ord("2"): False}
_DEVICES = {ord("3"): "character device", ord("4"): "block device", ord("6"): "named pipe"}
_PLAIN = frozenset(b"\x000")
LOOKED = 1 << 20
"""Bytes behind the end that are looked at for anything but zeros."""
COMPARED = 256 << 20
"""Bytes of one image whose digests are compared with their names."""


def claims_tar(look: Look) -> bool:
    """Whether the first block is a tar header."""
    return is_header(look.head[:BLOCK])


def inspect_tar(blob: Blob, limits: Limits) -> Iterator[Part]:
    """All members; a header that is broken ends the reading with a hole."""
    yield Header(format="tar")
    seen: dict[str, TarEntry] = {}
    links: set[str] = set()
    tops: set[str] = set()
    allowance = allowance_of(blob, limits)
    read, compared, last = 0, COMPARED, 0
    try:
        for number, entry in enumerate(tar_entries(blob)):
            if number >= limits.members:
                reason = f"more than {limits.members:,} members"
                yield Hole(kind=HoleKind.BOUND, reason=reason, offset=entry.header)
                break
            read += entry.data - entry.header
            yield from _named(entry, seen, links)
            tops.add(entry.name.removeprefix("./").partition("/")[0])
            yield from _content(blob, entry, allowance, system=is_layer(tops))
            if stated_digest(entry.name) and entry.size <= compared:
                compared -= entry.size
                yield from check_digest(entry.name, _opened(blob, entry, allowance))
            elif stated_digest(entry.name):
                yield _not_compared(entry)
            last = entry.data + -(-entry.size // BLOCK) * BLOCK
        else:
            yield from _behind(blob, last, allowance)
    except TarProblem as problem:
        yield Hole(kind=HoleKind.BOUND if problem.bound else HoleKind.BROKEN, reason=str(problem))
    yield Covered(interpreted=read)
    yield from collisions(seen, model=False)
    yield from shadows(seen)


def _not_compared(entry: TarEntry) -> Hazard:
    message = f"The digest of {shown(entry.name)!r} was not compared: at most {COMPARED:,} bytes are."
    return Hazard(rule="oci-digest-not-compared", level=Level.NOTE, message=message, member=entry.name)


def _named(entry: TarEntry, seen: dict[str, TarEntry], links: set[str]) -> Iterator[Hazard]:
    """What the member's name and header do, seen with those before it."""
    yield from name_hazards(entry.name)
    if entry.after_end:
        message = f"{shown(entry.name)!r} lies behind the end of the archive: only some readers see it."
        yield Hazard(
            rule="tar-after-end",
            level=Level.DANGEROUS,
            message=message,
            member=entry.name,
            offset=entry.header,
        )
    name = entry.name.removeprefix("./").rstrip("/")
    other = seen.get(name)
    if other is not None and entry.kind not in b"5":
        message = f"{shown(name)!r} is there again; readers take the first or the last."
        same = (other.size, other.link, other.kind) == (entry.size, entry.link, entry.kind)
        level = Level.NOTE if same and not entry.size else Level.UNKNOWN
        yield Hazard(rule="archive-duplicate-entry", level=level, message=message, member=entry.name)
    seen[name] = entry
    if entry.kind == ord("2"):
        links.add(name)
    elif through := next((p for p in _parents(name) if p in links), ""):
        message = f"{shown(name)!r} is written through the link {shown(through)!r} of the same archive."
        leads_out = bool(escapes(_target(seen[through])))
        level = Level.DANGEROUS if leads_out else Level.UNKNOWN
        yield Hazard(rule="archive-link-escape", level=level, message=message, member=entry.name)
    if (
        entry.kind in _PLAIN
        and not entry.pieces
        and entry.stated not in (0, entry.size)
        and entry.stated >= 0
    ):
        message = (
            f"{shown(name)!r} has two sizes, {entry.stated:,} and {entry.size:,}: readers go on differently."
        )
        yield Hazard(rule="tar-two-sizes", level=Level.DANGEROUS, message=message, member=entry.name)
    if entry.kind in b"126" and entry.stated > 0:
        message = f"{shown(name)!r} is a link or pipe with {entry.stated:,} bytes: readers go on differently."
        yield Hazard(rule="tar-two-sizes", level=Level.DANGEROUS, message=message, member=entry.name)


def _parents(name: str) -> Iterator[str]:
    at = name.find("/")
    for _ in range(64):
        if at < 0:
            return
        yield name[:at]
        at = name.find("/", at + 1)


def _target(entry: TarEntry) -> str:
    folder = entry.name.removeprefix("./").rpartition("/")[0]
    return entry.link if entry.link.startswith("/") or not folder else f"{folder}/{entry.link}"


def _opened(blob: Blob, entry: TarEntry, allowance: Allowance) -> Blob:
    path = f"{blob.path}!/{entry.name}"
    if not entry.pieces:
        return SliceBlob(blob, entry.data, entry.size, path, allowance)
    at, pieces = entry.data, []
    for offset, length in entry.pieces:
        pieces.append((offset, length, at))
        at += length
    size = min(entry.real or max(o + n for o, n in entry.pieces), max(entry.size, allowance.fresh))
    allowance.fresh -= size
    return PiecesBlob(blob, pieces, size, path, allowance)


def _content(blob: Blob, entry: TarEntry, allowance: Allowance, *, system: bool) -> Iterator[Part]:
    if entry.kind in _LINKS:
        yield from link_hazards(entry.name, entry.link, hard=_LINKS[entry.kind], system=system)
    elif entry.kind in _DEVICES:
        message = f"{shown(entry.name)!r} is a {_DEVICES[entry.kind]}."
        level = Level.NOTE if system else Level.UNKNOWN
        yield Hazard(rule="archive-device", level=level, message=message, member=entry.name)
    elif entry.kind == ord("M"):
        reason = "a part of a file that begins on another volume"
        yield Hole(kind=HoleKind.UNSUPPORTED, reason=reason, member=entry.name, size=entry.size)
    elif entry.kind not in b"5VD" and entry.size:
        content = _opened(blob, entry, allowance)
        yield Member(entry.name, content)
        yield from _whole(blob, entry, content)


def _whole(blob: Blob, entry: TarEntry, content: Blob) -> Iterator[Part]:
    """Whether all bytes of the member are there, and were given."""
    end = entry.data + entry.size
    if entry.pieces and content.size < entry.real:
        reason = f"a sparse file that expands to {entry.real:,} bytes; {content.size:,} were looked at"
        yield Hole(kind=HoleKind.BOUND, reason=reason, member=entry.name, size=entry.real - content.size)
    if end > blob.size if not is_streamed(blob) else not blob.read(end - 1, 1):
        missing = 0 if is_streamed(blob) else end - blob.size
        reason = "it ends behind the archive, which was cut off"
        yield Hole(kind=HoleKind.BROKEN, reason=reason, member=entry.name, size=missing)


def _behind(blob: Blob, at: int, allowance: Allowance) -> Iterator[Part]:
    """Anything but zeros behind the last member."""
    rest = blob.read(at, LOOKED)
    start = at
    if not rest.strip(b"\0") and not is_streamed(blob) and blob.size - at > LOOKED:
        start = blob.size - LOOKED
        rest = blob.read(start, LOOKED)
    if not rest.strip(b"\0"):
        return
    start += len(rest) - len(rest.lstrip(b"\0"))
    message = "Behind the end of the archive lies more than zeros."
    yield Hazard(rule="tar-trailing-data", level=Level.UNKNOWN, message=message, offset=start)
    length = len(rest) if is_streamed(blob) else blob.size - start
    name = "[after the archive]"
    yield Member(name, SliceBlob(blob, start, length, f"{blob.path}!/{name}", allowance))
