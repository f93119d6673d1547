"""Updates that matter for security are announced and explained."""

from collections.abc import Iterator
from datetime import date

from assaymark.checks._check import Finding, check
from assaymark.checks.document._documents import expectation, judge
from assaymark.scan.facts import Document
from assaymark.system.system import System


@check(supports=("5.3.1-2.2",))
def security_updates_are_announced(
    documents: tuple[Document, ...], system: System, today: date
) -> Iterator[Finding]:
    """Updates that matter for security are announced and explained.

    Why: Users who are not told of a security update do not install it.

    Fix: Keep a heading `Security` in CHANGELOG.md under each dated release, with a sentence in
    plain words on who is affected and what to do, and announce it where users look.

    Blind spots: Mails and in-product notices are not seen; nor are security updates that were never
    written down. It reads what is written, by headings and words, and cannot tell whether it is
    thorough or true.
    """
    yield from judge(expectation("security_updates_are_announced"), documents, system, today)
