"""Images → whole numbers that say how each frequency departs from what is usual in that same image.

Every coefficient of the cosine transform is divided by the usual size of its frequency band *within the
image*. Contrast, blur and compression, which differ from image to image, are thereby taken out; a fixed
pattern that is added to many images stands in the same coefficients with the same sign. All sums are of whole
numbers below 2^53, so that the result does not depend on how records are batched.
"""

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.image_grid import SIDE, luminance

__all__ = ["CLIP", "DIMENSIONS", "spectrum"]

CLIP = 12
"""Times its band's usual size at which a coefficient is cut off."""
STEP = 8
"""Whole numbers per unit."""
_ONE = 4096
_FLOOR = 0.5
"""Grey levels added to a band's usual size: below that lies rounding, not content."""
_ROOTS = 1.5
"""Squared mean root → mean size, for a bell curve, and a little more."""


def _cosines() -> NDArray[np.float64]:
    frequency, place = np.arange(SIDE)[:, None], np.arange(SIDE)[None]
    matrix = np.cos(np.pi * (2 * place + 1) * frequency / (2 * SIDE)) * np.sqrt(2 / SIDE)
    matrix[0] /= np.sqrt(2)
    rounded: NDArray[np.float64] = np.rint(matrix * _ONE)
    return rounded


_MATRIX = _cosines()
_DOWN, _ALONG = np.indices((SIDE, SIDE))
_KEPT = (_DOWN + _ALONG) >= 2  # the mean and the two slowest waves are lighting
_EDGES = np.array([0, 2.5, 4, 6, 8, 10, 13, 16, 20, 24, 28, 33])
_BAND = np.digitize(np.sqrt(_DOWN**2 + _ALONG**2)[_KEPT], _EDGES) - 1
DIMENSIONS = int(_KEPT.sum())
_MEMBERS = np.zeros((DIMENSIONS, len(_EDGES)))
_MEMBERS[np.arange(DIMENSIONS), _BAND] = 1
_SIZES = _MEMBERS.sum(axis=0)
_CHUNK = 2048


def _transform(planes: NDArray[np.uint8]) -> NDArray[np.float64]:
    n = len(planes)
    rows = (planes.reshape(-1, SIDE).astype(np.float64) @ _MATRIX.T).reshape(n, SIDE, SIDE)
    both = (rows.transpose(0, 2, 1).reshape(-1, SIDE) @ _MATRIX.T).reshape(n, SIDE, SIDE)
    kept: NDArray[np.float64] = both.transpose(0, 2, 1)[:, _KEPT] / _ONE**2
    return kept


def spectrum(grids: NDArray[np.uint8]) -> NDArray[np.int8]:
    """Gridded images → n × `DIMENSIONS` whole numbers from -96 to 96."""
    out = np.empty((len(grids), DIMENSIONS), np.int8)
    for start in range(0, len(grids), _CHUNK):
        found = _transform(luminance(grids[start : start + _CHUNK]))
        roots = np.rint(np.sqrt(np.abs(found)) * 16)
        usual = ((roots @ _MEMBERS) / (_SIZES * 16)) ** 2 * _ROOTS + _FLOOR
        ratio = found / usual[:, _BAND]
        out[start : start + _CHUNK] = np.rint(np.clip(ratio, -CLIP, CLIP) * STEP)
    return out
