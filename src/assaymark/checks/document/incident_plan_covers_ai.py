"""The incident plan deals with incidents of AI and was exercised."""

from collections.abc import Iterator
from datetime import date

from assaymark.checks._check import Finding, check
from assaymark.checks.document._documents import expectation, judge
from assaymark.scan.facts import Document
from assaymark.system.system import System


@check(supports=("5.2.2-5#1",))
def incident_plan_covers_ai(
    documents: tuple[Document, ...], system: System, today: date
) -> Iterator[Finding]:
    """The incident plan deals with incidents of AI and was exercised.

    Why: Responders who have never met a hijacked agent or a poisoned model lose hours finding out
    whom to call and what to switch off.

    Fix: Write docs/incident-response.md: the AI incidents you expect, who leads, how the model or
    agent is contained, whom to tell; hold an exercise and write `Last exercised:` with the date.

    Blind spots: Plans kept in an on-call tool are not seen. It reads what is written, by headings
    and words, and cannot tell whether it is thorough or true.
    """
    yield from judge(expectation("incident_plan_covers_ai"), documents, system, today)
