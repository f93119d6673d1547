"""Facts → the inventory: assets and the edges between them."""

from collections.abc import Iterable

from assaymark.asset import Inventory, Tree
from assaymark.scan.facts import Fact
from assaymark.system.system import System

__all__ = ["build_inventory"]


def build_inventory(facts: Iterable[Fact], tree: Tree, system: System) -> Inventory:
    """The assets that `facts` speak of, merged with the register in the manifest."""
    return Inventory((), ())
