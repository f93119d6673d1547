"""What every part of a bill of materials is made from: facts by kind, the inventory, texts, the register."""

import re
from collections.abc import Iterable, Sequence
from typing import TypeVar

import msgspec
from msgspec import Struct

from assaymark.asset import Asset, AssetKind, FileEntry, Inventory, Tree
from assaymark.bom import Component, Link, LinkKind, Service
from assaymark.discover.bom_cards import Card, read_card
from assaymark.discover.bom_sources import Sources
from assaymark.scan.facts import Fact
from assaymark.scan.paths import is_test_path
from assaymark.scan.words import public_url
from assaymark.system.register import matches
from assaymark.system.system import DeclaredAsset, System

__all__ = ["SYSTEM", "Material", "Part", "as_properties", "plain", "with_owner"]

F = TypeVar("F", bound=Fact)
SYSTEM = "system"
"""The ref of the whole."""


class Part(Struct):
    """What one builder gives: components, services and links, and asset ids by which links name them."""

    components: list[Component] = []
    services: list[Service] = []
    links: list[Link] = []
    refs: dict[str, tuple[str, ...]] = {}
    """Asset id → refs that stand for it."""
    top: list[str] = []
    """Refs that the system itself depends on."""

    def link(self, source: str, kind: LinkKind, target: str) -> None:
        """Add a link from `source` to `target`, unless they are one."""
        if source != target:
            self.links.append(Link(source, kind, target))


class Material:
    """Facts, inventory, tree, texts and register of one tree, looked up by what builders ask for."""

    def __init__(
        self, facts: Sequence[Fact], inventory: Inventory, tree: Tree, system: System, sources: Sources
    ) -> None:
        self.inventory = inventory
        self.tree = tree
        self.system = system
        self.sources = sources
        self.files: dict[str, FileEntry] = {f.path: f for f in tree.files}
        self._facts: dict[type[Fact], list[Fact]] = {}
        for fact in facts:
            if not is_test_path(fact.at.path):
                self._facts.setdefault(type(fact), []).append(fact)
        self._cards: tuple[Card, ...] | None = None
        self._assets: dict[AssetKind, list[Asset]] = {}
        for asset in inventory.assets:
            self._assets.setdefault(asset.kind, []).append(asset)
        self._declared: dict[str, DeclaredAsset | None] = {}

    def facts(self, kind: type[F]) -> list[F]:
        """Every fact of one kind outside tests."""
        return [f for f in self._facts.get(kind, ()) if isinstance(f, kind)]

    def assets(self, kind: AssetKind) -> list[Asset]:
        """The inventory's assets of one kind."""
        return self._assets.get(kind, [])

    def cards(self, paths: Iterable[str]) -> tuple[Card, ...]:
        """The model cards at `paths`, read once."""
        if self._cards is None:
            texts = self.sources.texts
            self._cards = tuple(read_card(p, texts[p]) for p in sorted(set(paths)) if p in texts)
        return self._cards

    def declared(self, asset: Asset) -> DeclaredAsset | None:
        """The register's line on `asset`."""
        if asset.id not in self._declared:
            found = (d for d in self.system.assets if matches(d, asset))
            self._declared[asset.id] = next(found, None)
        return self._declared[asset.id]

    def holds(self, path: str) -> bool:
        """Whether the tree holds a folder of this name, or it is the tree itself."""
        folder = path.removeprefix("./").strip("/")
        return folder in ("", ".") or any(p.startswith(f"{folder}/") for p in self.files)


def as_properties(**facts: object) -> tuple[tuple[str, str], ...]:
    """Facts as sorted names and texts; empty ones are left out, underscores become hyphens."""
    found = ((k.rstrip("_").replace("_", "-"), _text(v)) for k, v in facts.items())
    return tuple(sorted((k, v) for k, v in found if v))


def _text(value: object) -> str:
    if value is None or value is False or value == 0:
        return ""
    if value is True:
        return "yes"
    if isinstance(value, tuple | list):
        return ", ".join(str(v) for v in value)
    return str(value)


def plain(name: str) -> str:
    """A name without regard to case and signs."""
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")


def with_owner(component: Component, declared: DeclaredAsset | None) -> Component:
    """`component` with what the register says of it, where nothing else did."""
    if declared is None:
        return component
    more = as_properties(
        classification=declared.classification if component.data is None else "",
        register_name=declared.name if declared.name != component.name else "",
        register_source=public_url(declared.source) if component.data is None else "",
    )
    return msgspec.structs.replace(
        component,
        owner=declared.owner,
        version=component.version or declared.version,
        properties=tuple(sorted({*component.properties, *more})),
    )
