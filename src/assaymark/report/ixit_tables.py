"""An assessment as tables for people who read in a spreadsheet or a text document. Pure.

Cells are plain values: what they look like, and what a file format cannot hold, is the renderer's matter.
"""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from assaymark.assess.assessment import Assessment, Evidence, Verdict
from assaymark.observation import Location, Outcome
from assaymark.report.ics_format import IcsRowV1, IcsV1
from assaymark.report.ixit_format import IxitAssetV1, IxitV1
from assaymark.report.text import outcome_words, printable
from assaymark.report.view import Row, steps

__all__ = [
    "Column",
    "Table",
    "action_table",
    "asset_table",
    "conformance_table",
    "decision_table",
    "evidence_table",
    "limit_table",
    "question_table",
    "scope_table",
]

Cell = str | int

_EVERY = 1_000_000
"""Steps in an action plan: all of them."""


class Column(Struct, frozen=True):
    """A column of a table."""

    title: str
    width: int
    """Characters."""
    to_fill: bool = False
    """Whether people write in it; it comes empty."""


class Table(Struct, frozen=True):
    """A table with a header row."""

    name: str
    about: str
    """What a row is, one sentence."""
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


def conformance_table(ics: IcsV1) -> Table:
    """A row for each provision and each obligation."""
    sources = {r.index: f"{r.source}, {r.by}" if r.by else r.source for r in ics.references}
    columns = (
        Column("Id", 12),
        Column("Kind", 11),
        Column("Status", 8),
        Column("What is asked for (own words)", 48),
        Column("Applies", 8),
        Column("Support", 14),
        Column("Verdict", 14),
        Column("Freshness", 12),
        Column("Comment", 48),
        Column("Evidence (entries)", 36),
        Column("Counter-evidence (entries)", 36),
        Column("What would move it", 60),
        Column("Waiver", 24),
        Column("Basis", 12),
        Column("Condition", 24),
        Column("Why it applies or not", 30),
        Column("Decided by", 20),
        Column("Found against an exclusion", 24),
        Column("Addressed to", 18),
        Column("Principle", 9),
    )
    about = "One provision, or one of its obligations, of the standard."
    return Table("Conformance", about, columns, tuple(_conformance(r, sources) for r in ics.rows))


def _conformance(r: IcsRowV1, sources: dict[int, str]) -> tuple[Cell, ...]:
    waiver = f"{r.waiver.owner} until {r.waiver.until}: {r.waiver.reason}" if r.waiver else ""
    return (
        r.id,
        r.kind,
        r.status,
        r.text,
        "yes" if r.applies else "no",
        r.support,
        r.verdict,
        r.freshness,
        r.comment,
        _lines(f"#{i} {sources[i]}" for i in r.evidence),
        _lines(f"#{i} {sources[i]}" for i in r.counter_evidence),
        _lines(r.moves),
        waiver,
        r.basis,
        r.condition,
        r.reason,
        r.decided_by,
        r.contradicted,
        _lines(r.actors),
        r.principle,
    )


def evidence_table(entries: Iterable[Evidence]) -> Table:
    """A row for each ledger entry used."""
    columns = (
        Column("Entry", 8),
        Column("Leaf hash (RFC 6962)", 20),
        Column("Check, importer or attestation", 30),
        Column("By", 20),
        Column("Role", 16),
        Column("Method", 10),
        Column("Outcome", 18),
        Column("Certainty", 10),
        Column("What was seen or said", 48),
        Column("Places", 40),
        Column("Rests on (SHA-256)", 40),
        Column("Recorded", 20),
        Column("Made on", 12),
        Column("Valid until", 12),
        Column("Freshness", 12),
        Column("Why it is not fresh", 24),
        Column("Speaks to", 22),
        Column("Enough by itself for", 22),
    )
    about = "One entry of the ledger, with where it can be seen and how to find it there."
    return Table("Evidence", about, columns, tuple(map(_evidence, entries)))


def _evidence(e: Evidence) -> tuple[Cell, ...]:
    o = e.observation
    return (
        f"#{e.index}",
        e.leaf,
        o.check,
        o.by,
        o.role,
        o.method.value,
        outcome_words(o),
        o.certainty.value,
        o.summary,
        _lines(dict.fromkeys(str(d.at) for d in o.details if d.at is not None)),
        _lines(f"{s.name} {s.sha256}" for s in o.subjects),
        e.recorded_at,
        o.made_on,
        o.valid_until,
        e.freshness.value,
        e.stale_because,
        _lines(o.obligations),
        _lines(o.decisive),
    )


def asset_table(ixit: IxitV1) -> Table:
    """A row for each asset that was found or that the register names."""
    columns = (
        Column("Kind", 14),
        Column("Name", 34),
        Column("Place", 40),
        Column("Version", 16),
        Column("SHA-256", 20),
        Column("Bytes", 12),
        Column("Pinned", 9),
        Column("Found", 8),
        Column("In register", 11),
        Column("Owner", 18),
        Column("Classification", 14),
        Column("Source", 24),
        Column("Note", 36),
        Column("Seen at", 36),
    )
    rows = tuple(_asset(k.kind, x) for k in ixit.kinds for x in k.assets)
    return Table("Assets", "Something that the system is made of.", columns, rows)


