"""Small windows of images as hashes: two windows with the same hash are the same to the pixel, wherever."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.image_patches_coarse import blots, coarse
from assaymark.dataset.engines.image_patches_flats import flats

__all__ = [
    "AROUND",
    "BUCKETS",
    "WINDOW",
    "Kind",
    "Windows",
    "bucket_of",
    "grey",
    "stacks",
    "surroundings",
    "windows",
]

WINDOW = 3
"""Side of a window, in pixels."""
AROUND = 21
"""Side of the neighbourhood in which a patch's extent is looked for."""
BUCKETS = 1 << 22
_CONTRAST = 48
"""Grey levels between a window's lightest and darkest pixel: flatter ones are sky, paper, background."""
_MUCH = 96
"""The same for windows that are compared coarsely."""
_WHOLE = 256
"""Longest side that is looked at whole; larger images at corners, edges and middle, in tiles of `_TILE`."""
_TILE = 84
_CHUNK = 1 << 18
"""Pixels that are worked on at a time, so that they stay in the processor's cache."""
_ALONG, _DOWN, _MIX = np.uint32(0x9E3779B1), np.uint32(0x85EBCA77), np.uint32(0xC2B2AE3D)
_SECOND = np.random.default_rng(20_260).integers(1, 2**63, WINDOW * WINDOW, dtype=np.uint64) | np.uint64(1)


class Kind(IntEnum):
    """How windows are compared."""

    EXACT = 0
    """The same to the pixel, wherever they stand."""
    FLAT = 1
    """Rectangles of one colour, wherever they stand or at one place."""
    COARSE = 2
    """The same in four steps of grey, at one place."""


@dataclass(frozen=True, eq=False)
class Windows:
    """Some windows of images of one size."""

    image: NDArray[np.int64]
    """Which image of the batch."""
    key: NDArray[np.uint64]
    """Hash of the pixels; its first 22 bits are the bucket."""
    place: NDArray[np.int64]
    """Row × 65536 + column of the window's upper left pixel, in the image."""


def bucket_of(key: NDArray[np.uint64]) -> NDArray[np.int64]:
    """The bucket in which a window is counted at first."""
    return (key >> np.uint64(42)).astype(np.int64)


