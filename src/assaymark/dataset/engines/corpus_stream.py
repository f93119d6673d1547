"""Documents → tokens, the hashes of their runs, and what kind each token is. Pure.

Long documents are read in pieces that follow one another, so that each is as cheap as a short one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.words import Tokens, chunks, mix, tokenise

__all__ = ["LENGTHS", "LONG", "MOST_CHARACTERS", "Part", "distinct", "kinds", "line_begins", "parts", "runs"]

_PIECE = 20_000
"""Characters of one piece."""
MOST_CHARACTERS = 16 * _PIECE
"""Characters of one document that are looked at."""
LENGTHS = (1, 2, 3, 4, 5, 8)
"""Tokens of the runs that are counted."""
LONG = 8
"""Tokens of a run that makes a passage."""

_FOLLOWS = np.uint64(0xC2B2AE3D27D4EB4F)


@dataclass(frozen=True, eq=False)
class Part:
    """Some pieces of the documents of a batch."""

    tokens: Tokens
    document: NDArray[np.int64]
    """Position in the batch of the document that each piece is of."""

    def owner(self, at: NDArray[np.int64]) -> NDArray[np.int64]:
        """Position in the batch of the documents that have the tokens at `at`."""
        return self.document[self.tokens.text[at]]


def parts(texts: Sequence[str]) -> Iterator[Part]:
    """The texts of a batch, tokenised some at a time."""
    pieces: Sequence[str] = texts
    document = np.arange(len(texts))
    if max(map(len, texts), default=0) > _PIECE:
        cut = [
            (n, text[at : at + _PIECE])
            for n, text in enumerate(texts)
            for at in range(0, min(max(len(text), 1), MOST_CHARACTERS), _PIECE)
        ]
        pieces, document = [piece for _, piece in cut], np.array([n for n, _ in cut])
    for begin, lot in chunks(pieces):
        yield Part(tokenise(lot), document[begin : begin + len(lot)])


def runs(tokens: Tokens) -> Mapping[int, NDArray[np.uint64]]:
    """For each length, the hash of the run that begins at each token; 0 where its text ends before.

    The last byte of each hash is free.
    """
    one = tokens.key & ~np.uint64(0xFF)
    two = _joined(one, one, 1)
    four = _joined(two, two, 2)
    made = {
        1: one,
        2: two,
        3: _joined(two, one, 2),
        4: four,
        5: _joined(four, one, 4),
        8: _joined(four, four, 4),
    }
    left = np.repeat(tokens.first[1:], np.diff(tokens.first)) - np.arange(len(one))
    for length, keys in made.items():
        if length > 1:
            keys[left < length] = 0
    return made


def _joined(head: NDArray[np.uint64], tail: NDArray[np.uint64], apart: int) -> NDArray[np.uint64]:
    """Hashes of runs made of two, the second so many tokens later."""
    longer = np.zeros(len(head), np.uint64)
    longer[:-apart] = mix(head[:-apart] * _FOLLOWS + tail[apart:]) & ~np.uint64(0xFF)
    return longer


def line_begins(tokens: Tokens) -> NDArray[np.bool_]:
    """Whether a line begins with each token."""
    lines = np.concatenate(([0], np.cumsum(np.frombuffer(tokens.data, np.uint8) == 10)))
    begins = np.zeros(len(tokens), np.bool_)
    begins[1:] = lines[tokens.start[1:]] > lines[tokens.end[:-1]]
    return begins


def distinct(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Each value once, ascending; by sorting, which takes a fraction of the time that hashing does."""
    ordered = np.sort(values)
    new = np.ones(len(ordered), np.bool_)
    new[1:] = ordered[1:] != ordered[:-1]
    return ordered[new]


def kinds(tokens: Tokens) -> NDArray[np.uint64]:
    """What each token is, in fields of sixteen bits: 1 << 16 a sign, 1 << 32 a number, 1 << 48 a letter or
    word beyond ASCII.
    """
    lead = np.frombuffer(tokens.data, np.uint8)[tokens.start]
    return _KINDS[lead]


def _fields() -> NDArray[np.uint64]:
    table = np.zeros(256, np.uint64)
    for byte in range(0x21, 0x80):
        if not chr(byte).isalnum() and byte != 0x5F:
            table[byte] = 1 << 16
    table[0x30:0x3A] = 1 << 32
    # Lead bytes of letters; what begins with E2, EF or F0 is mostly signs, frames and pictures.
    table[0xC3:0xE2] = 1 << 48
    table[0xE3:0xEE] = 1 << 48
    return table


_KINDS = _fields()
