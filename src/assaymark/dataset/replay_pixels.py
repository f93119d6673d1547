"""What images that bear a trigger share, learnt pixel by pixel, and put upon other images. Pure.

Each pixel of a poisoned image is taken as a·x + b of what would have stood there: a patch has a = 0, a blend
0 < a < 1, a faint pattern a = 1. Both are estimated from the spread and the mean of the bearers against clean
images of the same size; pixels in which neither differs are left alone.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

__all__ = ["Overlay", "learnt"]

_FEWEST = 8
_SURE = 3.5
"""Standard errors by which a pixel has to differ to count as touched."""


class Overlay(Struct, frozen=True):
    """A trigger of an image: `keep · pixel + add` where `touched`."""

    keep: NDArray[np.float64]
    add: NDArray[np.float64]
    touched: NDArray[np.bool_]
    """height × width × 3, as the others."""

    def on(self, image: Any) -> Any:
        """The image with the trigger; as it was if its size differs."""
        if image is None or image.shape != self.keep.shape:
            return image
        changed = np.clip(np.round(self.keep * image + self.add), 0, 255).astype(np.uint8)
        return np.where(self.touched, changed, image)

    def shuffled(self, seed: int) -> "Overlay":
        """The same touched pixels in another order among themselves."""
        pixels = np.flatnonzero(self.touched.any(axis=2).ravel())
        order = np.random.default_rng(seed).permutation(len(pixels))
        keep, add = self.keep.reshape(-1, 3).copy(), self.add.reshape(-1, 3).copy()
        touched = self.touched.reshape(-1, 3).copy()
        for part in (keep, add, touched):
            part[pixels] = part[pixels[order]]
        shape = self.keep.shape
        return Overlay(keep.reshape(shape), add.reshape(shape), touched.reshape(shape))


def learnt(bearers: Sequence[Any], clean: Sequence[Any]) -> Overlay | None:
    """The trigger that `bearers` share; None if they are too few, of several sizes, or share nothing."""
    here = [i for i in bearers if i is not None]
    there = [i for i in clean if i is not None]
    if min(len(here), len(there)) < _FEWEST or len({i.shape for i in (*here, *there)}) != 1:
        return None
    ours, theirs = np.stack(here).astype(np.float64), np.stack(there).astype(np.float64)
    gap = ours.mean(axis=0) - theirs.mean(axis=0)
    ours_spread, theirs_spread = ours.var(axis=0, ddof=1), theirs.var(axis=0, ddof=1)
    error = np.sqrt(ours_spread / len(ours) + theirs_spread / len(theirs)) + 1e-9
    ratio = ours_spread / np.maximum(theirs_spread, 1e-9)
    # The logarithm of a ratio of two variances has about this error, more for heavy tails.
    narrower = -np.log(np.maximum(ratio, 1e-9)) / np.sqrt(2 / len(ours) + 2 / len(theirs))
    touched = (np.abs(gap) / error > _SURE) | ((narrower > 2 * _SURE) & (theirs_spread > 1))
    if not touched.any():
        return None
    keep = np.where(narrower > _SURE, np.sqrt(np.clip(ratio, 0, 1)), 1.0)
    return Overlay(keep, ours.mean(axis=0) - keep * theirs.mean(axis=0), touched)
