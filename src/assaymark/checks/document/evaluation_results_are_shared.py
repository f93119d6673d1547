"""Evaluation results are written down where operators can use them."""

from collections.abc import Iterator
from datetime import date

from assaymark.checks._check import Finding, check
from assaymark.checks.document._documents import expectation, judge
from assaymark.scan.facts import Document
from assaymark.system.system import System


@check(supports=("5.2.5-3",))
def evaluation_results_are_shared(
    documents: tuple[Document, ...], system: System, today: date
) -> Iterator[Finding]:
    """Evaluation results are written down where operators can use them.

    Why: An operator who knows what was tested, and how it went, can test what was not.

    Fix: Write docs/evaluation.md: what was evaluated, with which data or attacks, the results in
    figures, the version and the day; ship it with the release.

    Blind spots: Whether operators received it is not seen. It reads what is written, by headings
    and words, and cannot tell whether it is thorough or true.
    """
    yield from judge(expectation("evaluation_results_are_shared"), documents, system, today)
