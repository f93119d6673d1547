"""Threats that could not be resolved are told to operators and users."""

from collections.abc import Iterator

from assaymark.checks._check import (
    Finding,
    at,
    check,
    met,
    not_applicable,
    not_met,
    not_observable,
    partly_met,
)
from assaymark.checks._findings import capped, joined
from assaymark.checks.document._documents import column, covered_by, filled, pick, pick_registers
from assaymark.observation import Detail, Location
from assaymark.scan.facts import Document, Register
from assaymark.system.system import System

_KINDS = ("model-card", "user-guide", "release-notes", "update-notice", "security-policy", "readme")
_OPEN = ("open", "unresolved", "unmitigated", "not mitigated", "accepted", "residual", "partly mitigated")
_PARTS = {"the possible impact": ("impact", "risk"), "what to do about it": ("mitigation", "override")}


@check(supports=("5.1.3-2",))
def unresolved_threats_are_passed_on(
    documents: tuple[Document, ...], registers: tuple[Register, ...], system: System
) -> Iterator[Finding]:
    """Threats that could not be resolved are told to operators and users.

    Why: An operator can only plan for a risk that the developer has told; a user can only avoid what
    the operator has passed on.

    Fix: Add a section `Known issues and residual risks` to the model card or user guide: each open
    risk, its possible impact, and what the reader should do or watch; refer to it in the release notes.

    Blind spots: Notices sent by mail or in a product are not seen, nor whether anybody read them.
    Open risks are taken from a register's status column; a register outside the tree is not seen.
    """
    readers = filled(pick(documents, _KINDS, system))
    risks = [d for r in pick_registers(registers, ("risk",)) for d in _open_risks(r)]
    notice = covered_by(readers, ("known-issues",))
    if notice is not None:
        yield _judged(notice, [d for d in readers if d.at.path == notice.path])
    elif risks and readers:
        yield not_met(
            f"{len(risks)} risks stand open or accepted in the register, and none of the {len(readers)} "
            "documents for operators and users speaks of open risks.",
            *capped(risks),
            tentative=True,
        )
    elif not risks and any(column(r, "status") for r in pick_registers(registers, ("risk",))):
        yield not_applicable("The risk register holds no risk that is open or accepted.")
    else:
        yield not_observable(
            "No document in the tree says which threats are unresolved, or that there are none.",
            fix="Add a section `Known issues and residual risks` to the model card or user guide.",
        )


def _open_risks(register: Register) -> Iterator[Detail]:
    for name, status in zip(column(register, "risk"), column(register, "status"), strict=False):
        if status.lower().startswith(_OPEN):
            yield at(f"{name[:80]}: {status[:40]}.", register)


def _judged(notice: Location, there: list[Document]) -> Finding:
    lacking = [part for part, topics in _PARTS.items() if covered_by(there, topics) is None]
    if lacking:
        return partly_met(
            f"Unresolved threats are told, but not {joined(lacking)}.",
            at("Open risks are named here.", notice),
            fix=f"Add {joined(lacking)}.",
        )
    return met(
        "Unresolved threats are told with their impact and what to do about them.",
        at("Open risks are named here.", notice),
    )
