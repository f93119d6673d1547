"""The way back to a known good state is prepared."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_observable, partly_met
from assaymark.checks._findings import capped, in_product
from assaymark.observation import Detail
from assaymark.scan.facts import History, HubReference, Lockfile, Mechanism

_BACK = ("rollback", "model-registry", "versioned-api")


@check(supports=("5.2.1-3.1",))
def system_can_be_rolled_back(
    mechanisms: tuple[Mechanism, ...],
    references: tuple[HubReference, ...],
    locks: tuple[Lockfile, ...],
    histories: tuple[History, ...],
) -> Iterator[Finding]:
    """Earlier versions of code, models and dependencies can be named and brought back.

    Why: After a poisoned update or a stolen key, the quickest cure is the last good state. It can
    only be restored if each part of it has a version that still means the same thing.

    Fix: Pin models to a commit, keep a lock file, tag releases, keep earlier models and prompts in
    a registry, and write a rollback command or job; try it and note the date.

    Blind spots: It cannot see whether old artefacts are still stored, nor whether a rollback was
    ever tried. Models whose name or revision is decided at run time are left out.
    """
    back = [m for m in in_product(mechanisms) if m.kind in _BACK]
    remote = [r for r in in_product(references) if r.kind == "model" and not r.local]
    remote = [r for r in remote if r.name and (r.pinned or not r.revision_passed)]
    moving = [r for r in remote if not r.pinned]
    tags = [t for h in histories for t in h.tags]
    good: list[Detail] = [
        *(at(f"`{m.name}` ({m.kind}).", m) for m in back),
        *(at(f"{k.tool} fixes {k.entries} dependencies.", k) for k in locks[:3]),
    ]
    if tags:
        good.append(Detail(f"{len(tags)} tagged versions, the newest {tags[0][0]} of {tags[0][1][:10]}."))
    bad = [
        at(f"`{r.name}` is taken without a commit, so what was good may not be fetched again.", r)
        for r in moving
    ]
    if not good and not bad:
        yield not_observable(
            "No rollback step, tag, lock file or model reference with a constant name was found; show a "
            "rollback record."
        )
    elif back and locks and not moving:
        yield met(
            f"{len(back)} rollback mechanisms and {len(locks)} lock files; no model reference moves.",
            *capped(good),
        )
    elif len(tags) > 1 and locks and not moving:
        yield met(
            f"{len(tags)} tagged versions and {len(locks)} lock files; no model reference moves.",
            *capped(good),
        )
    else:
        helps = f"{len(good)} things help" if len(good) != 1 else "One thing helps"
        summary = f"{helps} to go back; model references that can move: {len(moving)} of {len(remote)}."
        yield partly_met(summary, *capped([*bad, *good]))
