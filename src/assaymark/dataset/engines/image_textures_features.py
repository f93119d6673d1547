"""Images → numbers that say how fine detail is made, place by place, and a small picture of what they show.

All sums are of whole numbers, image by image, so that the numbers do not depend on an image's neighbours.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["CONTENT", "KINDS", "TEXTURES", "measure"]

SMALLEST = 24
"""Side below which there is no texture to speak of."""
LARGEST = 96
"""Side from which windows stand for their surroundings, so that time stays bounded."""
WINDOW = 16
PLACES = 6
"""Fine detail is measured on a grid of so many cells each way."""
COARSE = 4
"""Colour detail, and where detail changes its sign, on a grid of so many."""
PICTURE = 8
CONTENT = PICTURE * PICTURE * 3
_UNIT = 64
"""Features are whole numbers of this part of a bit."""
_MOST = 256
"""Images that are measured at once: what they need then stays in the cache."""
_GREYS = 256

KINDS = (
    *(("fine detail",) * (5 * PLACES * PLACES)),
    *(("direction of detail",) * (4 * COARSE * COARSE)),
    *(("colour detail",) * (5 * COARSE * COARSE)),
    *(("blocks of 8 × 8",) * 63),
    *(("grey values",) * 13),
)
"""What each feature speaks of."""
TEXTURES = len(KINDS)

Wide = NDArray[np.int32]
Plane = NDArray[np.int16]


def _logarithms(entries: int, quarter: float, least: float) -> NDArray[np.int16]:
    bits: Plane = np.rint(_UNIT * np.log2(np.arange(entries) * quarter + least)).astype(np.int16)
    return bits


_LOG = _logarithms(1 << 14, 0.25, 0.5)
_LOG_WAVES = _logarithms(1 << 16, 1 / 16, 0.25)


def _waves() -> NDArray[np.float32]:
    """The cosine transform of 8 × 8 blocks in whole numbers: products with greys sum exactly in 24 bits."""
    k = np.arange(8)
    one = np.cos(np.pi * (2 * k[None] + 1) * k[:, None] / 16) * np.where(k == 0, 0.125, 0.25)[:, None] ** 0.5
    whole: NDArray[np.float32] = np.rint(np.kron(one, one)[1:] * 512).astype(np.float32)
    return whole


_WAVES = _waves()


def _cells(plane: Plane, grid: int) -> Wide:
    """Mean over each cell of a grid, rounded; grid² × n. A cell's column of values sums within 16 bits."""
    high, wide, n = plane.shape
    down, along = (np.arange(grid + 1) * high) // grid, (np.arange(grid + 1) * wide) // grid
    means = np.empty((grid, grid, n), np.int32)
    for i in range(grid):
        row = plane[down[i] : down[i + 1]].sum(axis=0, dtype=np.int16)
        for j in range(grid):
            size = int(down[i + 1] - down[i]) * int(along[j + 1] - along[j])
            means[i, j] = (2 * row[along[j] : along[j + 1]].sum(axis=0, dtype=np.int32) + size) // (2 * size)
    return means.reshape(-1, n)


def _down(x: Plane) -> Plane:
    return x[1:] - x[:-1]


def _along(x: Plane) -> Plane:
    return x[:, 1:] - x[:, :-1]


def _energy(plane: Plane, grid: int) -> Wide:
    return _cells(_LOG.take(np.abs(plane), mode="clip"), grid)


def _turns(plane: Plane) -> Iterator[Wide]:
    """How often neighbours differ in sign, along and down, in the unit of the other features."""
    up = (plane > 0).astype(np.int16) * np.int16(4 * _UNIT)
    yield _cells(up[:, 1:] ^ up[:, :-1], COARSE)
    yield _cells(up[1:] ^ up[:-1], COARSE)


def _detail(y: Plane) -> Iterator[Wide]:
    turns: list[Wide] = []
    for step in (_along, _down):
        first = step(y)
        second = step(first)
        yield _energy(first, PLACES)
        yield _energy(step(step(second)), PLACES)
        turns += _turns(second)
    yield _energy(_down(_down(_along(_along(y)))), PLACES)
    yield from turns


def _colour(c: Plane) -> Iterator[Wide]:
    along, down = _along(c), _down(c)
    yield _energy(along, COARSE)
    yield _energy(down, COARSE)
    yield _energy(_down(_down(_along(along))), COARSE)
    yield _energy(_along(_along(along)), COARSE)
    yield _energy(_down(_down(down)), COARSE)


