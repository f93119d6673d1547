"""Directions of texture along which some images of one class stand apart from the rest of it.

Half of a class proposes, the other half is measured, and back: no image is measured along a direction that it
helped to find. Searches begin where the class's images look least like it, where it differs from other
classes, and where it spreads; a few images that stand far out and a large share that stands near are both
followed up.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Found", "Pair", "Vector", "measured", "refined", "search", "spread", "standard", "unit"]

_ROUNDS = 5
_APART = 3.5
"""Standard deviations from which an image is taken to bear the texture, while searching."""
_FEWEST = 8
_SPREAD = 6
"""Directions of largest spread that a search starts from, both ways."""
_SMALL = 2_000
"""Images up to which a class is searched twice."""
_STRANGE, _USUAL = 0.3, 0.6
"""Shares of a class, by how little its images look like it, that are strange to it and that are not."""

Vector = NDArray[np.float32]
Pair = tuple[Vector, Vector]


@dataclass(frozen=True, eq=False)
class Found:
    """Where a search ended."""

    pair: Pair
    """For the first and the second half: unit direction along which that half is measured."""
    strength: Vector
    """Distance of each image from the middle of its half, in robust standard deviations."""


def standard(values: Vector) -> tuple[float, float]:
    """Median, and the standard deviation that the median distance from it stands for."""
    centre = float(np.median(values))
    return centre, 1.4826 * float(np.median(np.abs(values - centre))) + 1e-6


def unit(vector: Vector) -> Vector:
    """The same direction, of length 1."""
    one: Vector = (vector / (np.linalg.norm(vector) + 1e-9)).astype(np.float32)
    return one


def measured(z: Vector, half: NDArray[np.bool_], pair: Pair) -> Vector:
    """Each image along the direction that the other half proposed."""
    both = z @ np.stack(pair, axis=1)
    along = np.where(half, both[:, 1], both[:, 0])
    for members in (~half, half):
        centre, width = standard(along[members])
        along[members] = (along[members] - centre) / width
    return along


def _tail(values: Vector) -> float:
    """Where those begin that stand far out; at least a few, at most a third."""
    count = min(max(_FEWEST, int((values > _APART).sum())), len(values) // 3)
    return float(np.partition(values, -count)[-count])


def _parting(values: Vector) -> float:
    """Where two groups part best: the most of the variance lies between them."""
    ordered = np.sort(values).astype(np.float64)
    n, below = len(ordered), np.cumsum(ordered)
    k = np.arange(1, n)
    between = k * (n - k) * (below[:-1] / k - (below[-1] - below[:-1]) / (n - k)) ** 2
    edge = n // 50
    return float(ordered[edge + int(np.argmax(between[edge : n - 1 - edge]))])


def refined(z: Vector, half: NDArray[np.bool_], sums: Vector, pair: Pair, *, tail: bool) -> Pair:
    """Propose in one half, measure in the other, back and forth."""
    halves = (~half, half)
    counts = [int(m.sum()) for m in halves]
    for _ in range(_ROUNDS):
        along = measured(z, half, pair)
        bearing = np.zeros((2, len(z)), np.float32)
        for side, members in enumerate(halves):
            least = (_tail if tail else _parting)(along[members])
            bearing[side] = members & (along >= least)
        inside, number = bearing @ z, bearing.sum(axis=1)
        proposed = [
            unit(inside[i] / number[i] - (sums[i] - inside[i]) / max(1, counts[i] - number[i]))
            for i in (0, 1)
        ]
        pair = (proposed[1], proposed[0])
    return pair


def spread(z: Vector) -> Vector:
    """Directions of largest spread, in rows, by subspace iteration from a fixed start."""
    start = np.random.default_rng(0).standard_normal((z.shape[1], _SPREAD + 3)).astype(np.float32)
    basis, middle = np.linalg.qr(start)[0], z.mean(axis=0)
    for _ in range(5):
        basis = np.linalg.qr(z.T @ (z @ basis) - len(z) * np.outer(middle, middle @ basis))[0]
    widest = np.argsort(-(z @ basis).var(axis=0))[:_SPREAD]
    return np.ascontiguousarray(basis[:, widest].T)


def _contrast(z: Vector, margin: Vector, members: NDArray[np.int64]) -> Vector:
    """From the images that look like their class towards those that do not."""
    mine = margin[members]
    weight = np.zeros((2, len(z)), np.float32)
    weight[0, members[mine <= np.quantile(mine, _STRANGE)]] = 1
    weight[1, members[mine > np.quantile(mine, _USUAL)]] = 1
    strange, usual = (weight / np.maximum(1, weight.sum(axis=1, keepdims=True))) @ z
    return unit(strange - usual)


def search(
    z: Vector, norm: Vector, half: NDArray[np.bool_], margin: Vector, middle: Vector
) -> Iterator[Found]:
    """Directions worth judging, for one class.

    Searched is the half of the class that looks least like it, where an attack's images are thickest, and
    of a small class all of it as well; images count alike, however odd they are. Measured is the class.

    Args:
        z: whitened textures of the class.
        norm: how odd each image is altogether.
        half: which half each image is in.
        margin: by how much each image looks like its class rather than another.
        middle: mean of all classes.
    """
    even = z / norm[:, None]
    strange = margin <= np.median(margin)
    parts = [np.flatnonzero(strange)] if len(z) > _SMALL else [np.flatnonzero(strange), np.arange(len(z))]
    for part in parts:
        sides = half[part]
        if min(int(sides.sum()), int((~sides).sum())) >= 2 * _FEWEST:
            for pair in _directions(even[part], sides, margin[part], middle):
                yield Found(pair, measured(z, half, pair))


def _directions(z: Vector, half: NDArray[np.bool_], margin: Vector, middle: Vector) -> Iterator[Pair]:
    halves = (np.flatnonzero(~half), np.flatnonzero(half))
    sums = np.stack([z[m].sum(axis=0) for m in halves])
    strange = (_contrast(z, margin, halves[1]), _contrast(z, margin, halves[0]))
    apart = (unit(sums[1] / len(halves[1]) - middle), unit(sums[0] / len(halves[0]) - middle))
    starts = [(strange, False), (apart, True), (apart, False)]
    for row in spread(z):
        starts += [((row, row), True), ((-row, -row), True)]
    for pair, tail in starts:
        yield refined(z, half, sums, pair, tail=tail)
