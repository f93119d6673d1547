"""A text as bytes, one for each code point, so that fast byte patterns give offsets of the text."""

from functools import lru_cache

import numpy as np
from msgspec import Struct

__all__ = ["Seen", "as_bytes", "code_points"]

OTHER = 0xFF
"""Stands for every code point from 255 up, lone surrogates included."""


class Seen(Struct, frozen=True):
    """One thing seen in a text."""

    kind: str
    start: int
    end: int
    note: str = ""
    """What else is known, as half a sentence; never the text itself."""


@lru_cache(maxsize=4)
def as_bytes(text: str) -> bytes:
    """`text` with one byte for each code point: Latin-1 as it is, all else 255."""
    if text.isascii():
        return text.encode("ascii")
    return np.minimum(code_points(text), OTHER).astype(np.uint8).tobytes()


def code_points(text: str) -> "np.ndarray[tuple[int], np.dtype[np.uint32]]":
    """The code points of `text`, lone surrogates included."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
