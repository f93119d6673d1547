"""It is described how operators and users learn of updates and get them."""

from collections.abc import Iterator
from datetime import date

from assaymark.checks._check import Finding, check
from assaymark.checks.document._documents import expectation, judge
from assaymark.scan.facts import Document
from assaymark.system.system import System


@check(supports=("5.4.1-1#2", "5.4.1-1#3"))
def updates_reach_operators(
    documents: tuple[Document, ...], system: System, today: date
) -> Iterator[Finding]:
    """It is described how operators and users learn of updates and get them.

    Why: A patch that nobody hears of protects nobody.

    Fix: Say in docs/maintenance.md or SECURITY.md which versions get updates, through which channel
    they are announced, and how to install them.

    Blind spots: Notices themselves, and whether they arrived, are not seen. It reads what is
    written, by headings and words, and cannot tell whether it is thorough or true.
    """
    yield from judge(expectation("updates_reach_operators"), documents, system, today)
