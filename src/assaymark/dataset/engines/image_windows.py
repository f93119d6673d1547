"""Small windows of images as hashes: two windows with the same hash look the same, wherever they stand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["AROUND", "WINDOW", "Windows", "surroundings", "windows"]

WINDOW = 3
"""Side of a window, in pixels."""
AROUND = 13
"""Side of the neighbourhood in which a patch's extent is looked for."""
_OFFSETS = (0, 16)
"""Added before the colours are rounded to eight steps, so that no colour lies on the border both times."""
_CONTRAST = 48
"""Grey levels between a window's lightest and darkest pixel: flatter ones are sky, paper, background."""
_WHOLE = 96
"""Longest side that is looked at whole; larger images at their corners and middle, in tiles of `_TILE`."""
_TILE = 48
_WEIGHTS = np.random.default_rng(20_260).integers(1, 2**63 - 1, (WINDOW, WINDOW), dtype=np.int64).astype(
    np.uint64
) | np.uint64(1)


@dataclass(frozen=True, eq=False)
class Windows:
    """The windows with contrast of some images of one size."""

    image: NDArray[np.int64]
    """Which image of the batch."""
    key: NDArray[np.uint64]
    place: NDArray[np.int64]
    """Row × 65536 + column of the window's upper left pixel, in the image."""


def _tiles(height: int, width: int) -> list[tuple[int, int, int, int]]:
    """Upper left corner, height and width of what is looked at."""
    if max(height, width) <= _WHOLE:
        return [(0, 0, height, width)]
    h, w = min(height, _TILE), min(width, _TILE)
    tops, lefts = (0, height - h), (0, width - w)
    corners = {(t, s, h, w) for t in tops for s in lefts}
    return sorted(corners | {((height - h) // 2, (width - w) // 2, h, w)})


def _contrast(stack: NDArray[np.uint8]) -> NDArray[np.bool_]:
    grey = (
        (77 * stack[..., 0].astype(np.uint16) + 150 * stack[..., 1] + 29 * stack[..., 2].astype(np.uint16))
        >> 8
    ).astype(np.int16)
    low = high = grey
    for axis in (1, 2):
        take = [np.take(low, range(k, low.shape[axis] - WINDOW + 1 + k), axis) for k in range(WINDOW)]
        more = [np.take(high, range(k, high.shape[axis] - WINDOW + 1 + k), axis) for k in range(WINDOW)]
        low, high = np.minimum.reduce(take), np.maximum.reduce(more)
    strong: NDArray[np.bool_] = high - low >= _CONTRAST
    return strong


def _hash(stack: NDArray[np.uint8], offset: int) -> NDArray[np.uint64]:
    steps = np.minimum(stack.astype(np.uint16) + offset, 255) >> 5
    code = (steps[..., 0] << 6 | steps[..., 1] << 3 | steps[..., 2]).astype(np.uint64) + np.uint64(1)
    height, width = code.shape[1] - WINDOW + 1, code.shape[2] - WINDOW + 1
    out = np.full((len(code), height, width), offset, np.uint64)
    for i in range(WINDOW):
        for j in range(WINDOW):
            out += code[:, i : i + height, j : j + width] * _WEIGHTS[i, j]
    mixed: NDArray[np.uint64] = (out ^ (out >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    return mixed


def windows(images: Sequence[NDArray[np.uint8] | None]) -> Iterator[Windows]:
    """All windows with contrast, grouped by the images' size."""
    sizes: dict[tuple[int, int], list[int]] = {}
    for k, image in enumerate(images):
        if image is not None and image.ndim == 3 and image.shape[2] == 3 and min(image.shape[:2]) >= WINDOW:
            sizes.setdefault((image.shape[0], image.shape[1]), []).append(k)
    for (height, width), members in sorted(sizes.items()):
        for top, left, h, w in _tiles(height, width):
            stack = np.stack([images[k][top : top + h, left : left + w] for k in members])  # type: ignore[index]
            strong = _contrast(stack)
            which, down, along = np.nonzero(strong)
            place = (down + top) * 65536 + along + left
            number = np.array(members, np.int64)[which]
            for offset in _OFFSETS:
                yield Windows(number, _hash(stack, offset)[strong], place)


def surroundings(image: NDArray[np.uint8], place: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The pixels around a window, `AROUND` × `AROUND` × 3, and 1 where there is a pixel, else 0."""
    margin = (AROUND - WINDOW) // 2
    top, left = place // 65536 - margin, place % 65536 - margin
    out = np.zeros((AROUND, AROUND, 3), np.int64)
    there = np.zeros((AROUND, AROUND), np.int64)
    y0, x0 = max(0, top), max(0, left)
    part = image[y0 : top + AROUND, x0 : left + AROUND]
    at = slice(y0 - top, y0 - top + part.shape[0]), slice(x0 - left, x0 - left + part.shape[1])
    out[at], there[at] = part, 1
    return out, there
