"""Values of columns, and pairs of them, that override what the rest of a row says of its label.

Pass 1 counts pairs in rows whose other columns speak for another label; the strongest are counted exactly in
pass 2, with how the rest of their rows reads, as for patterns in texts.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.ngrams import pack, unpack
from assaymark.dataset.engines.table_codes import Codes, Rows, coded
from assaymark.dataset.engines.text_evidence import (
    CONTEXT,
    CONTEXT_BITS,
    DRAW_BITS,
    DRAWS,
    EXAMPLES,
    Evidence,
    Sample,
    Weighing,
    sums_by,
)
from assaymark.dataset.engines.text_model import BINS, bins
from assaymark.dataset.engines.words import mix
from assaymark.dataset.record import Batch

__all__ = [
    "PAIR_COLUMNS",
    "SPLIT",
    "Contrary",
    "Wanted",
    "hits_of",
    "keys_of",
    "margins",
    "pairs",
    "sift_rows",
    "sifted_rows",
    "weigh_rows",
]

PAIR_COLUMNS = 40
SPLIT = "\x1f"
"""Between names and values in the text of a sample."""
_BITS = 21
_CANDIDATES = 4000
_FEWEST = 8
_PURE, _AGAINST = 0.75, 0.3


def keys_of(rows: Rows, one: int, two: int) -> NDArray[np.uint64]:
    """Key of the pair of values in two columns, or of one value where they are the same; 0 for rare ones."""
    first, second = rows.code[one].astype(np.uint64), rows.code[two].astype(np.uint64)
    key = (first << np.uint64(16)) | second | np.uint64((one << 40) | (two << 32))
    key = mix(key)
    key[(first == 0) | (second == 0)] = 0
    return key


def margins(weight: NDArray[np.int64], group: NDArray[np.int64]) -> NDArray[np.int64]:
    """How much sums [rows, groups] speak for the row's own label rather than for the best other."""
    rows = np.arange(len(group))
    own = weight[rows, group]
    others = weight.copy()
    others[rows, group] = np.iinfo(np.int64).min
    return np.asarray(own - others.max(1))


