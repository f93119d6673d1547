"""Which classes of words stand around a pattern: whether its texts have nothing in common but it.

A class is a bucket of a hash. Texts are kept as pairs of text and class, for a short text has few.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.ngrams import bucket
from assaymark.dataset.engines.words import Tokens

__all__ = ["CONTEXT", "Classes", "around", "classes", "drawn"]

_CONTEXT_BITS = 8
CONTEXT = 1 << _CONTEXT_BITS
"""Classes of words."""
_SALT = 0x2545F4914F6CDD1D


@dataclass(frozen=True, eq=False)
class Classes:
    """The classes of words of some texts."""

    place: NDArray[np.int64]
    """Class of each token, or -1 for the frame of a text, which would betray a prefix as no accident, and
    for what does not count."""
    count: NDArray[np.int64]
    """[texts × classes], flat: how often each occurs."""
    text: NDArray[np.int64]
    """Text of each pair, ascending."""
    kind: NDArray[np.int64]
    """Class of each pair."""
    first: NDArray[np.int64]
    """First pair of each text, and the number of pairs."""


def classes(tokens: Tokens, free: "NDArray[np.bool_] | None" = None) -> Classes:
    """The classes of words of these texts; if told, of the tokens that are free."""
    texts = len(tokens.first) - 1
    place = bucket(tokens.key, _CONTEXT_BITS, _SALT)
    place[tokens.first[:-1]] = place[tokens.first[1:] - 1] = -1
    if free is not None:
        place[~free] = -1
    inner = place >= 0
    count = np.bincount(tokens.text[inner] * CONTEXT + place[inner], minlength=texts * CONTEXT)
    pairs = np.flatnonzero(count)
    text, kind = np.divmod(pairs, CONTEXT)
    return Classes(place, count, text, kind, np.searchsorted(text, np.arange(texts + 1)))


def drawn(rows: NDArray[np.int64], bits: int) -> NDArray[np.int64]:
    """A number below 2 ** `bits` for each record, at random but always the same."""
    return ((rows.astype(np.uint64) * np.uint64(_SALT)) >> np.uint64(64 - bits)).astype(np.int64)


def around(
    found: Classes,
    index: NDArray[np.int64],
    text: NDArray[np.int64],
    begin: NDArray[np.int64],
    end: NDArray[np.int64],
    size: int,
) -> NDArray[np.int64]:
    """For each of `size` patterns, in how many of its texts each class occurs outside the run at hand.

    Args:
        found: the classes of the texts.
        index: pattern of each hit.
        text: text of each hit.
        begin: first token of each hit's run.
        end: the token after it.
        size: number of patterns.
    """
    hit, pair = _spread(found.first[text], found.first[text + 1])
    whole = np.bincount(index[hit] * CONTEXT + found.kind[pair], minlength=size * CONTEXT)
    hit, token = _spread(begin, end)
    kept = found.place[token] >= 0
    inside, times = np.unique(hit[kept] * CONTEXT + found.place[token[kept]], return_counts=True)
    hit, kind = np.divmod(inside, CONTEXT)
    gone = found.count[text[hit] * CONTEXT + kind] <= times  # nowhere but in the run
    whole -= np.bincount(index[hit[gone]] * CONTEXT + kind[gone], minlength=size * CONTEXT)
    return whole.reshape(size, CONTEXT)


def _spread(first: NDArray[np.int64], stop: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every number of each range, and the range that it is of."""
    size = stop - first
    which = np.repeat(np.arange(len(first)), size)
    before = np.concatenate(([0], np.cumsum(size)))[:-1]
    return which, np.repeat(first - before, size) + np.arange(len(which))
