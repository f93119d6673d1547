"""Staff are kept, and told to keep, up to date on AI threats and what helps against them."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from assaymark.checks._check import Finding, check
from assaymark.checks.document._documents import expectation, judge
from assaymark.scan.facts import Document
from assaymark.system.system import System

_TABLE = Path(__file__).with_name("_expectations.yaml")


@check(supports=("5.1.1-2",))
def staff_follow_ai_threats(
    documents: tuple[Document, ...], system: System, today: date
) -> Iterator[Finding]:
    """Staff are kept, and told to keep, up to date on AI threats and what helps against them.

    Why: Attacks on AI change within months; yesterday's training does not name today's.

    Fix: Archive the bulletins that staff receive under docs/awareness/, each dated, with the threat
    and what to do about it, and state in the training policy that all staff must follow them.

    Blind spots: Mail, chat and intranets are not seen, nor whether anybody reads what is sent.
    """
    yield from judge(expectation("staff_follow_ai_threats", _TABLE), documents, system, today)