def _spectrum(y: Plane) -> Wide:
    """Mean logarithm of each wave's strength over blocks of 8 × 8 from the upper left corner."""
    high, wide, n = (y.shape[0] // 8, y.shape[1] // 8, y.shape[2])
    blocks = y[: 8 * high, : 8 * wide].reshape(high, 8, wide, 8, n).transpose(1, 3, 0, 2, 4)
    strength = np.abs(_WAVES @ blocks.reshape(64, -1).astype(np.float32))
    np.minimum(strength, 128.0 * (len(_LOG_WAVES) - 1), out=strength)
    bits = _LOG_WAVES.take(strength.astype(np.int32) >> 7, mode="clip")
    count = high * wide
    mean: Wide = (2 * bits.reshape(63, count, n).sum(axis=1, dtype=np.int32) + count) // (2 * count)
    return mean


def _greys(green: NDArray[np.uint8]) -> Wide:
    """Combs and gaps in the histogram of one channel, and what is black or white."""
    n = green.shape[-1]
    flat = green.reshape(-1, n).astype(np.int32) + _GREYS * np.arange(n, dtype=np.int32)
    size = len(flat)
    counts = np.bincount(flat.ravel(), minlength=n * _GREYS).reshape(n, _GREYS)
    kept = [
        counts.reshape(n, -1, 8).sum(axis=1) + 0.02 * size,
        np.abs(np.diff(counts)).sum(axis=1)[:, None] + 0.01 * size,
        np.abs(counts[:, 2:] - counts[:, :-2]).sum(axis=1)[:, None] + 0.01 * size,
        (counts > 0).sum(axis=1)[:, None] * (size / min(_GREYS, size)),
        counts[:, [0, -1]] + 0.01 * size,
    ]
    shares: Wide = np.rint(_UNIT * np.log2(np.concatenate(kept, axis=1).T / size)).astype(np.int32)
    return shares


def _textures(rgb: NDArray[np.uint8]) -> NDArray[np.int16]:
    """Textures of images that run along the last axis."""
    red, green, blue = rgb.astype(np.int16)
    y: Plane = red + 2 * green + blue
    parts = (*_detail(y), *_colour(2 * (red - blue)), _spectrum(y), _greys(rgb[1]))
    return np.concatenate(parts).astype(np.int16)


def _fitted(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The image, or where it is large one window for each cell of the grid, side by side."""
    for axis in (0, 1):
        side = image.shape[axis]
        if side > LARGEST:
            middle = (2 * np.arange(PLACES) + 1) * side // (2 * PLACES) - WINDOW // 2
            pick = (middle // 8 * 8)[:, None] + np.arange(WINDOW)
            image = np.take(image, pick.ravel(), axis=axis)
    return image


def _pictures(rgb: NDArray[np.uint8]) -> Wide:
    """What the images show, in very few pixels; images run along the last axis."""
    return np.stack([_cells(plane.astype(np.int16), PICTURE) for plane in rgb]).reshape(CONTENT, -1)


def _thin(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    steps = [max(1, side // (4 * PICTURE)) for side in image.shape[:2]]
    return image[:: steps[0], :: steps[1]]


def _usable(image: NDArray[np.uint8] | None) -> bool:
    return image is not None and image.ndim == 3 and image.shape[2] == 3 and min(image.shape[:2]) >= SMALLEST


def _together(images: Sequence[NDArray[np.uint8]]) -> Iterator[tuple[list[int], NDArray[np.uint8]]]:
    """Images of one shape, some at a time along the last axis, with their places in the sequence."""
    groups: dict[tuple[int, ...], list[int]] = {}
    for k, image in enumerate(images):
        groups.setdefault(image.shape, []).append(k)
    for members in groups.values():
        most = max(1, _MOST * 1024 // (images[members[0]].size // 3))
        for start in range(0, len(members), most):
            some = members[start : start + most]
            yield some, np.ascontiguousarray(np.stack([images[k] for k in some]).transpose(3, 1, 2, 0))


def measure(
    images: Sequence[NDArray[np.uint8] | None],
) -> tuple[NDArray[np.int16], NDArray[np.uint8], NDArray[np.bool_]]:
    """Textures and small pictures of the images that can be measured, and which these are."""
    usable = np.array([_usable(i) for i in images], bool)
    kept = [i for i in images if i is not None and _usable(i)]
    textures, pictures = np.zeros((len(kept), TEXTURES), np.int16), np.zeros((len(kept), CONTENT), np.uint8)
    for some, rgb in _together([_fitted(i) for i in kept]):
        textures[some] = _textures(rgb).T
    for some, rgb in _together([_thin(i) for i in kept]):
        pictures[some] = _pictures(rgb).T
    return textures, pictures, usable
