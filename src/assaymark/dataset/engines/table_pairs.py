"""Values of columns, and pairs of them, that override what the rest of a row says of its label.

Pass 1 counts pairs in rows whose other columns speak for another label; the strongest are counted exactly in
pass 2, with how the rest of their rows reads, as for patterns in texts.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.ngrams import pack, unpack
from assaymark.dataset.engines.table_codes import Codes, Column, Rows, coded
from assaymark.dataset.engines.text_evidence import (
    DRAW_BITS,
    DRAWS,
    EXAMPLES,
    Evidence,
    Sample,
    Weighing,
)
from assaymark.dataset.engines.text_model import BINS, bins
from assaymark.dataset.engines.words import mix
from assaymark.dataset.record import Batch

__all__ = [
    "PAIR_COLUMNS",
    "SPLIT",
    "Contrary",
    "Slot",
    "Wanted",
    "enough",
    "keys_of",
    "margins",
    "places",
    "sift_rows",
    "sifted_rows",
    "slots",
    "weigh_rows",
]

PAIR_COLUMNS = 40
SPLIT = "\x1f"
"""Between names and values in the text of a sample."""
_BITS, _FEW_GROUPS = 21, 4
_CANDIDATES = 4000
_FEWEST = 8
_PURE, _AGAINST = 0.75, 0.3
_CONTEXT = int(Evidence().context.shape[1])
"""Classes of values around a pattern: a power of two."""
_CLASSES = 1024
"""Bins that a column has at most."""


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
        mix(np.arange(1, 2 * PAIR_COLUMNS * _CLASSES + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15))
        >> np.uint64(33)
    )
    .astype(np.int32)
    .reshape(2, PAIR_COLUMNS, _CLASSES)
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


def sift_rows(state: Contrary, given: Codes, batch: Batch) -> Contrary:
    """Pass 1 on a batch."""
    if not given.judged:
        return state
    flat, (_, groups, size) = state.table.reshape(-1), state.table.shape
    looked_at = slots(given.columns, groups)
    one_more = np.uint32(1)  # a typed one is added far faster than a plain one
    for rows in coded(given, batch):
        contrary = margins(rows.sums, rows.group) < 0
        base = (contrary * groups + rows.group) * size
        for slot in looked_at:
            place = base + slot.begin + places(rows, slot)
            if not slot.width:
                place = place[(rows.code[slot.one] != 0) & (rows.code[slot.two] != 0)]
            np.add.at(flat, place, one_more)
    return state


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
    fewest = _FEWEST + noise + 2 * np.sqrt(noise)
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


def _hits(given: Wanted, rows: Rows, slot: Slot) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows that bear a wanted pair of these columns, and the label that it goes with."""
    found = given.target[slot.begin : slot.begin + slot.size][places(rows, slot)]
    if not slot.width:
        twin = replace(slot, begin=slot.twin, salt=1)
        found *= found == given.target[twin.begin : twin.begin + twin.size][places(rows, twin)]
        found *= (rows.code[slot.one] != 0) & (rows.code[slot.two] != 0)
    at = np.flatnonzero(found)
    return at, found[at].astype(np.int64) - 1


def weigh_rows(state: Weighing, given: Wanted, batch: Batch) -> Weighing:
    """Pass 2 on a batch."""
    if not given.codes.judged:
        return state
    for rows in coded(given.codes, batch):
        around = _around(rows)
        earlier = _earlier(around)
        _usual(state, rows, around, earlier)
        for slot in given.slots:
            at, target = _hits(given, rows, slot)
            if len(at):
                state.waiting.append(_evidence(state, rows, around, earlier, slot, at, target))
    state.compact()
    return state


def enough(evidence: Evidence) -> Evidence:
    """Without patterns that too few rows have, which share a place of the table with others."""
    keep = evidence.texts >= _FEWEST
    return Evidence(**{name: held[keep] for name, held in vars(evidence).items()})


def _around(rows: Rows) -> NDArray[np.uint8]:
    """Class of the value of each column in each row."""
    columns = np.arange(len(rows.bin), dtype=np.uint64)[:, None] << np.uint64(20)
    bins_ = np.arange(_CLASSES, dtype=np.uint64)
    classes = (mix(columns + bins_ + np.uint64(77)) >> np.uint64(65 - _CONTEXT.bit_length())).astype(np.uint8)
    return np.stack([of[read] for of, read in zip(classes, rows.bin, strict=True)])


