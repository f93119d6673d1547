"""Columns of a table → small codes of their frequent values, and additive weights of a label model.

A value is counted in one of 65,536 places of its column by its hash; a number also by its rough size, from
which quantiles are read. Both add up the same in any order.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.ngrams import GROUPS, Labels, pack, unpack
from assaymark.dataset.engines.text_passes import clean
from assaymark.dataset.engines.words import mix
from assaymark.dataset.record import Batch

__all__ = [
    "COLUMNS",
    "Codes",
    "Column",
    "Rows",
    "Tally",
    "coded",
    "codes",
    "columns_of",
    "numbers",
    "rough",
    "texts_of",
    "value_keys",
]

COLUMNS = 64
"""Columns that are looked at; a note says which were not."""
_PLACES = 1 << 16
_FEWEST, _VALUES, _BINS = 8, 1000, 20
_SURE, _DETERMINES, _RULES, _RULE_SHARE = 0.95, 3.0, 3, 0.2
_NULL = 0x2545F491
_TEXT = 200
_SLICE = 1 << 16
"""Rows coded at a time, so that what they need stays in the cache."""
_SCALE, _SHRINK, _SMOOTH = 256, 0.5, 4.0


def columns_of(batch: Batch, label: str) -> list[str]:
    """The columns looked at: all but the label, up to `COLUMNS`."""
    names = [] if batch.table is None else [str(name) for name in batch.table.schema.names]
    unique = [name for name in names if names.count(name) == 1] if len(names) < 2000 else names[: 2 * COLUMNS]
    return [name for name in unique if name != label][:COLUMNS]


def numbers(column: Any) -> NDArray[np.float64] | None:
    """A column of numbers as they are; None for any other. Nulls are NaN."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return np.asarray(column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False), np.float64)
    return None


def value_keys(column: Any) -> NDArray[np.uint64]:
    """A hash of each value of a column."""
    import pyarrow as pa

    values = numbers(column)
    if values is not None:
        values = np.where(np.isnan(values), np.nan, values + 0.0)
        return mix(values.view(np.uint64) + np.uint64(0x9E3779B97F4A7C15))
    if pa.types.is_nested(column.type):
        column = pa.array(texts_of(column), pa.large_string())
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode(null_encoding="encode")
    sums = [_NULL if raw is None else zlib.crc32(raw) for raw in _raw(column.dictionary)]
    keys = mix(np.array([*sums, _NULL], np.uint64) * np.uint64(0x9E3779B97F4A7C15))
    places = column.indices.fill_null(len(sums)).to_numpy(zero_copy_only=False)
    return np.asarray(keys[places])


def _raw(values: Any) -> list[bytes | None]:
    """Each distinct value as bytes."""
    import pyarrow as pa

    kind = values.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        held: list[bytes | None] = values.cast(pa.large_string()).cast(pa.large_binary()).to_pylist()
        return held
    texts = texts_of(values)
    return [None if text is None else text.encode("utf-8", "surrogatepass") for text in texts]


def texts_of(values: Any) -> list[str | None]:
    """Values as text, cut; none where Python has no value for them, such as a year beyond 9999."""
    import pyarrow as pa

    kind = values.type
    try:
        if pa.types.is_timestamp(kind):
            values = values.cast(pa.large_string())
        elif pa.types.is_duration(kind) or pa.types.is_time64(kind):
            values = values.cast(pa.int64())
        return [None if value is None else str(value)[:_TEXT] for value in values.to_pylist()]
    except (ValueError, OverflowError):  # pyarrow's own are among them
        return [None] * len(values)


