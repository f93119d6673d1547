"""A score for every record, as arrays: by engine, and merged. Pure."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.finding import Result

__all__ = ["merged_scores", "rounded"]

_CHUNK = 1 << 19
_DIGITS = 6
"""Significant digits kept; what float32 holds."""


_QUALITY = frozenset({"duplicates", "outliers", "secrets_and_personal_data"})
"""Engines whose scores tell of quality: a record that is odd or told twice is seldom poison."""


def merged_scores(results: Iterable[Result], total: int) -> NDArray[np.float64]:
    """One order over all records: engines that flag it, plus its best standing with any engine, 0 to 1.

    A record's standing with an engine is 1 if it stands alone at the top and falls with the logarithm of how
    many score at least as high; records that an engine gives 0 have none. So scores need no common scale. It
    counts half with engines that look at quality, or the oddest records would stand above near misses.
    """
    votes = np.zeros(total, np.uint8)
    standing = np.zeros(total, np.float32)
    for result in results:
        votes += result.flagged
        ordered = np.sort(result.scores[result.scores > 0])
        for start in range(0, total if len(ordered) else 0, _CHUNK):
            part = result.scores[start : start + _CHUNK]
            order = np.argsort(part)  # looked up in order, neighbours lie in the cache
            at_least = np.empty(len(part), np.int64)
            at_least[order] = len(ordered) - np.searchsorted(ordered, part[order], side="left")
            mine = np.log((total + 1) / np.maximum(at_least, 1)) / np.log(total + 1)
            mine *= 0.5 if result.engine in _QUALITY else 1.0
            place = standing[start : start + _CHUNK]
            np.maximum(place, np.where(part > 0, mine, 0), out=place, casting="same_kind")
    merged: NDArray[np.float64] = votes.astype(np.float64) + standing
    return merged


def rounded(scores: NDArray[np.floating]) -> list[float]:
    """The scores with six significant digits, which write short."""
    values = np.asarray(scores, np.float64)
    sizes = np.abs(values)
    exponent = np.floor(np.log10(sizes, where=sizes > 0, out=np.zeros_like(sizes)))
    # Never below the smallest power that a double can be multiplied with without loss of range.
    scale = np.power(10.0, np.clip(_DIGITS - 1 - exponent, -280, 280))
    found: list[float] = (np.round(values * scale) / scale).tolist()
    return found
