"""Security tests are made by people who did not build the system and who know AI."""

from collections.abc import Iterator
from datetime import date

from assaymark.checks._check import Finding, check
from assaymark.checks.document._documents import expectation, judge
from assaymark.scan.facts import Document
from assaymark.system.system import System


@check(supports=("5.2.5-2.1",))
def testers_are_independent(
    documents: tuple[Document, ...], system: System, today: date
) -> Iterator[Finding]:
    """Security tests are made by people who did not build the system and who know AI.

    Why: Builders test what they thought of; others find the rest.

    Fix: Have the system tested by an independent team, and name in the report who they are, that
    they took no part in the building, and what experience with AI they have.

    Blind spots: Independence and skill are taken from the report's own words and need a person's
    judgement. It reads what is written, by headings and words, and cannot tell whether it is
    thorough or true.
    """
    yield from judge(expectation("testers_are_independent"), documents, system, today)
