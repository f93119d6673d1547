"""Security tests of what is released are reported."""

from collections.abc import Iterator
from datetime import date

from assaymark.checks._check import Finding, check
from assaymark.checks.document._documents import expectation, judge
from assaymark.scan.facts import Document
from assaymark.system.system import System


@check(supports=("5.2.5-1",))
def security_tests_are_reported(
    documents: tuple[Document, ...], system: System, today: date
) -> Iterator[Finding]:
    """Security tests of what is released are reported.

    Why: Tests without a report cannot be repeated, and their findings are forgotten.

    Fix: Write docs/security-test-report.md for the released version: which attacks on the AI were
    tried, how they went, what was mended, and the day.

    Blind spots: Reports kept outside the tree, and whether the tested version is the released one,
    are not seen. It reads what is written, by headings and words, and cannot tell whether it is
    thorough or true.
    """
    yield from judge(expectation("security_tests_are_reported"), documents, system, today)
