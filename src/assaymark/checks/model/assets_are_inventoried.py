"""The asset register lists what is there, and what it lists is there unchanged."""

from collections.abc import Iterator

from assaymark.asset import Asset, AssetKind, Inventory, Relation, Tree
from assaymark.checks._check import Finding, at, check, met, not_met, not_observable, partly_met
from assaymark.checks._findings import capped, counted
from assaymark.observation import Detail, Location
from assaymark.scan.facts import Register
from assaymark.scan.paths import is_documentation_path, is_example_path, is_test_path
from assaymark.system.system import DeclaredAsset, System

_STORED = (AssetKind.MODEL, AssetKind.DATASET)
_OTHER = (AssetKind.PROMPT, AssetKind.SERVICE, AssetKind.TOOL)


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
    routes = {e.target for e in inventory.edges if e.relation is Relation.SERVES}
    found = [
        a for a in inventory.assets if a.kind in (*_STORED, *_OTHER) and a.id not in routes and not _apart(a)
    ]
    if not system.assets:
        yield _without_register(found, registers)
        return
    wrong = [d for one in system.assets for d in _differences(one, tree, system)]
    unlisted = [a for a in found if not a.declared and not _inside(a, system.assets)]
    stored = [a for a in unlisted if a.kind in _STORED and a.sha256]
    listed_ = counted(len(system.assets), "listed asset")
    if wrong or stored:
        details = [*wrong, *(_missing(a) for a in stored)]
        summary = (
            f"{listed_}: {len(wrong)} differ from the tree, and {len(stored)} in the tree are not listed."
        )
        yield not_met(summary, *capped(details))
    elif unlisted:
        details = [_missing(a) for a in unlisted]
        summary = f"{listed_}, but {counted(len(unlisted), 'other asset')} that the tree uses are not listed."
        yield not_met(summary, *capped(details), tentative=True)
    else:
        yield met(f"{listed_}, and every one of {counted(len(found), 'asset')} found is among them.")


def _apart(asset: Asset) -> bool:
    paths = [asset.location] if asset.sha256 else [p.path for p in asset.seen_at]
    return bool(paths) and all(
        is_test_path(p) or is_example_path(p) or is_documentation_path(p) for p in paths
    )


def _without_register(found: list[Asset], registers: tuple[Register, ...]) -> Finding:
    kept = [r for r in registers if r.kind in ("asset", "model", "data")]
    kinds = {k: sum(a.kind is k for a in found) for k in (*_STORED, *_OTHER)}
    seen = ", ".join(counted(n, k.value) for k, n in kinds.items() if n) or "no asset"
    if kept:
        details = [
            at(f"A register of {len(r.rows)} rows, which is not compared with the tree.", r) for r in kept
        ]
        return partly_met(f"A register stands in a document; found in the tree: {seen}.", *capped(details))
    return not_observable(
        f"There is no asset register to compare with; found in the tree: {seen}.",
        *capped([_missing(a) for a in found]),
        fix="Run `assaymark init` and keep its `assets:` list in assaymark.yaml.",
    )


def _missing(asset: Asset) -> Detail:
    place = Location(asset.location) if asset.sha256 else next(iter(asset.seen_at), None)
    return Detail(f"{asset.kind.value.capitalize()} `{asset.name}` is in use and not in the register.", place)


def _inside(asset: Asset, register: tuple[DeclaredAsset, ...]) -> bool:
    folders = (d.location.removeprefix("./").rstrip("/") for d in register if d.location)
    return any(
        asset.location == f or asset.location.startswith(f"{f}/") for f in folders if f not in ("", ".")
    )


def _differences(one: DeclaredAsset, tree: Tree, system: System) -> Iterator[Detail]:
    place = Location(system.manifest_path, one.line) if system.manifest_path else None
    path = one.location.removeprefix("./").rstrip("/")
    if not path or "://" in path or path.startswith("/"):
        return
    entries = {f.path: f.sha256 for f in tree.files}
    if path not in entries and not any(p.startswith(f"{path}/") for p in entries):
        yield Detail(f"`{one.name}` is listed at {path}, where nothing is.", place)
    elif one.sha256 and entries.get(path) and entries[path] != one.sha256.lower().removeprefix("sha256:"):
        yield Detail(f"`{one.name}` ({path}) has changed since its digest was listed.", place)
