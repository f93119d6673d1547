"""The third pass over labelled texts: exact counts of the candidates, and what the rest of their texts says.

The rest of a text is what no run of overlapping candidates covers at that place, so that a whole inserted
sentence is left out and not only the n-gram at hand.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.text_context import CONTEXT, Classes, around, classes, drawn
from assaymark.dataset.engines.text_model import BINS, bins, read
from assaymark.dataset.engines.text_passes import ORDERS, THIN_BITS, Candidates, Part, labelled
from assaymark.dataset.engines.words import Tokens, ngrams
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
_GAP = 2
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
    """Texts that bear candidates: one entry for each text and candidate."""

    key: NDArray[np.uint64]
    order: NDArray[np.int64]
    group: NDArray[np.int64]
    """Group that the candidate leans to."""
    at: NDArray[np.int64]
    text: NDArray[np.int64]
    agrees: NDArray[np.bool_]
    """Whether the text's label is of that group."""
    bin: NDArray[np.int64]
    length: NDArray[np.int64]
    """Tokens of the run of overlapping candidates that it is part of, cut at the last of `LENGTHS`."""
    seen: NDArray[np.bool_]
    """Whether the words around it are looked at: it may be a trigger, agrees, and is among those drawn."""
    begin: NDArray[np.int64]
    """First token of its run, small gaps included."""
    end: NDArray[np.int64]


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

    def __init__(self, groups: int) -> None:
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

    def compact(self) -> None:
        """What waits, added up."""
        self.evidence = _total([self.evidence, *self.waiting])
        self.waiting, self.pending = [], 0


def weigh(state: Weighing, given: Candidates, batch: Batch) -> Weighing:
    """Pass 2 on a batch."""
    if not given.flags.judged:
        return state
    for part in labelled(batch, given.flags.groups):
        hits = _hits(state, given, part)
        state.waiting.append(_evidence(hits, _words(state, part)))
        state.pending += len(hits.key)
        _sample(state, part, hits)
        if state.pending > _COMPACT:
            state.compact()
    state.compact()
    return state


def _hits(state: Weighing, given: Candidates, part: Part) -> Hits:
    tokens = part.tokens
    reading = read(given.flags.model, tokens, part.group)
    _usual(state, part, reading.margin)
    found = []
    for order in ORDERS:
        keys = ngrams(tokens, order)
        at, group, doubt = given.hits(keys, order)
        found.append((keys[at], np.full(len(at), order), group, at, doubt))
    key: NDArray[np.uint64] = np.concatenate([column[0] for column in found])
    order_, group, at, doubt = (np.concatenate([column[n] for column in found]) for n in range(1, 5))
    columns = (order_, group, at, doubt, *_runs(tokens, at, order_), *_runs(tokens, at, order_, _GAP))
    once = _once(tokens.text[at], key)
    order_, group, at, doubt, begin, end, start, stop = (column[once] for column in columns)
    key = key[once]
    text = tokens.text[at]
    lean, first = reading.lean, tokens.first
    rest = (lean[first[text + 1]] - lean[first[text]]) - (lean[end] - lean[begin])
    left = (first[text + 1] - first[text]) - (end - begin)
    agrees = part.group[text] == group
    length = np.minimum(end - begin, LENGTHS) - 1
    seen = agrees & (drawn(part.rows, THIN_BITS)[text] < doubt)
    return Hits(key, order_, group, at, text, agrees, bins(rest, left), length, seen, start, stop)


def _words(state: Weighing, part: Part) -> Classes:
    """Classes of words of each text; counted for the groups as well."""
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
    return found


def _usual(state: Weighing, part: Part, margin: NDArray[np.int64]) -> None:
    """Count how each text reads for each group."""
    size = np.diff(part.tokens.first)
    for group in range(margin.shape[1]):
        read_ = bins(margin[:, group], size)
        flat = (part.group == group) * BINS + read_
        state.usual[:, group] += np.bincount(flat, minlength=2 * BINS).reshape(2, BINS)


