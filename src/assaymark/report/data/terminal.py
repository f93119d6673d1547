"""The scan of a data set as plain text: readable at 80 columns and without colour. Pure."""

from collections.abc import Iterator, Sequence

from assaymark.report.data.document import DataReport, ExampleEntry, FindingEntry
from assaymark.report.data.words import (
    chance,
    headline,
    percent,
    place_words,
    prone,
    state_words,
    untold,
    verdict_words,
)
from assaymark.report.page import Page
from assaymark.report.text import counted, cut_middle

__all__ = ["render_terminal"]

_SIGNS = {"suspect": "✗", "to explain": "?", "note": "·"}
_COLOURS = {"suspect": "red", "to explain": "yellow", "note": "bright_black"}
_LISTED = {"suspect": 20, "to explain": 10, "note": 8}
"""Findings of each level shown, unless all are asked for."""
_ALIKE = 3
"""Notes of one engine shown."""
_EXAMPLES = {"suspect": 3, "to explain": 1, "note": 0}
_CONTEXT = 60
"""Characters of an example shown on each side of the pattern."""


def render_terminal(
    report: DataReport, *, width: int = 80, colour: bool = False, verbose: bool = False
) -> str:
    """The whole report as text that ends with a line end.

    Args:
        report: what to print.
        width: columns of the terminal; less than 40 is treated as 40.
        colour: whether to add colour; every statement also reads without it.
        verbose: every finding with all its examples, every hole, what each engine misses.
    """
    page = Page(max(40, width), colour, 0, verbose)
    lines = list(_head(page, report))
    for level in _SIGNS:
        lines += _level(page, report, level)
    lines += [*_origin(page, report), *_missed(page, report), *_tail(page, report)]
    return "\n".join(lines) + "\n"


def _head(page: Page, report: DataReport) -> Iterator[str]:
    worst = _COLOURS.get(report.verdict, "green" if report.verdict == "clean" else "yellow")
    yield page.style(verdict_words(report), worst, bold=True)
    yield from page.paragraph(f"{', '.join(report.targets)}: {headline(report)}", "  ")
    roles = ", ".join(f"{role} {column!r}" for role, column in report.roles.items())
    if roles:
        how = "found by content" if report.roles_found else "as named"
        yield from page.paragraph(f"Columns {how}: {roles}.", "  ")
    if report.flagged:
        share = percent(report.flagged / max(1, report.records))
        yield from page.paragraph(f"{counted(report.flagged, 'record')} flagged ({share}).", "  ")


def _level(page: Page, report: DataReport, level: str) -> Iterator[str]:
    found = report.of(level)
    shown = found if page.verbose else _first(found, level)
    for finding in shown:
        if level == "note" and not page.verbose:
            if finding is shown[0]:
                yield ""
            yield from _note(page, finding)
            continue
        yield ""
        yield from _finding(page, finding)
    if len(found) > len(shown):
        noun = {"suspect": "suspicious pattern", "to explain": "pattern to explain", "note": "note"}[level]
        if level != "note":
            yield ""
        yield f"  … {counted(len(found) - len(shown), f'more {noun}')} (--verbose)"


def _first(found: Sequence[FindingEntry], level: str) -> list[FindingEntry]:
    """Those that are listed: of notes no more than a few by one engine, or one engine's would be all."""
    shown: list[FindingEntry] = []
    for finding in found:
        alike = sum(other.engine == finding.engine for other in shown)
        if level != "note" or alike < _ALIKE:
            shown.append(finding)
    return shown[: _LISTED[level]]


def _finding(page: Page, one: FindingEntry) -> Iterator[str]:
    sign = "✓" if one.explained else _SIGNS[one.level]
    head = f"{sign} {one.number}. {state_words(one)}"
    for line in page.paragraph(head, "", "    "):
        yield page.style(line, "" if one.explained else _COLOURS[one.level])
    yield from page.short(one.pattern, "    ", lines=4)
    if one.where:
        yield from page.paragraph(f"where: {one.where}", "    ", "      ")
    yield from page.paragraph(chance(one), "    ", "      ")
    if one.summary and (page.verbose or one.level != "note"):
        yield from page.paragraph(one.summary, "    ", "    ")
    if one.level != "note":
        yield from page.paragraph(
            f"strength {one.score:.4g}, threshold {one.threshold:.4g}; {prone(one)}", "    ", "      "
        )
    if one.explanation:
        said = one.explanation
        yield from page.paragraph(f"{said.owner}: {said.reason}", "    ", "      ")
        if said.why_not:
            yield from page.paragraph(said.why_not, "    ! ", "      ")
    for example in one.examples if page.verbose else one.examples[: _EXAMPLES[one.level]]:
        yield from _example(page, example)
    yield from page.paragraph(f"[{one.engine}, pattern {one.id}]", "    ")
    if one.level == "to explain" and not one.explained:
        yield from page.paragraph(
            f"If it is meant: assaymark data explain {one.id} --owner … --reason …", "    ", "      "
        )


