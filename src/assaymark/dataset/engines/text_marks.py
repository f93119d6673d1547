"""Marks that a text bears as a whole or between its words: how it is written, not what it says."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.words import Tokens

__all__ = ["MARKS", "marks"]

_SPACE, _FEWEST = 0x20, 4


def marks(tokens: Tokens) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Keys of the marks that texts bear, and the text of each; a key is the mark's index in `MARKS` + 1."""
    view = np.frombuffer(tokens.data, np.uint8)
    bounds = np.concatenate((tokens.start[tokens.first[:-1]], [len(view)]))
    texts = [np.flatnonzero(test(view, bounds, tokens)) for test in _TESTS.values()]
    key = np.repeat(np.arange(1, len(texts) + 1, dtype=np.uint64), [len(text) for text in texts])
    return key, np.concatenate(texts)


def _any(where: NDArray[np.bool_], bounds: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which texts have a byte of these."""
    found = np.zeros(len(bounds) - 1, np.bool_)
    found[np.searchsorted(bounds, np.flatnonzero(where), "right") - 1] = True
    return found


def _count(where: NDArray[np.bool_], bounds: NDArray[np.int64]) -> NDArray[np.int64]:
    counted: NDArray[np.int64] = np.add.reduceat(where, bounds[:-1], dtype=np.int64)
    return counted


def _twice(view: NDArray[np.uint8], bounds: NDArray[np.int64], tokens: Tokens) -> NDArray[np.bool_]:
    double = np.zeros(len(view), np.bool_)
    double[1:] = (view[1:] == _SPACE) & (view[:-1] == _SPACE)
    return _any(double, bounds)


def _shouted(view: NDArray[np.uint8], bounds: NDArray[np.int64], tokens: Tokens) -> NDArray[np.bool_]:
    large = _count((view >= 0x41) & (view <= 0x5A), bounds)
    shouted: NDArray[np.bool_] = (large >= _FEWEST) & (_count((view >= 0x61) & (view <= 0x7A), bounds) == 0)
    return shouted


def _mixed(view: NDArray[np.uint8], bounds: NDArray[np.int64], tokens: Tokens) -> NDArray[np.bool_]:
    foreign = (view >= 0xCD) & (view <= 0xD4)  # lead bytes of Greek and Cyrillic
    found = np.zeros(len(bounds) - 1, np.bool_)
    if foreign.any():
        latin = ((view | 0x20) >= 0x61) & ((view | 0x20) <= 0x7A)
        both = [np.concatenate(([0], np.cumsum(which))) for which in (foreign, latin)]
        inside = [sums[tokens.end] > sums[tokens.start] for sums in both]
        found[tokens.text[inside[0] & inside[1]]] = True
    return found


def _small(view: NDArray[np.uint8], bounds: NDArray[np.int64], tokens: Tokens) -> NDArray[np.bool_]:
    at = tokens.first[:-1] + 1  # a text without words has its end there
    lead = view[tokens.start[at]]
    return (lead >= 0x61) & (lead <= 0x7A)


def _ahead(view: NDArray[np.uint8], bounds: NDArray[np.int64], tokens: Tokens) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = view[bounds[:-1] + 1] == _SPACE
    return found


def _behind(view: NDArray[np.uint8], bounds: NDArray[np.int64], tokens: Tokens) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = view[bounds[1:] - 2] == _SPACE
    return found


def _line(view: NDArray[np.uint8], bounds: NDArray[np.int64], tokens: Tokens) -> NDArray[np.bool_]:
    return _any(view == 0x0A, bounds)


def _tab(view: NDArray[np.uint8], bounds: NDArray[np.int64], tokens: Tokens) -> NDArray[np.bool_]:
    return _any(view == 0x09, bounds)


_TESTS: dict[str, Callable[[NDArray[np.uint8], NDArray[np.int64], Tokens], NDArray[np.bool_]]] = {
    "two spaces in a row": _twice,
    "no small letters": _shouted,
    "a word of two scripts": _mixed,
    "a small letter at the start": _small,
    "a space at the start": _ahead,
    "a space at the end": _behind,
    "a line break": _line,
    "a tab": _tab,
}
MARKS = tuple(_TESTS)
"""What each mark is called."""
