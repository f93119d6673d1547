"""What kind of character each code point is, and its lower case, as tables that numpy can look up.

Everything the detector knows of scripts is here: which characters form words, which are words by
themselves (Han, kana, Thai and others are written without spaces) and what a character costs a
sub-word encoder that learnt English.
"""

import unicodedata
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["COSTS", "DENSE", "FOREIGN", "LATIN", "OTHER", "SPACE", "Characters", "characters"]

SPACE, LATIN, FOREIGN, DENSE, OTHER = range(5)
"""Classes: white space; letters, marks and digits of the Latin script; those of other scripts with
spaces between words; those of scripts without; all else."""

COSTS = np.array([0, 0, 6, 8, 6], dtype=np.int64)
"""What one character of each class costs, in twelfths of an English word. A Latin word costs 12 at its
first character; see `windows`."""

_TABLE = 0x20000
"""Code points above are Han (to U+3FFFF) or have no case and no words."""
_HAN_END = 0x40000

_DENSE = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x0F00, 0x109F),  # Tibetan, Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x2FDF),  # Han radicals
    (0x3005, 0x3007),
    (0x3021, 0x312F),  # kana, bopomofo
    (0x31A0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xA000, 0xA4CF),  # Yi
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9F),  # half-width kana
    (0x1B000, 0x1B2FF),
)
_LATIN_END = 0x0250
_LATIN_MORE = (0x1E00, 0x1EFF)


class Characters(NamedTuple):
    """A text as numbers; one entry a code point."""

    points: NDArray[np.uint32]
    """As written."""
    lower: NDArray[np.uint32]
    """In lower case, one for one (the first character where lower case has several)."""
    classes: NDArray[np.uint8]
    """`SPACE` … `OTHER`."""


def characters(text: str) -> Characters:
    """The code points of `text`, lone surrogates and NUL included."""
    encoded = text.encode("utf-32-le", "surrogatepass")
    points = np.frombuffer(encoded, dtype="<u4").astype(np.uint32, copy=False)
    lower, classes = _tables()
    if not points.size or int(points.max()) < _TABLE:
        return Characters(points, lower[points], classes[points])
    inside = np.minimum(points, _TABLE - 1)
    high = points >= _TABLE
    above = np.where(points < _HAN_END, np.uint8(DENSE), np.uint8(OTHER))
    return Characters(points, np.where(high, points, lower[inside]), np.where(high, above, classes[inside]))


@cache
def _tables() -> tuple[NDArray[np.uint32], NDArray[np.uint8]]:
    """Lower case and class of each code point below `_TABLE`."""
    every = [chr(n) for n in range(_TABLE)]
    lower = np.array([ord(c.lower()[0]) for c in every], dtype=np.uint32)
    classes = np.array([_class_of(n, c) for n, c in enumerate(every)], dtype=np.uint8)
    for first, last in _DENSE:
        block = classes[first : last + 1]
        block[block == FOREIGN] = DENSE
    lower.setflags(write=False)
    classes.setflags(write=False)
    return lower, classes


def _class_of(point: int, character: str) -> int:
    """The class of one character, scripts without spaces not yet told apart."""
    if character.isspace():
        return SPACE
    if unicodedata.category(character)[0] not in "LMN":
        return OTHER
    latin = point < _LATIN_END or _LATIN_MORE[0] <= point <= _LATIN_MORE[1]
    return LATIN if latin else FOREIGN
