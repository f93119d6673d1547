"""The owner's asset register beside what was found: which line speaks of which asset. Pure."""

import functools
import re

from assaymark.asset import Asset
from assaymark.system.system import DeclaredAsset

__all__ = ["matches"]


def matches(declared: DeclaredAsset, asset: Asset) -> bool:
    """Whether a line of the register speaks of `asset`: same place, same digest, or same kind and name."""
    if declared.location and declared.location.removeprefix("./").rstrip("/") == asset.location:
        return True
    if declared.sha256 and declared.sha256 == asset.sha256:
        return True
    return declared.kind == asset.kind and _plain(declared.name) == _plain(asset.name)


@functools.lru_cache(maxsize=4096)
def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")
