"""Threats to the system are analysed in writing, with what is done about each."""

from collections.abc import Iterator
from datetime import date

from assaymark.checks._check import Finding, check
from assaymark.checks.document._documents import expectation, judge
from assaymark.scan.facts import Document, Register
from assaymark.system.system import System


@check(supports=("5.1.3-1#1",))
def threats_are_analysed(
    documents: tuple[Document, ...], registers: tuple[Register, ...], system: System, today: date
) -> Iterator[Finding]:
    """Threats to the system are analysed in writing, with what is done about each.

    Why: Without a written analysis, safeguards follow habit rather than risk, and nobody can say
    which risks are left.

    Fix: Write docs/threat-model.md: what is protected, who might attack and across which boundary,
    how likely and how bad each threat is, the measure against it, and who answers for it.

    Blind spots: Threats that the analysis forgot are not found here. It reads what is written, by
    headings and words, and cannot tell whether it is thorough or true.
    """
    yield from judge(expectation("threats_are_analysed"), documents, system, today, registers)