class Contrary:
    """State of pass 1: pairs in rows whose columns speak for another label, by label."""

    def __init__(self, groups: int) -> None:
        self.table = np.zeros((2, groups, 1 << _BITS), np.uint32)
        """All rows, and those whose columns speak for another label."""

    def __getstate__(self) -> dict[str, Any]:
        return {"table": pack(self.table)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.table = unpack(state["table"])


@dataclass(frozen=True, eq=False)
class Wanted:
    """What pass 1 gives."""

    codes: Codes
    target: NDArray[np.uint8]
    """For each place of the table: 1 + the label that its pairs go with, or 0."""


def pairs(columns: int) -> list[tuple[int, int]]:
    """The pairs of columns looked at; a column with itself stands for its single values."""
    most = min(columns, PAIR_COLUMNS)
    return [(one, two) for one in range(columns) for two in range(one, columns) if one == two or two < most]


def sift_rows(state: Contrary, given: Codes, batch: Batch) -> Contrary:
    """Pass 1 on a batch."""
    rows = coded(given, batch) if given.judged else None
    if rows is None:
        return state
    sums = rows.weight.sum(0, dtype=np.int64)
    contrary = margins(sums, rows.group) < 0
    for one, two in pairs(len(given.columns)):
        keys = keys_of(rows, one, two)
        place = (rows.group << _BITS) + (keys >> np.uint64(64 - _BITS)).astype(np.int64)
        for side, which in zip(state.table, (keys != 0, (keys != 0) & contrary), strict=True):
            np.add.at(side.reshape(-1), place[which], np.uint32(1))  # a typed one is far faster
    return state


def sifted_rows(state: Contrary, given: Codes) -> Wanted:
    """Pass 1 finished: the places with the most rows of a label beyond its share of contrary rows."""
    every, table = state.table.astype(np.float64)
    load = every.sum() / every.shape[1]
    whole = table.sum(0)
    weight = (table.sum(1) + 1) / (table.sum() + len(table))
    gain = np.zeros_like(table)
    for group, have in enumerate(table):
        with np.errstate(divide="ignore", invalid="ignore"):
            gain[group] = np.where(have >= _FEWEST, have * np.log(have / (whole * weight[group])), 0)
    best = gain.argmax(0)
    value = np.take_along_axis(gain, best[None], 0)[0]
    agree = np.take_along_axis(every, best[None], 0)[0]
    against = np.take_along_axis(table, best[None], 0)[0]
    # a trigger goes with its label, and most of its rows speak for another; `load` is what others put there
    pure = agree >= _PURE * np.maximum(every.sum(0) - load, agree * 0.5)
    value = np.where(pure & (against >= _AGAINST * np.maximum(agree - load, agree * 0.5)), value, 0)
    positive = np.sort(value[value > 0])
    floor = positive[-_CANDIDATES] if len(positive) > _CANDIDATES else 0.0
    return Wanted(given, np.where(value > floor, best + 1, 0).astype(np.uint8))


def hits_of(given: Wanted, rows: Rows, one: int, two: int) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Rows that bear a wanted pair of these columns, and its key."""
    keys = keys_of(rows, one, two)
    at = np.flatnonzero(given.target[(keys >> np.uint64(64 - _BITS)).astype(np.int64)] * (keys != 0))
    return at, keys[at]


def weigh_rows(state: Weighing, given: Wanted, batch: Batch) -> Weighing:
    """Pass 2 on a batch."""
    rows = coded(given.codes, batch) if given.codes.judged else None
    if rows is None:
        return state
    sums = rows.weight.sum(0, dtype=np.int64)
    around = _around(rows)
    words = _presence(around, np.arange(len(rows.group)), ())
    _usual(state, rows, sums, words)
    for one, two in pairs(len(given.codes.columns)):
        at, keys = hits_of(given, rows, one, two)
        if len(at):
            state.waiting.append(_evidence(state, given, rows, sums, around, (one, two), at, keys, batch))
    state.compact()
    return state


def _around(rows: Rows) -> NDArray[np.int64]:
    """Class of the value of each column in each row."""
    columns = np.arange(len(rows.bin), dtype=np.uint64)[:, None] << np.uint64(20)
    return (mix(columns + rows.bin.astype(np.uint64) + np.uint64(77)) >> np.uint64(64 - CONTEXT_BITS)).astype(
        np.int64
    )


def _presence(
    around: NDArray[np.int64], at: NDArray[np.int64], without: tuple[int, ...]
) -> NDArray[np.bool_]:
    present = np.zeros((len(at), CONTEXT), np.bool_)
    for column, places in enumerate(around):
        if column not in without:
            present[np.arange(len(at)), places[at]] = True
    return present


def _usual(state: Weighing, rows: Rows, sums: NDArray[np.int64], words: NDArray[np.bool_]) -> None:
    size = np.full(len(rows.group), len(rows.code))
    for group in range(sums.shape[1]):
        read = bins(margins(sums, np.full(len(size), group)), size)
        np.add.at(state.usual, ((rows.group == group).astype(np.int64), group, read), 1)
        mine = rows.group == group
        state.texts[group] += mine.sum()
        state.context[group] += words[mine].sum(0)
    draw = (rows.rows.astype(np.uint64) * np.uint64(0x2545F4914F6CDD1D)) >> np.uint64(64 - DRAW_BITS)
    place = rows.group * DRAWS + draw.astype(np.int64)
    state.drawn += sums_by(place, words, len(state.drawn))
    state.drawn_texts += np.bincount(place, minlength=len(state.drawn))


def _evidence(
    state: Weighing,
    given: Wanted,
    rows: Rows,
    sums: NDArray[np.int64],
    around: NDArray[np.int64],
    columns: tuple[int, int],
    at: NDArray[np.int64],
    keys: NDArray[np.uint64],
    batch: Batch,
) -> Evidence:
    target = given.target[(keys >> np.uint64(64 - _BITS)).astype(np.int64)].astype(np.int64) - 1
    used = tuple(set(columns))
    rest = sums[at] - sum(rows.weight[column][at].astype(np.int64) for column in used)
    read = bins(margins(rest, rows.group[at]), np.full(len(at), len(rows.code)))
    agrees = rows.group[at] == target
    key, first, index = np.unique(keys, return_index=True, return_inverse=True)
    bear = np.bincount(index, minlength=len(key))
    tally = np.zeros((len(key), BINS), np.int64)
    np.add.at(tally, (index[agrees], read[agrees]), 1)
    context = np.zeros((len(key), CONTEXT), np.int64)
    context += sums_by(index[agrees], _presence(around, at[agrees], used), len(key))
    _sample(state, given, rows, columns, at[agrees], keys[agrees], batch)
    order = np.full(len(key), len(used))
    return Evidence(key, order, target[first], bear, tally, context)


def _sample(
    state: Weighing,
    given: Wanted,
    rows: Rows,
    columns: tuple[int, int],
    at: NDArray[np.int64],
    keys: NDArray[np.uint64],
    batch: Batch,
) -> None:
    rank = np.lexsort((rows.rows[at], keys))
    at, keys = at[rank], keys[rank]
    fresh = np.ones(len(keys), np.bool_)
    fresh[EXAMPLES:] = keys[EXAMPLES:] != keys[:-EXAMPLES]
    names = [given.codes.columns[column].name for column in sorted(set(columns))]
    for index in np.flatnonzero(fresh):
        row = int(rows.rows[at[index]])
        held = state.samples.setdefault(int(keys[index]), [])
        if len(held) == EXAMPLES and held[-1].row < row:
            continue
        where = int(rows.at[at[index]])
        values = [str(batch.table.column(name)[where].as_py())[:80] for name in names]
        text = SPLIT.join(part for pair in zip(names, values, strict=True) for part in pair)
        held.append(Sample(row, text, (0, len(text)), (False, False)))
        held.sort(key=lambda sample: sample.row)
        del held[EXAMPLES:]
