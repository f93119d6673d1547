"""The conformance statement as blocks of a Word document: summary, principles, appendices. Pure."""

from collections.abc import Iterable, Iterator, Sequence

from assaymark.assess.assessment import Assessment, Evidence, Verdict
from assaymark.report.docx_blocks import Entry, bullets, heading, label, paragraph, table
from assaymark.report.ics_format import IcsRowV1, IcsV1
from assaymark.report.ixit_format import IxitProvisionV1, IxitV1
from assaymark.report.ixit_tables import (
    Table,
    action_table,
    asset_table,
    decision_table,
    limit_table,
    scope_table,
)
from assaymark.report.text import SYMBOLS, counted, outcome_words
from assaymark.report.view import PrincipleGroup, Row, exclusions, groups, rows
from assaymark.report.xlsx_cover import support_rows

__all__ = ["Body"]

_SHOWN = 40
"""Entries listed under one provision; appendix A has all."""
_STATUS = {"M": "mandatory", "R": "recommended", "O": "optional"}


class Body:
    """The document's blocks after the table of contents, and the headings that it lists."""

    def __init__(self, a: Assessment, ics: IcsV1, ixit: IxitV1) -> None:
        self.entries: list[Entry] = []
        self._rows = rows(a)
        self._ics = {r.id: r for r in ics.rows}
        self._obligations: dict[str, list[IcsRowV1]] = {}
        for r in ics.rows:
            if r.kind == "obligation":
                self._obligations.setdefault(r.provision, []).append(r)
        self._ixit = {p.id: p for p in ixit.provisions}
        self.xml = "".join((*self._summary(a, ics), *self._principles(), *self._appendices(a, ixit)))

    def _heading(self, level: int, text: str) -> str:
        number = len(self.entries) + 1
        entry = Entry(level, text, f"_Toc{304223000 + number}")
        self.entries.append(entry)
        return heading(entry, number)

    def _summary(self, a: Assessment, ics: IcsV1) -> Iterator[str]:
        yield self._heading(1, "Summary")
        yield paragraph(ics.statement)
        yield bullets(_HOW_TO_READ)
        if a.problems:
            yield label("Read this first")
            yield bullets(a.problems)
        yield label("What may be claimed")
        heads = ("Support", "Provisions", "Obligations")
        yield table(heads, support_rows(ics), (2, 2, 2), "Support, with denominators", labelled=True)
        yield label("Verdicts by principle")
        yield _by_principle(self._rows)
        yield from self._failing()
        yield label("Out of scope, and exclusions that were not followed")
        yield _exclusions(self._rows)

    def _failing(self) -> Iterator[str]:
        yield label("What fails")
        failing = [r for r in self._rows if r.result.verdict is Verdict.FAIL]
        if not failing:
            yield paragraph("Nothing fails. What is not determined is listed under each provision.")
            return
        cells = [
            (r.provision.id, r.result.unmet, r.result.reason, _waiver(self._ics[r.provision.id]))
            for r in failing
        ]
        yield table(("Provision", "Force", "Why", "Waiver"), cells, (2, 1, 7, 3), "Provisions that fail")

    def _principles(self) -> Iterator[str]:
        for phase in groups(self._rows):
            for principle in phase.principles:
                title = f"Principle {principle.number}: {principle.title}"
                yield self._heading(1, title)
                yield paragraph(f"Phase: {phase.phase.value}. {_counts(principle)}.")
                for row in principle.rows:
                    yield from self._provision(row)

    def _provision(self, row: Row) -> Iterator[str]:
        p, r = row.provision, row.result
        yield self._heading(2, f"{p.id}  {SYMBOLS[r.verdict]} {r.verdict.value}")
        yield paragraph(p.summary)
        yield table((), tuple(_facts(row, self._ics[p.id])), (2, 7), f"Facts on {p.id}", labelled=True)
        heads = ("Obligation", "What is asked for", "Status", "Support", "Comment")
        cells = [(o.id, o.text, o.status, o.support, _comment(o)) for o in self._obligations.get(p.id, ())]
        yield table(heads, cells, (15, 26, 10, 14, 35), f"Obligations of {p.id}")
        yield _entries(row.against, "Counter-evidence", p.id)
        yield _entries((*row.support, *row.other), "Evidence", p.id)
        if not (row.against or row.support or row.other):
            yield paragraph("No check and no person has spoken to it.")
        if r.moves:
            yield label("What would move the verdict") + bullets(r.moves)
        yield _questions(self._ixit[p.id])

    def _appendices(self, a: Assessment, ixit: IxitV1) -> Iterator[str]:
        yield self._heading(1, "Appendix A: every entry of evidence")
        yield paragraph(f"{counted(len(a.evidence), 'entry', 'entries')} of the ledger, by number.")
        heads = ("Entry", "Source", "Outcome", "What was seen or said", "Leaf hash, dates")
        cells = [_recorded(e) for e in a.evidence]
        yield table(heads, cells, (9, 24, 14, 25, 32), "Every entry of evidence") if cells else ""
        for letter, (title, part, columns) in zip("BCDEF", _appendices(a, ixit, self._rows), strict=True):
            yield self._heading(1, f"Appendix {letter}: {title}")
            yield paragraph(
                f"{counted(len(part.rows), 'row')}. A row: {part.about[0].lower()}{part.about[1:]}"
            )
            if part.rows:
                yield _part(part, columns)


