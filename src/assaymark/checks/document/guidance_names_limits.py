"""The guidance names proper use, limits and failure modes."""

from collections.abc import Iterator
from datetime import date

from assaymark.checks._check import Finding, check
from assaymark.checks.document._documents import expectation, judge
from assaymark.scan.facts import Document
from assaymark.system.system import System


@check("5.3.1-2.1")
def guidance_names_limits(documents: tuple[Document, ...], system: System, today: date) -> Iterator[Finding]:
    """The guidance names proper use, limits and failure modes.

    Why: Users who do not know where a model fails trust it exactly there.

    Fix: Add to the user guide or model card a section on what the system is for, one headed
    Limitations, and one on how it can fail and what to do then.

    Blind spots: It reads what is written, by headings and words, and cannot tell whether it is
    thorough or true.
    """
    yield from judge(expectation("guidance_names_limits"), documents, system, today)
