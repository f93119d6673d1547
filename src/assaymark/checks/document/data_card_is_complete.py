"""Public training data is documented: how it was obtained, from where, and what for."""

from collections.abc import Iterator
from datetime import date

from assaymark.checks._check import Finding, check
from assaymark.checks.document._documents import expectation, judge
from assaymark.scan.facts import Document, Register
from assaymark.system.system import System


@check("5.2.4-2")
def data_card_is_complete(
    documents: tuple[Document, ...], registers: tuple[Register, ...], system: System, today: date
) -> Iterator[Finding]:
    """Public training data is documented: how it was obtained, from where, and what for.

    Why: When a public source turns out to be poisoned, only a record tells whether your model was
    trained on it.

    Fix: Write docs/data-card.md with a row for each public data set: address, date and way of
    collection, licence, and the model and training run that used it.

    Blind spots: Data sets that are used but missing from the record are another check's question.
    It reads what is written, by headings and words, and cannot tell whether it is thorough or true.
    """
    yield from judge(expectation("data_card_is_complete"), documents, system, today, registers)
