"""Two sequences of digests → the fewest edits we can name: changed, missing, added, moved. Pure.

Records that both ends have in common are set aside first. Of the rest, a record is *kept* if its digest
stands in both; where a digest stands several times, places are matched that have the same neighbours, then
in order. Kept records that break the order of the others are *moved*: those outside a longest increasing
subsequence. A record that went and one that came between the same two kept ones are one that was *changed*.

Sorting is by whole digests, 16 or 32 bytes, as integers: ten million records take about 1 GB.
"""

from array import array
from bisect import bisect_left
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = ["Edits", "edits", "moves", "originals"]

Positions = NDArray[np.int64]
_NONE: Positions = np.zeros(0, np.int64)
_CONTEXTS = (64, 8)
"""Lengths of the runs by which records that stand several times are told apart."""
_BLOCK = 1 << 20
_BASE = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, eq=False)
class Edits:
    """What leads from the old records to the new; positions from 0, ascending in the first of each pair."""

    changed: tuple[Positions, Positions] = (_NONE, _NONE)
    """Old and new position of records whose content changed."""
    missing: Positions = field(default_factory=lambda: _NONE)
    """Old positions."""
    added: Positions = field(default_factory=lambda: _NONE)
    """New positions of records that are new."""
    moved: tuple[Positions, Positions] = (_NONE, _NONE)
    """Old and new position of records that stand elsewhere in the order."""

    @property
    def none(self) -> bool:
        """Whether the records are the same, in the same order."""
        parts = (self.changed[0], self.missing, self.added, self.moved[0])
        return not any(map(len, parts))


def edits(old: NDArray[np.uint8], new: NDArray[np.uint8]) -> Edits:
    """The edits that lead from `old` to `new`, each count × width, of the same width."""
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    a, b = old[start : len(old) - end], new[start : len(new) - end]
    if not len(a) and not len(b):
        return Edits()
    ids = _identities(old, new, a, b)
    inner = _inner(ids[: len(a)], ids[len(a) :])
    return Edits(
        changed=(inner.changed[0] + start, inner.changed[1] + start),
        missing=inner.missing + start,
        added=inner.added + start,
        moved=(inner.moved[0] + start, inner.moved[1] + start),
    )


def moves(gone: NDArray[np.uint8], came: NDArray[np.uint8]) -> tuple[Positions, Positions]:
    """Records that went from one place and came at another: the first alike with the first, and so on."""
    if not (len(gone) and len(came)):
        return _NONE, _NONE
    ids = _identities(gone, came, gone, came)
    to = np.full(len(gone), -1, np.int64)
    _in_order(ids[: len(gone)], ids[len(gone) :], to, np.zeros(len(came), bool))
    at = np.flatnonzero(to >= 0)
    return at, to[at]


def originals(old: NDArray[np.uint8], copies: NDArray[np.uint8]) -> Positions:
    """For each of `copies`, the first old record that is the same; -1 for none."""
    if not (len(old) and len(copies)):
        return np.full(len(copies), -1, np.int64)
    found = {record.tobytes(): -1 for record in copies}
    heads = np.unique(_words(copies, copies[:0], 0))
    for start in range(0, len(old), _BLOCK):
        block = old[start : start + _BLOCK]
        for i in np.flatnonzero(np.isin(_words(block, block[:0], 0), heads)).tolist():
            key = block[i].tobytes()
            if found.get(key, 0) == -1:
                found[key] = start + i
    return np.array([found[record.tobytes()] for record in copies], np.int64)


def _common(old: NDArray[np.uint8], new: NDArray[np.uint8]) -> int:
    """How many records both begin with."""
    count, block = min(len(old), len(new)), 1 << 16
    for at in range(0, count, block):
        stop = min(count, at + block)
        differs = (old[at:stop] != new[at:stop]).any(axis=1)
        if differs.any():
            return at + int(differs.argmax())
    return count


