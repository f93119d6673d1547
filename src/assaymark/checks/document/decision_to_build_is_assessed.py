"""The decision to build the system rests on a written assessment."""

from collections.abc import Iterable, Iterator
from datetime import date

import msgspec

from assaymark.checks._check import Finding, at, check, partly_met
from assaymark.checks.document._documents import expectation, filled, judge, pick
from assaymark.observation import Outcome
from assaymark.scan.facts import Document, History
from assaymark.system.system import System

_DECIDES_TO_BUILD = {"business-need", "go-decision"}
"""What a decision record speaks of if it is the one on building the system."""
_DECISION_DATES = ("decided", "approved", "completed", "reviewed", "updated")


@check(supports=("5.1.2-1",))
def decision_to_build_is_assessed(
    documents: tuple[Document, ...], histories: tuple[History, ...], system: System, today: date
) -> Iterator[Finding]:
    """The decision to build the system rests on a written assessment.

    Why: Whether AI is needed at all, and which risks come with it, can only be weighed before money
    and habit have decided.

    Fix: Write docs/ai-assessment.md: the business need, alternatives considered, the AI security
    risks, how each is mitigated, who decided, and `Decided:` with the day.

    Blind spots: It reads what is written, by headings and words, and cannot tell whether the
    assessment was thorough. The order of events is taken from the dates in the document and the
    first tag of the git history; assessments kept elsewhere are not seen.
    """
    expected = expectation("decision_to_build_is_assessed")
    documents = tuple(_assessments(documents))
    first = min((day[:10] for h in histories for _, day in h.tags if day), default="")
    late = [
        (document, min(days))
        for document in filled(pick(documents, expected.kinds, system))
        if (days := [day for label, day in document.dates if label in _DECISION_DATES])
    ]
    for finding in judge(expected, documents, system, today):
        if finding.outcome is Outcome.MET and first and late and all(day > first for _, day in late):
            yield partly_met(
                f"The assessment covers what is expected, but its earliest date, {late[0][1]}, "
                f"lies after the first release ({first}).",
                *(at(f"Dated {day}; the first tag is of {first}.", document) for document, day in late),
                fix="State when the decision was taken, or attest that an earlier assessment exists.",
            )
        else:
            yield finding


def _assessments(documents: Iterable[Document]) -> Iterator[Document]:
    """The documents, a decision record on the need for the system counted as its assessment."""
    for document in documents:
        decides = document.kind == "decision-record" and set(document.topics) >= _DECIDES_TO_BUILD
        yield msgspec.structs.replace(document, kind="risk-assessment") if decides else document
