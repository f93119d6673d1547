"""The report as plain text: readable at 80 columns, without colour, and by a screen reader."""

from collections.abc import Iterable, Iterator

import click
from msgspec import Struct

from assaymark.assess.assessment import Assessment, Evidence, Freshness, Verdict
from assaymark.observation import Detail, Outcome
from assaymark.report.text import (
    FRESHNESS_WORDS,
    SYMBOLS,
    counted,
    cut_middle,
    outcome_words,
    printable,
    share,
    wrap,
)
from assaymark.report.view import (
    OpenKind,
    PrincipleGroup,
    Row,
    assets_by_kind,
    exclusions,
    groups,
    is_open_counter,
    kind_words,
    open_kind,
    open_kinds,
    rows,
    selected,
    steps,
    tally,
)
from assaymark.standard.provision import Phase

__all__ = ["render_terminal"]

_COLOURS = {
    Verdict.FAIL: "red",
    Verdict.INCONCLUSIVE: "yellow",
    Verdict.PASS: "green",
    Verdict.NOT_APPLICABLE: "bright_black",
}
_WORDS = {
    Verdict.FAIL: "fail",
    Verdict.INCONCLUSIVE: "inconclusive",
    Verdict.PASS: "pass",
    Verdict.NOT_APPLICABLE: "not applicable",
}
_MANY = 10_000
"""Stands for `all` where everything was asked for."""


class _Page(Struct, frozen=True):
    """How to set the text."""

    width: int
    colour: bool
    places: int
    """Located statements shown under one piece of evidence."""
    verbose: bool

    def style(self, text: str, colour: str = "", *, bold: bool = False) -> str:
        """`text` in a colour, where colour is wanted."""
        return click.style(text, fg=colour or None, bold=bold or None) if self.colour else text

    def heading(self, text: str) -> Iterator[str]:
        """A section's heading after an empty line."""
        yield ""
        for line in self.paragraph(text.upper()):
            yield self.style(line, bold=True)

    def paragraph(self, text: str, first: str = "", rest: str | None = None) -> Iterator[str]:
        """Wrapped lines of text that may come from anywhere."""
        safe = printable(text if self.verbose else cut_middle(text, 600))
        return wrap(safe, self.width, first, " " * len(first) if rest is None else rest)

    def line(self, text: str, first: str = "") -> str:
        """One line, cut at the end if it is too long."""
        safe = printable(cut_middle(text, 600))
        whole, *further = wrap(safe, self.width, first)
        return f"{next(wrap(safe, self.width - 2, first))} …" if further else whole


def render_terminal(
    assessment: Assessment,
    *,
    width: int = 80,
    colour: bool = False,
    limit: int | None = None,
    phase: Phase | None = None,
    role: str | None = None,
    verbose: bool = False,
) -> str:
    """The whole report as text that ends with a line end.

    Args:
        assessment: what to print.
        width: columns of the terminal; less than 40 is treated as 40.
        colour: whether to add colour; every statement also reads without it.
        limit: located statements under one piece of evidence (3, or all if `verbose`).
        phase: list only this phase's provisions; counts and headline stay whole.
        role: list only provisions with this actor.
        verbose: obligations, all evidence and every list in full.
    """
    default = _MANY if verbose else 3
    page = _Page(max(40, width), colour, default if limit is None else limit, verbose)
    every = rows(assessment)
    shown = selected(every, phase=phase, role=role)
    parts: tuple[Iterable[str], ...] = (
        _headline(page, assessment, every),
        _problems(page, assessment),
        _found(page, assessment),
        _counts(page, every),
        _provisions(page, every, shown, phase, role),
        _steps(page, shown),
        _changes(page, assessment),
        _exclusions(page, every),
        _not_looked_at(page, assessment),
        _thresholds(page, assessment),
    )
    return "\n".join(line for part in parts for line in part) + "\n"


