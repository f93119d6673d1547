"""Rectangles of one colour that stand by themselves: what a flat patch leaves in an image."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["flats"]

_SIDES = (2, 3, 5, 10)
"""Rectangles are looked at in groups, by their longer side."""
_LEAST, _MOST = 2, 10
"""Sides of a rectangle, in pixels."""
_APART = 6
"""Grey levels between the rectangle and most of what is around it, so that steps of a gradient are none."""
_TOUCHING = 0.4
"""Share of the pixels around it that may have its colour all the same."""
_CLEARLY_APART, _HARDLY_TOUCHING = 24, 0.25
"""The same for one that stands out clearly."""
_MIX = (np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53))

Found = tuple[NDArray[np.int64], NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64]]


def flats(code: NDArray[np.uint32], shade: NDArray[np.uint8], corner: tuple[int, int]) -> Found:
    """Image, key, row and column of each lone rectangle of one colour: by itself, and with its place.

    One that stands out clearly has a third key: white and black ones are common where light is too strong.

    Args:
        code: images × rows × columns, colours as numbers.
        shade: the same as grey values.
        corner: row and column of the part of the image that this is.
    """
    which, down, along = _corners(code)
    colour = code[which, down, along]
    wide = _run(code, which, down, along, colour, (0, 1))
    tall = _run(code, which, down, along, colour, (1, 0))
    fit = (wide <= _MOST) & (tall <= _MOST) & (code[which, down + tall - 1, along + wide - 1] == colour)
    fit &= _clear(shade, which, (down, along), (tall, wide))
    which, down, along, colour, wide, tall = (a[fit] for a in (which, down, along, colour, wide, tall))
    lone, clearly = _lone(code, shade, (which, down, along), (tall, wide))
    where = np.where(lone)[0]
    key = colour.astype(np.uint64) | (tall * 16 + wide).astype(np.uint64) << np.uint64(24)
    place = (down + corner[0]) * 32768 + along + corner[1] + 1
    placed = key | place.astype(np.uint64) << np.uint64(32)
    key = np.concatenate([key[lone], placed[lone], (key | np.uint64(1 << 63))[clearly]])
    where = np.concatenate([where, where, np.where(clearly)[0]])
    for factor in _MIX:
        key = (key ^ (key >> np.uint64(33)) ^ np.uint64(0x5851F42D)) * factor
    return which[where], key ^ (key >> np.uint64(31)), down[where], along[where]


def _corners(code: NDArray[np.uint32]) -> tuple[NDArray[np.int64], ...]:
    """Pixels like those to their right and below, and unlike those to their left and above."""
    along, down = code[:, :, 1:] == code[:, :, :-1], code[:, 1:] == code[:, :-1]
    start = along[:, :-1] & along[:, 1:] & down[:, :, :-1]
    start[:, :, 1:] &= ~along[:, :-1, :-1]
    start[:, 1:] &= ~down[:, :-1, :-1]
    return np.nonzero(start)


def _run(
    code: NDArray[np.uint32],
    which: NDArray[np.int64],
    down: NDArray[np.int64],
    along: NDArray[np.int64],
    colour: NDArray[np.uint32],
    step: tuple[int, int],
) -> NDArray[np.int64]:
    """How many pixels in a row, or a column, have the corner's colour; `_MOST` + 1 for more."""
    length = np.full(len(which), _LEAST, np.int64)
    going = np.arange(len(which))
    for k in range(_LEAST, _MOST + 1):
        y, x = down[going] + k * step[0], along[going] + k * step[1]
        inside = (y < code.shape[1]) & (x < code.shape[2])
        going, y, x = going[inside], y[inside], x[inside]
        same = code[which[going], y, x] == colour[going]
        going = going[same]
        length[going] = k + 1
    return length


def _clear(
    shade: NDArray[np.uint8],
    which: NDArray[np.int64],
    at: tuple[NDArray[np.int64], NDArray[np.int64]],
    sides: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> NDArray[np.bool_]:
    """Whether it stands out at the middles of most of its sides: a cheap look before the close one."""
    (down, along), (tall, wide) = at, sides
    own = shade[which, down, along].astype(np.int16)
    far = np.zeros(len(which), np.int64)
    for y, x in (
        (down - 1, along + wide // 2),
        (down + tall, along + wide // 2),
        (down + tall // 2, along - 1),
        (down + tall // 2, along + wide),
    ):
        outside = (y < 0) | (x < 0) | (y >= shade.shape[1]) | (x >= shade.shape[2])
        there = shade[which, y.clip(0, shade.shape[1] - 1), x.clip(0, shade.shape[2] - 1)].astype(np.int16)
        far += outside | (np.abs(there - own) >= _APART)
    clear: NDArray[np.bool_] = far >= 2
    return clear


def _lone(
    code: NDArray[np.uint32],
    shade: NDArray[np.uint8],
    at: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
    sides: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether all of the rectangle is of the colour, and what is around it is not; and whether clearly so."""
    which, down, along = at
    tall, wide = sides
    out, clearly = np.zeros(len(which), bool), np.zeros(len(which), bool)
    smaller = 0
    for side in _SIDES:
        longest = np.maximum(tall, wide)
        mine = np.flatnonzero((longest > smaller) & (longest <= side))
        smaller = side
        i, h, w = which[mine][:, None, None], tall[mine][:, None, None], wide[mine][:, None, None]
        step = np.arange(-1, side + 1)
        y, x = down[mine][:, None, None] + step[:, None], along[mine][:, None, None] + step
        near = (step[:, None] <= h) & (step <= w)
        near &= (y >= 0) & (y < code.shape[1]) & (x >= 0) & (x < code.shape[2])
        inner = (step[:, None] >= 0) & (step >= 0) & (step[:, None] < h) & (step < w)
        ring = near & ~inner
        y, x = y.clip(0, code.shape[1] - 1), x.clip(0, code.shape[2] - 1)
        same = code[i, y, x] == code[which[mine], down[mine], along[mine]][:, None, None]
        own = shade[which[mine], down[mine], along[mine]].astype(np.int16)[:, None, None]
        apart = np.abs(shade[i, y, x].astype(np.int16) - own)
        around = np.maximum(ring.sum(axis=(1, 2)), 1)
        touching = (same & ring).sum(axis=(1, 2))
        lone = ~(inner & ~same).any(axis=(1, 2)) & (touching <= _TOUCHING * around)
        out[mine] = lone & (3 * ((apart >= _APART) & ring).sum(axis=(1, 2)) >= around)
        clear = 2 * ((apart >= _CLEARLY_APART) & ring).sum(axis=(1, 2)) >= around
        clearly[mine] = lone & clear & (touching <= _HARDLY_TOUCHING * around)
    return out, clearly
