"""The report as plain text: readable at 80 columns, without colour, and by a screen reader."""

from collections.abc import Iterable, Iterator

from assaymark.assess.assessment import Assessment, Verdict
from assaymark.report.page import COLOURS, MANY, Page
from assaymark.report.terminal_provision import provision_lines
from assaymark.report.text import (
    SYMBOLS,
    counted,
    cut_middle,
    printable,
    share,
)
from assaymark.report.view import (
    OpenKind,
    PrincipleGroup,
    Row,
    assets_by_kind,
    exclusions,
    groups,
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

_ALIKE = 4
"""So many sources that say the same share a line."""


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
    default = MANY if verbose else 3
    page = Page(max(40, width), colour, default if limit is None else limit, verbose)
    every = rows(assessment)
    shown = selected(every, phase=phase, role=role)
    parts: tuple[Iterable[str], ...] = (
        _headline(page, assessment, every),
        _problems(page, assessment),
        _found(page, assessment),
        _counts(page, every),
        _provisions(page, every, shown, phase, role),
        _exclusions(page, every),
        _not_looked_at(page, assessment),
        _thresholds(page, assessment),
        # Last, because a terminal shows its end: what changed, and what to do next.
        _changes(page, assessment),
        _steps(page, shown),
    )
    return "\n".join(line for part in parts for line in part) + "\n"


def _headline(page: Page, a: Assessment, every: tuple[Row, ...]) -> Iterator[str]:
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
        kinds = ", ".join(f"{kind} ({n})" for kind, n in open_kinds(every))
        meaning = f"Inconclusive is never a pass; the evidence does not settle it. What there is: {kinds}."
        yield from page.paragraph(meaning)


def _problems(page: Page, a: Assessment) -> Iterator[str]:
    if not a.problems:
        return
    yield from page.heading("Know this first")
    for problem in a.problems:
        yield from page.paragraph(problem, "  ! ", "    ")


def _found(page: Page, a: Assessment) -> Iterator[str]:
    yield from page.heading("What was found")
    if not a.assets:
        none = "No assets: no model, data, prompt, service or dependency was recognised."
        yield from page.paragraph(none, "  ")
        return
    names = {asset.id: asset.name for asset in a.assets}
    for kind, assets in assets_by_kind(a):
        some = MANY if page.verbose else 4
        listed = ", ".join(cut_middle(x.name, 200 if page.verbose else 40) for x in assets[:some])
        more = f", and {len(assets) - some:,} more" if len(assets) > some else ""
        yield from page.paragraph(f"{kind_words(kind, len(assets))}: {listed}{more}", "  ", "    ")
    if a.edges:
        yield from page.paragraph(f"How they hang together ({counted(len(a.edges), 'relation')}):", "  ")
        yield from _relations(page, a, names)


def _relations(page: Page, a: Assessment, names: dict[str, str]) -> Iterator[str]:
    by_source: dict[str, dict[str, list[str]]] = {}
    for edge in a.edges:
        targets = by_source.setdefault(edge.source, {}).setdefault(edge.relation.value, [])
        targets.append(cut_middle(names.get(edge.target, edge.target), 30))
    ranked = sorted(by_source, key=lambda s: (-sum(map(len, by_source[s].values())), s))
    some = MANY if page.verbose else 5
    groups: dict[str, list[str]] = {}
    for source in ranked:
        said = "; ".join(f"{how} {_some(what, some)}" for how, what in by_source[source].items())
        groups.setdefault(said, []).append(cut_middle(names.get(source, source), 40))
    lines = [line for said, sources in groups.items() for line in _said_by(sources, said)]
    for line in lines[:some]:
        yield from page.paragraph(line, "    ", "      ")
    if len(lines) > some:
        yield f"    and {len(lines) - some:,} more sources of relations"


def _said_by(sources: list[str], said: str) -> list[str]:
    """One line for each source, or one for all where many say the same."""
    if len(sources) < _ALIKE:
        return [f"{source} {said}" for source in sources]
    return [f"{len(sources)} sources ({_some(sources, 3)}): each {said}"]


def _some(names: list[str], limit: int) -> str:
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more


def _counts(page: Page, every: tuple[Row, ...]) -> Iterator[str]:
    yield from page.heading(f"Verdicts by principle ({len(every)} provisions)")
    signs = ", ".join(f"{SYMBOLS[v]} {v.value}" for v in COLOURS)
    yield from page.paragraph(f"One sign a provision: {signs}", "  ")
    for group in groups(every):
        yield page.style(f"  {group.phase.value.capitalize()}", bold=True)
        for principle in group.principles:
            yield from _bar(page, principle)
    t = tally(r.result for r in every)
    total = f"All {t.total}: {_numbers(t.parts)}. Pass: {share(t.passed, t.applicable)} that apply."
    yield from page.paragraph(total, "  ")


def _bar(page: Page, principle: PrincipleGroup) -> Iterator[str]:
    t = principle.tally
    bar = "".join(page.style(SYMBOLS[v] * n, COLOURS[v]) for v, n in t.parts)
    gap = " " * max(0, 9 - t.total)
    yield page.line(principle.title, f"  {principle.number:2} ")
    numbers = f"{_numbers((v, n) for v, n in t.parts if n)}, of {t.total}"
    first, *more = page.paragraph(numbers, " " * (7 + t.total + len(gap)))
    yield f"     {bar}{gap}  {first.lstrip()}"
    yield from more


def _numbers(parts: Iterable[tuple[Verdict, int]]) -> str:
    return ", ".join(f"{n} {v.value}" for v, n in parts)


def _provisions(
    page: Page, every: tuple[Row, ...], shown: tuple[Row, ...], phase: Phase | None, role: str | None
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
                yield from provision_lines(page, row)
    if any(open_kind(r) is OpenKind.SILENT for r in shown if r.result.verdict is Verdict.INCONCLUSIVE):
        yield ""
        text = (
            f"Where it says “{OpenKind.SILENT}”: `assaymark explain ID` tells what would show it, "
            "`assaymark attest ID` records a statement by a named person."
        )
        yield from page.paragraph(text, "  ")


def _steps(page: Page, shown: tuple[Row, ...]) -> Iterator[str]:
    found = steps(shown, MANY if page.verbose else 5)
    if not found:
        return
    yield from page.heading("What would change most")
    for number, step in enumerate(found, 1):
        yield from page.paragraph(step.text, f" {number:2}. ", "     ")
        moved = (("failing", step.failing), ("inconclusive", step.open))
        said = "; ".join(f"{len(ids)} {word}: {_some(list(ids), 6)}" for word, ids in moved if ids)
        if said:
            yield from page.paragraph(f"speaks to {said}", "     ")


def _changes(page: Page, a: Assessment) -> Iterator[str]:
    if a.changes is None:
        return
    yield from page.heading(f"Changes since {printable(cut_middle(a.since, 60)) or 'the earlier assessment'}")
    if not a.changes:
        yield "  No verdict changed."
    for c in a.changes:
        text = f"{c.kind}: {c.provision} {c.before} → {c.after}. {c.because}"
        yield from page.paragraph(text, "  ", "    ")


def _exclusions(page: Page, every: tuple[Row, ...]) -> Iterator[str]:
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


def _not_looked_at(page: Page, a: Assessment) -> Iterator[str]:
    yield from page.heading("Not looked at")
    if not a.not_looked_at:
        yield "  Nothing was left out."
    some = MANY if page.verbose else 8
    for n in a.not_looked_at[:some]:
        files = "files not counted" if n.files == 0 else counted(n.files, "file")
        path = n.path if page.verbose else cut_middle(n.path, 120)
        yield from page.paragraph(f"{path} ({files}): {n.reason}", "  ", "    ")
    if len(a.not_looked_at) > some:
        more = len(a.not_looked_at) - some
        yield from page.paragraph(f"and {more:,} more: --verbose, or the HTML report", "  ")


def _thresholds(page: Page, a: Assessment) -> Iterator[str]:
    if not a.thresholds:
        return
    yield from page.heading("Thresholds (ours, not the standard's)")
    for t in a.thresholds:
        yield from page.paragraph(f"{t.name}: {t.value}; {t.meaning}", "  ", "    ")
