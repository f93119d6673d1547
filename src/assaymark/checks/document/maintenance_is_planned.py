"""Maintenance after deployment is planned in writing."""

from collections.abc import Iterator
from datetime import date

from assaymark.checks._check import Finding, check
from assaymark.checks.document._documents import expectation, judge
from assaymark.scan.facts import Document
from assaymark.system.system import System


@check("5.2.4-1#2")
def maintenance_is_planned(documents: tuple[Document, ...], system: System, today: date) -> Iterator[Finding]:
    """Maintenance after deployment is planned in writing.

    Why: A model that nobody plans to look after drifts, and its flaws stay open.

    Fix: Write docs/maintenance.md: how updates are made, how often the model is reviewed or
    retrained, what is watched, who does it, and when support ends; keep it under version control.

    Blind spots: Whether the plan is followed is not seen. It reads what is written, by headings and
    words, and cannot tell whether it is thorough or true.
    """
    yield from judge(expectation("maintenance_is_planned"), documents, system, today)
