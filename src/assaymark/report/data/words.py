"""Words that every format of the report shares: shares, places, what a finding says. Pure."""

from assaymark.report.data.document import DataReport, FindingEntry, PlaceEntry
from assaymark.report.text import counted

__all__ = ["chance", "headline", "percent", "place_words", "prone", "state_words", "untold", "verdict_words"]

_HEADS = {
    "suspect": "Suspects found",
    "to explain": "No suspects; patterns to explain",
    "clean": "Nothing suspicious found",
    "nothing looked": "No engine could look at these data",
}


def verdict_words(report: DataReport) -> str:
    """The verdict, never more than was seen."""
    words = _HEADS[report.verdict]
    explained = sum(f.explained for f in report.of("suspect"))
    if report.verdict != "suspect" and explained:
        words = f"No suspects but {explained:,} that somebody answers for"
    return words if report.complete or report.verdict == "nothing looked" else f"{words}, in what was read"


def headline(report: DataReport) -> str:
    """`50,000 records, kind images, in images (3 could not be read)`."""
    unread = report.records - report.read
    form = report.kind if report.kind == report.data_format else f"{report.kind}, {report.data_format}"
    holes = f"; {unread:,} of them could not be read" if unread else ""
    return f"{counted(report.records, 'record')} ({form}){holes}"


def percent(value: float | None) -> str:
    """`0.05 %`, with as many digits as it takes to say something."""
    if value is None:
        return ""
    share = 100 * value
    if share in (0, 100):
        return f"{share:.0f} %"
    for digits in range(4):
        text = f"{share:.{digits}f}"
        if abs(float(text) - share) <= 0.05 * min(share, 100 - share):
            return f"{text} %"
    return "below 0.001 %" if share < 50 else "over 99.999 %"


def place_words(at: PlaceEntry) -> str:
    """`train.csv, row 17`, or the file that is the record."""
    if not at.file:
        return f"record {at.row:,}"
    return f"{at.file}, row {at.line:,}" if at.line else at.file


def chance(finding: FindingEntry) -> str:
    """Who bears it, with which label, and what one would expect."""
    text = counted(finding.count, "record")
    if finding.trigger.get("column") == "prompt" and finding.purity is not None:
        text += (
            f", {percent(finding.purity)} of them with {finding.label}"  # a behaviour, no label of the data
        )
    elif finding.label and finding.purity is not None:
        text += f", {percent(finding.purity)} of them “{finding.label}”"
    elif finding.label:
        text += f", {finding.label}"
    if finding.expected is not None:
        text += f"; {percent(finding.expected)} would be expected"
    return text


def prone(finding: FindingEntry) -> str:
    """How often the operating point flags clean records."""
    if finding.false_alarms is None:
        return "how often this threshold flags clean records was not measured"
    if not finding.false_alarms:
        return "no clean record was flagged at this threshold in calibration"
    return f"up to {percent(finding.false_alarms)} of clean records are flagged at this threshold"


def state_words(finding: FindingEntry) -> str:
    """`SUSPECT`, `TO EXPLAIN`, `NOTE`; or who explained it."""
    said = finding.explanation
    if said is None:
        return finding.level.upper()
    if said.counts:
        end = f", until {said.until}" if said.until else ""
        return f"{finding.level.upper()}, explained by {said.owner} on {said.on}{end}"
    return f"{finding.level.upper()}, its explanation no longer counts"


def untold(report: DataReport) -> tuple[str, ...]:
    """Notes of the scan that do not stand beside an engine already."""
    told = {f"{e.id}: {n}" for e in report.engines for n in e.notes}
    told |= {f"{e.id} stayed out: {e.reason}" for e in report.engines}
    told |= {f"{e.id} stopped and found nothing out: {e.reason}" for e in report.engines}
    return tuple(note for note in report.notes if note not in told)
