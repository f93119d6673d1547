"""There is a plan for mitigating risk where no update can be given."""

from collections.abc import Iterator
from datetime import date

from assaymark.checks._check import Finding, check
from assaymark.checks.document._documents import expectation, judge
from assaymark.scan.facts import Document
from assaymark.system.system import System


@check(supports=("5.4.1-1.1",))
def contingency_exists_without_updates(
    documents: tuple[Document, ...], system: System, today: date
) -> Iterator[Finding]:
    """There is a plan for mitigating risk where no update can be given.

    Why: A closed or embedded model cannot be patched on the day; something else must hold.

    Fix: Describe in docs/contingency.md what runs if the model cannot, how it is switched off or
    back, and what protects parts that get no updates.

    Blind spots: Whether the mechanisms exist in code is another check's question. It reads what is
    written, by headings and words, and cannot tell whether it is thorough or true.
    """
    yield from judge(expectation("contingency_exists_without_updates"), documents, system, today)