def _identities(
    old: NDArray[np.uint8], new: NDArray[np.uint8], a: NDArray[np.uint8], b: NDArray[np.uint8]
) -> Positions:
    """A number for each record of `a`, then of `b`; equal numbers for equal digests."""
    columns = [_words(a, b, at) for at in range(0, old.shape[1], 8)]
    order = np.lexsort(tuple(columns))
    fresh = np.zeros(len(order), bool)
    for column in columns:  # one at a time: each arranged copy is as large as the data
        arranged = column[order]
        fresh[1:] |= arranged[1:] != arranged[:-1]
    del columns
    ids = np.empty(len(order), np.int64)
    ids[order] = np.cumsum(fresh)
    return ids


def _words(a: NDArray[np.uint8], b: NDArray[np.uint8], at: int) -> NDArray[np.uint64]:
    """Eight bytes of each digest as a number."""
    both = np.concatenate([a[:, at : at + 8], b[:, at : at + 8]])
    return np.ascontiguousarray(both).view(np.uint64).ravel()


def _inner(a: Positions, b: Positions) -> Edits:
    """The edits between two sequences of numbers that share neither beginning nor end."""
    to = _matched(a, b)
    taken = np.zeros(len(b), bool)
    taken[to[to >= 0]] = True
    gone, came = np.flatnonzero(to < 0), np.flatnonzero(~taken)
    del taken
    kept = np.flatnonzero(to >= 0)
    steady_at = _longest_increasing(to[kept])
    moved = _without(kept, steady_at)
    steady = kept[steady_at]
    del kept, steady_at
    went, arrived = _paired(gone, came, steady, to[steady])
    return Edits(
        changed=(gone[went], came[arrived]),
        missing=_without(gone, went),
        added=_without(came, arrived),
        moved=(moved, to[moved]),
    )


def _without(values: Positions, places: Positions) -> Positions:
    """The values but for those at `places`."""
    left = np.ones(len(values), bool)
    left[places] = False
    return values[left]


def _matched(a: Positions, b: Positions) -> Positions:
    """For each of `a` the place in `b` that it is matched with; -1 for none."""
    count = int(max(a.max(initial=0), b.max(initial=0))) + 1
    to = np.full(len(a), -1, np.int64)
    if not (len(a) and len(b)):
        return to
    in_a, in_b = (np.minimum(np.bincount(v, minlength=count), 2).astype(np.int8) for v in (a, b))
    single = (in_a == 1) & (in_b == 1)
    several = bool(((in_a > 1) | (in_b > 1))[(in_a > 0) & (in_b > 0)].any())
    at = np.full(count, -1, np.int64)
    at[b] = np.arange(len(b))
    at[~single] = -1  # stands several times, or on one side only
    to[:] = at[a]
    del at
    taken = np.zeros(len(b), bool)
    taken[to[to >= 0]] = True
    if several:
        for width in _CONTEXTS:
            _by_context(a, b, to, taken, width)
        for unbroken in (True, False):
            _near(a, b, to, taken, forward=True, unbroken=unbroken)
            _near(a, b, to, taken, forward=False, unbroken=unbroken)
        _in_order(a, b, to, taken)
    return to


def _by_context(a: Positions, b: Positions, to: Positions, taken: NDArray[np.bool_], width: int) -> None:
    """Match records that stand several times by the records that follow them, where those are alike once."""
    if min(len(a), len(b)) < width:
        return
    free = np.flatnonzero(to[: len(a) - width + 1] < 0), np.flatnonzero(~taken[: len(b) - width + 1])
    runs_a, places_a = _single(_windows(a, width)[free[0]], free[0])
    runs_b, places_b = _single(_windows(b, width)[free[1]], free[1])
    _, at, where = np.intersect1d(runs_a, runs_b, assume_unique=True, return_indices=True)
    at, where = places_a[at], places_b[where]
    good = (to[at] < 0) & ~taken[where] & (a[at] == b[where])
    to[at[good]] = where[good]
    taken[where[good]] = True


def _single(runs: NDArray[np.uint64], places: Positions) -> tuple[NDArray[np.uint64], Positions]:
    """The numbers that stand once, and their places."""
    values, first, counts = np.unique(runs, return_index=True, return_counts=True)
    return values[counts == 1], places[first[counts == 1]]


