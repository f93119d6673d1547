"""Each risk found has a treatment and somebody who answers for it."""

from collections.abc import Iterator
from datetime import date

from assaymark.checks._check import Finding, at, check, met, not_met, not_observable, partly_met
from assaymark.checks._findings import capped
from assaymark.checks.document._documents import column, covered_by, filled, pick, pick_registers
from assaymark.observation import Detail
from assaymark.scan.facts import Document, Register
from assaymark.system.system import System

_KINDS = ("risk-register", "threat-model", "risk-assessment")
_EMPTY = {"", "-", "–", "—", "n/a", "na", "none", "tbd", "todo", "tbc", "?", "open", "unassigned", "nobody"}


@check(supports=("5.1.3-1.3",))
def risks_are_treated(
    documents: tuple[Document, ...], registers: tuple[Register, ...], system: System, today: date
) -> Iterator[Finding]:
    """Each risk found has a treatment and somebody who answers for it.

    Why: A risk that is listed but neither treated nor accepted by a named person is a risk that
    everybody thinks somebody else handles.

    Fix: Keep docs/risk-register.md as a table with the columns Risk, Likelihood, Impact, Treatment and
    Owner; fill every cell, and say in a sentence how cost and the organisation's risk tolerance were
    weighed. Risks accepted by a named person may stand in the manifest under `accepted_risks`.

    Blind spots: Whether a treatment is in place, and whether it suffices, is not judged. Registers in
    spreadsheets and ticket systems are not seen.
    """
    risks = pick_registers(registers, ("risk",))
    if not risks:
        yield _without_register(documents, system, today)
        return
    details = [detail for register in risks for detail in _gaps(register)]
    total = sum(len(r.rows) for r in risks)
    weighed = covered_by(filled(pick(documents, _KINDS, system)), ("tolerance", "cost"))
    if details:
        summary = f"{len(details)} of {total} listed risks lack a treatment or an owner."
        yield not_met(summary, *capped(details), tentative=True)
    elif weighed is None:
        yield partly_met(
            f"All {total} listed risks have a treatment and an owner; how cost and tolerance were weighed "
            "is not said.",
            *(at("The register.", r) for r in risks),
            fix="Add a sentence on cost and the organisation's risk tolerance beside the register.",
        )
    else:
        yield met(
            f"All {total} listed risks have a treatment and an owner, and cost or tolerance is weighed.",
            at("Cost or tolerance is weighed here.", weighed),
            *(at("The register.", r) for r in risks),
        )


def _without_register(documents: tuple[Document, ...], system: System, today: date) -> Finding:
    accepted = [r for r in system.accepted_risks if r.until >= today.isoformat()]
    treated = covered_by(filled(pick(documents, _KINDS, system)), ("treatment",))
    if accepted or treated is not None:
        details = [] if treated is None else [at("Treatment is spoken of here.", treated)]
        return partly_met(
            f"No table of risks was found; {len(accepted)} accepted risks stand in the manifest"
            f"{'' if treated is None else ', and a document speaks of treatment'}.",
            *details,
        )
    return not_observable(
        "A risk register is not in the tree; it may be kept elsewhere.",
        fix="Write docs/risk-register.md with the columns Risk, Likelihood, Impact, Treatment and Owner.",
    )


def _gaps(register: Register) -> Iterator[Detail]:
    names = column(register, "risk")
    treatments, owners = column(register, "treatment"), column(register, "owner")
    for number, name in enumerate(names):
        lacking = [
            what
            for what, cells in (("treatment", treatments), ("owner", owners))
            if not cells or cells[number].strip("*_` ").lower() in _EMPTY
        ]
        if lacking:
            yield at(f"{name[:80] or f'Row {number + 1}'}: no {' and no '.join(lacking)}.", register)