def _note(page: Page, one: FindingEntry) -> Iterator[str]:
    """What is no sign of an attack, in a line or two."""
    where = f" in {one.where}" if one.where and one.where not in one.pattern else ""
    sign = "✓" if one.explained else _SIGNS["note"]
    borne = f"{counted(one.count, 'record')} [{one.engine}, {one.id}]"
    for line in page.short(f"{sign} {one.number}. NOTE {one.pattern}{where}: {borne}", "", "    ", lines=3):
        yield page.style(line, _COLOURS["note"])


def _example(page: Page, one: ExampleEntry) -> Iterator[str]:
    label = f" ({one.label})" if one.label else ""
    yield from page.short(f"{place_words(one.at)}{label}", "    - ", lines=2)
    if one.text:
        yield from page.short(_marked(one).replace("\n", " ⏎ "), "      ", lines=3)


def _marked(one: ExampleEntry) -> str:
    """The text around the pattern, which stands between brackets that no text holds by accident."""
    if not one.spans:
        return cut_middle(one.text, 3 * _CONTEXT)
    first = max(0, one.spans[0][0] - _CONTEXT)
    last = min(len(one.text), min(one.spans[-1][1], one.spans[0][1] + 3 * _CONTEXT) + _CONTEXT)
    found, at = ("…" if first else ""), first
    for start, end in one.spans:
        if start >= last:
            break
        found += f"{one.text[at:start]}⟦{one.text[start : min(end, last)]}⟧"
        at = min(end, last)
    return found + one.text[at:last] + ("…" if last < len(one.text) else "")


def _origin(page: Page, report: DataReport) -> Iterator[str]:
    known = report.provenance
    yield ""
    if known is None:
        yield from page.paragraph(
            "Origin: no manifest lies beside the data, so nothing is known of sources and dates "
            "(assaymark data manifest).", "  ", "    "
        )  # fmt: skip
        return
    yield from page.paragraph(
        f"Origin ({known.manifest}): {known.complete:,} of {known.records:,} records have a source and a "
        f"time; {known.without_source:,} lack a source, {known.without_time:,} a time.", "  ", "    "
    )  # fmt: skip
    for line in (*known.problems, *(known.first[:3] if not page.verbose else known.first)):
        yield from page.paragraph(line, "    ", "      ")


def _missed(page: Page, report: DataReport) -> Iterator[str]:
    looked = [e for e in report.engines if e.state == "looked"]
    if looked:
        yield from page.paragraph(f"Looked: {', '.join(e.id for e in looked)}.", "  ", "    ")
    others = [e.id for e in report.engines if e.state == "stayed out" and not e.suits]
    if others and not page.verbose:
        yield from page.paragraph(f"Meant for other kinds of data: {', '.join(others)}.", "  ", "    ")
    for engine in report.engines:
        if engine.id in others and not page.verbose:
            continue
        if engine.state != "looked":
            state = "stopped" if engine.state == "stopped" else "did not look"
            yield from page.paragraph(f"{engine.id} {state}: {engine.reason}", "  ", "    ")
        elif page.verbose:
            yield from page.paragraph(f"{engine.id} misses: {engine.misses}", "  ", "    ")
        for note in engine.notes:
            yield from page.paragraph(f"{engine.id}: {note}", "  ", "    ")
    for note in untold(report):
        yield from page.paragraph(note, "  ", "    ")


def _tail(page: Page, report: DataReport) -> Iterator[str]:
    unread = report.records - report.read
    if unread or report.holes:
        yield from page.paragraph(
            f"{report.read:,} of {report.records:,} records were read; {unread:,} could not be, and count "
            "as not looked at:", "  ", "    "
        )  # fmt: skip
    shown = report.holes if page.verbose else report.holes[:5]
    for hole in shown:
        row = f", row {hole.line:,}" if hole.line else ""
        more = f" ({counted(hole.records, 'record')})" if hole.records > 1 else ""
        yield from page.short(f"{hole.file}{row}: {hole.reason}{more}", "    ", "      ", lines=3)
    if len(report.holes) > len(shown):
        yield f"    … {counted(len(report.holes) - len(shown), 'more hole')} (--verbose)"
