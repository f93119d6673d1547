"""Values of columns, and pairs of them, that override what the rest of a row says of its label.

Pass 1 counts pairs in rows whose other columns speak for another label; the strongest are counted exactly in
pass 2, with how the rest of their rows reads, as for patterns in texts.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.ngrams import pack, unpack
from assaymark.dataset.engines.table_codes import Codes, Column, Rows
from assaymark.dataset.engines.words import mix

__all__ = [
    "FEWEST",
    "PAIR_COLUMNS",
    "Contrary",
    "Slot",
    "Wanted",
    "hits",
    "keys_of",
    "margins",
    "places",
    "sift_rows",
    "sifted_rows",
    "slots",
]

PAIR_COLUMNS = 40
FEWEST = 8
"""Rows that a pattern has at least."""
_BITS, _FEW_GROUPS = 21, 4
_CANDIDATES = 4000
_PURE, _AGAINST = 0.5, 0.15
_CODES = 1 << 10
"""Codes that a column has at most."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Where the pairs of values of two columns are counted; a column with itself stands for single values."""

    one: int
    two: int
    begin: int
    size: int
    width: int
    """Codes of the second column, where each pair has a place of its own; 0 where pairs go by their hash."""
    salt: int = 0
    twin: int = 0
    """Where pairs go by their hash: the slot that begins here counts them by another one."""


def slots(columns: tuple[Column, ...], groups: int) -> list[Slot]:
    """The pairs of columns looked at. As many as fit have a place for each pair of values."""
    codes = [int(column.code.max(initial=0)) + 1 for column in columns]
    most = min(len(columns), PAIR_COLUMNS)
    pairs = [(one, two) for one in range(most) for two in range(one + 1, most)]
    room = (1 << _BITS) * (2 if groups <= _FEW_GROUPS else 1) - sum(codes)
    cap = 1 << _BITS
    while cap > 1 and sum(min(codes[one] * codes[two], 2 * cap) for one, two in pairs) > room:
        cap >>= 1
    found, begin = [], 0
    for one, two in [*((one, one) for one in range(len(columns))), *pairs]:
        size = codes[one] if one == two else codes[one] * codes[two]
        if size <= 2 * cap:
            found.append(Slot(one, two, begin, size, 1 if one == two else codes[two]))
        else:
            size = 2 * cap
            found.append(Slot(one, two, begin, cap, 0, 0, begin + cap))
            found.append(Slot(one, two, begin + cap, cap, 0, 1, begin))
        begin += size
    return found


def places(rows: Rows, slot: Slot) -> NDArray[np.int32]:
    """Place of each row's pair within the slot; rare values have one that is not used, or any."""
    first, second = rows.code[slot.one], rows.code[slot.two]
    if slot.one == slot.two:
        return np.asarray(first.astype(np.int32))
    if slot.width:
        return np.asarray(first * np.int32(slot.width) + second)
    salts = _SALTS[slot.salt]
    salted = salts[slot.one][first] ^ salts[slot.two][second]
    return np.asarray(salted & np.int32(slot.size - 1))


_SALTS = (
    (
        mix(np.arange(1, 2 * PAIR_COLUMNS * _CODES + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15))
        >> np.uint64(33)
    )
    .astype(np.int32)
    .reshape(2, PAIR_COLUMNS, _CODES)
)
"""Random bits of each code of each column, twice."""


def keys_of(rows: Rows, slot: Slot, at: NDArray[np.int64]) -> NDArray[np.uint64]:
    """The pairs of values themselves."""
    first, second = rows.code[slot.one][at], rows.code[slot.two][at]
    pair = np.uint64((slot.one << 40) | (slot.two << 32))
    return np.asarray((first.astype(np.uint64) << np.uint64(16)) | second | pair)


def margins(weight: NDArray[np.int64], group: NDArray[np.int64]) -> NDArray[np.int64]:
    """How much sums [rows, groups] speak for the row's own label rather than for the best other."""
    rows = np.arange(len(group))
    own = weight[rows, group]
    others = weight.copy()
    others[rows, group] = np.iinfo(np.int64).min
    return np.asarray(own - others.max(1))


