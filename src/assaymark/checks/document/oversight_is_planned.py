"""Human oversight is planned: who looks, when, and how a person stops the system."""

from collections.abc import Iterator
from datetime import date

from assaymark.checks._check import Finding, check
from assaymark.checks.document._documents import expectation, judge
from assaymark.scan.facts import Document
from assaymark.system.system import System


@check(supports=("5.1.4-1",))
def oversight_is_planned(documents: tuple[Document, ...], system: System, today: date) -> Iterator[Finding]:
    """Human oversight is planned: who looks, when, and how a person stops the system.

    Why: Oversight that is nobody's task and has no button does not happen when it is needed.

    Fix: Write docs/human-oversight.md: at which points a person decides, how that person overrides
    or stops the system, who it is, and when this was last tried out.

    Blind spots: Whether code offers what the plan promises is another check's question. It reads
    what is written, by headings and words, and cannot tell whether it is thorough or true.
    """
    yield from judge(expectation("oversight_is_planned"), documents, system, today)
