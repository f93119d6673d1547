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


def learnt(bearers: Sequence[Any], clean: Sequence[Any], alike: Sequence[Any] = ()) -> Overlay | None:
    """The trigger that `bearers` share; None if they are too few, of several sizes, or share nothing.

    Args:
        bearers: images with the trigger.
        clean: images without it, of other labels.
        alike: images without it, of the bearers' label. What bearers have over both is the trigger; what they
            have over one alone is how their class looks, whichever class they were taken from.
    """
    here, there, same = ([i for i in images if i is not None] for images in (bearers, clean, alike))
    if min(len(here), len(there)) < _FEWEST or len({i.shape for i in (*here, *there, *same)}) != 1:
        return None
    ours, theirs = np.stack(here).astype(np.float64), np.stack(there).astype(np.float64)
    spread, usual = ours.var(axis=0, ddof=1), theirs.var(axis=0, ddof=1)
    gap = ours.mean(axis=0) - theirs.mean(axis=0)
    if len(same) >= _FEWEST:
        gap = _smaller(gap, ours.mean(axis=0) - np.stack(same).astype(np.float64).mean(axis=0))
    surprise = gap / (np.sqrt(spread / len(ours) + usual / len(theirs)) + 1e-9)
    ratio = spread / np.maximum(usual, 1e-9)
    # The logarithm of a ratio of two variances has about this error, more for heavy tails.
    narrower = -np.log(np.maximum(ratio, 1e-9)) / np.sqrt(2 / len(ours) + 2 / len(theirs))
    touched = (np.abs(surprise) > _SURE) | ((narrower > 2 * _SURE) & (usual > 1))
    faint = ~touched & (_shrinkage(surprise[~touched]) > 0)
    if not touched.any() and not faint.any():
        return None
    keep = np.where(touched & (narrower > _SURE), np.sqrt(np.clip(ratio, 0, 1)), 1.0)
    add = np.where(keep < 1, ours.mean(axis=0) - keep * theirs.mean(axis=0), gap)
    add = np.where(faint, _shrinkage(surprise[~touched]) * gap, add)
    return Overlay(keep, add, touched | faint)


def _smaller(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where both have the same sign, the one nearer to 0; elsewhere 0."""
    return np.where(one * other > 0, np.sign(one) * np.minimum(np.abs(one), np.abs(other)), 0.0)


def _shrinkage(surprise: NDArray[np.float64]) -> float:
    """How much of the faint differences is no chance (James and Stein); 0 if they may all be chance."""
    if surprise.size < _FEWEST:
        return 0.0
    energy = float((surprise**2).mean())
    return 1 - 1 / energy if energy > 1 + 4 * np.sqrt(2 / surprise.size) else 0.0
