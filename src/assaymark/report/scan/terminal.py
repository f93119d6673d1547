"""The scan as plain text: readable at 80 columns and without colour."""

from collections.abc import Iterable, Iterator

from assaymark.inspection import Hazard, Hole, Inspection, Level, ScanReport, Verdict
from assaymark.report.page import Page
from assaymark.report.text import counted, cut_middle, printable, wrap

__all__ = ["render_terminal"]

_LISTED = 5
"""Hazards of one level shown for a file, unless all are asked for."""
_SIGNS = {Verdict.DANGEROUS: "✗", Verdict.INCONCLUSIVE: "?", Verdict.UNKNOWN: "?", Verdict.CLEAN: "✓"}
_COLOURS = {Verdict.DANGEROUS: "red", Verdict.INCONCLUSIVE: "yellow", Verdict.UNKNOWN: "yellow"}
_MEANING = {
    Verdict.DANGEROUS: "loading acts, or what was read deceives",
    Verdict.INCONCLUSIVE: "a part could not be read; nothing is said of that part",
    Verdict.UNKNOWN: "read whole; loading calls what is on no list",
    Verdict.CLEAN: "read whole; all that loading does is known to be safe",
}


def render_terminal(
    report: ScanReport, *, width: int = 80, colour: bool = False, verbose: bool = False
) -> str:
    """The whole report as text that ends with a line end.

    Args:
        report: what to print.
        width: columns of the terminal; less than 40 is treated as 40.
        colour: whether to add colour; every statement also reads without it.
        verbose: every hazard, hole and excerpt; clean files too.
    """
    page = Page(max(40, width), colour, 0, verbose)
    lines: list[str] = []
    for inspection in sorted(report.inspections, key=lambda i: (list(Verdict).index(i.verdict), i.path)):
        if verbose or inspection.verdict is not Verdict.CLEAN:
            lines += [*_file(page, inspection, verbose), ""]
    lines += _summary(page, report, verbose)
    return "\n".join(lines) + "\n"


def _file(page: Page, one: Inspection, verbose: bool) -> Iterator[str]:
    word = page.style(one.verdict.value.upper(), _COLOURS.get(one.verdict, "green"))
    yield f"{_SIGNS[one.verdict]} {word}  {cut_middle(printable(one.path), page.width - 18)}"
    yield from wrap(_about(one), page.width, "  ", "  ")
    for level in Level:
        hazards = [h for h in one.hazards if h.level is level]
        shown = hazards if verbose else hazards[:_LISTED]
        for number, hazard in enumerate(shown):
            excerpt = verbose or (level is not Level.NOTE and number == 0)
            yield from _hazard(page, hazard, excerpt)
        if len(hazards) > len(shown):
            yield f"  … {counted(len(hazards) - len(shown), f'more {level.value} hazard')} (--verbose)"
    holes = one.holes if verbose else one.holes[:_LISTED]
    for hole in holes:
        yield from wrap(f"not covered: {_hole(hole)}", page.width, "  ", "      ")
    if len(one.holes) > len(holes):
        yield f"  … {counted(len(one.holes) - len(holes), 'more part')} not covered (--verbose)"


def _about(one: Inspection) -> str:
    form = one.header.format if one.header else ""
    inside = f", {counted(one.members, 'file')} inside" if one.members else ""
    covered = f"{one.interpreted:,} interpreted, {one.data:,} plain data"
    size = f"{one.size:,} bytes ({one.read:,} read: {covered}){inside}"
    return f"{form}, {size}" if form else size


def _hazard(page: Page, hazard: Hazard, excerpt: bool) -> Iterator[str]:
    place = printable(hazard.member)
    if hazard.line:
        place = f"{place}, line {hazard.line}" if place else f"line {hazard.line}"
    if hazard.offset is not None:
        place = f"{place}, byte {hazard.offset:,}" if place else f"byte {hazard.offset:,}"
    where = f" ({place})" if place else ""
    yield from wrap(f"{hazard.level.value}: {printable(hazard.message)}", page.width, "  ", "      ")
    yield from wrap(f"[{hazard.rule}]{where}", page.width, "      ", "      ")
    if excerpt and hazard.evidence:
        for line in hazard.evidence.splitlines():
            yield f"        {cut_middle(printable(line), page.width - 8)}"


def _hole(hole: Hole) -> str:
    place = f"{hole.member}: " if hole.member else ""
    size = f" ({hole.size:,} bytes)" if hole.size else ""
    return printable(f"{place}{hole.reason}{size}")


def _summary(page: Page, report: ScanReport, verbose: bool) -> Iterator[str]:
    known = report.inspections
    yield page.style(_headline(report), bold=True)
    for verdict in Verdict:
        count = sum(i.verdict is verdict for i in known)
        if count or verdict is Verdict.DANGEROUS:
            line = f"{_SIGNS[verdict]} {count:>6,} {verdict.value:<13}{_MEANING[verdict]}"
            yield f"  {cut_middle(line, page.width - 2)}"
    noted = sum(bool(i.hazards) for i in known if i.verdict is Verdict.CLEAN)
    if noted and not verbose:
        yield f"  There are notes on {counted(noted, 'clean file')} (--verbose)."
    if report.files > len(known):
        rest = counted(report.files - len(known), "file")
        yield from wrap(f"{rest} in no format of a model: nothing is said of them.", page.width, "  ", "  ")
    yield from _missed(page, report, verbose)
    read, size = sum(i.read for i in known), sum(i.size for i in known)
    yield from wrap(
        f"{read:,} of {size:,} bytes were read; nothing was loaded or run.", page.width, "  ", "  "
    )
    for problem in report.problems:
        yield from wrap(printable(problem), page.width, "  ! ", "    ")


def _missed(page: Page, report: ScanReport, verbose: bool) -> Iterable[str]:
    missed = report.not_looked_at
    for one in missed if verbose else missed[:_LISTED]:
        yield from wrap(printable(f"{one.path}: not looked at: {one.reason}"), page.width, "  ", "    ")
    if len(missed) > _LISTED and not verbose:
        yield f"  … {counted(len(missed) - _LISTED, 'more path')} not looked at (--verbose)"


def _headline(report: ScanReport) -> str:
    models = counted(len(report.inspections), "model file")
    return f"{models} of {counted(report.files, 'file')} in {cut_middle(printable(report.target), 40)}"
