"""Contracts with cloud operators were read for what the security of the AI system needs."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from assaymark.checks._check import Finding, check
from assaymark.checks.document._documents import expectation, judge
from assaymark.scan.facts import Document
from assaymark.system.system import System

_TABLE = Path(__file__).with_name("_expectations.yaml")


@check(supports=("5.2.2-6",))
def cloud_contracts_back_the_requirements(
    documents: tuple[Document, ...], system: System, today: date
) -> Iterator[Finding]:
    """Contracts with cloud operators were read for what the security of the AI system needs.

    Why: Access control, incident notice and deletion are worth what the contract says about them.

    Fix: Keep docs/contract-review.md with the clauses on access, incidents, region, deletion and notice
    of changes, what was agreed, and when it was read.

    Blind spots: It reads the review, not the contract; whether a clause can be enforced is for lawyers.
    """
    yield from judge(expectation("cloud_contracts_back_the_requirements", _TABLE), documents, system, today)
