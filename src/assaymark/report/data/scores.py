"""A score for every record, as arrays: by engine, and merged. Pure."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.finding import Result

__all__ = ["merged_scores", "rounded"]

_DIGITS = 6
"""Significant digits kept; what float32 holds."""


def merged_scores(results: Iterable[Result], total: int) -> NDArray[np.float64]:
    """One order over all records: engines that flag it, plus its best standing with any engine, 0 to 1.

    A record's standing with an engine is 1 if it stands alone at the top and falls with the logarithm of how
    many score at least as high; records that an engine gives 0 have none. So scores need no common scale.
    """
    votes = np.zeros(total)
    standing = np.zeros(total)
    for result in results:
        votes += result.flagged
        rows = np.flatnonzero(result.scores > 0)
        if not len(rows):
            continue
        _, inverse, counts = np.unique(-result.scores[rows], return_inverse=True, return_counts=True)
        at_least = np.cumsum(counts)[inverse]
        mine = np.log((total + 1) / at_least) / np.log(total + 1)
        standing[rows] = np.maximum(standing[rows], mine)
    return votes + standing


def rounded(scores: NDArray[np.floating]) -> list[float]:
    """The scores with six significant digits, which write short."""
    values = np.asarray(scores, np.float64)
    sizes = np.abs(values)
    exponent = np.floor(np.log10(sizes, where=sizes > 0, out=np.zeros_like(sizes)))
    # Never below the smallest power that a double can be multiplied with without loss of range.
    scale = np.power(10.0, np.clip(_DIGITS - 1 - exponent, -280, 280))
    found: list[float] = (np.round(values * scale) / scale).tolist()
    return found
