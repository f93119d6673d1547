"""Which windows determine a label, all windows that were looked at allowed for."""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from assaymark.dataset.engines.image_patch_counts import Rows
from assaymark.dataset.engines.image_windows import Kind

__all__ = ["MARGIN", "Window", "by_chance", "determined"]

FEWEST = 8
"""Images of the label that bear a window."""
PURITY = 0.3
MARGIN = 18.0
"""Beyond what the number of windows looked at asks for, in natural logarithms."""
_MOST = 320
_SAME = 6
"""Windows with the same counts that are followed: those of one patch."""
_COARSE = 0.9
"""Of two windows that say nearly the same, the one that is the same to the pixel stands for the patch."""
_FEWEST_OF_LABEL = 24
_HINT = 0.4
"""Share of the evidence asked for from which a window is followed to rank records by it."""


class Window(Struct, frozen=True):
    """A window that goes with a label."""

    key: int
    label: int
    bearers: int
    """Images of the label that bear it."""
    everywhere: int
    """Images of any label that bear it."""
    surprise: float
    """Logarithm of how unlikely that is by chance."""
    evidence: float
    """The same, all windows allowed for."""
    enough: float
    """Share of the evidence asked for; 1 and more is enough."""


def _surprise(k: NDArray[np.int64], n: NDArray[np.int64], p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lower bound on -log of the chance that at least `k` of `n` have a label of share `p` (Chernoff)."""
    q = np.clip(k / n, 1e-12, 1 - 1e-12)
    out: NDArray[np.float64] = n * (q * np.log(q / p) + (1 - q) * np.log((1 - q) / (1 - p)))
    return np.where(k / n > p, out, 0.0)


def _windows(rows: Rows, sizes: tuple[int, ...], tests: int, least: float) -> list[Window]:
    """Each window with the label that it goes with most, strongest first, those with evidence enough."""
    key, label, images = rows
    if not len(key):
        return []
    share = np.array(sizes, np.float64) / sum(sizes)
    first = np.ones(len(key), bool)
    first[1:] = key[1:] != key[:-1]
    group = np.cumsum(first) - 1
    total = np.bincount(group, weights=images).astype(np.int64)[group]
    surprise = _surprise(images, total, share[label])
    enough = surprise / (np.log(tests) + MARGIN)
    some = np.flatnonzero((images >= FEWEST) & (images >= PURITY * total) & (enough >= least))
    rank = np.where(key[some] & np.uint64(3) == Kind.COARSE, _COARSE, 1.0) * surprise[some]
    some = some[np.lexsort((key[some], -rank))]
    shown = np.unique(key[some], return_index=True)[1]
    return [
        Window(
            int(key[i]),
            int(label[i]),
            int(images[i]),
            int(total[i]),
            float(surprise[i]),
            float(surprise[i] - np.log(tests)),
            float(enough[i]),
        )
        for i in some[np.sort(shown)]
    ]


def determined(rows: Rows, sizes: tuple[int, ...], tests: int) -> tuple[Window, ...]:
    """Windows that go with one label far beyond chance, or nearly; strongest first, a few of each kind."""
    same: dict[tuple[int, int, int], int] = {}
    of_label: dict[int, int] = {}
    kept: list[Window] = []
    room = max(_FEWEST_OF_LABEL, _MOST // max(1, len(sizes)))
    for window in _windows(rows, sizes, tests, _HINT):
        kind = (window.label, window.bearers, window.everywhere)
        same[kind] = same.get(kind, 0) + 1
        if same[kind] > _SAME or of_label.get(window.label, 0) >= room or len(kept) >= _MOST:
            continue
        of_label[window.label] = of_label.get(window.label, 0) + 1
        kept.append(window)
    return tuple(kept)


def by_chance(rows: Rows, sizes: tuple[int, ...], tests: int) -> int:
    """Images that windows beyond the threshold would flag where labels were dealt anew: counted once each."""
    return sum(window.bearers for window in _windows(rows, sizes, tests, 1.0))
