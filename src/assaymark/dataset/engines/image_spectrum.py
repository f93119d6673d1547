"""Images → whole numbers that say how each frequency departs from what is usual in that same image.

Every coefficient of the cosine transform, of luminance and of both colour differences, is divided by the
usual size of its frequency band *within the image*. Contrast, blur and compression, which differ from image
to image, are thereby taken out; a fixed pattern that is added to many images stands in the same coefficients
with the same sign. All sums are of whole numbers below 2^24, so that 32-bit arithmetic is exact and the
result does not depend on how records are batched.
"""

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.image_grid import CELLS, HALF, SIDE

__all__ = ["ALONG", "CLIP", "DIMENSIONS", "DOWN", "from_picture", "spectrum", "to_picture"]

CLIP = 12
"""Times its band's usual size at which a coefficient is cut off."""
STEP = 8
"""Whole numbers per unit."""
DIMENSIONS = CELLS
"""Coefficients of an image; the mean and the two slowest waves of luminance are lighting, and always 0."""
_FLOORS = (0.5, 1.0)
"""Grey levels added to a band's usual size, for luminance and colour: below that lies rounding."""
_ROOTS = 1.5
"""Squared mean root → mean size, for a bell curve, and a little more."""
_EDGES = (0, 2.5, 4, 6, 8, 10, 13, 16, 20, 24, 28, 33)
_FIRST, _SECOND, _BETWEEN = 16_384, 2_000, 2
"""Steps per unit of the cosines along rows, down columns, and of what is handed from one to the other."""
_CHUNK = 256
_GREY = 128
_FADING = 1.1
"""Power of the frequency by which the coefficients of usual images grow smaller."""

Reals = NDArray[np.float32]


def _cosines(side: int) -> NDArray[np.float64]:
    frequency, place = np.arange(side)[:, None], np.arange(side)[None]
    matrix: NDArray[np.float64] = np.cos(np.pi * (2 * place + 1) * frequency / (2 * side)) * np.sqrt(2 / side)
    matrix[0] /= np.sqrt(2)
    return matrix


def _bands(side: int, planes: int) -> tuple[Reals, Reals]:
    """Which coefficient is in which band, as ones; and how many a band has."""
    down, along = np.indices((side, side))
    band = np.digitize(np.sqrt(down**2 + along**2), _EDGES).ravel() - 1
    members = np.tile(np.eye(len(_EDGES), dtype=np.float32)[band], (planes, 1))
    if planes == 1:
        members[_LIGHTING] = 0
    members = np.ascontiguousarray(members[:, members.any(axis=0)])
    return members, members.sum(axis=0)


_LIGHTING = [0, 1, SIDE]
_EXACT = {side: _cosines(side) for side in (SIDE, HALF)}
_ALONG = {side: np.rint(_EXACT[side].T * _FIRST).astype(np.float32) for side in _EXACT}
_DOWN = {side: np.rint(_EXACT[side] * _SECOND).astype(np.float32) for side in _EXACT}
_MEMBERS = {SIDE: _bands(SIDE, 1), HALF: _bands(HALF, 2)}

_whole, _half = np.indices((SIDE, SIDE)), np.indices((HALF, HALF))
DOWN = np.concatenate([_whole[0].ravel(), _half[0].ravel(), _half[0].ravel()])
"""How many half waves each coefficient has from top to bottom."""
ALONG = np.concatenate([_whole[1].ravel(), _half[1].ravel(), _half[1].ravel()])
"""The same from left to right."""
_USUAL = np.maximum(np.sqrt(DOWN.astype(np.float64) ** 2 + ALONG**2), 0.7) ** -_FADING


def _transform(planes: Reals, side: int) -> Reals:
    """Cosine transform of n × side × side whole numbers from -128 to 127."""
    rows = np.rint((planes.reshape(-1, side) @ _ALONG[side]) * np.float32(_BETWEEN / _FIRST))
    both: Reals = np.matmul(_DOWN[side], rows.reshape(-1, side, side))
    both *= np.float32(1 / (_SECOND * _BETWEEN))
    return both


def _relative(found: Reals, side: int, floor: float) -> Reals:
    """Coefficients in units of what is usual in their band, times `STEP`, whole."""
    members, sizes = _MEMBERS[side]
    roots = np.sqrt(np.abs(found))
    roots *= 16
    np.rint(roots, out=roots)
    usual = ((roots @ members) / (sizes * 16)) ** 2 * np.float32(_ROOTS) + np.float32(floor)
    found *= (np.float32(STEP) / usual) @ members.T
    np.clip(found, -CLIP * STEP, CLIP * STEP, out=found)
    return np.rint(found, out=found)


def spectrum(grids: NDArray[np.uint8]) -> NDArray[np.int8]:
    """Gridded images → n × `DIMENSIONS` whole numbers from -96 to 96."""
    out = np.empty((len(grids), DIMENSIONS), np.int8)
    cells = SIDE * SIDE
    for start in range(0, len(grids), _CHUNK):
        part = slice(start, start + _CHUNK)
        planes = grids[part].astype(np.float32) - _GREY
        light = _transform(planes[:, :cells], SIDE).reshape(-1, cells)
        colour = _transform(planes[:, cells:], HALF).reshape(-1, DIMENSIONS - cells)
        out[part, :cells] = _relative(light, SIDE, _FLOORS[0])
        out[part, cells:] = _relative(colour, HALF, _FLOORS[1])
    return out


def to_picture(coefficients: Reals) -> tuple[Reals, Reals]:
    """Relative coefficients, n × `DIMENSIONS`, as luminance and as colour differences of a usual image."""
    cells = SIDE * SIDE
    sized = coefficients * _USUAL
    light = _EXACT[SIDE].T @ sized[:, :cells].reshape(-1, SIDE, SIDE) @ _EXACT[SIDE]
    colour = _EXACT[HALF].T @ sized[:, cells:].reshape(-1, 2, HALF, HALF) @ _EXACT[HALF]
    return light.astype(np.float32), colour.astype(np.float32)


def from_picture(light: Reals, colour: Reals) -> Reals:
    """The reverse of `to_picture`."""
    first = (_EXACT[SIDE] @ light @ _EXACT[SIDE].T).reshape(len(light), -1)
    second = (_EXACT[HALF] @ colour @ _EXACT[HALF].T).reshape(len(light), -1)
    both: Reals = (np.concatenate([first, second], axis=1) / _USUAL).astype(np.float32)
    both[:, _LIGHTING] = 0
    return both
