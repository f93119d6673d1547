"""The design is documented, with a trail of its changes."""

from collections.abc import Iterator
from datetime import date

from assaymark.checks._check import Finding, at, check, partly_met
from assaymark.checks.document._documents import expectation, filled, judge, pick
from assaymark.observation import Outcome
from assaymark.scan.facts import Document, History, Trail
from assaymark.system.system import System


@check("5.2.4-1#1")
def design_is_documented(
    documents: tuple[Document, ...],
    histories: tuple[History, ...],
    trails: tuple[Trail, ...],
    system: System,
    today: date,
) -> Iterator[Finding]:
    """The design is documented, with a trail of its changes.

    Why: Auditors, responders and the next developer need to know how data and trust flow through the
    system, and when and why that changed.

    Fix: Write docs/architecture.md: the components, the models and where they come from, where data and
    trust cross; keep it in git beside the code, and record decisions in docs/adr/.

    Blind spots: It reads what is written, by headings and words, and cannot tell whether the
    description fits the code. Pictures are not read. A trail outside git is not seen.
    """
    expected = expectation("design_is_documented")
    there = filled(pick(documents, expected.kinds, system))
    trailed = _has_trail(there, histories, trails)
    for finding in judge(expected, documents, system, today):
        if finding.outcome is Outcome.MET and not trailed:
            yield partly_met(
                f"{finding.summary} No trail of its changes was found.",
                *(at("No dates, decisions or git history tell how it changed.", d) for d in there[:1]),
                *finding.details[:49],
                fix="Keep it in git, or record decisions with their dates in docs/adr/.",
            )
        else:
            yield finding


def _has_trail(
    there: tuple[Document, ...], histories: tuple[History, ...], trails: tuple[Trail, ...]
) -> bool:
    paths = {d.at.path for d in there}
    return (
        any(h.available and h.commits > 0 for h in histories)
        or any(t.at.path in paths for t in trails)
        or any(d.kind == "decision-record" and d.dates for d in there)
    )
