"""The register in the manifest against what is there: what is missing, what is extra, what has changed.

One function answers for the command and for the check, so that both say the same. Pure.
"""

from assaymark.asset import Asset, Inventory, Relation, Tree
from assaymark.observation import Location
from assaymark.reconciliation import COMPARED, STORED, Difference, Reconciliation
from assaymark.scan.paths import is_documentation_path, is_example_path, is_test_path
from assaymark.system.register import matches
from assaymark.system.system import DeclaredAsset, System

__all__ = ["reconcile"]


def reconcile(system: System, inventory: Inventory, tree: Tree) -> Reconciliation:
    """Compare the register of `system` with what was found.

    Endpoints of the system's own code belong to its service and need no line of their own; what stands
    among tests, examples or documentation is no part of the system.
    """
    routes = {e.target for e in inventory.edges if e.relation is Relation.SERVES}
    found = tuple(a for a in inventory.assets if a.kind in COMPARED and a.id not in routes and not _apart(a))
    folders = _folders(system.assets)
    unlisted = (a for a in found if not a.declared and not _inside(a, folders))
    paths = _Paths(tree)
    return Reconciliation(
        listed=len(system.assets),
        found=found,
        wrong=tuple(d for line in system.assets if (d := _wrong(line, paths, system)) is not None),
        extra=tuple(_extra(a) for a in unlisted),
        unseen=tuple(line for line in system.assets if not _local(line) and not _mentioned(line, inventory)),
        unhashed=tuple(line for line in system.assets if not line.sha256 and _local(line) in paths.digests),
    )


class _Paths:
    """The tree's files by path, and every folder that holds one."""

    def __init__(self, tree: Tree) -> None:
        self.digests = {f.path: f.sha256 for f in tree.files}
        self.folders: set[str] = set()
        for path in self.digests:
            while "/" in path:
                path = path.rpartition("/")[0]
                if path in self.folders:
                    break
                self.folders.add(path)


def _apart(asset: Asset) -> bool:
    paths = [asset.location] if asset.sha256 else [p.path for p in asset.seen_at]
    return bool(paths) and all(
        is_test_path(p) or is_example_path(p) or is_documentation_path(p) for p in paths
    )


def _folders(register: tuple[DeclaredAsset, ...]) -> tuple[str, ...]:
    folders = (d.location.removeprefix("./").rstrip("/") for d in register if d.location)
    return tuple(f for f in folders if f not in ("", "."))


def _inside(asset: Asset, folders: tuple[str, ...]) -> bool:
    return any(asset.location == f or asset.location.startswith(f"{f}/") for f in folders)


def _local(line: DeclaredAsset) -> str:
    """The place within the tree that a line names; empty for an address, a path outside, or none."""
    path = line.location.removeprefix("./").rstrip("/")
    return "" if "://" in path or path.startswith("/") else path


def _mentioned(line: DeclaredAsset, inventory: Inventory) -> bool:
    return any(matches(line, asset) for asset in inventory.assets if asset.declared)


def _wrong(line: DeclaredAsset, paths: _Paths, system: System) -> Difference | None:
    place = Location(system.manifest_path, line.line) if system.manifest_path else None
    path = _local(line)
    if not path or (path == "." and paths.digests):
        return None
    if path not in paths.digests and path not in paths.folders:
        message = f"`{line.name}` is listed at {path}, where nothing is."
        return Difference("missing", line.name, message, place)
    digest = paths.digests.get(path)
    if line.sha256 and digest and digest != line.sha256.lower().removeprefix("sha256:"):
        message = f"`{line.name}` ({path}) has changed since its digest was listed."
        return Difference("changed", line.name, message, place)
    return None


def _extra(asset: Asset) -> Difference:
    place = Location(asset.location) if asset.sha256 else next(iter(asset.seen_at), None)
    message = f"{asset.kind.value.capitalize()} `{asset.name}` is in use and not in the register."
    return Difference("extra", asset.name, message, place, asset.kind in STORED and bool(asset.sha256))
