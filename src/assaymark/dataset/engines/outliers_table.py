"""Values of a column of numbers that are far from all others, or of a sign that no other has."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.record import Batch

__all__ = ["TableBackground", "TableMeasure"]

_MOST_COLUMNS = 100
_KEYS = 1 << 16
_FEW = 0.0005
"""Share below which a sign is foreign to a column."""
_ENOUGH = 1_000
"""Values of a column from which one may say so."""
_FOREIGN = 20.0
"""Measure of an infinite value, or of a negative one among none."""


@dataclass
class TableBackground:
    """For each column of numbers, how many values there are of each size, in steps of 6 %."""

    but: frozenset[str]
    counts: dict[str, NDArray[np.int64]] = field(default_factory=dict)

    def take(self, batch: Batch) -> None:
        """Count a batch."""
        for name, values in _numbers(batch.table, self.but):
            counted = np.bincount(_key(values[~np.isnan(values)]), minlength=_KEYS)
            self.counts[name] = self.counts.get(name, 0) + counted

    def join(self, other: "TableBackground") -> None:
        """Add up."""
        for name, counted in other.counts.items():
            self.counts[name] = self.counts.get(name, 0) + counted

    def measure(self) -> "TableMeasure":
        """What is usual in each column."""
        return TableMeasure(self.but, {name: _usual(self.counts[name]) for name in sorted(self.counts)})


@dataclass(frozen=True)
class _Usual:
    """The middle of a column, how wide it is, and whether it is measured by logarithms."""

    middle: float
    width: float
    logarithmic: bool
    never_negative: bool


@dataclass(frozen=True, eq=False)
class TableMeasure:
    """What is usual in each column."""

    but: frozenset[str]
    usual: dict[str, _Usual | None]
    raw = True
    """Its measures are robust distances already."""

    @property
    def names(self) -> tuple[str, ...]:
        """The columns."""
        return tuple(self.usual)

    def of(self, batch: Batch) -> NDArray[np.float64]:
        """(records, columns) Robust distance of each value; 0 where there is none."""
        found = np.zeros((len(batch), len(self.usual)))
        columns = dict(_numbers(batch.table, self.but))
        for n, (name, usual) in enumerate(self.usual.items()):
            if usual is not None and name in columns:
                found[:, n] = _distance(columns[name], usual)
        return found


def _distance(values: NDArray[np.float64], usual: _Usual) -> NDArray[np.float64]:
    clear = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    scaled = _curved(clear) if usual.logarithmic else clear
    apart = np.abs(scaled - usual.middle) / usual.width
    foreign = np.isinf(values) | (usual.never_negative & (values < 0))
    apart = np.where(foreign, np.maximum(apart, _FOREIGN), apart)
    return np.where(np.isnan(values), 0.0, np.minimum(apart, 1e6))


def _usual(counts: NDArray[np.int64]) -> _Usual | None:
    """From the counts; None for columns too narrow or too short to judge."""
    total = int(counts.sum())
    if total < _ENOUGH:
        return None
    at = np.searchsorted(np.cumsum(counts), np.array([0.01, 0.25, 0.5, 0.75, 0.99]) * total)
    low, quarter, middle, three, high = _value(at.astype(np.int64)).tolist()
    negative = int(counts[: _KEYS // 2].sum())
    never = 0 < negative < _FEW * total or negative == 0
    skewed = low >= 0 and high - middle > 4 * max(middle - low, 1e-300)
    if skewed:
        low, quarter, middle, three, high = _curved(np.array([low, quarter, middle, three, high])).tolist()
    width = max((three - quarter) / 1.349, (high - low) / 4.652)
    return _Usual(middle, width, skewed, never) if np.isfinite(width) and width > 0 else None


def _curved(values: NDArray[np.float64]) -> NDArray[np.float64]:
    curved: NDArray[np.float64] = np.sign(values) * np.log1p(np.abs(values))
    return curved


def _key(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """The 16 highest bits of each number, in the order of the numbers."""
    bits = np.ascontiguousarray(values).view(np.uint64)
    ordered = np.where(bits >> np.uint64(63), ~bits, bits | np.uint64(1 << 63))
    return (ordered >> np.uint64(48)).astype(np.int64)


def _value(keys: NDArray[np.int64]) -> NDArray[np.float64]:
    """A number in the middle of those with this key."""
    ordered = (keys.astype(np.uint64) << np.uint64(48)) | np.uint64(1 << 47)
    bits = np.where(ordered >> np.uint64(63), ordered & np.uint64((1 << 63) - 1), ~ordered)
    values: NDArray[np.float64] = np.clip(np.nan_to_num(bits.view(np.float64)), -1e300, 1e300)
    return values


def _numbers(table: Any, but: frozenset[str]) -> list[tuple[str, NDArray[np.float64]]]:
    import pyarrow as pa

    found: list[tuple[str, NDArray[np.float64]]] = []
    for name, column in zip(table.schema.names, table.columns, strict=True):
        if name not in but and (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
            values = column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
            found.append((name, values))
        if len(found) == _MOST_COLUMNS:
            break
    return found