def _asset(kind: str, x: IxitAssetV1) -> tuple[Cell, ...]:
    pinned = "" if x.pinned is None else "yes" if x.pinned else "no"
    return (
        kind,
        x.name,
        x.location,
        x.version,
        x.sha256,
        x.size or "",
        pinned,
        "yes" if x.found else "no",
        "yes" if x.declared else "no",
        x.owner,
        x.classification,
        x.source,
        x.note,
        _lines(str(Location(at.path, at.line)) for at in x.seen_at),
    )


def question_table(ixit: IxitV1) -> Table:
    """A row for each thing that a tester must still ask for."""
    columns = (
        Column("Provision", 12),
        Column("Obligation", 14),
        Column("What to ask for", 70),
        Column("Whom", 24),
        Column("Accepted as evidence", 60),
        Column("Answer", 40, to_fill=True),
    )
    rows = tuple(
        (p.id, a.obligation, a.what, _lines(a.whom), _lines(p.accepted), "")
        for p in ixit.provisions
        for a in p.ask
    )
    return Table("Open questions", "Something that is not known and has to be asked for.", columns, rows)


def action_table(every: tuple[Row, ...]) -> Table:
    """A row for each step that would move a verdict, most effective first."""
    columns = (
        Column("No", 6),
        Column("What to do", 90),
        Column("Force", 9),
        Column("Now failing", 18),
        Column("Now open", 18),
        Column("Owner", 20, to_fill=True),
        Column("Until", 14, to_fill=True),
        Column("Effort", 12, to_fill=True),
        Column("State", 14, to_fill=True),
    )
    open_rows = tuple(r for r in every if r.result.verdict in (Verdict.FAIL, Verdict.INCONCLUSIVE))
    forces = {r.provision.id: r.provision.force for r in every}
    rows = tuple(
        (
            number,
            step.text,
            "shall" if any("shall" in forces[i] for i in (*step.failing, *step.open)) else "should",
            _lines(step.failing),
            _lines(step.open),
            *("",) * 4,
        )
        for number, step in enumerate(steps(open_rows, _EVERY), 1)
    )
    return Table("Action plan", "A step that would move verdicts, most effective first.", columns, rows)


def decision_table(a: Assessment) -> Table:
    """A row for each waiver and accepted risk: what somebody decided to live with for a time."""
    columns = (
        Column("Kind", 16),
        Column("Id", 16),
        Column("What", 48),
        Column("Reason", 48),
        Column("Mitigation", 40),
        Column("Owner", 20),
        Column("Until", 12),
        Column("Counts", 9),
    )
    valid = {r.waiver for r in a.results if r.waiver}
    waivers = tuple(
        (
            "waiver",
            w.provision,
            "stops no verdict, only the exit code",
            w.reason,
            "",
            w.owner,
            w.until,
            "yes" if w in valid else "no",
        )
        for w in dict.fromkeys((*a.system.waivers, *(r.waiver for r in a.results if r.waiver)))
    )
    today = a.assessed_at[:10]
    risks = tuple(
        (
            "accepted risk",
            r.id,
            f"{r.component}: {r.risk}" if r.component else r.risk,
            r.reason,
            r.mitigation,
            r.owner,
            r.until,
            "yes" if r.until >= today else "no",
        )
        for r in a.system.accepted_risks
    )
    return Table("Waivers and risks", "A decision to accept something for a time.", columns, waivers + risks)


def scope_table(ixit: IxitV1) -> Table:
    """A row for each circumstance on which provisions depend."""
    columns = (
        Column("Circumstance", 22),
        Column("Whether …", 60),
        Column("Owner states", 14),
        Column("Reason", 48),
        Column("By", 20),
        Column("Seen to hold at", 48),
    )
    said = {None: "nothing", True: "holds", False: "does not hold"}
    rows = tuple(
        (
            c.id,
            c.words,
            said[c.stated],
            c.reason,
            c.by,
            _lines(str(Location(at.path, at.line)) for at in c.seen_at),
        )
        for c in ixit.circumstances
    )
    return Table("Scope", "A circumstance that decides what applies.", columns, rows)


def limit_table(a: Assessment) -> Table:
    """A row for each bound in use, and for each thing that was not or cannot be seen."""
    columns = (Column("Kind", 22), Column("What", 48), Column("Value", 16), Column("Meaning", 90))
    return Table("Thresholds and limits", "A bound of ours, or something unseen.", columns, tuple(_limits(a)))


def _limits(a: Assessment) -> Iterator[tuple[Cell, ...]]:
    yield from (("problem", problem, "", "") for problem in a.problems)
    yield from (("threshold", t.name, t.value, t.meaning) for t in a.thresholds)
    for n in a.not_looked_at:
        yield "not looked at", n.path, f"{n.files} files" if n.files else "not counted", n.reason
    yield from (
        ("left out by the owner", pattern, "", "pattern in the manifest") for pattern in a.system.exclude
    )
    yield from (("blind spot of a check", c.id, f"version {c.version}", c.blind_spots) for c in a.checks)
    errors = (e for e in a.evidence if e.observation.outcome is Outcome.ERROR)
    yield from (
        ("check could not run", e.observation.check, f"#{e.index}", e.observation.summary) for e in errors
    )


def _lines(parts: Iterable[str]) -> str:
    """One part a line; a line end within a part is shown as an escape, so that none can pose as two."""
    return "\n".join(map(printable, parts))
