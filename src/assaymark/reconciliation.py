"""What the register and the tree differ in: the nouns, which reports may know without the search for them."""

from msgspec import Struct

from assaymark.asset import Asset, AssetKind
from assaymark.observation import Location
from assaymark.system.system import DeclaredAsset

__all__ = ["COMPARED", "STORED", "Difference", "Reconciliation"]

STORED = (AssetKind.MODEL, AssetKind.DATASET)
"""Kinds of which the content itself is looked for in the register."""
COMPARED = (*STORED, AssetKind.PROMPT, AssetKind.SERVICE, AssetKind.TOOL)
"""Kinds that a register has to list; packages are listed by lock files, documents by nobody."""


class Difference(Struct, frozen=True):
    """One thing in which register and tree differ."""

    kind: str
    """missing (listed, not there), changed (there with another digest) or extra (there, not listed)."""
    name: str
    message: str
    """One sentence."""
    at: Location | None = None
    """The register's line, or where the asset lies or is mentioned."""
    stored: bool = False
    """For an extra: its content lies in the tree."""


class Reconciliation(Struct, frozen=True):
    """The register and the tree, compared."""

    listed: int
    """Lines in the register."""
    found: tuple[Asset, ...]
    """Assets in the tree, or named by it, that a register has to list."""
    wrong: tuple[Difference, ...] = ()
    """What is missing or has changed, in the register's order."""
    extra: tuple[Difference, ...] = ()
    unseen: tuple[DeclaredAsset, ...] = ()
    """Lines without a place in the tree that nothing in the tree mentions: neither confirmed nor denied."""
    unhashed: tuple[DeclaredAsset, ...] = ()
    """Lines on files of the tree that state no digest, so that a change of them would go unseen."""

    @property
    def missing(self) -> tuple[Difference, ...]:
        """Listed, and not there."""
        return tuple(d for d in self.wrong if d.kind == "missing")

    @property
    def changed(self) -> tuple[Difference, ...]:
        """Listed with a digest that is no longer the content's."""
        return tuple(d for d in self.wrong if d.kind == "changed")

    @property
    def differs(self) -> bool:
        """Whether anything is missing, changed or extra."""
        return bool(self.wrong or self.extra)
