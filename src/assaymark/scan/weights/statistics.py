"""The numbers themselves: every tensor of a file read in pieces, and held against those of a declared base.

Only on demand (`--deep`), since it reads all of the file. Thresholds are ours, and stand here.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from assaymark.inspection import Hazard, Level
from assaymark.scan.blob import Blob
from assaymark.scan.part import LIMITS, Limits
from assaymark.scan.weights._tables import table
from assaymark.scan.weights._words import short
from assaymark.scan.weights.places import Place, places

__all__ = ["Difference", "Statistics", "compare", "judge_statistics", "statistics"]

CHUNK = 1 << 22
"""Bytes that are read and held at once."""
MAX_TENSORS = 100_000
SHIFT = 0.5
"""Difference of means, in standard deviations of the base, from which on a tensor is named."""
SPREAD = 1.5
"""Ratio of standard deviations, either way, from which on a tensor is named."""
PEAK = 4.0
"""Ratio of largest magnitudes, either way, from which on a tensor is named."""


class Statistics(Struct, frozen=True, kw_only=True):
    """What the numbers of one tensor are like."""

    name: str
    type: str
    shape: tuple[int, ...]
    count: int
    """Numbers that were read."""
    not_finite: int = 0
    """Infinite, or not a number."""
    minimum: float = 0.0
    maximum: float = 0.0
    mean: float = 0.0
    deviation: float = 0.0
    """Standard deviation of what is finite."""

    @property
    def peak(self) -> float:
        """Largest magnitude."""
        return max(abs(self.minimum), abs(self.maximum))

    @property
    def constant(self) -> bool:
        """All numbers are the same."""
        return self.count > 1 and not self.not_finite and self.minimum == self.maximum


class Difference(Struct, frozen=True):
    """A tensor that is not like the base's."""

    name: str
    reason: str
    """What differs, with both values."""


def statistics(blob: Blob, limits: Limits = LIMITS) -> Iterator[Statistics]:
    """What the numbers of each tensor are like, of safetensors, npy, and unquantised tensors of GGUF.

    Integers count as numbers. Quantised tensors and those of 8-bit floats are left out. A file that cannot
    be read gives as many tensors as its header names.
    """
    for count, place in enumerate(places(blob, limits)):
        if count >= MAX_TENSORS:
            return
        found = _measured(blob, place)
        if found is not None:
            yield found


def _measured(blob: Blob, place: Place) -> Statistics | None:
    import numpy as np

    width = table("dtypes.yaml", "widths").get(place.dtype)
    size = math.prod(place.shape) * (width or 0)
    if not width or size > blob.size - place.start:
        return None
    total = square = 0.0
    count = odd = 0
    low, high = math.inf, -math.inf
    step = CHUNK - CHUNK % width
    with np.errstate(all="ignore"):
        for at in range(place.start, place.start + size, step):
            raw = blob.read(at, min(step, place.start + size - at))
            values = _numbers(raw[: len(raw) - len(raw) % width], place.dtype)
            finite = values[np.isfinite(values)]
            count += values.size
            odd += values.size - finite.size
            if finite.size:
                total += float(finite.sum())
                square += float(np.square(finite).sum())
                low, high = min(low, float(finite.min())), max(high, float(finite.max()))
    good = count - odd
    mean = total / good if good else 0.0
    spread = math.sqrt(max(0.0, square / good - mean * mean)) if good and math.isfinite(square) else 0.0
    return Statistics(
        name=place.name, type=place.dtype, shape=tuple(place.shape), count=count, not_finite=odd,
        minimum=low if good else 0.0, maximum=high if good else 0.0, mean=mean, deviation=spread,
    )  # fmt: skip


def _numbers(raw: bytes, dtype: str) -> Any:
    """The numbers of a piece, as doubles; NumPy has no bfloat16, which is the upper half of a float32."""
    import numpy as np

    if dtype == "BF16":
        return (np.frombuffer(raw, "<u2").astype("<u4") << 16).view("<f4").astype(np.float64)
    return np.frombuffer(raw, table("dtypes.yaml", "numpy")[dtype]).astype(np.float64)


def judge_statistics(found: Sequence[Statistics]) -> Iterator[Hazard]:
    """Tensors with numbers that are not finite, and large ones of one number only."""
    odd = [s for s in found if s.not_finite]
    if odd:
        names = ", ".join(f"{short(s.name, 60)} ({s.not_finite:,} of {s.count:,})" for s in odd[:5])
        message = f"{len(odd):,} tensors hold numbers that are infinite or none: {names}."
        yield Hazard(rule="tensor-not-finite", level=Level.UNKNOWN, message=message)
    flat = [s for s in found if s.constant and s.count >= 1024 and len(s.shape) > 1]
    if flat:
        names = ", ".join(f"{short(s.name, 60)} (all {s.minimum:g})" for s in flat[:5])
        message = f"{len(flat):,} tensors of two dimensions and more hold one number only: {names}."
        yield Hazard(rule="tensor-constant", level=Level.NOTE, message=message)


def compare(found: Sequence[Statistics], base: Sequence[Statistics]) -> Iterator[Difference]:
    """Tensors that are not like those of the declared base, by the thresholds of this module.

    Fine-tuning moves weights a little; another model, or a layer that was replaced, shows.
    """
    others: Mapping[str, Statistics] = {s.name: s for s in base}
    names = {s.name for s in found}
    for mine in found:
        theirs = others.get(mine.name)
        reason = "the base has no such tensor" if theirs is None else _difference(mine, theirs)
        if reason:
            yield Difference(mine.name, reason)
    for name in others:
        if name not in names:
            yield Difference(name, "the base has this tensor, the file has not")


def _difference(mine: Statistics, theirs: Statistics) -> str:
    if mine.shape != theirs.shape:
        return f"shape {list(mine.shape)}, base {list(theirs.shape)}"
    if mine.not_finite != theirs.not_finite:
        return f"{mine.not_finite:,} numbers that are not finite, base {theirs.not_finite:,}"
    if mine.count < 16:
        return ""
    unit = theirs.deviation or theirs.peak or 1.0
    shift = abs(mine.mean - theirs.mean) / unit
    if shift > SHIFT:
        return f"mean {mine.mean:.4g}, base {theirs.mean:.4g}: {shift:.1f} deviations apart (limit {SHIFT})"
    for what, a, b, limit in (
        ("deviation", mine.deviation, theirs.deviation, SPREAD),
        ("largest magnitude", mine.peak, theirs.peak, PEAK),
    ):
        if max(a, b) > limit * min(a, b) and max(a, b) > 1e-9:
            return f"{what} {a:.4g}, base {b:.4g} (limit: a factor of {limit})"
    return ""
