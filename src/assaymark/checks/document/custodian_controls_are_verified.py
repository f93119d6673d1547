"""The controls that the Data Custodian asked for were verified, one by one."""

from collections.abc import Iterator
from datetime import date

from assaymark.checks._check import Finding, check
from assaymark.checks.document._documents import expectation, judge
from assaymark.scan.facts import Document
from assaymark.system.system import System


@check(supports=("5.1.4-4",))
def custodian_controls_are_verified(
    documents: tuple[Document, ...], system: System, today: date
) -> Iterator[Finding]:
    """The controls that the Data Custodian asked for were verified, one by one.

    Why: A control on paper protects no data; the custodian relies on developers to show that it is
    in the system.

    Fix: Write docs/data-custodian-controls.md with a row for each control the custodian specified:
    the control, how it was verified, the result, the day, and the custodian's name.

    Blind spots: Controls are not tested here. It reads what is written, by headings and words, and
    cannot tell whether it is thorough or true.
    """
    yield from judge(expectation("custodian_controls_are_verified"), documents, system, today)
