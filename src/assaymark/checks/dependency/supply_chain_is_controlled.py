"""The whole supply chain, from dependencies over pipelines to models, is under control at once."""

from collections.abc import Iterator, Sequence

from assaymark.asset import Tree
from assaymark.checks._check import Finding, at, check, met, not_observable, partly_met
from assaymark.checks._findings import capped, in_product
from assaymark.checks.pipeline._evidence import outward
from assaymark.observation import Detail
from assaymark.scan.facts import ActionUse, CiJob, Dependency, HubReference, Lockfile, ModelFile

_UPDATERS = ("dependabot.y", "renovate.json", ".renovaterc")
_LOCKABLE = {"pypi", "npm", "conda"}
Part = tuple[str, bool, list[Detail]]


@check("5.2.3-1")
def supply_chain_is_controlled(
    dependencies: tuple[Dependency, ...],
    locks: tuple[Lockfile, ...],
    jobs: tuple[CiJob, ...],
    actions: tuple[ActionUse, ...],
    references: tuple[HubReference, ...],
    models: tuple[ModelFile, ...],
    tree: Tree,
) -> Iterator[Finding]:
    """Dependencies, pipelines, releases and models are each fixed, watched or signed.

    Why: A supply chain is as strong as its weakest link: a locked package index does not help against
    a model taken from a moving branch.

    Fix: Commit a lock file with digests, have a bot or a scanner watch it, pin actions and models to commits,
    keep weights in formats that cannot run code, and sign or list what is released.

    Blind spots: It adds up what the other checks on the supply chain look at one by one, and says met only
    where each part that exists is controlled. Suppliers' own practice is not seen.
    """
    parts = [
        *_packages(in_product(dependencies), in_product(locks), in_product(jobs), tree),
        *_pipelines(in_product(actions), in_product(jobs)),
        *_models(in_product(references), in_product(models)),
    ]
    if not parts:
        yield not_observable("Neither dependencies, pipelines nor models are in the tree.")
        return
    open_ = [(name, details) for name, held, details in parts if not held]
    shown = capped(d for _, details in open_ for d in details)
    if open_:
        names = "; ".join(name for name, _ in open_)
        yield partly_met(
            f"{len(parts) - len(open_)} of {len(parts)} parts are controlled; open: {names}.", *shown
        )
    elif len(parts) < 3:
        yield partly_met(
            f"The {len(parts)} parts in the tree are controlled; too few to speak for the whole."
        )
    else:
        yield met(f"All {len(parts)} parts in the tree are controlled: {'; '.join(n for n, _, _ in parts)}.")


def _packages(
    dependencies: Sequence[Dependency], locks: Sequence[Lockfile], jobs: Sequence[CiJob], tree: Tree
) -> Iterator[Part]:
    wanted = {
        d.ecosystem for d in dependencies if d.ecosystem in _LOCKABLE and d.group not in ("build", "mcp")
    }
    if not wanted:
        return
    firm = {k.ecosystem for k in locks if k.entries and k.hashed >= 0.9 * k.entries}
    bare = [
        at(f"{d.name} is not locked with a digest.", d) for d in dependencies if d.ecosystem in wanted - firm
    ]
    yield "dependencies locked with digests", wanted <= firm, bare[:10]
    watched = any(f.path.rpartition("/")[2].startswith(_UPDATERS) for f in tree.files)
    yield "dependencies watched for updates or flaws", watched or any(j.scans for j in jobs), []


def _pipelines(actions: Sequence[ActionUse], jobs: Sequence[CiJob]) -> Iterator[Part]:
    if actions:
        loose = [a for a in actions if not a.pinned]
        yield "actions pinned", not loose, [at(f"{a.name}@{a.version} can move.", a) for a in loose[:10]]
    releasing = [j for j in outward(jobs) if j.releases]
    if releasing:
        bare = [j for j in releasing if not j.signs]
        yield "releases signed or listed", not bare, [at(f"{j.name} signs nothing.", j) for j in bare[:10]]


def _models(references: Sequence[HubReference], models: Sequence[ModelFile]) -> Iterator[Part]:
    remote = [r for r in references if not r.local and r.kind != "container"]
    if remote:
        loose = [r for r in remote if not r.pinned or r.remote_code]
        details = [at(_said(r), r) for r in loose[:10]]
        yield "models and data pinned", not loose, details
    if models:
        risky = [m for m in models if m.runs_code is not False]
        details = [at(f"{m.format} can run code, or could not be read.", m) for m in risky[:10]]
        yield "model files that cannot run code", not risky, details


def _said(reference: HubReference) -> str:
    if reference.name and not reference.revision_passed:
        return f"{reference.name} is not fixed."
    return f"What `{reference.loader}` takes is decided at run time."
