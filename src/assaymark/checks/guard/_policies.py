"""What the checks on the guard share: its policies as read, and what the ledger says of decisions."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from assaymark.checks._check import Finding, not_applicable, not_met
from assaymark.checks._findings import counted, in_product
from assaymark.observation import Detail
from assaymark.scan.facts import GuardDecisions, GuardFile

if TYPE_CHECKING:
    from assaymark.guard.evidence.configured import Configured

__all__ = ["NOTHING", "policies", "refused", "traffic"]

NOTHING: Finding = not_applicable("No policy of the Assaymark guard lies in the tree.")


def policies(files: Sequence[GuardFile], today: date) -> list["Configured"]:
    """The guard's policies outside tests, examples and documentation."""
    from assaymark.guard.evidence.configured import configured

    return configured(in_product(files), today)


def refused(found: Sequence["Configured"], about: tuple[str, ...] = ()) -> Finding | None:
    """A finding if the guard would refuse to start with one of the policies."""
    bad = [one.at(f"The guard refuses to start with it: {one.fault}.") for one in found if one.fault]
    if not bad:
        return None
    return not_met(
        f"The guard would not start with {len(bad)} of {counted(len(found), 'policy')}.",
        *bad,
        about=about,
        fix="Run `assaymark guard lint` on the policy and mend what it names.",
    )


def traffic(decisions: Sequence[GuardDecisions], found: Sequence["Configured"]) -> list[Detail]:
    """What the ledger says: that traffic passes through the guard is shown by decisions alone."""
    known = {one.file.sha256 for one in found}
    details = []
    for seen in decisions:
        actions = ", ".join(f"{action} {count:,}" for action, count in seen.actions)
        more = "the newest " if seen.more else ""
        details.append(
            Detail(
                f"The ledger holds {more}{counted(seen.total, 'decision')} from {seen.first[:10]} to"
                f" {seen.last[:10]}: {actions}."
            )
        )
        if found and not known & set(seen.policies):
            details.append(Detail("None of these decisions was made with a policy that lies in the tree."))
    return details
