"""Scores of attacks and of benign texts → how well a score tells them apart, at any threshold. Pure."""

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

__all__ = ["Auroc", "auroc", "threshold_at"]


class Auroc(Struct, frozen=True):
    """Probability that an attack scores higher than a benign text; ties count half."""

    value: float
    low: float
    """95 % interval by DeLong and others (1988); where nothing overlaps, the rule of three."""
    high: float


def auroc(attacks: Sequence[float], benign: Sequence[float]) -> Auroc | None:
    """None if either side is empty."""
    m, n = len(attacks), len(benign)
    if not m or not n:
        return None
    a, b = np.asarray(attacks), np.asarray(benign)
    both = _midranks(np.concatenate([a, b]))
    of_attacks = (both[:m] - _midranks(a)) / n
    of_benign = 1 - (both[m:] - _midranks(b)) / m
    value = float(of_attacks.mean())
    variance = _variance(of_attacks) / m + _variance(of_benign) / n
    if variance == 0:
        # DeLong's variance vanishes at 0 and 1; the rule of three on the smaller side is what can be said.
        slack = min(1.0, 3 / min(m, n)) if value in (0.0, 1.0) else 0.0
        return Auroc(value, max(0.0, value - slack), min(1.0, value + slack))
    half = NormalDist().inv_cdf(0.975) * math.sqrt(variance)
    return Auroc(value, max(0.0, value - half), min(1.0, value + half))


def threshold_at(benign: Sequence[float], rate: float) -> float | None:
    """The lowest score that flags at most `rate` of `benign`; None if there is none.

    A little above the highest score that must not be flagged, so that ties do not slip in.
    """
    if not benign:
        return None
    ordered = sorted(benign, reverse=True)
    allowed = math.floor(rate * len(ordered) + 1e-9)
    if allowed >= len(ordered):
        return 0.0
    return math.nextafter(ordered[allowed], math.inf)


def _midranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rank of each value from 1; equal values share the middle of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    middle: NDArray[np.float64] = last - (counts - 1) / 2
    return middle[inverse.reshape(-1)]


def _variance(values: NDArray[np.float64]) -> float:
    return float(values.var(ddof=1)) if len(values) > 1 else 0.0
