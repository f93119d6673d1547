"""The infrastructure is monitored and reviewed by a plan that names the risk left over."""

from collections.abc import Iterator
from datetime import date

from assaymark.checks._check import Finding, check
from assaymark.checks.document._documents import expectation, judge
from assaymark.scan.facts import Document
from assaymark.system.system import System


@check(supports=("5.1.3-4",))
def infrastructure_is_reviewed(
    documents: tuple[Document, ...], system: System, today: date
) -> Iterator[Finding]:
    """The infrastructure is monitored and reviewed by a plan that names the risk left over.

    Why: AI systems keep more residual risk than other software, so the machines and services around
    them need regular eyes, not one look at the start.

    Fix: Write docs/monitoring.md: what is watched, how often the infrastructure is reviewed and by
    whom, and which remaining risk is tolerated.

    Blind spots: Dashboards and review meetings outside the tree are not seen. It reads what is
    written, by headings and words, and cannot tell whether it is thorough or true.
    """
    yield from judge(expectation("infrastructure_is_reviewed"), documents, system, today)
