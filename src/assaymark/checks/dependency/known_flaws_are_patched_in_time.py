"""Dependencies have no known flaw that is older than the policy allows."""

from collections.abc import Iterator

from assaymark.checks._check import (
    Finding,
    at,
    check,
    met,
    not_applicable,
    not_met,
    not_observable,
    partly_met,
)
from assaymark.checks._findings import capped, counted
from assaymark.observation import Detail
from assaymark.vulnerability.report import Standing, VulnerabilityMatch, VulnerabilityReport


@check(supports=("5.4.1-1#1", "5.2.3-1"))
def known_flaws_are_patched_in_time(reports: tuple[VulnerabilityReport, ...]) -> Iterator[Finding]:
    """Dependencies have no known flaw that is older than the policy allows.

    Why: A flaw that is published is a flaw that is tried. Frameworks that load models and serve them have
    had several that gave whoever sent a file or a request the machine.

    Fix: Update to the release that mends it, or state with a reason that it does not bear on you (VEX, read
    with `assaymark vulnerabilities --vex`). Look into a whole database: `assaymark assess --osv all.zip`.

    Blind spots: Only exact versions that the tree states are looked up. Without `--osv` only the few
    advisories on AI software that travel with Assaymark are. Container images are not opened. The days that
    a flaw may stay open are ours.
    """
    report = next(iter(reports), None)
    if report is None or not (report.dependencies or report.unread):
        yield not_applicable("There is no dependency to look up.")
        return
    looked = f"{report.looked_up:,} of {counted(report.dependencies, 'dependency', 'dependencies')}"
    if report.overdue:
        details = [_detail(m) for m in report.overdue]
        flaws = counted(len(report.overdue), "known flaw")
        yield not_met(f"{flaws} older than the policy allows; {looked} were looked up.", *capped(details))
        return
    open_ = [m for m in report.matches if m.standing not in Standing.SETTLED]
    details = [_detail(m) for m in open_]
    details += [Detail(f"Not covered: {hole}") for hole in (*report.holes, *report.unread)]
    if report.covered and not open_:
        yield met(f"{looked} were looked up in whole and fresh databases, and have no open flaw.")
    elif report.looked_up and not report.holes:
        yield partly_met(f"{looked} were looked up; no flaw is overdue.", *capped(details))
    else:
        yield not_observable(
            f"{looked} could be looked up; the databases are not the whole answer.",
            *capped(details),
            fix="Name a database of advisories: `assaymark assess --osv all.zip` (from osv.dev).",
        )


def _detail(match: VulnerabilityMatch) -> Detail:
    mended = f"; mended in {', '.join(match.fixed_in[:3])}" if match.fixed_in else "; no release mends it"
    age = f", known for {match.age_days:,} days" if match.age_days is not None else ""
    said = f"{match.name} {match.version} has {match.id} ({match.severity}{age}{mended})."
    return at(said, match.places[0]) if match.places else Detail(said)
