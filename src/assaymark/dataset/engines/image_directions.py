"""Search for directions along which a few images of one class stand apart from the rest of it.

Half of a class proposes a direction, the other half is measured along it, and back: no image is ever measured
along a direction that it helped to find, so that the odd image does not confirm itself.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.image_starts import starts

__all__ = ["Direction", "middle_and_width", "search", "unit"]

KEPT = 8
"""Directions of a class that are refined to the end."""
FIRST_ROUNDS, LAST_ROUNDS = 2, 4
APART = 3.5
"""Standard deviations from which an image is taken to bear the pattern, while searching."""
FEWEST = 6
MOST = 3
"""At most one in so many images bears it, while searching."""
_SAME = 0.5
"""Cosine from which two directions are one."""
_LOOKED_AT = 1024
"""Images from which the middle and the width of many directions are taken."""
_CHANCE = 4.0
"""Squared standard errors that are taken from what a sparse pattern has of a coefficient."""
_TAIL = 8
_FAR = 12.0
"""Strength beyond which a start is as good as any."""

Reals = NDArray[np.float32]
Pair = tuple[Reals, Reals]
_LOW, _QUARTER = -1.6449, -0.6745
"""Where 5 % and 25 % of a bell curve end."""


@dataclass(frozen=True, eq=False)
class Direction:
    """Where a search ended."""

    pair: Pair
    """For the first and the second half: unit direction along which that half is measured."""
    centre: tuple[float, float]
    """Middle of each half along its direction."""
    width: tuple[float, float]
    """Standard deviation of each half along its direction, as its lower side shows it."""
    strength: Reals
    """Each image's distance from the centre, in widths."""
    agreement: float
    """Cosine between the directions that the two halves proposed."""

    @property
    def axis(self) -> Reals:
        """The direction that both halves propose together."""
        return unit(self.pair[0] + self.pair[1])


def unit(vectors: NDArray[np.floating]) -> Reals:
    """Vectors, in columns, at length 1."""
    length = np.sqrt((vectors**2).sum(axis=0)) + 1e-9
    made: Reals = (vectors / length).astype(np.float32)
    return made


def middle_and_width(along: Reals) -> Pair:
    """Middle and width of each column, from its lower side, so that even many bearers do not move them."""
    some = np.sort(along[:: max(1, len(along) // _LOOKED_AT)], axis=0)
    low, quarter, half = (some[min(len(some) - 1, round(q * len(some)))] for q in (0.05, 0.25, 0.5))
    width = np.maximum((quarter - low) / (_QUARTER - _LOW), 0.5 * (half - low) / -_LOW) + 1e-6
    return quarter - _QUARTER * width, width


def _strength(z: Reals, directions: Reals) -> Reals:
    along = z @ directions
    middle, width = middle_and_width(along)
    along -= middle
    along /= width
    return along


def _propose(z: Reals, total: Reals, strength: Reals, sparse: NDArray[np.bool_]) -> Reals:
    """For each column: mean of the images that stand apart, less the mean of the others.

    What is no surer than chance is taken out of the sparse ones.
    """
    least = np.full(strength.shape[1], APART, np.float32)
    count = (strength > APART).sum(axis=0)
    wrong = np.flatnonzero((count < FEWEST) | (count > len(z) // MOST))
    if len(wrong):
        wanted = np.clip(count[wrong], FEWEST, max(FEWEST, len(z) // MOST))
        ordered = np.sort(strength[:, wrong], axis=0)
        least[wrong] = ordered[np.maximum(len(z) - wanted, 0), np.arange(len(wrong))]
    apart = (strength >= least).astype(np.float32)
    count = apart.sum(axis=0)
    inside = z.T @ apart
    apart = inside / count - (total[:, None] - inside) / np.maximum(len(z) - count, 1)
    surely = apart[:, sparse]
    apart[:, sparse] = surely * np.maximum(0, 1 - _CHANCE / (count[sparse] * surely**2 + 1e-9))
    return unit(apart)


def _rounds(halves: Pair, totals: Pair, pair: Pair, sparse: NDArray[np.bool_], count: int) -> Pair:
    """Propose in one half, measure in the other, back and forth."""
    for _ in range(count):
        first, second = (
            _propose(z, t, _strength(z, d), sparse) for z, t, d in zip(halves, totals, pair, strict=True)
        )
        pair = second, first
    return pair


def _promising(halves: Pair, pair: Pair) -> list[int]:
    """The columns along which both halves have a tail and which both halves propose; alike ones once."""
    tails = [np.sort(_strength(z, d), axis=0)[-_TAIL] for z, d in zip(halves, pair, strict=True)]
    agreement = np.maximum((pair[0] * pair[1]).sum(axis=0), 0)
    merit = np.minimum(np.minimum(tails[0], tails[1]), _FAR) * np.sqrt(agreement)
    alike = pair[0].T @ pair[0]
    kept: list[int] = []
    for k in np.argsort(-merit, kind="stable"):
        if all(alike[k, other] < _SAME for other in kept):
            kept.append(int(k))
        if len(kept) == KEPT:
            break
    return kept


def search(z: Reals, half: NDArray[np.bool_], middle: Reals) -> list[Direction]:
    """Directions worth judging, for one class.

    Args:
        z: whitened images of the class.
        half: which half each is in.
        middle: mean of all classes.
    """
    halves = z[~half], z[half]
    if min(len(h) for h in halves) < 2 * FEWEST:
        return []
    totals = halves[0].sum(axis=0), halves[1].sum(axis=0)
    few, many = zip(*(starts(h, middle) for h in halves), strict=True)
    pool = np.concatenate([*few, *many], axis=1)
    sparse = np.arange(pool.shape[1]) < sum(g.shape[1] for g in few)
    pair = _rounds(halves, totals, (pool, pool), sparse, FIRST_ROUNDS)
    kept = _promising(halves, pair)
    pair = _rounds(halves, totals, (pair[0][:, kept], pair[1][:, kept]), sparse[kept], LAST_ROUNDS)
    return [_ended(halves, half, (pair[0][:, k], pair[1][:, k])) for k in range(len(kept))]


def _ended(halves: Pair, half: NDArray[np.bool_], pair: Pair) -> Direction:
    strength = np.empty(len(half), np.float32)
    centre, width = [], []
    for members, z, direction in zip((~half, half), halves, pair, strict=True):
        along = z @ direction
        middle, wide = middle_and_width(along[:, None])
        strength[members] = (along - middle[0]) / wide[0]
        centre.append(float(middle[0]))
        width.append(float(wide[0]))
    return Direction(
        (np.ascontiguousarray(pair[0]), np.ascontiguousarray(pair[1])),
        (centre[0], centre[1]),
        (width[0], width[1]),
        strength,
        float(pair[0] @ pair[1]),
    )