_HOW_TO_READ = (
    "Status: M mandatory (shall), R recommended (should), O optional (may); C: only under its condition.",
    "Support: Y only on fresh evidence for it and none against it; what nobody showed is not determined.",
    "Freshness says whether evidence still describes the system; it is apart from the verdict.",
    "A number with # is an entry of the ledger; appendix A gives the leaf hash that proves it is there.",
    "Requirements are in our own words. Thresholds are ours, not the standard's: see appendix F.",
)

Columns = Sequence[tuple[str, int]]


def _appendices(
    a: Assessment, ixit: IxitV1, every: tuple[Row, ...]
) -> tuple[tuple[str, Table, Columns], ...]:
    """Title, table, and which of its columns with what share of the width."""
    return (
        (
            "assets",
            asset_table(ixit),
            (("Kind", 15), ("Name", 22), ("Place", 25), ("Version", 12), ("SHA-256", 18), ("Note", 18)),
        ),
        (
            "circumstances that decide the scope",
            scope_table(ixit),
            (
                ("Circumstance", 18),
                ("Whether …", 32),
                ("Owner states", 12),
                ("Reason", 18),
                ("Seen to hold at", 24),
            ),
        ),
        (
            "action plan",
            action_table(every),
            (
                ("No", 6),
                ("What to do", 46),
                ("Force", 9),
                ("Now failing", 12),
                ("Now open", 12),
                ("Owner", 11),
                ("Until", 10),
            ),
        ),
        (
            "waivers and accepted risks",
            decision_table(a),
            (
                ("Kind", 12),
                ("Id", 12),
                ("What", 24),
                ("Reason", 24),
                ("Owner", 12),
                ("Until", 12),
                ("Counts", 12),
            ),
        ),
        (
            "thresholds and limits",
            limit_table(a),
            (("Kind", 16), ("What", 28), ("Value", 14), ("Meaning", 46)),
        ),
    )


def _part(whole: Table, columns: Columns) -> str:
    """Some columns of `whole`."""
    titles = [c.title for c in whole.columns]
    places = [titles.index(title) for title, _ in columns]
    cells = [
        [f"{row[n]:,}" if isinstance(row[n], int) else str(row[n]) for n in places] for row in whole.rows
    ]
    return table([t for t, _ in columns], cells, [share for _, share in columns], whole.about)


def _by_principle(every: tuple[Row, ...]) -> str:
    cells = [
        (f"{g.number} {g.title}", *(str(n) for _, n in g.tally.parts), str(g.tally.total))
        for phase in groups(every)
        for g in phase.principles
    ]
    heads = ("Principle", *(f"{SYMBOLS[v]} {v.value}" for v in _VERDICTS), "of")
    return table(heads, cells, (40, 10, 16, 10, 17, 6), "Verdicts by principle", labelled=True)


_VERDICTS = (Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.PASS, Verdict.NOT_APPLICABLE)


