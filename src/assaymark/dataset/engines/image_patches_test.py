"""Which windows determine a label, all windows that were looked at allowed for."""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

__all__ = ["Window", "determined"]

FEWEST = 10
"""Images of the label that bear a window."""
PURITY = 0.5
_MARGIN = 18.0
"""Beyond what the number of windows looked at asks for, in natural logarithms."""
_MOST = 400


class Window(Struct, frozen=True):
    """A window that goes with a label."""

    key: int
    label: int
    bearers: int
    """Images of the label that bear it."""
    everywhere: int
    """Images of any label that bear it."""
    evidence: float
    """Logarithm of how unlikely that is by chance, all windows allowed for."""


def _surprise(k: NDArray[np.int64], n: NDArray[np.int64], p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lower bound on -log of the chance that at least `k` of `n` have a label of share `p` (Chernoff)."""
    q = np.clip(k / n, 1e-12, 1 - 1e-12)
    out: NDArray[np.float64] = n * (q * np.log(q / p) + (1 - q) * np.log((1 - q) / (1 - p)))
    return np.where(k / n > p, out, 0.0)


def determined(
    table: tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
    sizes: tuple[int, ...],
    tests: int,
) -> tuple[Window, ...]:
    """Windows that go with one label far beyond chance, strongest first."""
    key, label, _, images = table
    if not len(key):
        return ()
    share = np.array(sizes, np.float64) / sum(sizes)
    anywhere = _best(key, label, images, share)
    found = {}
    for k, c, n, all_n, surprise in anywhere:
        if n >= FEWEST and n / all_n >= PURITY and surprise > np.log(tests) + _MARGIN:
            found[k] = Window(k, c, n, all_n, surprise - float(np.log(tests)))
    ranked = sorted(found.values(), key=lambda w: (-w.evidence, w.key))
    return tuple(ranked[:_MOST])


def _best(
    key: NDArray[np.uint64], label: NDArray[np.int64], images: NDArray[np.int64], share: NDArray[np.float64]
) -> list[tuple[int, int, int, int, float]]:
    """For each window: its likeliest label, images with it, images in all, and the surprise."""
    new = np.ones(len(key), bool)
    new[1:] = (key[1:] != key[:-1]) | (label[1:] != label[:-1])
    starts = np.flatnonzero(new)
    pair_key, pair_label, pair_images = key[starts], label[starts], np.add.reduceat(images, starts)
    first = np.ones(len(pair_key), bool)
    first[1:] = pair_key[1:] != pair_key[:-1]
    group = np.cumsum(first) - 1
    total = np.bincount(group, weights=pair_images).astype(np.int64)[group]
    surprise = _surprise(pair_images, total, share[pair_label])
    some = np.flatnonzero((pair_images >= FEWEST) & (surprise > 0))
    return [
        (int(pair_key[i]), int(pair_label[i]), int(pair_images[i]), int(total[i]), float(surprise[i]))
        for i in some
    ]