def rough(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Numbers in 65,536 steps that keep their order; NaN comes last."""
    with np.errstate(over="ignore", invalid="ignore"):
        bits = values.astype(np.float32).view(np.uint32) >> 16
    ordered = np.where(bits & 0x8000, 0xFFFF - bits, bits | 0x8000).astype(np.int64)
    return np.where(np.isnan(values), 0xFFFF, ordered)


class Tally:
    """State of pass 0."""

    def __init__(self) -> None:
        self.labels = Labels()
        self.names: list[str] = []
        self.values: dict[str, NDArray[np.uint32]] = {}
        self.sizes: dict[str, NDArray[np.uint32]] = {}
        self.left_out = 0

    def take(self, batch: Batch, label: str) -> None:
        """Count a batch."""
        self.left_out = max(self.left_out, _left_out(batch, label))
        cleaned = {value: clean(value) for value in set(batch.label)}
        known = list(map(cleaned.__getitem__, batch.label))
        self._admit([value for value in known if value is not None])
        groups = {value: self.labels.group(value) for value in set(known) if value is not None}
        group = np.array([groups.get(value, -1) if value is not None else -1 for value in known], np.int64)
        keep = np.flatnonzero(group >= 0)
        if not len(keep):
            return
        group = group[keep]
        for name in columns_of(batch, label):
            column = batch.table.column(name)
            self._add(self.values, name, group, (value_keys(column) >> np.uint64(48)).astype(np.int64)[keep])
            values = numbers(column)
            if values is not None:
                self._add(self.sizes, name, group, rough(values)[keep])

    def _add(
        self,
        tables: dict[str, NDArray[np.uint32]],
        name: str,
        group: NDArray[np.int64],
        place: NDArray[np.int64],
    ) -> None:
        if name not in tables:
            tables[name] = np.zeros((GROUPS, _PLACES), np.uint32)
        np.add.at(
            tables[name].reshape(-1), group * _PLACES + place, np.uint32(1)
        )  # a typed one is far faster

    def _admit(self, labels: list[str]) -> None:
        moved = self.labels.admit(labels)
        if moved is not None:
            for tables in (self.values, self.sizes):
                for name, table in tables.items():
                    fresh = np.zeros_like(table)
                    for old, new in moved.items():
                        fresh[new] += table[old]
                    tables[name] = fresh

    def merge(self, other: "Tally") -> None:
        """`other` taken in."""
        for label, rows in other.labels.texts.items():
            self._admit([label])
            self.labels.texts[label] += rows - 1
        where = [(group, group) for group in range(GROUPS)]
        if not other.labels.folded:
            where = [(group, self.labels.group(label)) for label, group in other.labels.groups.items()]
        for mine, theirs in ((self.values, other.values), (self.sizes, other.sizes)):
            for name, table in theirs.items():
                held = mine.setdefault(name, np.zeros_like(table))
                for source, target in where:
                    held[target] += table[source]
        self.left_out = max(self.left_out, other.left_out)

    def __getstate__(self) -> dict[str, Any]:
        tables = {key: {n: pack(t) for n, t in getattr(self, key).items()} for key in ("values", "sizes")}
        return {**self.__dict__, **tables}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        for key in ("values", "sizes"):
            self.__dict__[key] = {name: unpack(packed) for name, packed in state[key].items()}


def _left_out(batch: Batch, label: str) -> int:
    return 0 if batch.table is None else max(0, batch.table.num_columns - 1 - COLUMNS)


@dataclass(frozen=True, eq=False)
class Column:
    """How one column is coded."""

    name: str
    code: NDArray[np.uint16]
    """For each place: the code of its value, 0 for a value too rare to be a pattern."""
    bin: NDArray[np.uint16]
    """For each place, or rough size: the bin of the label model."""
    by_size: bool
    """Whether bins go by size."""
    weights: NDArray[np.int32]
    """[own group, bin, group], × `_SCALE`."""
    counts: NDArray[np.int64]
    """[groups, codes]: rows with each frequent value."""
    rule: bool
    """Whether many of its values determine the label by themselves, as codes of a rule of business do."""


@dataclass(frozen=True, eq=False)
class Codes:
    """What pass 0 gives."""

    label: str
    groups: dict[str, int]
    labels: dict[str, int]
    share: NDArray[np.float64]
    columns: tuple[Column, ...]
    left_out: int

    @property
    def judged(self) -> bool:
        """Whether there are two groups, and columns, to tell apart."""
        return int((self.share > 0).sum()) > 1 and len(self.columns) > 1


@dataclass(frozen=True, eq=False)
class Rows:
    """Some labelled rows, coded."""

    columns: tuple[Column, ...]
    batch: Batch
    """The slice of the batch that they are of."""
    begin: int
    """Where that slice begins."""
    group: NDArray[np.int64]
    rows: NDArray[np.int64]
    at: NDArray[np.int64]
    """Index of each row in the slice."""
    code: NDArray[np.uint16]
    """[columns, rows]"""
    bin: NDArray[np.uint16]
    sums: NDArray[np.int64]
    """[rows, groups]: how much all columns together speak for each group."""

    def weight(self, column: int, at: NDArray[np.int64]) -> NDArray[np.int64]:
        """How much one column of these rows speaks for each group."""
        weights = self.columns[column].weights[self.group[at], self.bin[column][at]]
        return np.asarray(weights.astype(np.int64))


def codes(state: Tally, label: str) -> Codes:
    """Pass 0 finished."""
    order, groups = state.labels.order(), state.labels.final()
    rows = np.zeros(max(len(order), 1))
    for value, count in state.labels.texts.items():
        rows[groups[value]] += count
    columns = [
        _column(name, state.values[name][order], state.sizes[name][order] if name in state.sizes else None)
        for name in sorted(state.values)
    ]
    share = rows / max(rows.sum(), 1)
    return Codes(
        label, groups, dict(sorted(state.labels.texts.items())), share, tuple(columns), state.left_out
    )


def _column(name: str, values: NDArray[np.uint32], sizes: NDArray[np.uint32] | None) -> Column:
    whole = values.sum(0, dtype=np.int64)
    fewest = max(_FEWEST, 3 * int(whole.sum()) // _PLACES + _FEWEST)
    frequent = np.flatnonzero(whole >= fewest)
    frequent = frequent[np.argsort(-whole[frequent], kind="stable")][:_VALUES]
    code = np.zeros(_PLACES, np.uint16)
    code[frequent] = np.arange(1, len(frequent) + 1)
    by_size = sizes is not None
    if sizes is not None:
        bin_ = _ordered(sizes.sum(0, dtype=np.int64))
        counts = np.stack([np.bincount(bin_, side) for side in sizes]).astype(np.float64)
    else:
        bin_ = np.minimum(code, 256)
        counts = np.stack([np.bincount(bin_, side, 257) for side in values]).astype(np.float64)
    known = np.pad(values[:, frequent].astype(np.int64), ((0, 0), (1, 0)))
    rule = _rule(values[:, frequent])
    return Column(name, code, bin_, by_size, _weights(counts), known, rule)


def _ordered(sizes: NDArray[np.int64]) -> NDArray[np.uint16]:
    """Bins of numbers in their order: one for each where they are few, else quantiles; nulls come last."""
    seen = np.flatnonzero(sizes[:-1])
    if len(seen) <= 2 * _BINS:
        bin_ = np.searchsorted(seen, np.arange(len(sizes)), side="right") - 1
    else:
        along = np.cumsum(sizes[:-1])
        bin_ = np.minimum((along - 1) * _BINS // max(int(along[-1]), 1), _BINS - 1)
        bin_ = np.append(bin_, 0)
    bin_ = bin_.clip(0)
    bin_[-1] = bin_[:-1].max() + 1
    return bin_.astype(np.uint16)


def _rule(values: NDArray[np.uint32]) -> bool:
    whole = values.sum(0, dtype=np.float64)
    usual = values.sum(1, dtype=np.float64)
    usual = (usual + 1) / (usual.sum() + len(usual))
    best = (values / np.maximum(whole, 1) / usual[:, None]).argmax(0)
    most = np.take_along_axis(values, best[None], 0)[0].astype(np.float64)
    other = whole - most
    share = most / np.maximum(whole, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = most * np.log(share / usual[best])
        gain += np.where(other > 0, other * np.log((1 - share) / (1 - usual[best])), 0)
    sure = (share >= _SURE) & (gain >= _DETERMINES)
    return bool(sure.sum() >= _RULES and sure.mean() >= _RULE_SHARE)


def _weights(counts: NDArray[np.float64]) -> NDArray[np.int32]:
    groups, bins = counts.shape
    share = (counts.sum(1) + 1) / (counts.sum() + groups)
    whole = counts.sum(0)
    weights = np.zeros((groups, bins, groups), np.int32)
    for own in range(groups):
        for group in range(groups):
            have = np.maximum(counts[group] - (own == group), 0)
            ratio = (have + _SMOOTH * share[group]) / ((np.maximum(whole - 1, 0) + _SMOOTH) * share[group])
            weights[own, :, group] = np.rint(np.clip(np.log(ratio), -4, 4) * _SCALE * _SHRINK)
    return weights


def coded(given: Codes, batch: Batch, only: frozenset[int] | None = None) -> Iterator[Rows]:
    """The labelled rows of a batch, coded, a slice at a time.

    Args:
        given: what pass 0 gave.
        batch: the rows.
        only: columns that matter, where just the codes of some do; the others read 0.
    """
    if batch.table is None or not len(batch.label):
        return
    groups = {
        value: -1 if value is None else given.groups.get(clean(value) or "", -1) for value in set(batch.label)
    }
    for begin in range(0, len(batch), _SLICE):
        part = slice(begin, begin + _SLICE)
        table = batch.table.slice(begin, _SLICE)
        piece = Batch(rows=batch.rows[part], label=batch.label[part], table=table)
        group = np.fromiter(map(groups.__getitem__, piece.label), np.int64, len(piece))
        at = np.flatnonzero(group >= 0)
        if len(at):
            yield _rows(given, piece, begin, group[at], at, only)


def _rows(
    given: Codes,
    batch: Batch,
    begin: int,
    group: NDArray[np.int64],
    at: NDArray[np.int64],
    only: frozenset[int] | None,
) -> Rows:
    shape = len(given.columns), len(at)
    code, bin_ = np.zeros(shape, np.uint16), np.zeros(shape, np.uint16)
    sums = np.zeros((len(at), len(given.share)), np.int64)
    names = set(batch.table.schema.names)
    for index, column in enumerate(given.columns):
        if column.name not in names or (only is not None and index not in only):
            continue
        values = batch.table.column(column.name)
        place = (value_keys(values) >> np.uint64(48)).astype(np.int64)[at]
        code[index] = column.code[place]
        if only is None:
            sizes = numbers(values) if column.by_size else None
            bin_[index] = column.bin[place if sizes is None else rough(sizes)[at]]
            sums += column.weights[group, bin_[index]]
    return Rows(given.columns, batch, begin, group, batch.rows[at], at, code, bin_, sums)
