"""A text reduced to what survives disguise: letters and digits, without case, accents, signs or spaces.

Two texts that say the same in other capitals, letter-spaced, quoted, as a list, in leet or in full-width
letters squeeze to the same bytes. Each squeezed byte knows the code point it came from.
"""

import codecs
import unicodedata
from functools import cache, lru_cache

import numpy as np
from msgspec import Struct

from assaymark.guard.rules.plain import code_points

__all__ = ["Squeezed", "reversed_bytes", "rot13", "squeeze"]

_Bytes = np.ndarray[tuple[int], np.dtype[np.uint8]]
_Index = np.ndarray[tuple[int], np.dtype[np.int64]]

_LEET = dict(zip("0134578@$!|", "oieastbasii", strict=True))
_REACH = 0x20000
"""Code points from here on stand for themselves, folded into one of 127 bytes."""


class Squeezed(Struct, frozen=True):
    """Bytes, and where each stood."""

    data: bytes
    index: _Index
    """Code point of the original for each byte."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original's span of the bytes from `start` to `end`, which must not be empty."""
        return int(self.index[start]), int(self.index[end - 1]) + 1


@lru_cache(maxsize=4)
def squeeze(text: str) -> Squeezed:
    """`text` squeezed; time grows with its length."""
    if text.isascii():
        raw = np.frombuffer(text.encode("ascii"), dtype=np.uint8)
        codes = _table()[:128][raw]
    else:
        points = code_points(text)
        codes = _table()[np.minimum(points, _REACH)]
    kept = np.flatnonzero(codes)
    return Squeezed(codes[kept].tobytes(), kept)


@cache
def _table() -> _Bytes:
    """Code point → byte; 0 drops it. Letters and digits beyond ASCII share 127 bytes."""
    table = np.zeros(_REACH + 1, dtype=np.uint8)
    table[_REACH] = 128
    for point in range(_REACH):
        if point < 128 or 0xAA <= point < 0xD800 or 0xF900 <= point < 0x18D00 or 0x1D400 <= point < 0x1D800:
            table[point] = _code(chr(point))
    return table


def _code(char: str) -> int:
    if char in _LEET:
        return ord(_LEET[char])
    if char.isascii():
        return ord(char.lower()) if char.isalnum() else 0
    if not char.isalnum():
        return 0
    base = unicodedata.normalize("NFKD", char)[0].casefold()[0]
    if base.isascii():
        return _code(base)
    return 128 + ord(base) * 40_503 // 16 % 127


def rot13(data: bytes) -> bytes:
    """The Caesar disguise by thirteen, of squeezed bytes."""
    return codecs.encode(data.decode("latin-1"), "rot13").encode("latin-1")


def reversed_bytes(data: bytes) -> bytes:
    """Read from the end."""
    return data[::-1]