def _counts(group: PrincipleGroup) -> str:
    parts = ", ".join(f"{number} {verdict.value}" for verdict, number in group.tally.parts if number)
    return f"{counted(group.tally.total, 'provision')}: {parts}"


def _exclusions(every: tuple[Row, ...]) -> str:
    found = exclusions(every)
    if not found:
        return paragraph("Everything is in scope.")
    cells = [(x.id, x.summary, x.reason, x.decided_by, x.contradicted) for x in found]
    heads = ("Id", "What", "Reason", "Decided by", "Found against it")
    return table(heads, cells, (14, 28, 28, 16, 16), "Exclusions with reasons and who decided")


def _facts(row: Row, ics: IcsRowV1) -> Iterator[tuple[str, str]]:
    p, r = row.provision, row.result
    letter, _, conditional = ics.status.partition(" ")
    applies = "yes" if ics.applies else "no"
    yield "Status", f"{ics.status}: {_STATUS[letter]} ({p.force}){', conditional' if conditional else ''}"
    yield "Condition", ics.condition
    yield "Addressed to", ", ".join(p.actors)
    yield "Applies", f"{applies}. {ics.reason} Decided by: {ics.decided_by}"
    if ics.contradicted:
        yield "Found against", ics.contradicted
    yield "Support", ics.support
    yield "Verdict", r.verdict.value
    yield "Comment", r.reason
    yield "Freshness, basis", f"{r.freshness.value}; {r.basis}"
    if ics.waiver:
        yield "Waiver", _waiver(ics)
    yield "Also known as", f"{p.ts_id} in TS 104 223, {p.cop_id} in the UK Code of Practice"


def _comment(o: IcsRowV1) -> str:
    if not o.applies:
        return f"Does not apply: {o.reason} Decided by: {o.decided_by}"
    cited = [f"for or neutral: {_numbers(o.evidence)}"] if o.evidence else []
    cited += [f"against: {_numbers(o.counter_evidence)}"] if o.counter_evidence else []
    return o.comment + (f"\n{'; '.join(cited)}" if cited else "")


def _numbers(indices: Iterable[int]) -> str:
    return ", ".join(f"#{i}" for i in indices)


def _waiver(ics: IcsRowV1) -> str:
    w = ics.waiver
    return f"{w.owner}, until {w.until}: {w.reason} It changes no verdict." if w else ""


def _entries(entries: Sequence[Evidence], title: str, provision: str) -> str:
    if not entries:
        return ""
    more = f" ({len(entries) - _SHOWN:,} more in appendix A)" if len(entries) > _SHOWN else ""
    heads = ("Entry", "Source", "Outcome", "What was seen or said", "Where", "Freshness")
    cells = [_entry(e) for e in entries[:_SHOWN]]
    about = f"{title} on {provision}"
    return label(title + more) + table(heads, cells, (9, 26, 14, 28, 19, 13), about)


def _entry(e: Evidence) -> tuple[str, ...]:
    o = e.observation
    source = f"{o.check}\n{o.by}, {o.role}" if o.by else o.check
    places = list(dict.fromkeys(str(d.at) for d in o.details if d.at is not None))
    places = places or [s.name for s in o.subjects]
    where = "; ".join(places[:3]) + (f"; {len(places) - 3} more" if len(places) > 3 else "")
    fresh = f"{e.freshness.value}: {e.stale_because}" if e.stale_because else e.freshness.value
    return f"#{e.index}", source, outcome_words(o), o.summary, where, fresh


def _recorded(e: Evidence) -> tuple[str, ...]:
    o = e.observation
    dates = [f"recorded {e.recorded_at}"]
    dates += [f"made on {o.made_on}"] if o.made_on else []
    dates += [f"valid until {o.valid_until}"] if o.valid_until else []
    entry, source, outcome, said, _, fresh = _entry(e)
    return entry, source, f"{outcome}\n{fresh}", said, "\n".join((e.leaf, *dates))


def _questions(information: IxitProvisionV1) -> str:
    if not information.ask:
        return ""
    asked = (f"{a.obligation}: {a.what}" if a.obligation else a.what for a in information.ask)
    accepted = ", ".join(information.accepted)
    last = (f"Accepted as evidence: {accepted}",) if accepted else ()
    return label("Open questions") + bullets((*asked, *last))
