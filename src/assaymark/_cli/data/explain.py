"""``assaymark data explain``: say why a pattern determines a label, and answer for it."""

from datetime import UTC, date, datetime
from pathlib import Path

import click

from assaymark._cli.data.beside import explanations_in
from assaymark.dataset.explanations import FILE, Explanation, Explanations, added, render
from assaymark.errors import UsageError
from assaymark.imports.files import bytes_of, read_imports
from assaymark.report.data.document import DataReport, FindingEntry
from assaymark.report.data.json_v1 import MAX_BYTES, parse
from assaymark.report.text import printable
from assaymark.whole import write_atomically

__all__ = ["command"]

_PATH = click.Path(path_type=Path)


@click.command("explain")
@click.argument("pattern", metavar="PATTERN-ID")
@click.option("--owner", required=True, help="Who answers for it: a name.")
@click.option("--reason", required=True, help="Why the pattern determines the label.")
@click.option("--until", default="", metavar="DATE", help="Last day on which it counts; a suspect needs one.")
@click.option("--scan", "report", type=_PATH, metavar="FILE", help="JSON report.  [default: the system's]")
@click.option("--system", type=_PATH, metavar="DIR", default=".", help="The assessed folder.  [default: .]")
@click.option("--file", "place", type=_PATH, metavar="FILE", help=f"Where to write.  [default: DIR/{FILE}]")
def command(
    pattern: str, owner: str, reason: str, until: str, report: Path | None, system: Path, place: Path | None
) -> None:
    """Say why a pattern determines a label, and answer for it.

    PATTERN-ID stands beside each finding of a scan. The explanation goes into a
    file to be reviewed with the code. Later scans list the pattern as explained,
    never hide it, and ask again when it spreads or the date has passed.
    """
    if until and _day(until) is None:
        raise UsageError(f"--until {until[:40]} is no date.", "Write it as 2027-06-30.")
    path = place or system / FILE
    scan, finding = _found(pattern, _reports(report, system))
    new = Explanation(
        pattern=f"{finding.engine}: {finding.pattern}" + (f" → {finding.label}" if finding.label else ""),
        digest=finding.digest,
        level=finding.level,
        owner=owner.strip(),
        reason=reason.strip(),
        on=datetime.now(UTC).date().isoformat(),
        until=until,
        data=scan.data_digest,
        count=finding.count,
        records=scan.records,
    )
    write_atomically(path, render(added(Explanations(explanations=explanations_in(path)), new)))
    click.echo(f"{path}: {printable(new.owner)} answers for {printable(new.pattern)}.")


def _reports(report: Path | None, system: Path) -> list[DataReport]:
    """The report that was named, or those that were kept for the system, newest first."""
    if report is not None:
        return [parse(bytes_of(report, str(report), MAX_BYTES), str(report))]
    paths = [system / i.path for i in read_imports(system).found if i.report.tool == "assaymark data scan"]
    found = [parse(bytes_of(path, str(path), MAX_BYTES), str(path)) for path in paths]
    if not found:
        raise UsageError(
            f"No scan of a data set is kept for {system}.",
            "Name its JSON report with --scan, or scan with `assaymark data scan --system`.",
        )
    return sorted(found, key=lambda r: r.made_at, reverse=True)


def _found(pattern: str, reports: list[DataReport]) -> tuple[DataReport, FindingEntry]:
    for report in reports:
        named = [f for f in report.findings if len(pattern) >= 8 and f.digest.startswith(pattern)]
        if len(named) == 1:
            return report, named[0]
    known = [f"{f.id} ({f.pattern[:60]})" for r in reports for f in r.findings if f.level != "note"]
    listed = printable("; ".join(known[:8])) or "none that would have to be explained"
    raise UsageError(f"{printable(pattern[:40])!r} is no pattern of the scan.", f"There are: {listed}.")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
