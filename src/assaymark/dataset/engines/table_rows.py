"""Pass 2 over a table: exact counts of wanted patterns, and samples of their rows and of all rows."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.fields import number_hash
from assaymark.dataset.engines.table_codes import Rows, texts_of
from assaymark.dataset.engines.table_pairs import Slot, Wanted, hits, keys_of, margins

__all__ = [
    "BACKGROUND",
    "BINS",
    "BORNE",
    "Counts",
    "Drawn",
    "Weighing",
    "bearers_of",
    "read_bins",
    "used_by",
    "weigh_rows",
]

BINS = 24
"""Classes of how much a row speaks for a label; the middle is the even chance."""
BACKGROUND, BORNE = 20_000, 64
"""Rows drawn from the whole table, and from the bearers of each pattern."""
_SCALE = 256
_TEXT = 80
_CODES = 1 << 10
"""Codes that a column has at most."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """Rows drawn by the hash of their number: those with the lowest."""

    key: NDArray[np.uint64]
    """The pattern that a row is drawn for; 0 for the whole table."""
    hash: NDArray[np.uint64]
    row: NDArray[np.int64]
    group: NDArray[np.int64]
    code: NDArray[np.uint16]
    """[rows, columns]"""
    bin: NDArray[np.uint16]
    """[rows, columns]"""

    def __len__(self) -> int:
        return len(self.key)

    def at(self, where: NDArray[Any]) -> "Drawn":
        """Some of them."""
        return Drawn(*(getattr(self, field.name)[where] for field in fields(self)))

    @staticmethod
    def joined(parts: Sequence["Drawn"], most: int) -> "Drawn":
        """All of `parts`, but of each pattern no more than the `most` with the lowest hashes."""
        whole = Drawn(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Drawn)))
        order = np.lexsort((whole.row, whole.hash, whole.key))
        key = whole.key[order]
        within = np.arange(len(key)) - np.searchsorted(key, key)
        return whole.at(order[within < most])


@dataclass(frozen=True, eq=False)
class Counts:
    """Exact counts of patterns, by ascending key."""

    key: NDArray[np.uint64]
    group: NDArray[np.int64]
    """The label that each goes with."""
    bear: NDArray[np.int64]
    """Rows that bear it."""
    rest: NDArray[np.int64]
    """[patterns, BINS] Of its rows with that label: how their other columns speak for it."""

    def at(self, where: NDArray[Any]) -> "Counts":
        """Some of them."""
        return Counts(*(getattr(self, field.name)[where] for field in fields(self)))

    @property
    def agree(self) -> NDArray[np.int64]:
        """Rows that bear it and have its label."""
        return np.asarray(self.rest.sum(1))

    @staticmethod
    def joined(parts: Sequence["Counts"]) -> "Counts":
        """Added up."""
        whole = Counts(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Counts)))
        key, first, index = np.unique(whole.key, return_index=True, return_inverse=True)
        bear, rest = np.zeros(len(key), np.int64), np.zeros((len(key), BINS), np.int64)
        np.add.at(bear, index, whole.bear)
        np.add.at(rest, index, whole.rest)
        return Counts(key, whole.group[first], bear, rest)


class Weighing:
    """State of pass 2."""

    def __init__(self, groups: int, columns: int) -> None:
        self.usual = np.zeros((2, groups, BINS), np.int64)
        """How rows speak for a group: those of other groups, and those of it."""
        words, numbers = np.zeros(0, np.uint64), np.zeros(0, np.int64)
        cells = np.zeros((0, columns), np.uint16)
        none = Drawn(words, words, numbers, numbers, cells, cells)
        self.drawn, self.borne = none, none
        """Rows of the whole table, and rows that bear a pattern."""
        self.counts = Counts(words, numbers, numbers, np.zeros((0, BINS), np.int64))
        self.first = np.full((columns, _CODES), np.iinfo(np.uint64).max, np.uint64)
        """Lowest hash of the rows with each value, by column and code."""
        self.texts: dict[tuple[int, int], str] = {}
        """The value in that row, as text."""

    def merge(self, other: "Weighing") -> None:
        """`other` taken in."""
        self.usual += other.usual
        self.drawn = Drawn.joined((self.drawn, other.drawn), BACKGROUND)
        self.borne = Drawn.joined((self.borne, other.borne), BORNE)
        self.counts = Counts.joined((self.counts, other.counts))
        lower = other.first < self.first
        self.texts |= {value: text for value, text in other.texts.items() if lower[value]}
        self.first = np.minimum(self.first, other.first)


def bearers_of(drawn: Drawn, values: Sequence[tuple[int, int]]) -> NDArray[np.bool_]:
    """Which of these rows have all of these values: columns, and codes."""
    found = np.ones(len(drawn), np.bool_)
    for column, code in values:
        found &= drawn.code[:, column] == code
    return found


def weigh_rows(state: Weighing, given: Wanted, rows: Rows) -> None:
    """Take in a slice of rows."""
    for group in range(rows.sums.shape[1]):
        read = read_bins(margins(rows.sums, np.full(len(rows.group), group)), len(rows.code))
        both = np.bincount(np.where(rows.group == group, BINS, 0) + read, minlength=2 * BINS)
        state.usual[:, group] += both.reshape(2, BINS)
    hashes = number_hash(rows.rows)
    every = np.arange(len(hashes))
    if len(state.drawn) == BACKGROUND:
        every = np.flatnonzero(hashes <= state.drawn.hash.max())
    whole = _drawn(rows, hashes, every, np.zeros(len(every), np.uint64))
    state.drawn = Drawn.joined((state.drawn, whole), BACKGROUND)
    counts, found = [state.counts], []
    for slot in given.slots:
        at, target = hits(given, rows, slot)
        if len(at):
            keys = keys_of(rows, slot, at)
            counts.append(_counts(rows, slot, at, target, keys))
            found.append((keys, at))
    state.counts = Counts.joined(counts)
    if found:
        keys, at = (np.concatenate(part) for part in zip(*found, strict=True))
        low = _lowest(state.borne, keys, hashes[at])
        borne = _drawn(rows, hashes, at[low], keys[low])
        state.borne = Drawn.joined((state.borne, borne), BORNE)
    _name(state, rows, hashes)


def _lowest(borne: Drawn, keys: NDArray[np.uint64], hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Hits that may be among those with the lowest hashes of their pattern."""
    known, first, count = np.unique(borne.key, return_index=True, return_counts=True)
    full = count >= BORNE
    may = np.ones(len(keys), np.bool_)
    if full.any():
        known, last = known[full], borne.hash[(first + count - 1)[full]]
        place = np.minimum(np.searchsorted(known, keys), len(known) - 1)
        may = (known[place] != keys) | (hashes < last[place])
    where = np.flatnonzero(may)
    where = where[np.lexsort((hashes[where], keys[where]))]
    within = np.arange(len(where)) - np.searchsorted(keys[where], keys[where])
    return np.asarray(where[within < BORNE])


