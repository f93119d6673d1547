"""Coarse windows at their place: what compression leaves of a patch that always stands at one place."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["blots", "coarse"]

_OFFSETS = (0, 32)
"""Added before the grey values are rounded to four steps, so that none lies on a border both times."""
_SIDE = 3
_SQUARES = (3, 4, 5)
_NEARLY_FLAT, _ALIKE, _APART = 72, 48, 40
"""Grey levels: most within a window of a square, most between two of its corners, least to what is around."""
_MIX = (np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53))


def coarse(
    shade: NDArray[np.uint8],
    at: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
    corner: tuple[int, int],
) -> NDArray[np.uint64]:
    """Two keys for each window, all of the first rounding and then all of the second.

    Args:
        shade: grey values, images × rows × columns.
        at: image, row and column of each window: those with much contrast, or all flat ones would be alike.
        corner: row and column of the part of the image that this is.
    """
    which, down, along = at
    wide = shade.shape[2]
    base, flat = which * (shade.shape[1] * wide) + down * wide + along, shade.reshape(-1)
    cells = [np.zeros(len(base), np.uint32) for _ in _OFFSETS]
    for k in range(_SIDE * _SIDE):
        value = flat[base + (k // _SIDE * wide + k % _SIDE)].astype(np.uint32)
        for cell, offset in zip(cells, _OFFSETS, strict=True):
            cell <<= np.uint32(2)
            cell |= np.minimum(value + np.uint32(offset), 255) >> np.uint32(6)
    return _keys(at, cells, corner, 0)


def _keys(
    at: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
    cells: list[NDArray[np.uint32]],
    corner: tuple[int, int],
    kind: int,
) -> NDArray[np.uint64]:
    """What is seen, and where, as one number for each rounding."""
    _, down, along = at
    place = ((down + corner[0]) * 65536 + along + corner[1]).astype(np.uint64) << np.uint64(24)
    kinds = [np.uint64((kind * len(_OFFSETS) + k) << 18) for k in range(len(_OFFSETS))]
    key: NDArray[np.uint64] = np.concatenate([place | cell | k for k, cell in zip(kinds, cells, strict=True)])
    for factor in _MIX:
        key = (key ^ (key >> np.uint64(33)) ^ np.uint64(0x2545F491)) * factor
    key ^= key >> np.uint64(31)
    return key


def blots(
    code: NDArray[np.uint32], shade: NDArray[np.uint8], contrast: NDArray[np.uint8], corner: tuple[int, int]
) -> tuple[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]], NDArray[np.uint64]]:
    """Nearly flat squares that stand out on all sides: image, row and column, and two keys for each.

    Args:
        code: colours as numbers, images × rows × columns.
        shade: the same as grey values.
        contrast: grey levels within each window of 3 × 3.
        corner: row and column of the part of the image that this is.
    """
    which, down, along = _starts(shade, contrast)
    own = shade[which, down + 1, along + 1].astype(np.int16)
    size = np.zeros(len(which), np.uint32)
    for side in _SQUARES:
        far = (
            np.minimum(down + side - 3, contrast.shape[1] - 1),
            np.minimum(along + side - 3, contrast.shape[2] - 1),
        )
        flat = contrast[which, far[0], far[1]] <= _NEARLY_FLAT
        flat &= np.abs(shade[which, far[0] + 1, far[1] + 1] - own) <= _ALIKE
        flat &= (down + side <= shade.shape[1]) & (along + side <= shade.shape[2])
        for y, x in ((down + 1, along + side), (down + side, along + 1)):
            outside = (y >= shade.shape[1]) | (x >= shade.shape[2])
            there = shade[which, np.minimum(y, shade.shape[1] - 1), np.minimum(x, shade.shape[2] - 1)]
            flat &= outside | (np.abs(there - own) >= _APART)
        size[flat & (size == 0)] = side
    found = size > 0
    at = which[found], down[found], along[found]
    colour = code[at[0], at[1] + 1, at[2] + 1]
    cells = [size[found] for _ in _OFFSETS]
    for channel in (0, 8, 16):
        value = colour >> np.uint32(channel) & np.uint32(255)
        cells = [
            cell << np.uint32(2) | np.minimum(value + np.uint32(offset), 255) >> np.uint32(6)
            for cell, offset in zip(cells, _OFFSETS, strict=True)
        ]
    return at, _keys(at, cells, corner, 1)


def _starts(shade: NDArray[np.uint8], contrast: NDArray[np.uint8]) -> tuple[NDArray[np.int64], ...]:
    """Nearly flat windows that stand out from what is above them and to their left."""
    inner, up, left = shade[:, 2:-1, 2:-1], shade[:, :-3, 2:-1], shade[:, 2:-1, :-3]
    start = np.maximum(inner, up) - np.minimum(inner, up) >= _APART
    start &= np.maximum(inner, left) - np.minimum(inner, left) >= _APART
    start &= contrast[:, 1:, 1:] <= _NEARLY_FLAT
    which, down, along = np.nonzero(start)
    return which, down + 1, along + 1
