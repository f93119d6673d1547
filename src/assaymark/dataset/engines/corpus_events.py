"""Second pass: places where documents break at a phrase that recurs, and where a shared passage begins.

An event is such a place. Kept are the hash of its run and the number of its document, so the next pass has
to look at few documents. Where there are too many, the runs whose hashes come first stay.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.corpus_counts import Corpus
from assaymark.dataset.engines.corpus_model import GAP, contrasts, packed, sentence_ends
from assaymark.dataset.engines.corpus_stream import LONG, Part, distinct, parts, runs
from assaymark.dataset.engines.words import mix

__all__ = ["AFTER", "BEFORE", "FEWEST", "PASSAGE", "PHRASES", "Chosen", "Events", "chosen", "codes"]

PHRASES = {1: 2, 2: 3, 4: 5}
"""Tokens of the phrases that are looked at; and of those one longer, that tell what stands beside them."""
AFTER, BEFORE, PASSAGE = 1, 2, 3
"""Sides on which a document breaks at a phrase: the text after it is odd, or that before it; or a passage."""
FEWEST = 8
"""Documents that a phrase or a passage must stand in."""
_BREAKS = 6
_MOST_SHARE, _MOST_LEAST = 0.03, 400
"""Share of all documents above which a run is how the corpus is written; at least so many."""
_SHARE = 0.4
"""Share of the places of a phrase that must be breaks."""
_ROOM = 4_000_000
_PHRASES, _PASSAGES = 300, 2_500
"""Runs of each kind that are looked at closely."""

Codes = NDArray[np.uint64]


def codes(side: int, length: int, keys: NDArray[np.uint64]) -> Codes:
    """Numbers of events: the hash of the run, its last byte the side and the length."""
    return keys | np.uint64(side << 4 | length)


@dataclass
class Events:
    """State of the second pass."""

    corpus: Corpus
    parts: list[tuple[Codes, NDArray[np.int64]]] = field(default_factory=list)
    """Codes and documents."""
    size: int = 0
    halved: int = 0
    """Runs are kept whose hashes end in so many zero bits."""

    def add(self, rows: NDArray[np.int64], texts: Sequence[str]) -> None:
        """Take documents in."""
        found = [event for part in parts(texts) for event in self._events(part)]
        if not found:
            return
        code = np.concatenate([c for c, _ in found])
        owner = np.concatenate([o for _, o in found])
        _, first = np.unique(mix(code * np.uint64(3) + owner.astype(np.uint64)), return_index=True)
        self._keep(code[first], rows[owner[first]])
        self._fit()

    def take(self, other: "Events") -> None:
        """Take another state in."""
        self.halved = max(self.halved, other.halved)
        old, self.parts, self.size = [*self.parts, *other.parts], [], 0
        for code, row in old:
            self._keep(code, row)
        self._fit()

    def _keep(self, code: Codes, row: NDArray[np.int64]) -> None:
        lucky = (code >> np.uint64(8)) & np.uint64((1 << self.halved) - 1) == 0
        self.parts.append((code[lucky], row[lucky]))
        self.size += int(lucky.sum())

    def _fit(self) -> None:
        while self.size > _ROOM and self.halved < 40:
            self.halved += 1
            old, self.parts, self.size = self.parts, [], 0
            for code, row in old:
                self._keep(code, row)

    def _events(self, part: Part) -> Iterator[tuple[Codes, NDArray[np.int64]]]:
        tokens, model = part.tokens, self.corpus.model
        keys = runs(tokens)
        starts = np.zeros(len(tokens), np.bool_)
        starts[1:] = sentence_ends(tokens)
        found = contrasts(tokens, packed(model, tokens), np.arange(len(tokens)), GAP, model.usual)
        most = max(_MOST_SHARE * model.documents, _MOST_LEAST)
        for side, sign in ((AFTER, 1), (BEFORE, -1)):
            broken = (sign * found[0] >= model.breaks[0]) | (sign * found[3] >= model.breaks[3])
            at = np.flatnonzero(broken)
            for length, longer in PHRASES.items():
                here = at[at + length < len(tokens)]
                count = self.corpus.often(length, keys[length][here])
                beside = here - 1 if side == AFTER else here
                joined = self.corpus.often(longer, keys[longer][np.maximum(beside, 0)])
                # What ends a sentence stands before any other, and says nothing.
                free = (2 * joined <= count) | (starts[here] if side == AFTER else False)
                here = here[(count >= _BREAKS) & (count <= most) & free]
                yield codes(side, length, keys[length][here]), part.owner(here)
        count = self.corpus.often(LONG, keys[LONG])
        edge = (count >= FEWEST) & (count <= most)
        edge[1:] &= (2 * count[:-1] <= count[1:]) | starts[1:]
        edge[tokens.first[:-1]] = False
        edge[1:][np.isin(np.arange(1, len(tokens)), tokens.first[:-1] + 1)] = False
        at = np.flatnonzero(edge)
        yield codes(PASSAGE, LONG, keys[LONG][at]), part.owner(at)


@dataclass(frozen=True, eq=False)
class Chosen:
    """What the third pass has to look at."""

    corpus: Corpus
    code: Codes
    """Ascending."""
    documents: NDArray[np.int64]
    """For each code, documents that have the event."""
    rows: NDArray[np.int64]
    """Documents to look at, ascending."""
    left_out: int
    """Runs that there was no room to look at."""
    halved: int


def chosen(state: Events) -> Chosen:
    """The runs worth a close look, and their documents."""
    none = np.zeros(0, np.uint64), np.zeros(0, np.int64)
    code = np.concatenate([none[0], *(c for c, _ in state.parts)])
    row = np.concatenate([none[1], *(r for _, r in state.parts)])
    order = np.lexsort((row, code))
    code, row = code[order], row[order]
    unique, first, count = np.unique(code, return_index=True, return_counts=True)
    company = _company(row, first, count)
    picked, left_out = [np.zeros(0, np.int64)], 0
    kind = unique & np.uint64(0xFF)
    for side, length, most in (
        *((side, length, _PHRASES) for side in (AFTER, BEFORE) for length in PHRASES),
        (PASSAGE, LONG, _PASSAGES),
    ):
        at = np.flatnonzero((kind == np.uint64(side << 4 | length)) & (count >= _BREAKS))
        all_ = state.corpus.often(length, unique[at] & ~np.uint64(0xFF))
        share = count[at] / np.maximum(all_, count[at])
        rank = -share * np.log2(count[at]) if side != PASSAGE else company[at]
        at, rank = at[share >= _SHARE], rank[share >= _SHARE]
        at = at[np.lexsort((unique[at], rank))]
        left_out += max(len(at) - most, 0)
        picked.append(at[:most])
    which = np.sort(np.concatenate(picked))
    wanted = np.zeros(len(unique), np.bool_)
    wanted[which] = True
    rows = distinct(row[np.repeat(wanted, count)]) if len(row) else row
    return Chosen(state.corpus, unique[which], count[which], rows, left_out, state.halved)


def _company(
    row: NDArray[np.int64], first: NDArray[np.int64], count: NDArray[np.int64]
) -> NDArray[np.float64]:
    """For each run, how many others two of its documents share, on average: many where documents are made
    after one pattern.
    """
    if not len(row):
        return np.zeros(0)
    pair = mix(row[:-1].astype(np.uint64) * np.uint64(3) + row[1:].astype(np.uint64))
    inside = np.ones(len(row), np.bool_)
    inside[first + count - 1] = False
    _, place, times = np.unique(pair[inside[:-1]], return_inverse=True, return_counts=True)
    shared = np.zeros(len(row))
    shared[inside] = np.log2(times[place])
    sums: NDArray[np.float64] = np.add.reduceat(shared, first) / np.maximum(count - 1, 1)
    return sums
