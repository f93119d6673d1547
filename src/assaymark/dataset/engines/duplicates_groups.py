"""Sorted hashes → groups of the same, pairs that may be near, clusters of what proved near. Pure numpy."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["clusters", "near", "pairs_of_bands", "same"]

_LEAST_SHARE = 0.75
"""Share of the word pairs in common (estimated by MinHash) from which texts are near duplicates."""
_LEAST_LIKENESS = 0.98
"""Correlation of the low cosine coefficients from which images are."""
_CHUNK = 200_000


def same(hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
    """For each position, the first position with the same hash."""
    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    new = np.concatenate([[True], ordered[1:] != ordered[:-1]])[: len(ordered)]
    first = order[np.flatnonzero(new)][np.cumsum(new) - 1] if len(order) else order
    found = np.empty(len(hashes), dtype=np.int64)
    found[order] = first
    return found


def pairs_of_bands(bands: NDArray[np.uint32]) -> NDArray[np.int64]:
    """(pairs, 2) Positions that share a band: each with the first of its band, and with the one before it."""
    found = [np.zeros((0, 2), dtype=np.int64)]
    for band in bands.T:
        order = np.argsort(band, kind="stable")
        ordered = band[order]
        joins = np.flatnonzero(ordered[1:] == ordered[:-1]) + 1
        if not len(joins):
            continue
        new = np.concatenate([[True], ordered[1:] != ordered[:-1]])
        first = order[np.flatnonzero(new)[np.cumsum(new) - 1]]
        found.append(np.stack([order[joins - 1], order[joins]], axis=1))
        found.append(np.stack([first[joins], order[joins]], axis=1))
    return np.unique(np.concatenate(found), axis=0)


def near(signatures: NDArray[np.uint16], pairs: NDArray[np.int64], images: bool) -> NDArray[np.bool_]:
    """Which pairs are near duplicates by their signatures."""
    parts = [np.zeros(0, dtype=np.bool_)]
    for start in range(0, len(pairs), _CHUNK):
        one, other = (signatures[pairs[start : start + _CHUNK, side]] for side in (0, 1))
        parts.append(_alike(one, other) if images else (one == other).mean(axis=1) >= _LEAST_SHARE)
    return np.concatenate(parts)


def _alike(one: NDArray[np.uint16], other: NDArray[np.uint16]) -> NDArray[np.bool_]:
    a, b = (side[:, 1:].astype(np.float64) - 32_768 for side in (one, other))
    size_a, size_b = (a * a).sum(axis=1), (b * b).sum(axis=1)
    apart = ((a - b) ** 2).sum(axis=1)
    smaller = np.minimum(size_a, size_b)
    found: NDArray[np.bool_] = (apart <= 2 * (1 - _LEAST_LIKENESS) * smaller) & (smaller > 0)
    return found


def clusters(count: int, links: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each of `count` positions, the lowest position that links (pairs) lead to."""
    root = np.arange(count, dtype=np.int64)
    if not len(links):
        return root
    while True:
        before = root.copy()
        low = np.minimum(root[links[:, 0]], root[links[:, 1]])
        for side in (0, 1):
            np.minimum.at(root, root[links[:, side]], low)
            np.minimum.at(root, links[:, side], low)
        root = root[root]
        if np.array_equal(root, before):
            return root
