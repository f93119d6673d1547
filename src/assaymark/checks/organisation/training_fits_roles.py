"""Every staff role has AI-security training of its own, completed in time."""

from collections.abc import Iterator
from datetime import date

from assaymark.checks._check import Finding, at, check, met, not_met, not_observable, partly_met
from assaymark.checks._findings import capped, joined
from assaymark.checks.document._documents import pick_registers
from assaymark.checks.organisation._training import MONTHS, Training, trainings
from assaymark.observation import Detail
from assaymark.scan.facts import Register
from assaymark.system.system import System


@check(supports=("5.1.1-1.1", "5.1.1-1#2"))
def training_fits_roles(registers: tuple[Register, ...], system: System, today: date) -> Iterator[Finding]:
    """Every staff role has AI-security training of its own, completed in time.

    Why: A developer, an operator and a manager meet different attacks; one course for all teaches
    none of them what their own work needs.

    Fix: Keep assurance/training/register.csv with the columns name, role, module and completed, name
    the roles that need training in the manifest under `staff_roles`, and renew what is older than 12
    months (our period).

    Blind spots: Whether a module suits a role is not judged, only that the role has one. Registers in
    learning systems are not seen; export one.
    """
    rows = list(trainings(pick_registers(registers, ("training",))))
    if not rows:
        yield not_observable(
            "A training register is not in the tree; it may be kept elsewhere.",
            fix="Export it to assurance/training/register.csv (name, role, module, completed), or attest.",
        )
        return
    details = _gaps(rows, system, today)
    roles = {t.role for t in rows if t.role}
    if details:
        yield not_met(
            f"Gaps in the training register: {len(details)} (rows: {len(rows)}, roles: {len(roles)}).",
            *capped(details),
            tentative=True,
        )
    elif not system.staff_roles:
        yield partly_met(
            f"All {len(rows)} rows are in date; which roles need training is not stated in the manifest.",
            at("The register.", rows[0].at),
            fix="Name the roles under `staff_roles` in assaymark.yaml.",
        )
    elif len({t.module for t in rows}) < 2 and len(system.staff_roles) > 1:
        yield partly_met(
            f"All {len(system.staff_roles)} roles are trained, but all with the same module.",
            at("The register.", rows[0].at),
            fix="Give each role what its duties need, and name the modules apart in the register.",
        )
    else:
        yield met(
            f"All {len(system.staff_roles)} roles named in the manifest have training of the last "
            f"{MONTHS} months.",
            at("The register.", rows[0].at),
        )


def _gaps(rows: list[Training], system: System, today: date) -> list[Detail]:
    gaps = []
    for wanted in system.staff_roles:
        own = [t for t in rows if wanted.casefold() in t.role.casefold()]
        if not own:
            gaps.append(at(f"Nobody in the role {wanted} stands in it.", rows[0].at))
    late = [t for t in rows if not t.current(today)]
    people = sorted({t.name or t.role for t in late if not _renewed(t, rows, today)})
    if people:
        shown = joined(people[:5]) + (f" and {len(people) - 5} more" if len(people) > 5 else "")
        gaps.append(at(f"Not completed within {MONTHS} months: {shown}.", late[0].at))
    return gaps


def _renewed(old: Training, rows: list[Training], today: date) -> bool:
    return any(t.name == old.name and t.module == old.module and t.current(today) for t in rows)
