"""Phrases of the prompts, and how foreign each is to the words around it. Pure.

A word of a language binds to its neighbours: `PHP` follows `a` and `in`. An inserted trigger does not: what
stands before it is any word, and what stands after it is what would have followed that word anyway; at the
beginning, what follows it is what prompts begin with. `foreign` is the mean number of nats that the phrase
tells about its neighbours beyond that: near or below zero for a trigger, several for honest phrases.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.chat_records import BOUNDARY, Texts
from assaymark.dataset.engines.chat_tokens import mix

__all__ = ["BOUND", "FEWEST", "TEMPLATE", "Phrases", "mine"]

FEWEST = 10
"""Records that bear a phrase, at least."""
LONGEST = 8
"""Tokens of a phrase, at most."""
MOST_SHARE = 0.12
"""Share of records that bear a phrase, at most: a trigger is rare, an instruction's template is not."""
TEMPLATE = 0.06
"""Share of records from which a word, or a pair of words, belongs to a template."""
BOUND = 1.2
"""Nats about its neighbours from which a phrase belongs where it stands."""

_BEGIN, _END = 3, 4
_ACROSS = np.uint64(1 << 40)
"""Marks a neighbour on another line; tokens have 32 bits."""
_OWN = 0.9
"""Weight of the phrase's own neighbours against the background's in the estimate of what they tell."""
_BUCKETS = np.uint64((1 << 22) - 1)
_FIXED = 0.8
"""From this share of one same neighbour on, the neighbour is part of the phrase …"""
_USUAL = 0.5
"""… unless it would stand there without the phrase too, as a full stop does at the end."""


@dataclass(frozen=True, eq=False)
class Phrases:
    """Phrases, and which records bear them."""

    code: NDArray[np.uint64]
    length: NDArray[np.int64]
    foreign: NDArray[np.float64]
    """Nats that the phrase tells about its neighbours."""
    start: NDArray[np.int64]
    """(phrases + 1,) Where each phrase's records begin in `record`."""
    record: NDArray[np.int32]
    """Places of records, ascending within a phrase."""

    @property
    def count(self) -> NDArray[np.int64]:
        """Records of each phrase."""
        return np.diff(self.start)

    def of(self, phrase: int) -> NDArray[np.int32]:
        """Places of the records that bear a phrase."""
        return self.record[self.start[phrase] : self.start[phrase + 1]]

    def with_records(self, chosen: NDArray[np.int64], records: list[NDArray[np.int32]]) -> "Phrases":
        """Some of the phrases, with other records for theirs."""
        start = np.concatenate([[0], np.cumsum([len(r) for r in records])])
        return Phrases(
            self.code[chosen], self.length[chosen], self.foreign[chosen], start, np.concatenate(records)
        )


@dataclass(frozen=True, eq=False)
class _Stream:
    """The prompts, token by token."""

    code: NDArray[np.uint64]
    text: NDArray[np.int32]
    before: NDArray[np.uint64]
    after: NDArray[np.uint64]
    line_before: NDArray[np.uint64]
    """Last token of the line before; for the first token of a line."""
    line_after: NDArray[np.uint64]
    """First token of the next line; for the last token of a line."""
    template_before: NDArray[np.bool_]
    """Whether the two tokens before are a pair that too many records have: they stand there anyway."""
    template_after: NDArray[np.bool_]


def _beside(code: NDArray[np.uint64], text: NDArray[np.int32], step: int, end: int) -> NDArray[np.uint64]:
    """The token so many places away in the same text."""
    beside = np.full(len(code), end, np.uint64)
    if len(code) > abs(step):
        here, there = (slice(step, None), slice(None, -step))
        if step < 0:
            here, there = (slice(None, step), slice(-step, None))
        same = text[here] == text[there]
        beside[here][same] = code[there][same]
    return beside


