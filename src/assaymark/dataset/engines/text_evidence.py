"""The third pass over labelled texts: exact counts of the candidates, and what the rest of their texts says.

The rest of a text is what no run of overlapping candidates covers at that place, so that a whole inserted
sentence is left out and not only the n-gram at hand.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.ngrams import bucket
from assaymark.dataset.engines.text_model import BINS, bins, read
from assaymark.dataset.engines.text_passes import ORDERS, Candidates, Part, labelled
from assaymark.dataset.engines.words import Tokens, ngrams
from assaymark.dataset.record import Batch

__all__ = [
    "CONTEXT",
    "CONTEXT_BITS",
    "DRAWS",
    "DRAW_BITS",
    "EXAMPLES",
    "LENGTHS",
    "Evidence",
    "Hits",
    "Sample",
    "Weighing",
    "sums_by",
    "weigh",
]

CONTEXT_BITS = 8
CONTEXT = 1 << CONTEXT_BITS
"""Classes of words, by hash, whose presence around a pattern is counted."""
DRAW_BITS = 5
DRAWS = 1 << DRAW_BITS
EXAMPLES = 4
LENGTHS = 64
_CONTEXT_SALT = 0x2545F4914F6CDD1D
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
    context: NDArray[np.bool_]
    """Classes of words in the rest of the text, for the hits that agree."""


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
    """Of the texts with the target label: in how many rests each class of words occurs."""


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
        state.waiting.append(_evidence(hits))
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
        at, group = given.hits(keys, order)
        found.append((keys[at], np.full(len(at), order), group, at))
    key, order_, group, at = (np.concatenate(column) for column in zip(*found, strict=True))
    columns = (key, order_, group, at, *_runs(tokens, at, order_), *_runs(tokens, at, order_, _GAP))
    once = _once(tokens.text[at], key)
    key, order_, group, at, begin, end, start, stop = (column[once] for column in columns)
    text = tokens.text[at]
    lean, first = reading.lean, tokens.first
    rest = (lean[first[text + 1]] - lean[first[text]]) - (lean[end] - lean[begin])
    left = (first[text + 1] - first[text]) - (end - begin)
    agrees = part.group[text] == group
    words = _words(state, part)
    around = _around(words, tokens, text[agrees], start[agrees], stop[agrees])
    return Hits(
        key, order_, group, at, text, agrees, bins(rest, left), np.minimum(end - begin, LENGTHS) - 1, around
    )


def _words(state: Weighing, part: Part) -> NDArray[np.int32]:
    """How often each class of words occurs in each text; counted for the groups as well."""
    tokens, texts = part.tokens, len(part.group)
    inner = _inner(tokens)
    place = bucket(tokens.key[inner], CONTEXT_BITS, _CONTEXT_SALT)
    flat = np.bincount(tokens.text[inner] * CONTEXT + place, minlength=texts * CONTEXT)
    words = flat.reshape(texts, CONTEXT).astype(np.int32)
    for group in range(len(state.texts)):
        mine = part.group == group
        state.texts[group] += mine.sum()
        state.context[group] += (words[mine] > 0).sum(0)
    draw = (part.rows.astype(np.uint64) * np.uint64(_CONTEXT_SALT)) >> np.uint64(64 - DRAW_BITS)
    place = part.group * DRAWS + draw.astype(np.int64)
    state.drawn += sums_by(place, words > 0, len(state.drawn))
    state.drawn_texts += np.bincount(place, minlength=len(state.drawn))
    return words


def _inner(tokens: Tokens) -> NDArray[np.bool_]:
    """Which tokens are words of a text and not its frame, which would betray a prefix as no accident."""
    inner = np.ones(len(tokens), np.bool_)
    inner[tokens.first[:-1]] = False
    inner[tokens.first[1:] - 1] = False
    return inner


def _around(
    words: NDArray[np.int32],
    tokens: Tokens,
    text: NDArray[np.int64],
    begin: NDArray[np.int64],
    end: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Which classes of words each text has outside the run from `begin` to `end`."""
    size = end - begin
    hit = np.repeat(np.arange(len(text)), size)
    inside = np.repeat(begin - np.concatenate(([0], np.cumsum(size)[:-1])), size) + np.arange(size.sum())
    kept = _inner(tokens)[inside]
    hit, inside = hit[kept], inside[kept]
    place = bucket(tokens.key[inside], CONTEXT_BITS, _CONTEXT_SALT)
    run = np.bincount(hit * CONTEXT + place, minlength=len(text) * CONTEXT)
    return words[text] > run.reshape(len(text), CONTEXT)


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
    return begins[run], ends[run]


def _once(text: NDArray[np.int64], key: NDArray[np.uint64]) -> NDArray[np.int64]:
    """The first hit of each candidate in each text."""
    order = np.lexsort((key, text))
    fresh = np.ones(len(order), np.bool_)
    fresh[1:] = (text[order[1:]] != text[order[:-1]]) | (key[order[1:]] != key[order[:-1]])
    return np.sort(order[fresh])


def _evidence(hits: Hits) -> Evidence:
    key, first, index = np.unique(hits.key, return_index=True, return_inverse=True)
    flat = index[hits.agrees] * BINS + hits.bin[hits.agrees]
    rest = np.bincount(flat, minlength=len(key) * BINS).reshape(len(key), BINS)
    texts = np.bincount(index, minlength=len(key))
    flat = index[hits.agrees] * LENGTHS + hits.length[hits.agrees]
    length = np.bincount(flat, minlength=len(key) * LENGTHS).reshape(len(key), LENGTHS)
    context = sums_by(index[hits.agrees], hits.context, len(key))
    return Evidence(key, hits.order[first], hits.group[first], texts, rest, length, context)


def sums_by(index: NDArray[np.int64], values: NDArray[np.bool_], size: int) -> NDArray[np.int64]:
    """Sum of the rows of `values` for each index."""
    sums = np.zeros((size, values.shape[1]), np.int64)
    if len(index):
        rank = np.argsort(index, kind="stable")
        present, first = np.unique(index[rank], return_index=True)
        sums[present] = np.add.reduceat(values[rank], first, axis=0, dtype=np.int64)
    return sums


def _total(parts: list[Evidence]) -> Evidence:
    keys = np.concatenate([part.key for part in parts])
    key, first, index = np.unique(keys, return_index=True, return_inverse=True)
    texts = np.zeros(len(key), np.int64)
    rest = np.zeros((len(key), BINS), np.int64)
    np.add.at(texts, index, np.concatenate([part.texts for part in parts]))
    np.add.at(rest, index, np.concatenate([part.rest for part in parts]))
    length = np.zeros((len(key), LENGTHS), np.int64)
    np.add.at(length, index, np.concatenate([part.length for part in parts]))
    context = np.zeros((len(key), CONTEXT), np.int64)
    np.add.at(context, index, np.concatenate([part.context for part in parts]))
    order = np.concatenate([part.order for part in parts])[first]
    group = np.concatenate([part.group for part in parts])[first]
    return Evidence(key, order, group, texts, rest, length, context)


def _sample(state: Weighing, part: Part, hits: Hits) -> None:
    """Keep the texts with the lowest numbers that bear each candidate and have its label."""
    where = np.flatnonzero(hits.agrees)
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
