"""The version of the system that is being assessed, as far as reports can be compared with it."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from assaymark.asset import Asset, AssetKind, Inventory, Tree
from assaymark.imports.packages import package_key
from assaymark.scan.facts import Fact, History
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
    )