def _headline(page: _Page, a: Assessment, every: tuple[Row, ...]) -> Iterator[str]:
    t = tally(r.result for r in every)
    for line in page.paragraph(a.system.name):
        yield page.style(line, bold=True)
    yield from page.paragraph(f"Self-assessment against ETSI {a.edition}, {a.assessed_at}")
    commit = f", commit {a.commit[:12]}" if a.commit else ""
    yield from page.paragraph(f"{counted(a.files, 'file')} in {a.root}{commit}; assaymark {a.tool_version}")
    yield ""
    yield from page.paragraph(
        f"Of {t.total} provisions {t.applicable} apply: {t.failed} fail, {t.inconclusive} are inconclusive, "
        f"{t.passed} pass. {t.not_applicable} {'does' if t.not_applicable == 1 else 'do'} not apply."
    )
    if t.inconclusive:
        kinds = "; ".join(f"{kind}: {n}" for kind, n in open_kinds(every))
        meaning = f"Inconclusive is never a pass; the evidence does not settle it ({kinds})."
        yield from page.paragraph(meaning)


def _problems(page: _Page, a: Assessment) -> Iterator[str]:
    if not a.problems:
        return
    yield from page.heading("Know this first")
    for problem in a.problems:
        yield from page.paragraph(problem, "  ! ", "    ")


def _found(page: _Page, a: Assessment) -> Iterator[str]:
    yield from page.heading("What was found")
    if not a.assets:
        none = "No assets: no model, data, prompt, service or dependency was recognised."
        yield from page.paragraph(none, "  ")
        return
    names = {asset.id: asset.name for asset in a.assets}
    for kind, assets in assets_by_kind(a):
        some = _MANY if page.verbose else 4
        listed = ", ".join(cut_middle(x.name, 200 if page.verbose else 40) for x in assets[:some])
        more = f", and {len(assets) - some:,} more" if len(assets) > some else ""
        yield from page.paragraph(f"{kind_words(kind, len(assets))}: {listed}{more}", "  ", "    ")
    if a.edges:
        yield from page.paragraph(f"How they hang together ({counted(len(a.edges), 'relation')}):", "  ")
        yield from _relations(page, a, names)


def _relations(page: _Page, a: Assessment, names: dict[str, str]) -> Iterator[str]:
    by_source: dict[str, dict[str, list[str]]] = {}
    for edge in a.edges:
        targets = by_source.setdefault(edge.source, {}).setdefault(edge.relation.value, [])
        targets.append(cut_middle(names.get(edge.target, edge.target), 30))
    ranked = sorted(by_source, key=lambda s: (-sum(map(len, by_source[s].values())), s))
    some = _MANY if page.verbose else 5
    for source in ranked[:some]:
        said = "; ".join(f"{how} {_some(what, some)}" for how, what in by_source[source].items())
        yield from page.paragraph(f"{cut_middle(names.get(source, source), 40)} {said}", "    ", "      ")
    if len(ranked) > some:
        yield f"    and {len(ranked) - some:,} more sources of relations"


def _some(names: list[str], limit: int) -> str:
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more


def _counts(page: _Page, every: tuple[Row, ...]) -> Iterator[str]:
    yield from page.heading(f"Verdicts by principle ({len(every)} provisions)")
    signs = ", ".join(f"{SYMBOLS[v]} {_WORDS[v]}" for v in _WORDS)
    yield from page.paragraph(f"One sign a provision: {signs}", "  ")
    for group in groups(every):
        yield page.style(f"  {group.phase.value.capitalize()}", bold=True)
        for principle in group.principles:
            yield from _bar(page, principle)
    t = tally(r.result for r in every)
    total = f"All {t.total}: {_numbers(t.parts)}. Pass: {share(t.passed, t.applicable)} that apply."
    yield from page.paragraph(total, "  ")


def _bar(page: _Page, principle: PrincipleGroup) -> Iterator[str]:
    t = principle.tally
    bar = "".join(page.style(SYMBOLS[v] * n, _COLOURS[v]) for v, n in t.parts)
    gap = " " * max(0, 9 - t.total)
    yield page.line(principle.title, f"  {principle.number:2} ")
    numbers = f"{_numbers((v, n) for v, n in t.parts if n)}, of {t.total}"
    first, *more = page.paragraph(numbers, " " * (7 + t.total + len(gap)))
    yield f"     {bar}{gap}  {first.lstrip()}"
    yield from more


def _numbers(parts: Iterable[tuple[Verdict, int]]) -> str:
    return ", ".join(f"{n} {_WORDS[v]}" for v, n in parts)


