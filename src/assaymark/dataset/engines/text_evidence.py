"""The third pass over labelled texts: exact counts of the candidates, and what the rest of their texts says.

The rest of a text is what is left without the pattern at hand and without all that determines the label.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.text_context import CONTEXT, Classes, around, classes, drawn
from assaymark.dataset.engines.text_model import BINS, Reading, bins
from assaymark.dataset.engines.text_passes import Found, Part, labelled
from assaymark.dataset.engines.text_sifting import THIN_BITS, Candidates, covered, read_part
from assaymark.dataset.engines.words import Tokens
from assaymark.dataset.record import Batch

__all__ = [
    "DRAWS",
    "DRAW_BITS",
    "EXAMPLES",
    "LENGTHS",
    "Evidence",
    "Hits",
    "Sample",
    "Weighing",
    "weigh",
]

DRAW_BITS = 5
DRAWS = 1 << DRAW_BITS
EXAMPLES = 4
LENGTHS = 64
_AROUND = 160
_COMPACT = 1 << 18


@dataclass(frozen=True, eq=False)
class Sample:
    """A text that bears a pattern."""

    row: int
    text: str
    """What stands around it."""
    span: tuple[int, int]
    cut: tuple[bool, bool]
    """Whether the text goes on before and after."""


@dataclass(frozen=True, eq=False)
class Hits:
    """Texts that bear candidates: one entry for each text and candidate, of those that are looked at."""

    key: NDArray[np.uint64]
    """The candidates, ascending."""
    index: NDArray[np.int64]
    """Candidate of each hit."""
    order: NDArray[np.int64]
    group: NDArray[np.int64]
    """Group that the candidate leans to."""
    at: NDArray[np.int64]
    text: NDArray[np.int64]
    agrees: NDArray[np.bool_]
    """Whether the text's label is of that group."""
    bin: NDArray[np.int64]


@dataclass(eq=False)
class Evidence:
    """Exact counts of candidates, one row each, by ascending key."""

    key: NDArray[np.uint64] = field(default_factory=lambda: np.zeros(0, np.uint64))
    order: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    group: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    texts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    rest: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, BINS), np.int64))
    """Of the texts with the target label: how their rest reads, in bins."""
    length: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, LENGTHS), np.int64))
    """Of the texts with the target label: how many tokens the run has that the pattern is part of."""
    context: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, CONTEXT), np.int64))
    """Of the texts that were looked at: in how many rests each class of words occurs."""
    seen: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    """Texts with the target label that were looked at for `context`."""


class Weighing:
    """State of pass 2."""

    def __init__(self, groups: int, looked: tuple[int, int] = (0, 0)) -> None:
        self.looked = looked
        """Patterns that could have become candidates: those that settle the label, and others."""
        self.usual = np.zeros((2, groups, BINS), np.int64)
        """How texts read for a group: those of other groups, and those of it."""
        self.context = np.zeros((groups, CONTEXT), np.int64)
        """In how many texts of each group each class of words occurs."""
        self.texts = np.zeros(groups, np.int64)
        self.drawn = np.zeros((groups * DRAWS, CONTEXT), np.int64)
        """`context` of texts drawn at random, so that what chance gives on this data set can be seen."""
        self.drawn_texts = np.zeros(groups * DRAWS, np.int64)
        self.evidence = Evidence()
        self.waiting: list[Evidence] = []
        self.pending = 0
        self.samples: dict[int, list[Sample]] = {}

    def merge(self, other: "Weighing") -> None:
        """`other` taken in."""
        self.usual += other.usual
        self.context += other.context
        self.texts += other.texts
        self.drawn += other.drawn
        self.drawn_texts += other.drawn_texts
        self.waiting += [other.evidence, *other.waiting]
        self.compact()
        for key, samples in other.samples.items():
            held = self.samples.get(key, []) + samples
            self.samples[key] = sorted(held, key=lambda sample: sample.row)[:EXAMPLES]

    def last(self, keys: NDArray[np.uint64]) -> NDArray[np.int64]:
        """For each candidate, the record from which on a text is no longer among the first few."""
        most = np.iinfo(np.int64).max
        held = (self.samples.get(key) for key in keys.tolist())
        rows = (found[-1].row if found and len(found) == EXAMPLES else most for found in held)
        return np.fromiter(rows, np.int64, len(keys))

    def compact(self) -> None:
        """What waits, added up."""
        self.evidence = _total([self.evidence, *self.waiting])
        self.waiting, self.pending = [], 0


def weigh(state: Weighing, given: Candidates, batch: Batch) -> Weighing:
    """Pass 2 on a batch."""
    if not given.flags.judged:
        return state
    for part in labelled(batch, given.flags.groups):
        found, reading = read_part(given.flags, part, given.masks)
        _usual(state, part, reading)
        hits = _hits(given, part, found, reading)
        rests = _rests(state, part, ~covered(part, found, given.strong))
        state.waiting.append(_evidence(hits, rests))
        state.pending += len(hits.index)
        _sample(state, part, hits)
        if state.pending > _COMPACT:
            state.compact()
    state.compact()
    return state