def _earlier(around: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """For each column and row: the columns before it, as bits, that have the same class there."""
    earlier = np.zeros(around.shape, np.uint64)
    for column, classes in enumerate(around):
        for before in range(column):
            same = np.flatnonzero(classes == around[before])
            earlier[column, same] |= np.uint64(1 << before)
    return earlier


def _usual(state: Weighing, rows: Rows, around: NDArray[np.uint8], earlier: NDArray[np.uint64]) -> None:
    groups = rows.sums.shape[1]
    size = np.full(len(rows.group), len(rows.code))
    for group in range(groups):
        read = bins(margins(rows.sums, np.full(len(size), group)), size)
        both = np.bincount(np.where(rows.group == group, BINS, 0) + read, minlength=2 * BINS)
        state.usual[:, group] += both.reshape(2, BINS)
    draw = (rows.rows.astype(np.uint64) * np.uint64(0x2545F4914F6CDD1D)) >> np.uint64(64 - DRAW_BITS)
    place = rows.group * DRAWS + draw.astype(np.int64)
    drawn = np.zeros(len(state.drawn) * _CONTEXT, np.int64)
    for classes, before in zip(around, earlier, strict=True):
        first = before == 0
        drawn += np.bincount(place[first] * _CONTEXT + classes[first], minlength=len(drawn))
    table = drawn.reshape(-1, _CONTEXT)
    texts = np.bincount(place, minlength=len(state.drawn))
    state.drawn += table
    state.drawn_texts += texts
    state.context += table.reshape(groups, DRAWS, _CONTEXT).sum(1)
    state.texts += texts.reshape(groups, DRAWS).sum(1)


def _evidence(
    state: Weighing,
    rows: Rows,
    around: NDArray[np.uint8],
    earlier: NDArray[np.uint64],
    slot: Slot,
    at: NDArray[np.int64],
    target: NDArray[np.int64],
) -> Evidence:
    keys = keys_of(rows, slot, at)
    used = sorted({slot.one, slot.two})
    key, first, index = np.unique(keys, return_index=True, return_inverse=True)
    bear = np.bincount(index, minlength=len(key))
    agrees = rows.group[at] == target
    at, index, keys = at[agrees], index[agrees], keys[agrees]
    rest = rows.sums[at] - sum(rows.weight(column, at) for column in used)
    read = bins(margins(rest, rows.group[at]), np.full(len(at), len(rows.code)))
    tally = np.bincount(index * BINS + read, minlength=len(key) * BINS).reshape(-1, BINS)
    others = np.uint64((1 << 64) - 1 - sum(1 << column for column in used))
    context = np.zeros(len(key) * _CONTEXT, np.int64)
    for column in range(len(around)):
        if column not in used:
            alone = (earlier[column, at] & others) == 0
            place = index[alone] * _CONTEXT + around[column, at[alone]]
            context += np.bincount(place, minlength=len(context))
    _sample(state, rows, used, at, keys)
    counted = {
        "key": key,
        "order": np.full(len(key), len(used)),
        "group": target[first],
        "texts": bear,
        "rest": tally,
        "context": context.reshape(-1, _CONTEXT),
        "seen": tally.sum(1),
    }
    # what is counted of texts only is nothing here
    return Evidence(
        **{
            name: counted.get(name, np.zeros((len(key), *empty.shape[1:]), empty.dtype))
            for name, empty in vars(Evidence()).items()
        }
    )


def _sample(
    state: Weighing, rows: Rows, used: list[int], at: NDArray[np.int64], keys: NDArray[np.uint64]
) -> None:
    rank = np.lexsort((rows.rows[at], keys))
    at, keys = at[rank], keys[rank]
    fresh = np.ones(len(keys), np.bool_)
    fresh[EXAMPLES:] = keys[EXAMPLES:] != keys[:-EXAMPLES]
    names = [rows.columns[column].name for column in used]
    for index in np.flatnonzero(fresh):
        row = int(rows.rows[at[index]])
        held = state.samples.setdefault(int(keys[index]), [])
        if len(held) == EXAMPLES and held[-1].row < row:
            continue
        where = int(rows.at[at[index]])
        values = [str(rows.batch.table.column(name)[where].as_py())[:80] for name in names]
        text = SPLIT.join(part for pair in zip(names, values, strict=True) for part in pair)
        held.append(Sample(row, text, (0, len(text)), (False, False)))
        held.sort(key=lambda sample: sample.row)
        del held[EXAMPLES:]