def _tiles(height: int, width: int) -> list[tuple[int, int, int, int]]:
    """Upper left corner, height and width of what is looked at; tiles share no window."""
    if max(height, width) <= _WHOLE:
        return [(0, 0, height, width)]
    cuts = []
    for side in (height, width):
        part = min(side, _TILE)
        cuts.append((sorted({0, (side - part) // 2, side - part}) if side >= 3 * part else [0], part))
    (tops, tall), (lefts, wide) = cuts
    tall, wide = (height if len(tops) == 1 else tall), (width if len(lefts) == 1 else wide)
    if len(tops) == 1:
        tall = min(tall, _WHOLE)
    if len(lefts) == 1:
        wide = min(wide, _WHOLE)
    return [(top, left, tall, wide) for top in tops for left in lefts]


def stacks(
    images: Sequence[NDArray[np.uint8] | None],
) -> Iterator[tuple[NDArray[np.int64], int, int, NDArray[np.uint8]]]:
    """Parts of images of one size, some at a time: which images, row and column of the part, the pixels."""
    sizes: dict[tuple[int, int], list[int]] = {}
    for k, image in enumerate(images):
        if image is not None and image.ndim == 3 and image.shape[2] == 3 and min(image.shape[:2]) >= WINDOW:
            sizes.setdefault((image.shape[0], image.shape[1]), []).append(k)
    for (height, width), members in sorted(sizes.items()):
        for top, left, tall, wide in _tiles(height, width):
            most = max(1, _CHUNK // (tall * wide))
            for at in range(0, len(members), most):
                some = members[at : at + most]
                part = [images[k][top : top + tall, left : left + wide] for k in some]  # type: ignore[index]
                yield np.array(some, np.int64), top, left, np.stack(part)


def grey(stack: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """One value a pixel that tells all eight pure colours apart."""
    x = stack.astype(np.uint16)
    mixed: NDArray[np.uint16] = x[..., 0] * np.uint16(115)
    mixed += x[..., 1] * np.uint16(90)
    mixed += x[..., 2] * np.uint16(51)
    return (mixed >> np.uint16(8)).astype(np.uint8)


def _contrast(shade: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Grey levels between the lightest and the darkest pixel of each window."""
    high = np.maximum(np.maximum(shade[:, :-2], shade[:, 1:-1]), shade[:, 2:])
    low = np.minimum(np.minimum(shade[:, :-2], shade[:, 1:-1]), shade[:, 2:])
    high = np.maximum(np.maximum(high[:, :, :-2], high[:, :, 1:-1]), high[:, :, 2:])
    low = np.minimum(np.minimum(low[:, :, :-2], low[:, :, 1:-1]), low[:, :, 2:])
    contrast: NDArray[np.uint8] = high - low
    return contrast


def _colours(stack: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Each pixel's colour as one number."""
    four = np.zeros((*stack.shape[:3], 4), np.uint8)
    four[..., :3] = stack
    return four.view("<u4")[..., 0].astype(np.uint32, copy=False)


def _first(code: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """A hash of every window, row by row and then down."""
    row = (code[:, :, :-2] * _ALONG + code[:, :, 1:-1]) * _ALONG + code[:, :, 2:]
    row ^= row >> np.uint32(15)
    all_of_it = (row[:, :-2] * _DOWN + row[:, 1:-1]) * _DOWN + row[:, 2:]
    all_of_it ^= all_of_it >> np.uint32(15)
    all_of_it *= _MIX
    return all_of_it


def windows(
    images: Sequence[NDArray[np.uint8] | None], kept: NDArray[np.bool_] | None = None
) -> Iterator[Windows]:
    """Windows with contrast, flat rectangles, and coarse windows at their place; of buckets `kept`, if given.

    Without `kept` a window's key is good for its bucket only; with it, it is the same as any other's with
    the same pixels. The last two bits of a key tell which of the three it is.
    """
    for members, top, left, stack in stacks(images):
        code, shade = _colours(stack), grey(stack)
        contrast = _contrast(shade)
        at = np.flatnonzero(contrast >= _CONTRAST)
        first = _first(code)
        where = np.unravel_index(at[contrast.reshape(-1)[at] >= _MUCH], first.shape)
        rough = coarse(shade, where, (top, left))  # type: ignore[arg-type]
        yield _kept(Kind.COARSE, members, rough, tuple(np.tile(a, 2) for a in where), (top, left), kept)
        where, rough = blots(code, shade, contrast, (top, left))
        yield _kept(Kind.COARSE, members, rough, tuple(np.tile(a, 2) for a in where), (top, left), kept)
        key = first.reshape(-1)[at]
        if kept is not None:
            busy = kept[key >> np.uint32(10)]
            at, key = at[busy], key[busy]
        where = np.unravel_index(at, first.shape)
        whole = key.astype(np.uint64) << np.uint64(32)
        if kept is not None:
            whole |= _second(code, *where)
        yield _kept(Kind.EXACT, members, whole, where, (top, left), None)
        which, whole, down, along = flats(code, shade, (top, left))
        yield _kept(Kind.FLAT, members, whole, (which, down, along), (top, left), kept)


def _kept(
    kind: Kind,
    members: NDArray[np.int64],
    key: NDArray[np.uint64],
    where: tuple[NDArray[np.int64], ...],
    corner: tuple[int, int],
    kept: NDArray[np.bool_] | None,
) -> Windows:
    """The windows in buckets to be kept, at their places in the whole image."""
    which, down, along = where
    if kept is not None:
        busy = np.flatnonzero(kept[bucket_of(key)])
        key, which, down, along = key[busy], which[busy], down[busy], along[busy]
    key = key & np.uint64(2**64 - 4) | np.uint64(kind)
    return Windows(members[which], key, (down + corner[0]) * 65536 + along + corner[1])


def _second(
    code: NDArray[np.uint32], which: NDArray[np.int64], down: NDArray[np.int64], along: NDArray[np.int64]
) -> NDArray[np.uint64]:
    """Thirty-two more bits for a few windows."""
    out = np.zeros(len(which), np.uint64)
    for k, weight in enumerate(_SECOND):
        out += code[which, down + k // WINDOW, along + k % WINDOW].astype(np.uint64) * weight
        out ^= out >> np.uint64(29)
    return out >> np.uint64(32)


def surroundings(image: NDArray[np.uint8], place: int) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """The pixels around a window, `AROUND` × `AROUND` × 3, and where there are any."""
    margin = (AROUND - WINDOW) // 2
    top, left = place // 65536 - margin, place % 65536 - margin
    out = np.zeros((AROUND, AROUND, 3), np.uint8)
    there = np.zeros((AROUND, AROUND), bool)
    y0, x0 = max(0, top), max(0, left)
    part = image[y0 : top + AROUND, x0 : left + AROUND]
    at = slice(y0 - top, y0 - top + part.shape[0]), slice(x0 - left, x0 - left + part.shape[1])
    out[at], there[at] = part, True
    return out, there