def _windows(values: Positions, width: int) -> NDArray[np.uint64]:
    """A number for each run of `width` records; runs that are alike have the same."""
    numbers = values.astype(np.uint64) + np.uint64(1)
    total = np.zeros(len(values) - width + 1, np.uint64)
    for shift in range(width):
        total = total * _BASE + numbers[shift : shift + len(total)]
    return total


def _near(
    a: Positions, b: Positions, to: Positions, taken: NDArray[np.bool_], *, forward: bool, unbroken: bool
) -> None:
    """Match records with the one at the same distance from the nearest match before (or after) them.

    If `unbroken`, all records between must be matched so as well.
    """
    anchors = np.flatnonzero(to >= 0)
    ends = np.concatenate([[-1], anchors, [len(a)]]), np.concatenate([[-1], to[anchors], [len(b)]])
    free = np.flatnonzero(to < 0)
    free = free if forward else free[::-1]
    index = np.searchsorted(ends[0], free) - (1 if forward else 0)
    wanted = free + ends[1][index] - ends[0][index]
    inside = (wanted >= 0) & (wanted < len(b))
    place = np.where(inside, wanted, 0)
    same = inside & (a[free] == b[place]) & ~taken[place]
    if unbroken and len(free):
        broken = np.cumsum(~same)
        starts = np.flatnonzero(np.diff(index, prepend=-1) != 0)
        before = (broken - ~same)[starts]
        same &= broken == np.repeat(before, np.diff(np.append(starts, len(index))))
    free, wanted = free[same], wanted[same]
    wanted, first = np.unique(wanted, return_index=True)
    to[free[first]] = wanted
    taken[wanted] = True


def _in_order(a: Positions, b: Positions, to: Positions, taken: NDArray[np.bool_]) -> None:
    """Match what is left: the first of each kind with the first, the second with the second."""
    left, right = np.flatnonzero(to < 0), np.flatnonzero(~taken)
    left, ranks_a = _ranked(a, left)
    right, ranks_b = _ranked(b, right)
    most = np.int64(max(len(a), len(b)) + 1)
    keys_a, keys_b = a[left] * most + ranks_a, b[right] * most + ranks_b
    _, at, where = np.intersect1d(keys_a, keys_b, assume_unique=True, return_indices=True)
    to[left[at]] = right[where]
    taken[right[where]] = True


def _ranked(values: Positions, places: Positions) -> tuple[Positions, Positions]:
    """Places ordered by value, and how often each value stood before."""
    places = places[np.argsort(values[places], kind="stable")]
    sorted_values = values[places]
    starts = np.flatnonzero(np.diff(sorted_values, prepend=-1) != 0)
    lengths = np.diff(np.append(starts, len(places)))
    return places, np.arange(len(places)) - np.repeat(starts, lengths)


def _longest_increasing(values: Positions) -> Positions:
    """Indices of a longest strictly increasing subsequence (patience sorting)."""
    if not len(values) or (np.diff(values) > 0).all():
        return np.arange(len(values))
    tails, ends = array("q"), array("q")
    before = np.empty(len(values), np.int64)
    for i, value in enumerate(map(int, values)):
        at = bisect_left(tails, value)
        before[i] = ends[at - 1] if at else -1
        if at == len(tails):
            tails.append(value)
            ends.append(i)
        else:
            tails[at], ends[at] = value, i
    result = np.empty(len(tails), np.int64)
    last = ends[-1]
    for at in range(len(tails) - 1, -1, -1):
        result[at] = last
        last = int(before[last])
    return result


def _paired(
    gone: Positions, came: Positions, steady: Positions, steady_to: Positions
) -> tuple[Positions, Positions]:
    """Which of those that went, and that came, did so between the same two that stayed, in order."""
    gap_gone, gap_came = np.searchsorted(steady, gone), np.searchsorted(steady_to, came)
    most = np.int64(max(len(gone), len(came)) + 1)
    rank_gone, rank_came = (np.arange(len(g)) - np.searchsorted(g, g) for g in (gap_gone, gap_came))
    _, at, where = np.intersect1d(
        gap_gone * most + rank_gone, gap_came * most + rank_came, assume_unique=True, return_indices=True
    )
    return at, where
