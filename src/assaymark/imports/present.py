"""The version of the system that is being assessed, as far as reports can be compared with it."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from assaymark.asset import Asset, AssetKind, Inventory, Tree
from assaymark.imports.packages import package_key
from assaymark.scan.facts import Fact, History, Lockfile
from assaymark.vulnerability.components import components, lookups

__all__ = ["Present", "present"]


class Present(Struct, frozen=True, kw_only=True):
    """What is there now."""

    files: Mapping[str, str]
    """Path → SHA-256 of every file of the tree."""
    commit: str = ""
    """Id of the commit that is checked out; empty if the tree has no history."""
    same: tuple[str, ...] = ()
    """Earlier commits since which nothing but evidence was committed."""
    assets: tuple[Asset, ...] = ()
    packages: Mapping[str, frozenset[str]] = {}
    """Package (`pypi/requests`) → the exact versions that the tree fixes; none if it fixes no version."""
    archives: Mapping[str, frozenset[str]] = {}
    """Package at a version (`pypi/requests@2.31.0`) → SHA-256 of each archive that a lock file accepts."""


def present(facts: Iterable[Fact], inventory: Inventory, tree: Tree) -> Present:
    """The present version, from what discovery found."""
    facts = tuple(facts)
    history = next((f for f in facts if isinstance(f, History)), None)
    packages: dict[str, set[str]] = {}
    for component in components(facts).items:
        for ecosystem, name in lookups(component):
            versions = packages.setdefault(package_key(ecosystem, name), set())
            versions |= {component.version} if component.version else set()
    for asset in inventory.assets:
        if asset.kind is AssetKind.DEPENDENCY:
            ecosystem, _, name = asset.id.removeprefix("dependency:").partition("/")
            packages.setdefault(package_key(ecosystem, name), set())
    return Present(
        files={f.path: f.sha256 for f in tree.files if f.sha256},
        commit=history.head if history else "",
        same=history.same if history else (),
        assets=inventory.assets,
        packages={name: frozenset(found) for name, found in packages.items()},
        archives=_archives(facts),
    )


def _archives(facts: Iterable[Fact]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for lock in facts:
        for one in lock.whole() if isinstance(lock, Lockfile) else ():
            hashes = (*one.hashes, *(h for file in one.files for h in file.hashes))
            known = {h.removeprefix("sha256:").lower() for h in hashes if h.startswith("sha256:")}
            if one.version and known:
                found.setdefault(f"{package_key(one.ecosystem, one.name)}@{one.version}", set()).update(known)
    return {name: frozenset(digests) for name, digests in found.items()}
