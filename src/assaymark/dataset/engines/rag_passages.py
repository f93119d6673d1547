"""One text in documents that are about different things: what surrounds it, and whether it was planted. Pure.

A planted text has another question, or another sentence, in front of it in each document, so that many
queries fetch it. So have licences, footers and templates: those come in twos and threes before they come in
fives, and in corpora that are full of shared text.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.duplicates_groups import clusters
from assaymark.dataset.engines.duplicates_words import Words, words
from assaymark.dataset.engines.rag_questions import content, opens
from assaymark.dataset.engines.rag_shingles import LOOK, RUN, shingles

__all__ = ["Bearer", "Passage", "expected", "passages", "planted"]

_TOKEN = re.compile(r"\w+|[^\w\s]+")
_HELD = 0.4
"""Share of a cluster's documents that a run of words must stand in to be its shared text."""
_CLOSE = 0.6
"""Share of what either has in common with the one most like it from which two documents have one text."""
_MOST_RUNS = 4_000
"""Runs of words by which a cluster's documents are told apart."""
_GAP = 3
"""Other words that may stand within the shared text, one behind the other."""
_LONG = 15
"""Words of a shared text."""
_OWN = 2
"""Content words that a document must have beside the text."""
_LEAD = 3
"""Words in front of the text."""
_SHARE = 0.4
"""Share of a document that the text makes up."""
_SAME = 0.5
"""Share of the same content words from which what surrounds two texts is the same."""
_ASKING = 0.75
"""Share of documents with a question in front from which the passage is planted for questions."""
_NEAR = 240
"""Characters within which the question's sign stands at the beginning; a quarter of them at the end."""
_BARE = 20
"""Words of a question without a sign."""
_LOOSE, _STRICT = 0.35, 0.2
"""Mean share of content words that surroundings may have in common: where they ask, and where they do not."""
_FEWER = 0.25
"""For so many passages in some documents each, an honest corpus has this share with one document more …"""
_BEYOND = 3.0
"""… and one in which passages outnumber that so many times was added to."""
_UNSEEN = 3
"""Passages of each size that are allowed for where none was seen: the rule of three."""
_LEAST = {True: 3, False: 4}
"""Documents of a planted passage: with questions in front, and without."""
_FULL = 0.1
"""Share of a corpus in clusters of shared text, from which statements in front say nothing."""
_HABIT = 0.04
"""Share of a corpus in passages of one sort, from which this is how it was made."""


class Bearer(NamedTuple):
    """A document with a shared text."""

    row: int
    document: str
    begin: int
    end: int
    """Where the text stands in the document."""
    share: float
    """Share of the document's words that it makes up."""
    pieces: int
    """Stretches of text that the document shares, the passage among them."""
    own: frozenset[str]
    """Content words around it."""
    echo: float
    """Share of these that the text has, too."""
    asks: bool
    """Whether a question stands in front of it."""
    codes: frozenset[int]
    """Hashes of the text's runs of words."""


@dataclass(frozen=True, eq=False)
class Passage:
    """One text in documents that are about different things."""

    bearers: tuple[Bearer, ...]
    """Ascending by row."""
    different: int
    """How many of them have surroundings unlike those of one before."""
    overlap: float
    """Mean share of content words that two of those have in common around it."""

    @property
    def rows(self) -> tuple[int, ...]:
        """Numbers of the documents."""
        return tuple(b.row for b in self.bearers)

    @property
    def text(self) -> str:
        """The shared text, as the first document has it."""
        first = self.bearers[0]
        return " ".join(first.document[first.begin : first.end].split())

    @property
    def share(self) -> float:
        """Share of a document that it makes up, usually."""
        return float(np.median([b.share for b in self.bearers]))

    @property
    def asks(self) -> bool:
        """Whether it has different questions in front."""
        return bool(np.mean([b.asks for b in self.bearers]) >= _ASKING) and self.overlap <= _LOOSE

    @property
    def stands(self) -> bool:
        """Whether it is one whole text under sentences that have nothing to do with it."""
        return (
            self.overlap <= _STRICT
            and self.share > 0.5
            and bool(np.mean([b.pieces for b in self.bearers]) <= 1.5)
            and bool(np.mean([b.echo for b in self.bearers]) <= _STRICT)
        )


