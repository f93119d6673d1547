"""Words of many texts as 64-bit hashes, all at once in numpy; and what is made of them.

A word is a run of letters and digits, in lower case; a character of a script without spaces is a word. The
hash of a word is a difference of prefix sums of a polynomial modulo 2**64, so no word is ever cut out.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.fields import LONGEST, blocks

__all__ = ["Words", "mix", "orders", "pairs", "words"]

_BASE = 0x9E3779B97F4A7C15 | 1
_POWERS = (1 << 19) + LONGEST + 2
_SPACES = ((0x80, 0xA9), (0xAB, 0xB4), (0xB6, 0xB9), (0xBB, 0xBF), (0x2000, 0x206F), (0x3000, 0x3003))
_UNSPACED = 0x2E80
"""From here up, scripts without spaces and signs: each character is a word."""
_UNSPACED_TO = 0xABFF


class Words(NamedTuple):
    """The words of some texts."""

    first: int
    """Number of the first text."""
    hashes: NDArray[np.uint64]
    """One a word, in order."""
    starts: NDArray[np.int64]
    """For each text, its first word; and the number of words at the end."""


def words(texts: Sequence[str]) -> Iterator[Words]:
    """The words of `texts`, a block of texts at a time."""
    for block in blocks([t.lower() for t in texts]):
        data = block.joined.encode("utf-32-le", "surrogatepass")
        points = np.frombuffer(data, dtype="<u4")
        begins, ends = _bounds(points)
        powers, inverse = _powers()
        sums = np.zeros(len(points) + 1, dtype=np.uint64)
        np.cumsum((points.astype(np.uint64) + np.uint64(1)) * powers[: len(points)], out=sums[1:])
        hashes = mix((sums[ends] - sums[begins]) * inverse[begins])
        yield Words(block.first, hashes, np.append(np.searchsorted(begins, block.starts), len(begins)))


def pairs(found: Words) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Hashes of the neighbouring pairs of words of each text, and where each text's pairs begin and end.

    A text of one word has that word instead.
    """
    hashes, starts = found.hashes, found.starts
    if not len(hashes):
        return hashes, np.zeros(len(starts), dtype=np.int64)
    following = np.append(hashes[1:], np.uint64(0))
    both = mix(hashes * np.uint64(3) + following)
    counts = np.diff(starts)
    last = starts[1:][counts > 0] - 1
    alone = starts[:-1][counts == 1]
    both[alone] = hashes[alone]
    keep = np.ones(len(hashes), dtype=np.bool_)
    keep[last] = False
    keep[alone] = True
    lengths = np.maximum(counts - 1, np.minimum(counts, 1))
    return both[keep], np.concatenate([[0], np.cumsum(lengths)])


def orders(found: Words) -> NDArray[np.uint64]:
    """For each text, one hash of its words in their order."""
    powers, inverse = _powers()
    starts = found.starts
    if len(found.hashes) >= len(powers):
        raise ValueError("a block is larger than it can be")
    sums = np.zeros(len(found.hashes) + 1, dtype=np.uint64)
    np.cumsum(found.hashes * powers[: len(found.hashes)], out=sums[1:])
    counts = np.diff(starts).astype(np.uint64)
    return mix((sums[starts[1:]] - sums[starts[:-1]]) * inverse[starts[:-1]] + counts)


def mix(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Each number with its bits stirred."""
    x = (x ^ (x >> np.uint64(32))) * np.uint64(0xD6E8FEB86659FD93)
    x = (x ^ (x >> np.uint64(32))) * np.uint64(0xD6E8FEB86659FD93)
    stirred: NDArray[np.uint64] = x ^ (x >> np.uint64(32))
    return stirred


def _bounds(points: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    kind = _kinds()[np.minimum(points, 0xFFFF)]
    drawn, alone = kind > 0, kind == 2
    before = np.concatenate([[False], drawn[:-1]])
    before_alone = np.concatenate([[False], alone[:-1]])
    begins = drawn & (~before | alone | before_alone)
    ends = drawn & np.append(~drawn[1:] | begins[1:], True)
    return np.flatnonzero(begins), np.flatnonzero(ends) + 1


@lru_cache(maxsize=1)
def _kinds() -> NDArray[np.uint8]:
    """0 between words, 1 in a word, 2 a word by itself."""
    table = np.ones(0x10000, dtype=np.uint8)
    table[:128] = [chr(n).isalnum() for n in range(128)]
    for first, last in _SPACES:
        table[first : last + 1] = 0
    table[_UNSPACED : _UNSPACED_TO + 1] = 2
    table[0x3000:0x3004] = 0
    return table


@lru_cache(maxsize=1)
def _powers() -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Powers of the base, and of its inverse modulo 2**64."""
    found = []
    for base in (_BASE, pow(_BASE, -1, 1 << 64)):
        powers = np.full(_POWERS, np.uint64(base))
        powers[0] = 1
        found.append(np.cumprod(powers, dtype=np.uint64))
    return found[0], found[1]