def _drawn(rows: Rows, hashes: NDArray[np.uint64], at: NDArray[np.int64], key: NDArray[np.uint64]) -> Drawn:
    return Drawn(key, hashes[at], rows.rows[at], rows.group[at], rows.code[:, at].T, rows.bin[:, at].T)


def _counts(
    rows: Rows, slot: Slot, at: NDArray[np.int64], target: NDArray[np.int64], keys: NDArray[np.uint64]
) -> Counts:
    key, first, index = np.unique(keys, return_index=True, return_inverse=True)
    bear = np.bincount(index, minlength=len(key))
    agrees = rows.group[at] == target
    at, index, targets = at[agrees], index[agrees], target[first]
    rest = rows.sums[at] - sum(rows.weight(column, at) for column in {slot.one, slot.two})
    read = read_bins(margins(rest, rows.group[at]), len(rows.code))
    tally = np.bincount(index * BINS + read, minlength=len(key) * BINS).reshape(-1, BINS)
    return Counts(key, targets, bear, tally)


def _name(state: Weighing, rows: Rows, hashes: NDArray[np.uint64]) -> None:
    """Of each value keep the text in the row with the lowest hash: two values may share a code."""
    if rows.batch.table is None:
        return
    import pyarrow as pa

    falling = np.argsort(hashes)[::-1]
    held = set(rows.batch.table.schema.names)
    for index, column in enumerate(rows.columns):
        if column.name not in held:
            continue
        lowest = np.full(_CODES, -1)
        lowest[rows.code[index, falling]] = falling  # the last one written stays
        codes = np.flatnonzero(lowest >= 0)
        codes = codes[hashes[lowest[codes]] < state.first[index, codes]]
        if len(codes):
            state.first[index, codes] = hashes[lowest[codes]]
            values = rows.batch.table.column(column.name)
            if pa.types.is_string_view(values.type):
                values = values.cast(pa.large_string())  # from a view nothing can be taken
            texts = texts_of(values.take(rows.at[lowest[codes]]))
            named = zip(codes.tolist(), texts, strict=True)
            state.texts |= {(index, code): str(text)[:_TEXT] for code, text in named}


def read_bins(margin: NDArray[np.int64], columns: int) -> NDArray[np.int64]:
    """Margins sorted into `BINS`."""
    scaled = margin / (_SCALE * np.sqrt(max(columns, 1)))
    read: NDArray[np.int64] = np.clip(np.floor(scaled * 4 + BINS // 2), 0, BINS - 1).astype(np.int64)
    return read


def used_by(key: int) -> tuple[tuple[int, int], ...]:
    """Columns of a pattern, and the codes of their values."""
    one, two = (key >> 40, key >> 16 & 0xFFFF), (key >> 32 & 0xFF, key & 0xFFFF)
    return (one,) if one == two else (one, two)
