"""Search for directions along which a few images of one class stand apart from the rest of it.

Half of a class proposes a direction, the other half is measured along it, and back: no image is ever measured
along a direction that it helped to find, so that the odd image does not confirm itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Direction", "search", "standard"]

ROUNDS = 6
APART = 3.5
"""Standard deviations from which an image is taken to bear the pattern, while searching."""
FEWEST = 8
SPREAD = 2
"""Directions of largest spread within the class that a search starts from, both ways."""

Pair = tuple[NDArray[np.float32], NDArray[np.float32]]


@dataclass(frozen=True, eq=False)
class Direction:
    """Where a search ended."""

    pair: Pair
    """For the first and the second half: unit direction along which that half is measured."""
    centre: tuple[float, float]
    """Median of each half along its direction."""
    width: tuple[float, float]
    """Robust standard deviation of each half along its direction."""
    z: NDArray[np.float32]
    """Each image's distance from the centre, in widths."""


def standard(values: NDArray[np.float32]) -> tuple[float, float]:
    """Median, and the standard deviation that the median distance from it stands for."""
    centre = float(np.median(values))
    return centre, 1.4826 * float(np.median(np.abs(values - centre))) + 1e-6


def _unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    return (vector / (np.linalg.norm(vector) + 1e-9)).astype(np.float32)


def _measure(z: NDArray[np.float32], half: NDArray[np.bool_], pair: Pair) -> Direction:
    out = np.empty(len(z), np.float32)
    found = []
    for side, members in enumerate((~half, half)):
        along = z[members] @ pair[side]
        centre, width = standard(along)
        out[members] = (along - centre) / width
        found.append((centre, width))
    return Direction(pair, (found[0][0], found[1][0]), (found[0][1], found[1][1]), out)


def _apart(z: NDArray[np.float32]) -> NDArray[np.bool_]:
    """The images that stand apart; at least a few, at most a third."""
    count = max(FEWEST, int((z > APART).sum()))
    count = min(count, len(z) // 3)
    least = np.partition(z, -count)[-count]
    chosen: NDArray[np.bool_] = z >= least
    return chosen


def _refine(z: NDArray[np.float32], half: NDArray[np.bool_], sums: Pair, pair: Pair) -> Direction:
    """Propose in one half, measure in the other, back and forth."""
    for _ in range(ROUNDS):
        measured = _measure(z, half, pair).z
        proposed = []
        for side, members in enumerate((~half, half)):
            at = np.flatnonzero(members)
            bearing = at[_apart(measured[at])]
            inside = z[bearing].sum(axis=0)
            proposed.append(_unit(inside / len(bearing) - (sums[side] - inside) / (len(at) - len(bearing))))
        pair = (proposed[1], proposed[0])
    return _measure(z, half, pair)


def _spread(z: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """Directions of largest spread, in columns, by subspace iteration from a fixed start."""
    start = np.random.default_rng(0).standard_normal((z.shape[1], count + 3)).astype(np.float32)
    basis = np.linalg.qr(start)[0]
    for _ in range(8):
        basis = np.linalg.qr(z.T @ (z @ basis))[0]
    along = z @ basis
    kept: NDArray[np.float32] = basis[:, np.argsort(-along.var(axis=0))[:count]]
    return kept


def search(
    z: NDArray[np.float32], half: NDArray[np.bool_], middle: NDArray[np.float32]
) -> Iterator[Direction]:
    """Directions worth judging, for one class.

    Args:
        z: whitened images of the class.
        half: which half each is in.
        middle: mean of all classes.
    """
    sums = (z[~half].sum(axis=0), z[half].sum(axis=0))
    counts = (int((~half).sum()), int(half.sum()))
    first, second = _unit(sums[0] / counts[0] - middle), _unit(sums[1] / counts[1] - middle)
    starts: list[Pair] = [(second, first), (-second, -first)]
    for column in _spread(z - z.mean(axis=0), SPREAD).T:
        direction = np.ascontiguousarray(column)
        starts += [(direction, direction), (-direction, -direction)]
    for pair in starts:
        yield _refine(z, half, sums, pair)
