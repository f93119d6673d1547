"""Bytes → `Inspection`: every inspector that claims a blob runs; members are inspected in turn."""

from collections.abc import Iterator

import msgspec
from msgspec import Struct

from assaymark.inspection import Hazard, Header, Hole, HoleKind, Inspection, Level, by_level
from assaymark.scan.blob import Blob
from assaymark.scan.container.names import polyglot, wrong_extension
from assaymark.scan.formats import all_inspectors
from assaymark.scan.part import LIMITS, MAX_NAMES, Covered, Inspector, Limits, Look, Member, Part

__all__ = ["inspect_blob", "parts_of"]

_GLOBALS = "globals"
"""Header fact that lists what a pickle would import, joined by commas."""
HEAD = 4096
"""Bytes of a blob that most inspectors decide by."""


class _Counted:
    """A `Blob` that counts what was fetched of it, each block once."""

    def __init__(self, blob: Blob) -> None:
        self.path = blob.path
        self.size = blob.size
        self._blob = blob
        self._spans: list[tuple[int, int]] = []

    @property
    def sha256(self) -> str:
        return self._blob.sha256

    def read(self, offset: int = 0, length: int = -1) -> bytes:
        data = self._blob.read(offset, length)
        if data:
            last = self._spans[-1] if self._spans else None
            if last is not None and last[0] <= offset <= last[1]:
                self._spans[-1] = (last[0], max(last[1], offset + len(data)))
            else:
                self._spans.append((offset, offset + len(data)))
                if len(self._spans) > 4096:
                    self._spans = _merged(self._spans)
        return data

    @property
    def fetched(self) -> int:
        return sum(end - start for start, end in _merged(self._spans))


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


class _Budget:
    """What is left for one file, shared by all its members."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.members = 0


class _Rank(Struct, frozen=True, order=True):
    """How much a header says of the file: the least rank names it."""

    carrier: bool
    """A container's own header gives way to that of what it holds."""
    broken: bool
    """So does that of a format which the content only pretends to be."""
    depth: int


class _Sum(Struct):
    """What is gathered while parts come in."""

    headers: list[tuple[_Rank, Header]]
    formats: list[str]
    hazards: list[Hazard]
    holes: list[Hole]
    interpreted: int = 0
    data: int = 0
    more: int = 0
    """Hazards beyond the limit."""


def inspect_blob(blob: Blob, limits: Limits = LIMITS) -> Inspection | None:
    """Everything that loading the blob would do, as far as it can be read.

    Returns None where no inspector knows the content, so that nothing can be said of it.
    """
    counted = _Counted(blob)
    budget = _Budget(limits)
    total = _Sum([], [], [], [])
    claimed = False
    for part, member, rank in _walk(counted, "", 0, budget):
        claimed = True
        _add(total, part, member, rank, limits)
    if not claimed:
        return None
    if total.more:
        message = f"{total.more:,} more were found; only the first {limits.hazards} of a kind are listed."
        total.hazards.append(Hazard(rule="too-many-hazards", level=Level.NOTE, message=message))
    return Inspection(
        path=blob.path,
        header=_header(total),
        size=blob.size,
        read=counted.fetched,
        interpreted=min(total.interpreted, blob.size),
        data=min(total.data, blob.size),
        members=budget.members,
        formats=tuple(dict.fromkeys(total.formats)),
        hazards=by_level(total.hazards),
        holes=tuple(dict.fromkeys(total.holes)),
    )


def parts_of(blob: Blob, inspector: Inspector, limits: Limits = LIMITS) -> Iterator[Part]:
    """The parts that one inspector yields; its defects become holes."""
    try:
        yield from inspector.inspect(blob, limits)
    except RecursionError:
        yield Hole(kind=HoleKind.BOUND, reason=f"{inspector.format}: it is nested too deeply")
    except Exception as problem:  # noqa: BLE001 - hostile bytes must not stop the scan; recorded as a hole
        reason = f"{inspector.format}: the parser broke ({type(problem).__name__}); please report it"
        yield Hole(kind=HoleKind.BROKEN, reason=reason)


def _walk(blob: Blob, member: str, depth: int, budget: _Budget) -> Iterator[tuple[Part, str, _Rank]]:
    """The parts of a blob and of everything inside it, with the member they are of."""
    look = Look(blob.path, blob.read(0, HEAD), blob)
    formats: list[str] = []
    for inspector in all_inspectors():
        if not _claimed(inspector, look):
            continue
        headers: list[Header] = []
        broken = False
        rank = _Rank(inspector.carrier, False, depth)
        for part in parts_of(blob, inspector, budget.limits):
            if isinstance(part, Member):
                yield from _inside(part, member, depth, budget)
            elif isinstance(part, Header):
                headers.append(part)
            else:
                broken = broken or (isinstance(part, Hole) and part.kind is HoleKind.BROKEN)
                yield part, member, rank
        formats += [h.format for h in headers if not broken]
        for header in headers:
            yield header, member, _Rank(inspector.carrier, broken, depth)
    for hazard in (polyglot(formats), wrong_extension(blob.path, formats)):
        if hazard is not None:
            yield hazard, member, _Rank(False, False, depth)


def _claimed(inspector: Inspector, look: Look) -> bool:
    try:
        return inspector.claims(look)
    except Exception:  # noqa: BLE001 - whoever cannot decide takes it and says what is wrong with it
        return True


def _inside(part: Member, outer: str, depth: int, budget: _Budget) -> Iterator[tuple[Part, str, _Rank]]:
    name = f"{outer}!/{part.name}" if outer else part.name
    budget.members += 1
    limits, rank = budget.limits, _Rank(True, False, depth)
    if budget.members > limits.members:
        if budget.members == limits.members + 1:
            reason = f"more than {limits.members:,} files inside; the rest was not read"
            yield Hole(kind=HoleKind.BOUND, reason=reason), outer, rank
        return
    if depth >= limits.depth:
        reason = f"files within files, more than {limits.depth} deep"
        yield Hole(kind=HoleKind.BOUND, reason=reason, size=part.blob.size), name, rank
        return
    yield from _walk(part.blob, name, depth + 1, budget)


def _add(total: _Sum, part: Part, member: str, rank: _Rank, limits: Limits) -> None:
    match part:
        case Hazard():
            if sum(h.level is part.level for h in total.hazards) < limits.hazards:
                total.hazards.append(msgspec.structs.replace(part, member=_joined(member, part.member)))
            else:
                total.more += 1
        case Hole():
            total.holes.append(msgspec.structs.replace(part, member=_joined(member, part.member)))
        case Header():
            total.headers.append((rank, part))
            if rank.depth == 0:
                total.formats.append(part.format)
        case Covered():
            if rank.depth == 0:
                total.interpreted += part.interpreted
                total.data += part.data
        case _:
            raise TypeError(f"an inspector yielded {type(part).__name__}")


def _joined(outer: str, inner: str) -> str:
    return f"{outer}!/{inner}" if outer and inner else outer or inner


def _header(total: _Sum) -> Header | None:
    """That of the outermost format that is no mere carrier and no pretence; else what there is.

    What the pickles inside would import is told of the whole file.
    """
    if not total.headers:
        return None
    header = min(total.headers, key=lambda h: h[0])[1]
    told = [dict(h.metadata).get(_GLOBALS, "") for _, h in total.headers]
    names = dict.fromkeys(name for text in told for name in text.split(",") if name)
    if not names or dict(header.metadata).get(_GLOBALS):
        return header
    joined = (_GLOBALS, ",".join(names)[:MAX_NAMES])
    return msgspec.structs.replace(header, metadata=(*header.metadata, joined))
