"""How much of the standard the checks speak to, provision by provision, without flattery."""

from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct

from assaymark.checks._check import Check
from assaymark.standard.provision import Force, Provision

__all__ = ["Coverage", "Grade", "coverage"]


class Grade(StrEnum):
    """How far the checks reach into one provision."""

    COVERED = "covered"
    """For each obligation some check can show by itself, from the tree, that it is met."""
    PARTIAL = "partial"
    """Checks can show a part, or find faults and supporting evidence; a person settles the rest."""
    PERSON = "only a person"
    """Checks see at most whether a record is there; the substance needs a person's judgement."""
    NONE = "not observable"
    """No check speaks to it."""


class Coverage(Struct, frozen=True, kw_only=True):
    """One row of the coverage table."""

    provision: Provision
    decisive: tuple[str, ...]
    """Checks whose `met` is evidence enough for at least one obligation."""
    supporting: tuple[str, ...]
    """Checks that find faults or contribute evidence."""
    open: tuple[str, ...]
    """Obligations that no check can decide; an attestation, an import or a running system must."""
    grade: Grade


def coverage(provisions: Sequence[Provision], checks: Sequence[Check]) -> tuple[Coverage, ...]:
    """Grade each provision by the checks that speak to its obligations."""
    return tuple(_row(provision, checks) for provision in provisions)


def _row(provision: Provision, checks: Sequence[Check]) -> Coverage:
    ids = [o.id for o in provision.obligations if o.force is not Force.MAY]
    decisive = [c for c in checks if set(ids) & set(c.decisive)]
    supporting = [c for c in checks if c not in decisive and set(ids) & set(c.supporting)]
    undecided = tuple(i for i in ids if not any(i in c.decisive for c in checks))
    return Coverage(
        provision=provision,
        decisive=tuple(c.info.id for c in decisive),
        supporting=tuple(c.info.id for c in supporting),
        open=undecided,
        grade=_grade(provision, bool(decisive), bool(supporting), bool(undecided)),
    )


def _grade(provision: Provision, decisive: bool, supporting: bool, undecided: bool) -> Grade:
    if not decisive and not supporting:
        return Grade.NONE
    if decisive and not undecided:
        return Grade.COVERED
    return Grade.PERSON if provision.observable == "no" else Grade.PARTIAL
