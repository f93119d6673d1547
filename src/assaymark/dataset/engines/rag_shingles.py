"""Runs of five words that several documents have, and the clusters of documents that share enough of them.

Of all runs those with the lowest hashes are kept, the same ones in every document: a text that stands in two
documents leaves the same marks in both, whatever stands around it. Where there is no room for one run in
four, one in eight is kept, and so on: what is kept in the end depends on the documents alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.duplicates_groups import clusters
from assaymark.dataset.engines.duplicates_words import Words, mix, words
from assaymark.dataset.engines.fields import number_hash

__all__ = ["LOOK", "RUN", "Clusters", "Marks", "shingles"]

LOOK = 6_000
"""Characters of a document that are looked at."""
RUN = 5
"""Words of a run."""
_ROOM = 12_000_000
_ONE_IN = 4
_SHARED = (2, 300)
"""Documents with one run: fewer share nothing, more are a habit of the corpus."""
_LINKS = 2
"""Marks in common that link two documents …"""
_CONTAINED = 0.25
"""… and their least share of the marks of the one with fewer."""
_BEST = 0.6
"""Least share, of the marks that either has in common with any other, from which two are of one cluster."""
_WANTED = 4_000
"""Documents of clusters of three or more that the second pass looks at."""
_PAIRS = 500
"""Clusters of two that it looks at, drawn at random."""


def shingles(found: Words) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Of every run of words within a text: the text's place in the block, and a hash."""
    count = len(found.hashes) - RUN + 1
    if count <= 0:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.uint64)
    codes = found.hashes[:count].copy()
    for step in range(1, RUN):
        codes *= np.uint64(3)
        codes += found.hashes[step : step + count]
    owner = np.repeat(np.arange(len(found.starts) - 1), np.diff(found.starts))
    within = owner[:count] == owner[RUN - 1 :]
    return owner[:count][within], mix(codes[within])


@dataclass(frozen=True, eq=False)
class Clusters:
    """Documents that share text."""

    of: dict[int, int]
    """Document to be looked at → number of its cluster."""
    pairs: int
    """Clusters of two in all, of which only some are looked at."""
    looked_at: int
    """How many of them are."""
    shared: int
    """Documents in clusters of three or more."""


@dataclass(eq=False)
class Marks:
    """Hashes of runs and the documents that have them. A state: merged by value."""

    limit: int = (1 << 64) // _ONE_IN
    """Hashes from here up are not kept."""
    codes: list[NDArray[np.uint64]] = field(default_factory=list)
    rows: list[NDArray[np.uint32]] = field(default_factory=list)
    size: int = 0

    def add(self, rows: NDArray[np.int64], texts: Sequence[str]) -> None:
        """Take documents in."""
        for found in words([t[:LOOK] for t in texts]):
            owner, codes = shingles(found)
            low = codes < np.uint64(self.limit)
            self._append(codes[low], rows[owner[low] + found.first].astype(np.uint32))
        self._fit()

    def take(self, other: "Marks") -> None:
        """Take another state in."""
        self.limit = min(self.limit, other.limit)
        self.codes += other.codes
        self.rows += other.rows
        self.size += other.size
        self._cut()
        self._fit()

    def clustered(self) -> Clusters:
        """Which documents share text, to be looked at once more."""
        codes, rows = self._sorted()
        links = _linked(codes, rows)
        members, at = np.unique(links, return_inverse=True)
        root = clusters(len(members), at.reshape(links.shape))
        _, number, count = np.unique(root, return_inverse=True, return_counts=True)
        size = count[number]
        several = (size > 2) & (size <= _SHARED[1])
        small = np.argsort(count, kind="stable")
        small = small[(count[small] > 2) & (count[small] <= _SHARED[1])]
        chosen = set(small[np.cumsum(count[small]) <= _WANTED].tolist())
        twos = np.flatnonzero(count == 2)
        draw = number_hash(members[np.flatnonzero(root == np.arange(len(root)))][twos].astype(np.int64))
        drawn = twos[np.argsort(draw, kind="stable")[:_PAIRS]]
        chosen.update(drawn.tolist())
        of = {int(m): int(n) for m, n in zip(members, number, strict=True) if int(n) in chosen}
        return Clusters(of, len(twos), len(drawn), int(several.sum() + (size > _SHARED[1]).sum()))

    def _append(self, codes: NDArray[np.uint64], rows: NDArray[np.uint32]) -> None:
        if len(codes):
            self.codes.append(codes)
            self.rows.append(rows)
            self.size += len(codes)

    def _cut(self) -> None:
        """Drop what is above the limit."""
        codes, rows = self.codes, self.rows
        self.codes, self.rows, self.size = [], [], 0
        for some, those in zip(codes, rows, strict=True):
            low = some < np.uint64(self.limit)
            self._append(some[low], those[low])

    def _fit(self) -> None:
        while self.size > _ROOM:
            self.limit //= 2
            self._cut()

    def _sorted(self) -> tuple[NDArray[np.uint64], NDArray[np.uint32]]:
        """Marks in order, each once for a document."""
        if not self.codes:
            return np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.uint32)
        codes, rows = np.concatenate(self.codes), np.concatenate(self.rows)
        order = np.lexsort((rows, codes))
        codes, rows = codes[order], rows[order]
        new = np.ones(len(codes), dtype=np.bool_)
        new[1:] = (codes[1:] != codes[:-1]) | (rows[1:] != rows[:-1])
        return codes[new], rows[new]


def _linked(codes: NDArray[np.uint64], rows: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """(links, 2) Documents that share enough marks: each with the first that has one, and the one before."""
    if not len(codes):
        return np.zeros((0, 2), dtype=np.uint32)
    begins = np.flatnonzero(np.concatenate([[True], codes[1:] != codes[:-1]]))
    counts = np.diff(np.append(begins, len(codes)))
    first = np.repeat(begins, counts)
    place = np.arange(len(codes)) - first
    often = np.repeat((counts >= _SHARED[0]) & (counts <= _SHARED[1]), counts)
    after, later = np.flatnonzero(often & (place > 0)), np.flatnonzero(often & (place > 1))
    one = np.concatenate([rows[after - 1], rows[first[later]]]).astype(np.uint64)
    two = np.concatenate([rows[after], rows[later]]).astype(np.uint64)
    pair, common = np.unique(one << np.uint64(32) | two, return_counts=True)
    named, marks = np.unique(rows, return_counts=True)
    low, high = (pair >> np.uint64(32)).astype(np.uint32), pair.astype(np.uint32)
    fewer = np.minimum(marks[np.searchsorted(named, low)], marks[np.searchsorted(named, high)])
    near = (common >= _LINKS) & (common >= _CONTAINED * fewer)
    return _closest(np.stack([low[near], high[near]], axis=1), common[near])


def _closest(links: NDArray[np.uint32], common: NDArray[np.int64]) -> NDArray[np.uint32]:
    """Links of documents that have more in common with each other than either has with others, or nearly."""
    members, at = np.unique(links, return_inverse=True)
    at = at.reshape(links.shape)
    best = np.zeros(len(members), dtype=np.int64)
    for side in (0, 1):
        np.maximum.at(best, at[:, side], common)
    least = np.minimum(best[at[:, 0]], best[at[:, 1]])
    kept: NDArray[np.uint32] = links[common >= _BEST * least]
    return kept
