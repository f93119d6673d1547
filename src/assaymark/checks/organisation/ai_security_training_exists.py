"""The security training has a part on AI that is kept current."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from assaymark.checks._check import Finding, check
from assaymark.checks.document._documents import expectation, judge
from assaymark.scan.facts import Document, Register
from assaymark.system.system import System

_TABLE = Path(__file__).with_name("_expectations.yaml")


@check(supports=("5.1.1-1",))
def ai_security_training_exists(
    documents: tuple[Document, ...], registers: tuple[Register, ...], system: System, today: date
) -> Iterator[Finding]:
    """The security training has a part on AI that is kept current.

    Why: Staff who have never heard of poisoning or prompt injection cannot notice either.

    Fix: Keep the syllabus (or an export of it) at docs/ai-training.md: the attacks on AI, the
    supply chain of models and data, where to report, and `Reviewed:` with the day of the last review.

    Blind spots: It reads headings and words. Whether the content is good, and whether anybody
    learned from it, is for people to say; learning systems are not seen.
    """
    yield from judge(expectation("ai_security_training_exists", _TABLE), documents, system, today, registers)