class Contrary:
    """State of pass 1: pairs in rows whose columns speak for another label, and in the others, by label."""

    def __init__(self, given: Codes) -> None:
        groups = len(given.share)
        last = slots(given.columns, groups)[-1:] if given.judged else []
        self.table = np.zeros((2, groups, last[0].begin + last[0].size if last else 0), np.uint32)
        """Other rows, and those whose columns speak for another label."""

    def __getstate__(self) -> dict[str, Any]:
        return {"table": pack(self.table)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.table = unpack(state["table"])


@dataclass(frozen=True, eq=False)
class Wanted:
    """What pass 1 gives."""

    codes: Codes
    slots: tuple[Slot, ...]
    """Those with a wanted pair."""
    target: NDArray[np.uint8]
    """For each place of the table: 1 + the label that its pairs go with, or 0."""


def sift_rows(state: Contrary, given: Codes, parts: Iterable[Rows]) -> Contrary:
    """Pass 1 on slices of rows."""
    if not given.judged:
        return state
    flat, (_, groups, size) = state.table.reshape(-1), state.table.shape
    looked_at = slots(given.columns, groups)
    one_more = np.uint32(1)  # a typed one is added far faster than a plain one
    for rows in parts:
        rest, lean = _leans(rows)
        base = (rows.group * size).astype(np.int32)
        for slot in looked_at:
            # one value that settles its label speaks for it honestly; of two the others have to be asked
            contrary = rest < (0 if slot.one == slot.two else lean[slot.one] + lean[slot.two])
            place = places(rows, slot) + np.int32(slot.begin)
            place += base
            place += contrary * np.int32(groups * size)
            if not slot.width:
                place = place[(rows.code[slot.one] != 0) & (rows.code[slot.two] != 0)]
            np.add.at(flat, place, one_more)
    return state


def _leans(rows: Rows) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """How much each row speaks for its own label rather than for the best other, and each column of it."""
    at = np.arange(len(rows.group))
    others = rows.sums.copy()
    others[at, rows.group] = np.iinfo(np.int64).min
    rival = others.argmax(1)
    lean = np.zeros(rows.bin.shape, np.int32)
    for index, column in enumerate(rows.columns):
        flat, bins = column.weights.reshape(-1), column.weights.shape[1]
        first = (rows.group * bins + rows.bin[index]) * len(column.weights)
        lean[index] = flat[first + rows.group] - flat[first + rival]
    return lean.sum(0, dtype=np.int32), lean


def sifted_rows(state: Contrary, given: Codes) -> Wanted:
    """Pass 1 finished: the places with the most rows of a label beyond its share of contrary rows."""
    if not given.judged:
        return Wanted(given, (), np.zeros(0, np.uint8))
    looked_at = slots(given.columns, len(given.share))
    for slot in looked_at:  # what stands for rare values is no pattern
        if slot.width:
            held = state.table[:, :, slot.begin : slot.begin + slot.size]
            held[:, :, : slot.width] = 0
            if slot.one != slot.two:
                held[:, :, :: slot.width] = 0
    weight = _weight(state.table[1])
    value, target = np.zeros(state.table.shape[2]), np.zeros(state.table.shape[2], np.uint8)
    for slot in looked_at:
        part = slice(slot.begin, slot.begin + slot.size)
        value[part], target[part] = _worth(state.table[:, :, part].astype(np.float64), weight, not slot.width)
    positive = np.sort(value[value > 0])
    floor = positive[-_CANDIDATES] if len(positive) > _CANDIDATES else 0.0
    target[value <= floor] = 0
    first = [slot for slot in looked_at if not slot.salt]
    wanted = [slot for slot in first if target[slot.begin : slot.begin + slot.size].any()]
    return Wanted(given, tuple(wanted), target)


def _weight(table: NDArray[np.uint32]) -> NDArray[np.float64]:
    """Share of each label among contrary rows."""
    sums = table.sum(1, dtype=np.float64)
    return np.asarray((sums + 1) / (sums.sum() + len(sums)))


def _worth(
    part: NDArray[np.float64], weight: NDArray[np.float64], shared: bool
) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """How much each place deserves an exact count, and 1 + its label."""
    every, table = part.sum(0), part[1]
    load = every.sum() / every.shape[1] if shared else 0.0
    noise = table.mean(1, keepdims=True) if shared else np.zeros((len(table), 1))
    fewest = FEWEST + noise + 2 * np.sqrt(noise)
    whole = table.sum(0)
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = table * np.log(table / (whole * weight[:, None]))
    gain = np.where(table >= fewest, gain, 0)
    best = gain.argmax(0)
    value = np.take_along_axis(gain, best[None], 0)[0]
    agree = np.take_along_axis(every, best[None], 0)[0]
    against = np.take_along_axis(table, best[None], 0)[0]
    # a trigger goes with its label, and most of its rows speak for another; `load` is what others put there
    pure = agree >= _PURE * np.maximum(every.sum(0) - load, agree * 0.5)
    pure &= against >= _AGAINST * np.maximum(agree - load, agree * 0.5)
    return np.where(pure, value, 0), (best + 1).astype(np.uint8)


def hits(given: Wanted, rows: Rows, slot: Slot) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows that bear a wanted pair of these columns, and the label that it goes with."""
    found = given.target[slot.begin : slot.begin + slot.size][places(rows, slot)]
    if not slot.width:
        twin = replace(slot, begin=slot.twin, salt=1)
        found *= found == given.target[twin.begin : twin.begin + twin.size][places(rows, twin)]
        found *= (rows.code[slot.one] != 0) & (rows.code[slot.two] != 0)
    at = np.flatnonzero(found)
    return at, found[at].astype(np.int64) - 1
