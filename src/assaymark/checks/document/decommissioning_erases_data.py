"""Decommissioning brings in the Data Custodian and erases data and configuration."""

from collections.abc import Iterator
from datetime import date

from assaymark.checks._check import Finding, check
from assaymark.checks.document._documents import expectation, judge
from assaymark.scan.facts import Document, Register
from assaymark.system.system import System


@check(supports=("5.5.1-2",))
def decommissioning_erases_data(
    documents: tuple[Document, ...], registers: tuple[Register, ...], system: System, today: date
) -> Iterator[Finding]:
    """Decommissioning brings in the Data Custodian and erases data and configuration.

    Why: Retired systems keep live keys, vector stores and fine-tunes that nobody watches any more.

    Fix: Write docs/disposal.md: the steps when a model or system is retired, the data, settings,
    keys and provider-side copies that are erased, the Data Custodian's approval, and the proof that
    is kept.

    Blind spots: Whether anything was really erased is not seen. It reads what is written, by
    headings and words, and cannot tell whether it is thorough or true.
    """
    yield from judge(expectation("decommissioning_erases_data"), documents, system, today, registers)
