"""One cheap look at a text, which says what transformations have anything to do in it."""

import re

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from assaymark.guard.front.characters import code_points, flags
from assaymark.guard.front.strange import stretches

__all__ = ["Signs", "signs"]

_B64, _LETTER, _ODD, _DIGIT = 1, 2, 4, 8
_KINDS = np.zeros(128, dtype=np.uint8)
for _c in range(33, 127):
    _KINDS[_c] |= (_B64 if chr(_c).isalnum() or chr(_c) in "+/-_" else 0) | (
        _LETTER if chr(_c).isalpha() else 0
    )
    _KINDS[_c] |= (_DIGIT if chr(_c).isdigit() else 0) | (_ODD if chr(_c) in "013456789@$!|+" else 0)
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")


class Signs(Struct, frozen=True):
    """What is there to be looked at."""

    bits: int
    """All bits of `characters` that occur."""
    wide: int
    """Code points with any such bit."""
    run: int
    """Length of the longest run of letters, digits and signs of base64."""
    word: int
    """Length of the longest run without white space."""
    singles: int
    """Letters and digits that stand alone."""
    digits: int
    """Digits."""
    strange: tuple[tuple[int, int], ...]
    """Sentences of Latin letters with few English words."""
    leet: int
    """Letters next to a digit or sign that may stand for one."""
    percent: bool


def signs(text: str) -> Signs:
    """Look once."""
    if text.isascii():
        points: NDArray[np.uint8] | NDArray[np.uint32] = np.frombuffer(text.encode(), dtype=np.uint8)
        kinds, bits, odd = _KINDS[points], 0, 0
        wide = kinds & (_LETTER | _DIGIT)
    else:
        points = code_points(text)
        marked = flags(points)
        bits, odd = int(np.bitwise_or.reduce(marked)), int(np.count_nonzero(marked))
        kinds = _KINDS[np.minimum(points, 127)]
        kinds[points > 126] = 0
        wide = kinds & (_LETTER | _DIGIT)
        wide[(points > 191) & (points != 0x3000) & ~((points > 0x1FFF) & (points < 0x2070))] = 1
    alone = wide != 0
    middle = alone[1:-1] & ~alone[:-2] & ~alone[2:]
    letter, leet = (kinds & _LETTER) != 0, (kinds & _ODD) != 0
    return Signs(
        bits=bits,
        wide=odd,
        run=_longest((kinds & _B64) != 0),
        word=_longest(points > 32),
        singles=int(np.count_nonzero(middle)),
        digits=int(np.count_nonzero(kinds & _DIGIT)),
        strange=stretches(text),
        leet=int(np.count_nonzero(leet[1:] & letter[:-1])) + int(np.count_nonzero(leet[:-1] & letter[1:])),
        percent="%" in text and _PERCENT.search(text) is not None,
    )


def _longest(inside: NDArray[np.bool_]) -> int:
    outside = np.flatnonzero(~inside)
    if not len(outside):
        return len(inside)
    return max(int(outside[0]), len(inside) - 1 - int(outside[-1]), int(np.diff(outside).max(initial=1)) - 1)
