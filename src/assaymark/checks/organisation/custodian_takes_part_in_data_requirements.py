"""The Data Custodian takes part in fixing requirements and data needs."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_observable, partly_met
from assaymark.checks._findings import joined
from assaymark.checks.document._documents import filled
from assaymark.scan.facts import Document
from assaymark.system.system import System

_KINDS = ("data-approval", "risk-assessment", "data-card", "decision-record", "architecture", "threat-model")


@check(supports=("5.1.2-1.1",))
def custodian_takes_part_in_data_requirements(
    documents: tuple[Document, ...], system: System
) -> Iterator[Finding]:
    """The Data Custodian takes part in fixing requirements and data needs.

    Why: Who answers for the data knows what it may be used for; asked afterwards, the answer is
    usually a problem.

    Fix: Name the custodians in the manifest under `custodians`, and have the document that fixes the data
    needs say `Data custodian: NAME` or `Approved by: NAME`.

    Blind spots: It reads names beside labels in documents. Meetings, tickets and reviews on a code host are
    not seen.
    """
    signed = [
        (document, name)
        for document in filled(documents)
        if document.kind in _KINDS
        for label, name in document.people
        if label == "data custodian" or name in system.custodians
    ]
    if signed and system.custodians:
        named = sorted({n for _, n in signed})
        yield met(
            f"Documents on requirements or data in which {joined(named)} took part: "
            f"{len({d.at.path for d, _ in signed})}.",
            *(at(f"Names {name}.", document) for document, name in signed[:50]),
        )
    elif signed:
        yield partly_met(
            "A document names a data custodian; the manifest names none, so it cannot be told that "
            "it is the right one.",
            *(at(f"Names {name}.", document) for document, name in signed[:50]),
            fix="Name the custodians in the manifest under `custodians`.",
        )
    else:
        who = joined(system.custodians) or "A data custodian"
        yield not_observable(
            f"{who} is named by no document on requirements or data in the tree.",
            fix="Write `Data custodian: NAME` into docs/data-approval.md, or have the custodian attest it.",
        )