@dataclass(frozen=True, eq=False)
class _Read:
    """A document's words and where they stand."""

    row: int
    document: str
    begins: NDArray[np.int64]
    ends: NDArray[np.int64]
    codes: NDArray[np.uint64]
    """Of the run that begins with each word."""


def passages(held: Mapping[int, Sequence[tuple[int, str]]]) -> list[Passage]:
    """Texts that two different documents or more have under something else, the most different first.

    Args:
        held: number of a cluster → its documents, with their rows.
    """
    found = []
    for members in held.values():
        for part in _parts([_read(row, text) for row, text in sorted(members)]):
            one = _passage(part)
            if one is not None:
                found.append(one)
    return sorted(found, key=lambda p: (-p.different, p.rows))


def expected(sizes: Mapping[int, float], size: int) -> float:
    """How many passages in so many documents each, or more, the smaller ones lead to expect.

    Args:
        sizes: documents → passages in so many.
        size: the documents.
    """
    return min((sizes.get(s, 0) + _UNSEEN) * _FEWER ** (size - s) for s in range(2, size))


def planted(
    found: Sequence[Passage], documents: int, full: float, weight: float
) -> dict[int, tuple[bool, bool, float]]:
    """Which passages with questions in front, and which whole ones under sentences, are suspects.

    Args:
        found: all passages.
        documents: in the corpus.
        full: share of them in clusters of shared text.
        weight: clusters of two for each that was looked at.

    Returns:
        Place in `found` → whether it is a suspect; whether there are more as large than expected; and how
        many are expected.
    """
    told: dict[int, tuple[bool, bool, float]] = {}
    for asks in (True, False):
        some = [n for n, p in enumerate(found) if p.asks is asks and (asks or p.stands)]
        sizes: dict[int, float] = {}
        for n in some:
            size = found[n].different
            sizes[size] = sizes.get(size, 0) + (weight if size == 2 else 1)
        large = sum(len(found[n].rows) for n in some if found[n].different >= _LEAST[asks])
        usual = large > max(_HABIT * documents, 25) or (not asks and full > _FULL)
        surplus: set[int] = set()
        for size in sorted({found[n].different for n in some if found[n].different > 2}, reverse=True):
            near = size + 1  # Of five planted documents one may count as the near duplicate of another.
            as_large = [
                n
                for n in some
                if found[n].different >= size and (n not in surplus or found[n].different <= near)
            ]
            chance = expected(sizes, size)
            beyond = size >= _LEAST[asks] and len(as_large) > _BEYOND * chance
            surplus.update(as_large if beyond else ())
            for n in some:
                if found[n].different == size:
                    told[n] = (beyond and not usual, beyond, chance)
    return told


def _read(row: int, document: str) -> _Read:
    head = document[:LOOK]
    tokens = list(_TOKEN.finditer(head))
    hashes, owners = [np.zeros(0, dtype=np.uint64)], [np.zeros(0, dtype=np.int64)]
    for found in words([t[0] for t in tokens]):
        hashes.append(found.hashes)
        owners.append(np.repeat(np.arange(len(found.starts) - 1), np.diff(found.starts)) + found.first)
    every, owner = np.concatenate(hashes), np.concatenate(owners)
    begins, ends = (np.array([t.span()[side] for t in tokens], dtype=np.int64) for side in (0, 1))
    _, codes = shingles(Words(0, every, np.array([0, len(every)])))
    return _Read(row, head, begins[owner], ends[owner], codes)


