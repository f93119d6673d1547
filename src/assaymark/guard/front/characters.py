"""What is peculiar about each code point, as a table that numpy can look up."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "ACCENT",
    "BIDI",
    "INVISIBLE",
    "LOOKALIKE",
    "MARK",
    "SELECTOR",
    "STYLED",
    "TAG",
    "code_points",
    "flags",
    "keep",
]

INVISIBLE, TAG, SELECTOR, BIDI, MARK, STYLED, LOOKALIKE, ACCENT = (1 << n for n in range(8))
"""Bits: draws nothing; tag character; variation selector; directional control; combining mark of the Latin
script; a letter in costume (full width, mathematical, circled …); a letter of another script that may
look like a Latin one; a Latin letter with an accent."""

_SIZE = 0xE0200
_RANGES: tuple[tuple[int, int, int], ...] = (
    (0x00AD, 0x00AD, INVISIBLE),
    (0x00C0, 0x024F, ACCENT),
    (0x1E00, 0x1EFF, ACCENT),
    (0x034F, 0x034F, INVISIBLE),
    (0x115F, 0x1160, INVISIBLE),
    (0x17B4, 0x17B5, INVISIBLE),
    (0x180B, 0x180E, INVISIBLE),
    (0x200B, 0x200D, INVISIBLE),
    (0x200E, 0x200F, INVISIBLE | BIDI),
    (0x061C, 0x061C, INVISIBLE | BIDI),
    (0x202A, 0x202E, INVISIBLE | BIDI),
    (0x2060, 0x2064, INVISIBLE),
    (0x2066, 0x2069, INVISIBLE | BIDI),
    (0x206A, 0x206F, INVISIBLE),
    (0x3164, 0x3164, INVISIBLE),
    (0xFFA0, 0xFFA0, INVISIBLE),
    (0xFEFF, 0xFEFF, INVISIBLE),
    (0x1D173, 0x1D17A, INVISIBLE),
    (0xFE00, 0xFE0F, INVISIBLE | SELECTOR),
    (0xE0100, 0xE01EF, INVISIBLE | SELECTOR),
    (0xE0000, 0xE007F, INVISIBLE | TAG),
    (0x0300, 0x034E, MARK),
    (0x0350, 0x036F, MARK),
    (0x0483, 0x0489, MARK),
    (0x1AB0, 0x1AFF, MARK),
    (0x1DC0, 0x1DFF, MARK),
    (0x20D0, 0x20FF, MARK),
    (0xFE20, 0xFE2F, MARK),
    (0x0250, 0x02AF, STYLED),
    (0x02B0, 0x02B8, STYLED),
    (0x1D00, 0x1D6A, STYLED),
    (0x2070, 0x209C, STYLED),
    (0x2102, 0x2115, STYLED),
    (0x2118, 0x2121, STYLED),
    (0x2124, 0x2149, STYLED),
    (0x2460, 0x24FF, STYLED),
    (0xA730, 0xA731, STYLED),
    (0xFB00, 0xFB06, STYLED),
    (0xFF01, 0xFF5E, STYLED),
    (0x1D400, 0x1D7FF, STYLED),
    (0x1F110, 0x1F18A, STYLED),
    (0x1F1E6, 0x1F1FF, STYLED),
    (0x0370, 0x03FF, LOOKALIKE),
    (0x0400, 0x052F, LOOKALIKE),
    (0x0531, 0x058F, LOOKALIKE),
    (0x13A0, 0x13FF, LOOKALIKE),
    (0xAB70, 0xABBF, LOOKALIKE),
)


def code_points(text: str) -> NDArray[np.uint32]:
    """One number a code point, lone surrogates included."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def flags(points: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """The bits of each code point."""
    found: NDArray[np.uint8] = _table()[np.minimum(points, _SIZE - 1)]
    return found


def keep(points: NDArray[np.uint32]) -> str:
    """The string of these code points."""
    return points.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")


@cache
def _table() -> NDArray[np.uint8]:
    table = np.zeros(_SIZE, dtype=np.uint8)
    for first, last, bits in _RANGES:
        table[first : last + 1] |= bits
    return table
