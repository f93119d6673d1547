"""A scan, what persons said of its patterns, and what a manifest says of origins → the report. Pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal, cast

import msgspec
import numpy as np
from msgspec import Struct

from assaymark.dataset.explanations import Explanation, pattern_digest, standing
from assaymark.dataset.finding import Finding, Level
from assaymark.dataset.record import Place
from assaymark.dataset.scan import DataScan, Looked
from assaymark.observation import digest_of
from assaymark.report.data.document import (
    ColumnEntry,
    DataReport,
    EngineEntry,
    ExampleEntry,
    ExplanationEntry,
    FileEntry,
    FindingEntry,
    HoleEntry,
    PlaceEntry,
    ProvenanceEntry,
    ScoreTable,
    SuspectEntry,
    TestedEntry,
    Tool,
)
from assaymark.report.data.scores import merged_scores, rounded

__all__ = ["Beside", "data_digest", "make_report"]

_MOST_ROWS = 100_000
_MOST_HOLES = 1_000
_MOST_FINDINGS = 1_000
_MOST_EXAMPLES = 12
_LONGEST = 2_000
_SURROGATES = re.compile("[\ud800-\udfff]")
_ORDER = (Level.SUSPECT, Level.EXPLAIN, Level.NOTE)


class Beside(Struct, frozen=True, kw_only=True):
    """What the report says beside the scan."""

    targets: tuple[str, ...]
    made_at: str
    """ISO 8601, UTC."""
    today: date
    version: str
    """Of the tool."""
    digests: Mapping[str, str] = {}
    """Name of a data file → its SHA-256."""
    explanations: tuple[Explanation, ...] = ()
    provenance: ProvenanceEntry | None = None
    tested: tuple[TestedEntry, ...] = ()
    labels: Mapping[int, str] = {}
    """Labels of records that are shown."""
    problems: tuple[str, ...] = ()


def data_digest(scan: DataScan, digests: Mapping[str, str]) -> str:
    """One digest for all files: of their names and contents; of sizes where no content was hashed."""
    files = scan.data.files if scan.data else ()
    return digest_of(
        [[_text(f.name), digests.get(f.name) or f.sha256 or f"{f.bytes} bytes", f.records] for f in files]
    )


def make_report(scan: DataScan, beside: Beside, *, scores: bool = True) -> DataReport:
    """The report in the order in which a person reads it.

    Args:
        scan: what the engines said.
        beside: what else there is to say.
        scores: whether to go over all records; only the JSON holds their scores.
    """
    digest = data_digest(scan, beside.digests)
    findings = _findings(scan, beside, digest)
    return DataReport(
        tool=Tool("assaymark", beside.version),
        made_at=beside.made_at,
        targets=tuple(_text(t) for t in beside.targets),
        verdict=_verdict(findings, scan),
        complete=_read(scan) == scan.total and not scan.holes and not any(e.stopped for e in scan.looked),
        kind=scan.layout.kind.value,
        data_format=scan.layout.format,
        roles=_roles(scan),
        roles_found=scan.layout.roles.found,
        columns=tuple(ColumnEntry(_text(c.name), c.type) for c in scan.layout.columns[:1_000]),
        records=scan.total,
        read=_read(scan),
        flagged=int(scan.flagged.sum()),
        data_digest=digest,
        tested=beside.tested,
        findings=findings,
        suspects=tuple(
            SuspectEntry(at=_place(s.row, s.place), flagged_by=s.flagged_by, scores=_short(s.scores))
            for s in scan.suspects
        ),
        engines=tuple(_engine(e, suits=scan.layout.kind in e.info.kinds) for e in scan.looked),
        holes=tuple(
            HoleEntry(file=_text(h.place.file), line=h.place.row, reason=_text(h.reason), records=h.records)
            for h in scan.holes[:_MOST_HOLES]
        ),
        notes=tuple(_text(n) for n in (*beside.problems, *scan.notes)),
        provenance=beside.provenance,
        files=_files(scan, beside),
        unread=_ranges(scan),
        scores=_scores(scan) if scores else None,
    )


def _read(scan: DataScan) -> int:
    """Records that were read, now or by the earlier scans whose state was added to."""
    return scan.earlier + int((scan.rows >= scan.earlier).sum())


def _verdict(
    findings: Sequence[FindingEntry], scan: DataScan
) -> Literal["suspect", "to explain", "clean", "nothing looked"]:
    open_levels = {f.level for f in findings if not f.explained}
    if "suspect" in open_levels:
        return "suspect"
    if "to explain" in open_levels:
        return "to explain"
    return "clean" if any(e.result for e in scan.looked) else "nothing looked"


def _findings(scan: DataScan, beside: Beside, digest: str) -> tuple[FindingEntry, ...]:
    ordered = sorted(scan.findings, key=lambda f: _ORDER.index(f.level))[:_MOST_FINDINGS]
    return tuple(_finding(n, f, scan, beside, digest) for n, f in enumerate(ordered, 1))


def _finding(number: int, one: Finding, scan: DataScan, beside: Beside, digest: str) -> FindingEntry:
    digest_ = pattern_digest(one)
    said = standing(beside.explanations, one, data=digest, records=scan.total, today=beside.today)
    return FindingEntry(
        number=number,
        id=digest_[:12],
        digest=digest_,
        engine=one.engine,
        level=one.level.value,
        pattern=_text(one.pattern),
        trigger={_text(k): _text(v, 200_000) for k, v in one.trigger.items()},
        where=_text(one.where),
        count=one.count,
        label=_text(one.label),
        purity=_share(one.purity),
        expected=_share(one.expected),
        score=_number(one.score),
        threshold=_number(one.threshold),
        false_alarms=None if one.false_alarms is None else _number(one.false_alarms),
        summary=_text(one.summary),
        rows=one.rows[:_MOST_ROWS],
        examples=tuple(
            ExampleEntry(
                at=_at(scan, e.row),
                label=_text(beside.labels.get(e.row, "")),
                text=_text(e.text),
                spans=_spans(e.text, e.spans, one.trigger.get("text", "")),
            )
            for e in one.examples[:_MOST_EXAMPLES]
        ),
        explanation=None
        if said is None
        else ExplanationEntry(
            owner=said.explanation.owner, reason=said.explanation.reason, on=said.explanation.on,
            until=said.explanation.until, counts=said.counts, why_not=said.note,
        ),
    )  # fmt: skip


def _engine(one: Looked, *, suits: bool) -> EngineEntry:
    state: Literal["looked", "stayed out", "stopped"] = "looked" if one.result else "stayed out"
    return EngineEntry(
        id=one.info.id,
        version=one.info.version,
        state="stopped" if one.stopped else state,
        reason=_text(one.reason),
        looks_for=one.info.looks_for,
        misses=one.info.misses,
        looked_at=one.result.looked_at if one.result else 0,
        flagged=int(one.result.flagged.sum()) if one.result else 0,
        seconds=round(one.seconds, 3),
        notes=tuple(_text(n) for n in one.result.notes) if one.result else (),
        suits=suits,
    )


def _files(scan: DataScan, beside: Beside) -> tuple[FileEntry, ...]:
    shards = scan.data.shards() if scan.data else ()
    forms = {s.sources[0].name: s.form for s in shards}
    lines = {n: 1 + f.header for n, f in forms.items() if f.format in ("csv", "jsonl")}
    return tuple(
        FileEntry(
            name=_text(f.name),
            bytes=f.bytes,
            sha256=beside.digests.get(f.name) or f.sha256,
            first=f.first + scan.earlier,
            records=f.records,
            first_line=lines.get(f.name, 0),
        )
        for f in (scan.data.files if scan.data else ())
    )


def _roles(scan: DataScan) -> dict[str, str]:
    found: dict[str, object] = msgspec.to_builtins(scan.layout.roles)
    return {name: _text(column) for name, column in found.items() if isinstance(column, str) and column}


def _ranges(scan: DataScan) -> tuple[tuple[int, int], ...]:
    """Numbers that are not among those read, as ranges; those of earlier scans were read then."""
    edges = np.concatenate(([scan.earlier - 1], scan.rows[scan.rows >= scan.earlier], [scan.total]))
    gaps = np.flatnonzero(np.diff(edges) > 1)
    return tuple((int(edges[g]) + 1, int(edges[g + 1])) for g in gaps)


def _scores(scan: DataScan) -> ScoreTable:
    results = [e.result for e in scan.looked if e.result]
    engines = {r.engine: cast("Sequence[float]", r.scores) for r in results}
    return ScoreTable(merged=cast("Sequence[float]", merged_scores(results, scan.total)), engines=engines)


def _at(scan: DataScan, row: int) -> PlaceEntry:
    """Where a record stands; one of an earlier scan, whose state was added to, has no place any more."""
    here = scan.data is not None and row >= scan.earlier
    return _place(row, scan.data.place(row - scan.earlier) if scan.data and here else Place("", 0))


def _place(row: int, place: Place) -> PlaceEntry:
    return PlaceEntry(row, _text(place.file), place.row)


def _spans(text: str, spans: Sequence[tuple[int, int]], whole: str) -> tuple[tuple[int, int], ...]:
    """Those within the text that is kept, in order, without overlaps; each the whole trigger if it can."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(_widened(text, span, whole) for span in spans):
        start, end = max(0, start, found[-1][1] if found else 0), min(end, len(text), _LONGEST)
        if start < end:
            found.append((start, end))
    return tuple(found)


def _widened(text: str, span: tuple[int, int], whole: str) -> tuple[int, int]:
    """The trigger around a piece of it: engines find a long phrase by a few of its words."""
    start, end = span
    size = len(whole)
    if not 0 <= start < end <= len(text) or size <= end - start or size > _LONGEST:
        return span
    low = max(0, end - size)
    at = text[low : start + size].casefold().find(whole.casefold())
    # Folded text may be longer than what it was; then the place is another one, and the piece is shown.
    fits = at >= 0 and text[low + at : low + at + size].casefold() == whole.casefold()
    return (low + at, low + at + size) if fits else span


def _text(text: str, longest: int = _LONGEST) -> str:
    """`text` without lone surrogates, which no JSON holds, character for character; bounded."""
    kept = text[:longest]
    return _SURROGATES.sub("\ufffd", kept) if not kept.isascii() else kept


def _share(value: float | None) -> float | None:
    return None if value is None else _number(value)


def _number(value: float) -> float:
    return rounded(np.array([value]))[0] if np.isfinite(value) else 0.0


def _short(scores: Mapping[str, float]) -> dict[str, float]:
    return dict(zip(scores, rounded(np.array(list(scores.values()), np.float64)), strict=True))
