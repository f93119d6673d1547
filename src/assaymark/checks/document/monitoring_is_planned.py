"""Monitoring of the model and its logs is planned, with thresholds and people."""

from collections.abc import Iterator
from datetime import date

from assaymark.checks._check import Finding, check
from assaymark.checks.document._documents import expectation, judge
from assaymark.scan.facts import Document
from assaymark.system.system import System


@check(supports=("5.4.2-2", "5.4.2-4"))
def monitoring_is_planned(documents: tuple[Document, ...], system: System, today: date) -> Iterator[Finding]:
    """Monitoring of the model and its logs is planned, with thresholds and people.

    Why: Drift and poisoning show slowly; without a baseline, a threshold and a person nobody
    notices.

    Fix: Write docs/monitoring.md: which logs are analysed and how often, what is measured against
    which baseline, which value raises an alarm, and who looks.

    Blind spots: Whether monitoring runs is not seen in a repository. It reads what is written, by
    headings and words, and cannot tell whether it is thorough or true.
    """
    yield from judge(expectation("monitoring_is_planned"), documents, system, today)