def _provisions(
    page: _Page, every: tuple[Row, ...], shown: tuple[Row, ...], phase: Phase | None, role: str | None
) -> Iterator[str]:
    yield from page.heading("Provision by provision")
    if len(shown) != len(every):
        chosen = " and ".join(x for x in (phase and f"phase {phase.value}", role and f"actor {role}") if x)
        yield from page.paragraph(f"Listed: {chosen}, {len(shown)} of {len(every)} provisions.", "  ")
    for group in groups(shown):
        for principle in group.principles:
            yield ""
            title = f"{group.phase.value.capitalize()} · {principle.number} {principle.title}"
            for line in page.paragraph(title, "  "):
                yield page.style(line, bold=True)
            for row in principle.rows:
                yield from _row(page, row)
    if any(open_kind(r) is OpenKind.SILENT for r in shown if r.result.verdict is Verdict.INCONCLUSIVE):
        yield ""
        text = (
            f"Where it says “{OpenKind.SILENT}”: `assaymark explain ID` tells what would show it, "
            "`assaymark attest ID` records a statement by a named person."
        )
        yield from page.paragraph(text, "  ")


def _row(page: _Page, row: Row) -> Iterator[str]:
    r, p = row.result, row.provision
    label = f"  {SYMBOLS[r.verdict]} {r.id:<9} {_WORDS[r.verdict]}"
    styled = page.style(label, _COLOURS[r.verdict], bold=r.verdict is Verdict.FAIL)
    full = r.verdict is Verdict.FAIL or page.verbose
    if full:
        addressed = f"{p.force.replace('+', ' and ')} · {', '.join(p.actors)}"
        first, *more = page.paragraph(addressed, f"{label} · ", "      ")
        yield styled + first[len(label) :]
        yield from more
        yield from page.paragraph(p.summary, "      ")
        yield from page.paragraph(f"Why: {r.reason}", "      ")
        yield from _state(page, row)
        yield from _evidence(page, row)
        yield from _moves(page, r.moves if page.verbose else r.moves[:3])
        return
    aged = f" ({r.freshness.value})" if r.freshness in (Freshness.STALE, Freshness.EXPIRED) else ""
    if r.verdict is Verdict.INCONCLUSIVE:
        force = p.force.replace("+", " and ")
        yield styled + page.line(f"{force} · {open_kind(row)}{aged}", f"{label} · ")[len(label) :]
        yield from _open(page, row)
    else:
        about = r.reason if r.verdict is Verdict.NOT_APPLICABLE else p.summary
        yield styled + page.line(f"{about}", f"{label}{aged} · ")[len(label) :]


def _open(page: _Page, row: Row) -> Iterator[str]:
    """An inconclusive provision in short: what it asks, what was seen, and the next step.

    Where nobody has looked, reason and step are the same for all and stand under the list.
    """
    yield page.line(row.provision.summary, "      ")
    kind = open_kind(row)
    if kind is OpenKind.JUDGE:
        seen = next(e.observation for e in (*row.against, *row.support, *row.other) if is_open_counter(e))
        place = next((f" ({_place(d, page)})" for d in seen.details if d.at), "")
        yield from page.paragraph(f"Seen: {seen.summary}{place}", "      ")
    elif kind is not OpenKind.SILENT:
        yield page.line(row.result.reason, "      ")
    if row.result.moves and kind is not OpenKind.SILENT:
        yield page.line(f"→ {row.result.moves[0]}", "      ")


def _state(page: _Page, row: Row) -> Iterator[str]:
    r = row.result
    if r.waiver:
        w = r.waiver
        text = f"Waived until {w.until} by {w.owner}: {w.reason} The verdict stays."
        yield from page.paragraph(text, "      ")
    if r.freshness in (Freshness.STALE, Freshness.EXPIRED):
        yield from page.paragraph(f"Evidence is {FRESHNESS_WORDS[r.freshness]}.", "      ")
    if r.applicability.contradicted:
        text = f"Declared out of scope, not followed: {r.applicability.contradicted}"
        yield from page.paragraph(text, "      ")
    if page.verbose:
        a = r.applicability
        scope = "Applies" if a.applies else "Does not apply"
        yield from page.paragraph(f"{scope}: {a.reason} ({a.decided_by})", "      ")
        for o in r.obligations:
            said = f"{SYMBOLS[o.verdict]} {o.id} {o.force}: {o.text} {o.reason}"
            yield from page.paragraph(said, "      ", "        ")


