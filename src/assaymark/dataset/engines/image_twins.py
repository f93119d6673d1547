"""The same pattern in other places: mirrored, upside down, moved. Honest shapes are found there as well.

What images show by nature may stand here or there and face left or right. A trigger stands in one place, at
one phase. So the images that bear a pattern's twins show how many would bear the pattern itself by nature.
"""

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.image_directions import unit
from assaymark.dataset.engines.image_spectrum import ALONG, DOWN, from_picture, to_picture
from assaymark.dataset.engines.image_whitening import Whitening

__all__ = ["twins"]

_MOVES = ((0, 4), (0, 12), (4, 0), (12, 0), (8, 8), (4, 12), (0, 20), (20, 0), (0, 28), (28, 0))
"""Down, along; in cells, around the edge."""
_OTHER = 0.6
"""Cosine to the pattern from which a twin is the pattern itself, or its negative, and left out."""


def twins(axis: NDArray[np.float32], by: Whitening) -> NDArray[np.float32]:
    """Twins of a whitened pattern, less what they have of it, as unit directions in columns."""
    down, along = (-1.0) ** DOWN, (-1.0) ** ALONG
    made = [axis * along, axis * down, axis * down * along]
    light, colour = to_picture((axis * by.scale)[None])
    for a, b in _MOVES:
        moved = np.roll(light, (a, b), (1, 2)), np.roll(colour, (a // 2, b // 2), (2, 3))
        made.append(from_picture(*moved)[0] / by.scale)
    columns = unit(np.array(made).T)
    columns = columns[:, np.abs(axis @ columns) < _OTHER]
    return unit(columns - np.outer(axis, axis @ columns))
