"""Shares with intervals: Wilson for reading, Clopper-Pearson where a bound is claimed. Pure.

Sources: Wilson (1927); Clopper and Pearson (1934). The incomplete beta function is evaluated by its
continued fraction (Lentz's method), so that nothing heavy is needed.
"""

import math
from statistics import NormalDist

from msgspec import Struct

__all__ = ["Share", "clopper_pearson", "most_allowed", "needed", "share", "upper_bound", "wilson"]

_HALVINGS = 60
_TERMS = 500


class Share(Struct, frozen=True):
    """`count` of `total`, with what the true share may be at 95 % confidence."""

    count: int
    total: int
    value: float | None
    """None where there is nothing to count in."""
    wilson: tuple[float, float] | None = None
    exact: tuple[float, float] | None = None
    """Clopper-Pearson: never covers less than it says."""


def share(count: int, total: int) -> Share:
    """The share with both intervals."""
    if total == 0:
        return Share(0, 0, None)
    return Share(count, total, count / total, wilson(count, total), clopper_pearson(count, total))


def wilson(count: int, total: int, confidence: float = 0.95) -> tuple[float, float]:
    """The score interval, two-sided."""
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share, scale = count / total, 1 + z * z / total
    middle = (share + z * z / (2 * total)) / scale
    half = z / scale * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return max(0.0, middle - half), min(1.0, middle + half)


def clopper_pearson(count: int, total: int, confidence: float = 0.95) -> tuple[float, float]:
    """The exact interval, two-sided."""
    tail = (1 - confidence) / 2
    low = 0.0 if count == 0 else _quantile(tail, count, total - count + 1)
    high = 1.0 if count == total else _quantile(1 - tail, count + 1, total - count)
    return low, high


def upper_bound(count: int, total: int, confidence: float = 0.95) -> float:
    """The exact one-sided upper bound: with `confidence`, the true share is not above it."""
    if count >= total:
        return 1.0
    if count == 0:
        return 1 - math.pow(1 - confidence, 1 / total)
    return _quantile(confidence, count + 1, total - count)


def most_allowed(total: int, target: float, confidence: float = 0.95) -> int:
    """The most of `total` with which the upper bound is still at most `target`; -1 if not even 0 is."""
    if total == 0 or upper_bound(0, total, confidence) > target:
        return -1
    low, high = 0, total
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if upper_bound(middle, total, confidence) <= target else (low, middle)
    return low


def needed(target: float, confidence: float = 0.95) -> int:
    """How many samples, none of them flagged, a claim of at most `target` takes: 299 for 1 % at 95 %."""
    return math.ceil(math.log(1 - confidence) / math.log(1 - target))


def _quantile(probability: float, a: float, b: float) -> float:
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _beta_cdf(middle, a, b) < probability else (low, middle)
    return (low + high) / 2


def _beta_cdf(x: float, a: float, b: float) -> float:
    if x <= 0 or x >= 1:
        return float(x >= 1)
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(x, a, b) / a
    return 1 - front * _fraction(1 - x, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    tiny = 1e-300
    c, d = 1.0, 1 / _away(1 - (a + b) * x / (a + 1), tiny)
    value = d
    for m in range(1, _TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / _away(1 + term * d, tiny)
            c = _away(1 + term / c, tiny)
            value *= c * d
        if abs(c * d - 1) < 1e-14:
            break
    return value


def _away(value: float, tiny: float) -> float:
    return value if abs(value) > tiny else tiny