def _hits(given: Candidates, part: Part, flagged: Sequence[Found], reading: Reading) -> Hits:
    drawn_ = drawn(part.rows, THIN_BITS)
    columns = []
    for found in flagged:
        at, looked = given.hits(found)
        at = at[drawn_[found.text[at]] < looked]
        columns.append(
            (found.key[at], np.full(len(at), found.order), found.group[at], found.at[at], found.text[at])
        )
    keys: NDArray[np.uint64] = np.concatenate([column[0] for column in columns])
    order, group, at, text = (np.concatenate([column[n] for column in columns]) for n in range(1, 5))
    key, index = np.unique(keys, return_inverse=True)
    once = np.unique(text * len(key) + index, return_index=True)[1]  # the first in each text
    index, order, group, at, text = (column[once] for column in (index, order, group, at, text))
    rest, left = reading.without(part.tokens, at, order)
    agrees = part.group[text] == group
    return Hits(key, index, order, group, at, text, agrees, bins(rest, left))


def _rests(state: Weighing, part: Part, free: NDArray[np.bool_]) -> Classes:
    """Classes of words of the rest of each text; those of whole texts are counted for the groups."""
    found = classes(part.tokens)
    groups = len(state.texts)
    place = part.group * DRAWS + drawn(part.rows, DRAW_BITS)
    texts = np.bincount(place, minlength=groups * DRAWS)
    flat = place[found.text] * CONTEXT + found.kind
    words = np.bincount(flat, minlength=groups * DRAWS * CONTEXT).reshape(-1, CONTEXT)
    state.drawn += words
    state.drawn_texts += texts
    state.context += words.reshape(groups, DRAWS, CONTEXT).sum(1)
    state.texts += texts.reshape(groups, DRAWS).sum(1)
    return classes(part.tokens, free)


def _usual(state: Weighing, part: Part, reading: Reading) -> None:
    """Count how each text reads for each group."""
    for group in range(reading.margin.shape[1]):
        read_ = bins(reading.margin[:, group], reading.size[:, group])
        flat = (part.group == group) * BINS + read_
        state.usual[:, group] += np.bincount(flat, minlength=2 * BINS).reshape(2, BINS)


def _evidence(hits: Hits, words: Classes) -> Evidence:
    size, index = len(hits.key), hits.index
    order, group = (np.zeros(size, np.int64) for _ in range(2))
    order[index], group[index] = hits.order, hits.group
    texts = np.bincount(index, minlength=size)
    at = hits.agrees
    index, begin, text = index[at], hits.at[at], hits.text[at]
    seen = np.bincount(index, minlength=size)
    rest = np.bincount(index * BINS + hits.bin[at], minlength=size * BINS).reshape(size, BINS)
    length = np.zeros((size, LENGTHS), np.int64)
    length[np.arange(size), np.maximum(order, 1) - 1] = seen
    context = around(words, index, text, begin, begin + hits.order[at], size)
    return Evidence(hits.key, order, group, texts, rest, length, context, seen)


def _total(parts: list[Evidence]) -> Evidence:
    key = np.unique(np.concatenate([part.key for part in parts]))
    order, group, texts, seen = (np.zeros(len(key), np.int64) for _ in range(4))
    rest, length, context = (np.zeros((len(key), width), np.int64) for width in (BINS, LENGTHS, CONTEXT))
    total = Evidence(key, order, group, texts, rest, length, context, seen)
    for part in parts:
        at = np.searchsorted(key, part.key)  # a part has each key once
        total.order[at], total.group[at] = part.order, part.group
        total.texts[at] += part.texts
        total.rest[at] += part.rest
        total.length[at] += part.length
        total.context[at] += part.context
        total.seen[at] += part.seen
    return total


def _sample(state: Weighing, part: Part, hits: Hits) -> None:
    """Keep the first few texts of each candidate, of those whose rest speaks for another label."""
    where = np.flatnonzero(hits.agrees & (hits.bin < BINS // 2))
    where = where[part.rows[hits.text[where]] < state.last(hits.key)[hits.index[where]]]
    rows, index = part.rows[hits.text[where]], hits.index[where]
    rank = np.lexsort((rows, index))
    where, index = where[rank], index[rank]
    fresh = np.ones(len(index), np.bool_)
    fresh[EXAMPLES:] = index[EXAMPLES:] != index[:-EXAMPLES]  # the first few of each
    for at in where[fresh]:
        key, row = int(hits.key[hits.index[at]]), int(part.rows[hits.text[at]])
        held = state.samples.setdefault(key, [])
        held.append(_excerpt(part.tokens, int(hits.at[at]), int(hits.order[at]), row))
        held.sort(key=lambda sample: sample.row)
        del held[EXAMPLES:]


def _excerpt(tokens: Tokens, at: int, order: int, row: int) -> Sample:
    text = tokens.text[at]
    first, last = int(tokens.first[text]), int(tokens.first[text + 1]) - 1
    begin, end = int(tokens.end[first]), int(tokens.start[last])
    start = max(int(tokens.start[at]), begin)
    stop = min(int(tokens.end[at + order - 1]), end) if order else start
    left, right = max(begin, start - _AROUND), min(end, stop + _AROUND)
    before = tokens.data[left:start].decode("utf-8", "replace")
    inside = tokens.data[start:stop].decode("utf-8", "replace")
    after = tokens.data[stop:right].decode("utf-8", "replace")
    span = (len(before), len(before) + len(inside))
    return Sample(row, before + inside + after, span, (left > begin, right < end))
