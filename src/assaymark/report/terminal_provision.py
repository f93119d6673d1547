"""One provision in the terminal report."""

from collections.abc import Iterator

from assaymark.assess.assessment import Evidence, Freshness, Verdict
from assaymark.observation import Detail, Outcome
from assaymark.report.page import COLOURS, Page
from assaymark.report.text import FRESHNESS_WORDS, SYMBOLS, counted, cut_middle, outcome_words
from assaymark.report.view import OpenKind, Row, is_open_counter, open_kind

__all__ = ["provision_lines"]


def provision_lines(page: Page, row: Row) -> Iterator[str]:
    """All that the terminal says of one provision: in full where it fails, in short where it does not."""
    r, p = row.result, row.provision
    label = f"  {SYMBOLS[r.verdict]} {r.id:<9} {r.verdict.value}"
    styled = page.style(label, COLOURS[r.verdict], bold=r.verdict is Verdict.FAIL)
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


def _open(page: Page, row: Row) -> Iterator[str]:
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
        yield from page.short(row.result.reason, "      ")
    if row.result.moves and kind is not OpenKind.SILENT:
        yield from page.short(f"→ {row.result.moves[0]}", "      ", "        ")


def _state(page: Page, row: Row) -> Iterator[str]:
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


def _evidence(page: Page, row: Row) -> Iterator[str]:
    for title, entries in (("Against", row.against), ("For", row.support), ("Also seen", row.other)):
        if entries and (page.verbose or title == "Against"):
            yield f"      {title}:"
            for entry in entries:
                yield from _entry(page, entry)
    left = len(row.support) + len(row.other)
    if left and not page.verbose:
        text = f"{counted(left, 'further piece')} of evidence: --verbose, or the HTML report"
        yield from page.paragraph(text, "      ")


def _entry(page: Page, entry: Evidence) -> Iterator[str]:
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
    if o.fix and o.outcome not in (Outcome.MET, Outcome.NOT_APPLICABLE) and page.verbose:
        yield from page.paragraph(f"Fix: {o.fix}", "          ")


def _place(detail: Detail, page: Page) -> str:
    place = str(detail.at)
    return place if page.verbose else cut_middle(place, 120)


def _moves(page: Page, moves: tuple[str, ...]) -> Iterator[str]:
    for move in moves:
        yield from page.paragraph(f"→ {move}", "      ", "        ")
