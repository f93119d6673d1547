"""The asset register says which assets depend on which."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, check, met, not_met, not_observable
from assaymark.checks._findings import capped, counted
from assaymark.observation import Detail, Location
from assaymark.system.system import System


@check("5.2.1-1#2")
def asset_dependencies_are_recorded(system: System) -> Iterator[Finding]:
    """The asset register says which assets depend on which.

    Why: When a data set turns out to be poisoned, or a base model to be withdrawn, somebody must know at
    once which models and services stand on it.

    Fix: Give each line of `assets:` in assaymark.yaml a `depends_on:` with the names of what it is built
    from or calls: the service its model and prompts, the model its base model and training data.

    Blind spots: It sees that relations are recorded and that they name listed assets, not that none is
    missing. A dependency record kept in another system is not seen.
    """
    names = {a.name for a in system.assets}
    linked = [a for a in system.assets if a.depends_on]
    broken = [(a, d) for a in linked for d in a.depends_on if d not in names]
    total = counted(len(system.assets), "listed asset")
    if not system.assets:
        yield not_observable(
            "There is no asset register in the manifest, so no recorded dependencies.",
            fix="Run `assaymark init`, keep its `assets:` list, and fill in `depends_on:`.",
        )
    elif broken:
        details = [
            Detail(
                f"`{a.name}` depends on `{d}`, which is not in the register.",
                Location(system.manifest_path, a.line),
            )
            for a, d in broken
        ]
        yield not_met(f"{len(broken)} of the recorded dependencies lead nowhere.", *capped(details))
    elif linked or len(names) == 1:
        users = {d for a in linked for d in a.depends_on} | {a.name for a in linked}
        alone = sorted(names - users)
        details = [
            Detail(f"`{name}` stands alone: nothing depends on it, and it on nothing.") for name in alone
        ]
        yield met(f"{len(linked)} of {total} say what they depend on.", *capped(details))
    else:
        yield not_met(f"None of {total} says what it depends on.", tentative=True)
