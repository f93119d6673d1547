"""Transfer of data or models brings in the Data Custodian and disposes of what is left."""

from collections.abc import Iterator
from datetime import date

from assaymark.checks._check import Finding, check
from assaymark.checks.document._documents import expectation, judge
from assaymark.scan.facts import Document, Register
from assaymark.system.system import System


@check(supports=("5.5.1-1",))
def transfer_disposes_of_assets(
    documents: tuple[Document, ...], registers: tuple[Register, ...], system: System, today: date
) -> Iterator[Finding]:
    """Transfer of data or models brings in the Data Custodian and disposes of what is left.

    Why: Copies that stay behind after a sale or hand-over carry their flaws and secrets into the
    next system.

    Fix: Write docs/disposal.md: who approves a transfer (the Data Custodian), which copies are
    disposed of and how, which keys and rights are withdrawn; keep a record for each transfer.

    Blind spots: Remaining copies are not searched for. It reads what is written, by headings and
    words, and cannot tell whether it is thorough or true.
    """
    yield from judge(expectation("transfer_disposes_of_assets"), documents, system, today, registers)
