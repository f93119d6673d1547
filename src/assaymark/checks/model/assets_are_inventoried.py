"""The asset register lists what is there, and what it lists is there unchanged."""

from collections.abc import Iterator

from assaymark.asset import Inventory, Tree
from assaymark.checks._check import Finding, at, check, met, not_met, not_observable, partly_met
from assaymark.checks._findings import capped, counted
from assaymark.observation import Detail
from assaymark.reconcile import reconcile
from assaymark.reconciliation import COMPARED, Reconciliation
from assaymark.scan.facts import Register
from assaymark.system.system import System


@check("5.2.1-1#1")
def assets_are_inventoried(
    system: System, inventory: Inventory, tree: Tree, registers: tuple[Register, ...]
) -> Iterator[Finding]:
    """The asset register lists what is there, and what it lists is there unchanged.

    Why: A model, data set or prompt that nobody has on a list is one that nobody patches, protects or
    takes back after an attack. A list that no longer fits is believed and misleads.

    Fix: Keep `assets:` in assaymark.yaml (`assaymark init` writes it from what is found) with kind, name,
    location, sha256 and owner of each, and correct it whenever this check shows a difference.

    Blind spots: Only what lies in the tree or is named by it is compared. Assets in clouds, registries
    and at providers that no file mentions are not seen, nor is a register kept in another system.
    """
    seen = reconcile(system, inventory, tree)
    if not system.assets:
        yield _without_register(seen, registers)
        return
    stored = [d for d in seen.extra if d.stored]
    listed_, wrong = counted(seen.listed, "listed asset"), len(seen.wrong)
    if wrong or stored:
        summary = f"{listed_}: {wrong} differ from the tree, and {len(stored)} in the tree are not listed."
        yield not_met(summary, *capped([Detail(d.message, d.at) for d in (*seen.wrong, *stored)]))
    elif seen.extra:
        others = counted(len(seen.extra), "other asset")
        summary = f"{listed_}, but {others} that the tree uses are not listed."
        yield not_met(summary, *capped([Detail(d.message, d.at) for d in seen.extra]), tentative=True)
    else:
        yield met(f"{listed_}, and every one of {counted(len(seen.found), 'asset')} found is among them.")


def _without_register(seen: Reconciliation, registers: tuple[Register, ...]) -> Finding:
    kept = [r for r in registers if r.kind in ("asset", "model", "data")]
    kinds = {k: sum(a.kind is k for a in seen.found) for k in COMPARED}
    told = ", ".join(counted(n, k.value) for k, n in kinds.items() if n) or "no asset"
    if kept:
        details = [
            at(f"A register of {len(r.rows)} rows, which is not compared with the tree.", r) for r in kept
        ]
        return partly_met(f"A register stands in a document; found in the tree: {told}.", *capped(details))
    return not_observable(
        f"There is no asset register to compare with; found in the tree: {told}.",
        *capped([Detail(d.message, d.at) for d in seen.extra]),
        fix="Run `assaymark init` and keep its `assets:` list in assaymark.yaml.",
    )
