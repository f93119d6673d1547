"""Users have guidance on use, management, integration and configuration."""

from collections.abc import Iterator
from datetime import date

from assaymark.checks._check import Finding, check
from assaymark.checks.document._documents import expectation, judge
from assaymark.scan.facts import Document
from assaymark.system.system import System


@check(supports=("5.3.1-2",))
def user_guidance_exists(documents: tuple[Document, ...], system: System, today: date) -> Iterator[Finding]:
    """Users have guidance on use, management, integration and configuration.

    Why: Much harm comes from safe software configured unsafely.

    Fix: Write docs/user-guide.md with a section each on use, management, integration and
    configuration, with safe defaults and how to handle keys.

    Blind spots: Accessibility of the text and its fit with the deployed version are not judged. It
    reads what is written, by headings and words, and cannot tell whether it is thorough or true.
    """
    yield from judge(expectation("user_guidance_exists"), documents, system, today)