def _runs(
    tokens: Tokens, at: NDArray[np.int64], order: NDArray[np.int64], gap: int = 0
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First token, and the one after the last, of the run of overlapping hits that each hit is part of; hits
    of one text with at most `gap` tokens between them are of one run.
    """
    size = len(tokens)
    order = np.minimum(order + gap, tokens.first[tokens.text[at] + 1] - at)
    edges = np.zeros(size + 1, np.int64)
    edges += np.bincount(at, minlength=size + 1)
    edges -= np.bincount(at + order, minlength=size + 1)
    covered = np.concatenate(([0], (np.cumsum(edges)[:size] > 0).astype(np.int8), [0]))
    change = np.diff(covered)
    begins, ends = np.flatnonzero(change == 1), np.flatnonzero(change == -1)
    run = np.searchsorted(begins, at, side="right") - 1
    text = tokens.text[at]  # a run goes on where one text ends with a candidate and the next begins with one
    return np.maximum(begins[run], tokens.first[text]), np.minimum(ends[run], tokens.first[text + 1])


def _once(text: NDArray[np.int64], key: NDArray[np.uint64]) -> NDArray[np.int64]:
    """The first hit of each candidate in each text."""
    order = np.lexsort((key, text))
    fresh = np.ones(len(order), np.bool_)
    fresh[1:] = (text[order[1:]] != text[order[:-1]]) | (key[order[1:]] != key[order[:-1]])
    return np.sort(order[fresh])


def _evidence(hits: Hits, words: Classes) -> Evidence:
    key, first, index = np.unique(hits.key, return_index=True, return_inverse=True)
    flat = index[hits.agrees] * BINS + hits.bin[hits.agrees]
    rest = np.bincount(flat, minlength=len(key) * BINS).reshape(len(key), BINS)
    texts = np.bincount(index, minlength=len(key))
    flat = index[hits.agrees] * LENGTHS + hits.length[hits.agrees]
    length = np.bincount(flat, minlength=len(key) * LENGTHS).reshape(len(key), LENGTHS)
    at = hits.seen
    context = around(words, index[at], hits.text[at], hits.begin[at], hits.end[at], len(key))
    seen = np.bincount(index[at], minlength=len(key))
    return Evidence(key, hits.order[first], hits.group[first], texts, rest, length, context, seen)


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
    """Keep the texts with the lowest numbers, of those looked at, for each candidate."""
    where = np.flatnonzero(hits.seen)
    rows = part.rows[hits.text[where]]
    where = where[np.lexsort((rows, hits.key[where]))]
    key = hits.key[where]
    fresh = np.ones(len(key), np.bool_)
    fresh[EXAMPLES:] = key[EXAMPLES:] != key[:-EXAMPLES]  # the first few of each key
    for index in where[fresh]:
        key_, row = int(hits.key[index]), int(part.rows[hits.text[index]])
        held = state.samples.setdefault(key_, [])
        if len(held) == EXAMPLES and held[-1].row < row:
            continue
        held.append(_excerpt(part.tokens, int(hits.at[index]), int(hits.order[index]), row))
        held.sort(key=lambda sample: sample.row)
        del held[EXAMPLES:]


def _excerpt(tokens: Tokens, at: int, order: int, row: int) -> Sample:
    text = tokens.text[at]
    first, last = int(tokens.first[text]), int(tokens.first[text + 1]) - 1
    begin, end = int(tokens.end[first]), int(tokens.start[last])
    start = max(int(tokens.start[at]), begin)
    stop = min(int(tokens.end[at + order - 1]), end)
    left, right = max(begin, start - _AROUND), min(end, stop + _AROUND)
    before = tokens.data[left:start].decode("utf-8", "replace")
    inside = tokens.data[start:stop].decode("utf-8", "replace")
    after = tokens.data[stop:right].decode("utf-8", "replace")
    span = (len(before), len(before) + len(inside))
    return Sample(row, before + inside + after, span, (left > begin, right < end))