def _evidence(page: _Page, row: Row) -> Iterator[str]:
    for title, entries in (("Against", row.against), ("For", row.support), ("Also seen", row.other)):
        if entries and (page.verbose or title == "Against"):
            yield f"      {title}:"
            for entry in entries:
                yield from _entry(page, entry)
    left = len(row.support) + len(row.other)
    if left and not page.verbose:
        text = f"{counted(left, 'further piece')} of evidence: --verbose, or the HTML report"
        yield from page.paragraph(text, "      ")


def _entry(page: _Page, entry: Evidence) -> Iterator[str]:
    o = entry.observation
    by = f"{o.by}, {o.role}, {o.made_on}" if o.by else o.check
    aged = f"; {entry.freshness.value}: {entry.stale_because}" if entry.stale_because else ""
    words = f"{outcome_words(o)}, entry {entry.index}{aged}"
    yield from page.paragraph(f"{o.summary} [{by}; {words}]", "      - ", "        ")
    for d in o.details[: page.places]:
        place = f"{_place(d, page)}: " if d.at else ""
        yield from page.paragraph(f"{place}{d.message}", "          ", "            ")
    if len(o.details) > page.places:
        yield f"          and {counted(len(o.details) - page.places, 'more place')}"
    if o.fix and o.outcome is not Outcome.MET and page.verbose:
        yield from page.paragraph(f"Fix: {o.fix}", "          ")


def _place(detail: Detail, page: _Page) -> str:
    place = str(detail.at)
    return place if page.verbose else cut_middle(place, 120)


def _moves(page: _Page, moves: tuple[str, ...]) -> Iterator[str]:
    for move in moves:
        yield from page.paragraph(f"→ {move}", "      ", "        ")


def _steps(page: _Page, shown: tuple[Row, ...]) -> Iterator[str]:
    found = steps(shown, _MANY if page.verbose else 5)
    if not found:
        return
    yield from page.heading("What would change most")
    for number, step in enumerate(found, 1):
        yield from page.paragraph(step.text, f" {number:2}. ", "     ")
        moved = (("failing", step.failing), ("inconclusive", step.open))
        said = "; ".join(f"{len(ids)} {word}: {_some(list(ids), 6)}" for word, ids in moved if ids)
        if said:
            yield from page.paragraph(f"speaks to {said}", "     ")


def _changes(page: _Page, a: Assessment) -> Iterator[str]:
    if a.changes is None:
        return
    yield from page.heading(f"Changes since {printable(cut_middle(a.since, 60)) or 'the earlier assessment'}")
    if not a.changes:
        yield "  No verdict changed."
    for c in a.changes:
        text = f"{c.kind}: {c.provision} {c.before} → {c.after}. {c.because}"
        yield from page.paragraph(text, "  ", "    ")


def _exclusions(page: _Page, every: tuple[Row, ...]) -> Iterator[str]:
    found = exclusions(every)
    yield from page.heading("Out of scope (implementation conformance statement)")
    if not found:
        yield from page.paragraph("Nothing: every provision is taken to apply.", "  ")
    by_reason: dict[tuple[str, str, str], list[str]] = {}
    for x in found:
        by_reason.setdefault((x.reason, x.decided_by, x.contradicted), []).append(x.id)
    for (reason, decided_by, contradicted), ids in by_reason.items():
        refused = f" Not followed: {contradicted}" if contradicted else ""
        text = f"{', '.join(ids)}: {reason} (decided by {decided_by}){refused}"
        yield from page.paragraph(text, "  ", "    ")


def _not_looked_at(page: _Page, a: Assessment) -> Iterator[str]:
    yield from page.heading("Not looked at")
    if not a.not_looked_at:
        yield "  Nothing was left out."
    some = _MANY if page.verbose else 8
    for n in a.not_looked_at[:some]:
        files = "files not counted" if n.files == 0 else counted(n.files, "file")
        path = n.path if page.verbose else cut_middle(n.path, 120)
        yield from page.paragraph(f"{path} ({files}): {n.reason}", "  ", "    ")
    if len(a.not_looked_at) > some:
        more = len(a.not_looked_at) - some
        yield from page.paragraph(f"and {more:,} more: --verbose, or the HTML report", "  ")


def _thresholds(page: _Page, a: Assessment) -> Iterator[str]:
    if not a.thresholds:
        return
    yield from page.heading("Thresholds (ours, not the standard's)")
    for t in a.thresholds:
        yield from page.paragraph(f"{t.name}: {t.value}; {t.meaning}", "  ", "    ")