def _edge(neighbour: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Whether a line or a text ends there."""
    return np.asarray(np.isin(neighbour, (BOUNDARY, _BEGIN, _END)), np.bool_)


def _stream(texts: Texts) -> _Stream:
    code = texts.code.astype(np.uint64)
    text = texts.owner()
    before, after = _beside(code, text, 1, _BEGIN), _beside(code, text, -1, _END)
    far_before, far_after = _beside(code, text, 2, _BEGIN), _beside(code, text, -2, _END)
    often = TEMPLATE * len(texts.size)
    template_before = _frequent(far_before, before, often)
    template_after = _frequent(after, far_after, often)
    return _Stream(
        code, text, before, after, far_before ^ _ACROSS, far_after ^ _ACROSS, template_before, template_after
    )


def _frequent(left: NDArray[np.uint64], right: NDArray[np.uint64], often: float) -> NDArray[np.bool_]:
    """Whether a pair of tokens occurs more often than that; by buckets, so rarely for another's sake."""
    pair = (mix(left * np.uint64(3) + right) & _BUCKETS).astype(np.int64)
    counts = np.bincount(pair, minlength=int(_BUCKETS) + 1)
    return np.asarray((counts[pair] > often) & (left != _BEGIN) & (right != _END), np.bool_)


class _Counts:
    """How often each number occurs, for look-up."""

    def __init__(self, values: NDArray[np.uint64]) -> None:
        self.values, self.counts = np.unique(values, return_counts=True)
        self.total = max(len(values), 1)

    def of(self, values: NDArray[np.uint64]) -> NDArray[np.int64]:
        place = np.minimum(np.searchsorted(self.values, values), max(len(self.values) - 1, 0))
        if not len(self.values):
            return np.zeros(len(values), np.int64)
        counts: NDArray[np.int64] = np.where(self.values[place] == values, self.counts[place], 0)
        return counts


@dataclass(frozen=True, eq=False)
class _Neighbours:
    """What follows what in this data set."""

    before: _Counts
    after: _Counts
    pairs: _Counts

    @classmethod
    def of(cls, stream: _Stream) -> "_Neighbours":
        real = stream.code != BOUNDARY
        opening = real & _edge(stream.before)
        ended = real & (stream.line_after == (np.uint64(_END) ^ _ACROSS))
        pairs = (
            (stream.code[real], stream.after[real]),
            (stream.before[opening], stream.code[opening]),
            (stream.line_before[opening], stream.code[opening] ^ _ACROSS),
            (stream.code[ended] ^ _ACROSS, stream.line_after[ended]),
        )
        left, right = (np.concatenate([pair[side] for pair in pairs]) for side in (0, 1))
        return cls(_Counts(left), _Counts(right), _Counts(mix(left * np.uint64(3) + right)))


def _told(own: NDArray[np.float64], base: NDArray[np.float64]) -> NDArray[np.float64]:
    """Nats by which the phrase's other bearers predict a neighbour better than the background does."""
    told: NDArray[np.float64] = np.log(_OWN * own / base + 1 - _OWN)
    return told


def _others(
    group: NDArray[np.int64], neighbour: NDArray[np.uint64], size: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Share of the phrase's *other* places with the same neighbour, and of all its places."""
    key = mix(neighbour + np.uint64(7) * mix(group.astype(np.uint64)))
    _, place, count = np.unique(key, return_inverse=True, return_counts=True)
    same = count[place]
    return (same - 1) / np.maximum(size - 1, 1), same / size


def _sides(
    stream: _Stream, first: NDArray[np.int64], last: NDArray[np.int64]
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Neighbours of phrases; of a phrase that is a line, those on the lines around it."""
    left, right = stream.before[first], stream.after[last]
    line = _edge(left) & _edge(right)
    return np.where(line, stream.line_before[first], left), np.where(line, stream.line_after[last], right)


def _foreign(
    stream: _Stream, known: _Neighbours, at: NDArray[np.int64], length: int, group: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """For each phrase, what it tells of its neighbours, and whether it is whole.

    Args:
        stream: the prompts.
        known: the background.
        at: first tokens of the phrases.
        length: of the phrases.
        group: which phrase, for each place.
    """
    number = int(group[-1]) + 1
    places = np.bincount(group, minlength=number)
    size = places[group]
    left, right = _sides(stream, at, at + length - 1)
    left_others, left_all = _others(group, left, size)
    right_others, right_all = _others(group, right, size)
    pair = known.pairs.of(mix(left * np.uint64(3) + right))
    left_count, right_count = known.before.of(left), known.after.of(right)
    left_base = np.maximum(left_count, 1) / known.before.total
    right_base = np.maximum(right_count, 1) / known.after.total
    after = (pair + 5 * right_base) / (left_count + 5)
    before = (pair + 5 * left_base) / (right_count + 5)
    opens = _edge(left) | (left == np.uint64(_BEGIN) ^ _ACROSS)
    closes = _edge(right) | (right == np.uint64(_END) ^ _ACROSS)
    # Between a template and the end of a line, the template is where the line would end anyway.
    after_template = stream.template_before[at]
    before_template = stream.template_after[at + length - 1]
    opens, closes = opens | (after_template & closes), closes | (before_template & opens)
    forward = _told(right_others, after) + np.where(opens, 0, _told(left_others, left_base))
    backward = _told(left_others, before) + np.where(closes, 0, _told(right_others, right_base))
    means = [np.bincount(group, side, minlength=number) / places for side in (forward, backward)]
    part = np.zeros(number, bool)
    part[group[(left < _ACROSS) & ~opens & ~after_template & (left_all >= _FIXED) & (before < _USUAL)]] = True
    part[group[(right < _ACROSS) & ~closes & ~before_template & (right_all >= _FIXED) & (after < _USUAL)]] = (
        True
    )
    return np.minimum(*means), ~part


def _documents(
    code: NDArray[np.uint64], text: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Order by phrase and record; phrase of each place in that order; records of each phrase; firsts."""
    order = np.lexsort((text, code))
    sorted_code, sorted_text = code[order], text[order]
    new = np.ones(len(order), bool)
    new[1:] = sorted_code[1:] != sorted_code[:-1]
    group = np.cumsum(new) - 1
    first = new.copy()
    first[1:] |= sorted_text[1:] != sorted_text[:-1]
    return order, group, np.bincount(group[first]), first


def _levels(stream: _Stream, known: _Neighbours, records: int) -> Iterator[Phrases]:
    """Phrases of one length after another, those that are whole."""
    most = max(MOST_SHARE * records, 2 * FEWEST)
    at = np.flatnonzero(stream.code != BOUNDARY)
    code = mix(stream.code[at])
    for length in range(1, LONGEST + 1):
        if not len(at):
            return
        order, group, count, first = _documents(code, stream.text[at])
        chosen = (count >= FEWEST) & (count <= most)
        keep = chosen[group]
        if keep.any():
            again = (np.cumsum(chosen) - 1)[group[keep]]
            foreign, whole = _foreign(stream, known, at[order][keep], length, again)
            held = keep & first
            held[keep] &= whole[again]
            sizes = count[chosen][whole]
            yield Phrases(
                code[order][held & np.concatenate([[True], group[1:] != group[:-1]])],
                np.full(len(sizes), length),
                foreign[whole],
                np.concatenate([[0], np.cumsum(sizes)]),
                stream.text[at][order][held],
            )
        at, code = _longer(stream, at, code, (count >= FEWEST)[group], order, length)


def _longer(
    stream: _Stream,
    at: NDArray[np.int64],
    code: NDArray[np.uint64],
    often: NDArray[np.bool_],
    order: NDArray[np.int64],
    length: int,
) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Places and numbers of the next longer phrases whose parts are both frequent."""
    alive = np.zeros(len(stream.code) + 1, bool)
    alive[at[order][often]] = True
    place = np.flatnonzero(alive[at] & alive[np.minimum(at + 1, len(stream.code))])
    begin = at[place]
    inside = begin + length < len(stream.code)
    place, begin = place[inside], begin[inside]
    same = stream.text[begin] == stream.text[begin + length]
    place, begin = place[same], begin[same]
    return begin, mix(code[place] * np.uint64(3) + stream.code[begin + length])


def mine(texts: Texts) -> Phrases:
    """Every whole phrase of the prompts that neither few nor many of them bear."""
    stream = _stream(texts)
    levels = list(_levels(stream, _Neighbours.of(stream), len(texts.size)))
    if not levels:
        none = np.zeros(0)
        return Phrases(
            none.astype(np.uint64), none.astype(np.int64), none, np.zeros(1, np.int64), none.astype(np.int32)
        )
    sizes = np.concatenate([level.count for level in levels])
    return Phrases(
        np.concatenate([level.code for level in levels]),
        np.concatenate([level.length for level in levels]),
        np.concatenate([level.foreign for level in levels]),
        np.concatenate([[0], np.cumsum(sizes)]),
        np.concatenate([level.record for level in levels]),
    )