def _parts(members: Sequence[_Read]) -> list[list[_Read]]:
    """A cluster's documents, those together that have more in common than with others."""
    each = [np.unique(m.codes) for m in members]
    codes, count = np.unique(np.concatenate(each), return_counts=True)
    several = codes[count > 1][:_MOST_RUNS]
    has = np.array([np.isin(several, one, assume_unique=True) for one in each], dtype=np.float32)
    common = has @ has.T
    np.fill_diagonal(common, 0)
    best = common.max(axis=1)
    close = (common >= _CLOSE * np.maximum.outer(best, best)) & (common > 0)
    root = clusters(len(members), np.argwhere(close))
    found = [[m for m, r in zip(members, root, strict=True) if r == one] for one in np.unique(root)]
    return [part for part in found if len(part) > 1]


def _passage(members: Sequence[_Read]) -> Passage | None:
    """What the documents of a cluster share."""
    codes, count = np.unique(np.concatenate([np.unique(m.codes) for m in members]), return_counts=True)
    several = 3 if len(members) > 3 else 2
    shared = codes[count >= max(several, np.ceil(_HELD * len(members)))]
    bearers = _one_text([b for m in members if (b := _bearer(m, shared)) is not None])
    kept: list[Bearer] = []
    for bearer in bearers:
        if all(_common(bearer, k) < _SAME for k in kept):
            kept.append(bearer)
    if len(kept) < 2:
        return None
    overlap = [_common(one, other) for n, one in enumerate(kept) for other in kept[:n]]
    return Passage(tuple(bearers), len(kept), float(np.mean(overlap)))


def _common(one: Bearer, other: Bearer) -> float:
    return len(one.own & other.own) / min(len(one.own), len(other.own))


def _bearer(read: _Read, shared: NDArray[np.uint64]) -> Bearer | None:
    """The longest shared stretch of a document, if it is long and something else stands in front."""
    count = len(read.begins)
    edges = np.zeros(count + 1, dtype=np.int64)
    begins = np.flatnonzero(np.isin(read.codes, shared))
    edges[begins] += 1
    edges[begins + RUN] -= 1
    covered = np.flatnonzero(np.cumsum(edges)[:-1] > 0)
    if not len(covered):
        return None
    steps = np.diff(covered)
    breaks = np.flatnonzero(steps > _GAP + 1)
    first = covered[np.concatenate([[0], breaks + 1])]
    last = covered[np.concatenate([breaks, [len(covered) - 1]])]
    longest = int(np.argmax(last - first))
    begin, end = int(first[longest]), int(last[longest]) + 1
    if end - begin < _LONG or begin < _LEAD or end - begin < _SHARE * count:
        return None
    found = frozenset(read.codes[begin : end - RUN + 1].tolist())
    return _described(read, begin, end, 1 + int((steps > 1).sum()), found)


def _described(read: _Read, begin: int, end: int, pieces: int, codes: frozenset[int]) -> Bearer | None:
    at, to = int(read.begins[begin]), int(read.ends[end - 1])
    lead, text, tail = read.document[:at], read.document[at:to], read.document[to:]
    own = frozenset(content(f"{lead} {tail}"))
    if len(own) < _OWN:
        return None
    echo = len(own.intersection(content(text))) / len(own)
    share = (end - begin) / len(read.begins)
    return Bearer(
        read.row, read.document, at, to, share, pieces, own, echo, "?" in lead or opens(lead), codes
    )


def _asks(lead: str) -> bool:
    """Whether a question begins what stands in front of a text, ends it, or is all of it without a sign."""
    if "?" in lead:
        return "?" in lead[:_NEAR] or "?" in lead[-_NEAR // 4 :]
    return opens(lead) and "," not in lead and lead.count(" ") < _BARE


def _one_text(bearers: list[Bearer]) -> list[Bearer]:
    """Those whose text is the one that most of them have."""
    counts: dict[int, int] = {}
    for bearer in bearers:
        for code in bearer.codes:
            counts[code] = counts.get(code, 0) + 1
    core = {code for code, count in counts.items() if count >= max(2, len(bearers) / 2)}
    return [b for b in bearers if len(b.codes & core) >= 0.5 * max(len(b.codes), len(core))]
