"""It is written down how users and others affected are helped in an incident."""

from collections.abc import Iterator
from datetime import date

from assaymark.checks._check import Finding, check
from assaymark.checks.document._documents import expectation, judge
from assaymark.scan.facts import Document
from assaymark.system.system import System


@check(supports=("5.3.1-3",))
def incident_support_is_described(
    documents: tuple[Document, ...], system: System, today: date
) -> Iterator[Finding]:
    """It is written down how users and others affected are helped in an incident.

    Why: In an incident those affected need a name and a first step, and an obligation that both
    sides know.

    Fix: Describe in docs/incident-response.md how End-users and Affected Entities are helped to
    contain and lessen harm, how they reach you, and where the contract says so.

    Blind spots: Contracts are rarely in a repository; a named person can attest them. It reads what
    is written, by headings and words, and cannot tell whether it is thorough or true.
    """
    yield from judge(expectation("incident_support_is_described"), documents, system, today)
