"""Images of any size on one working grid, and a sample of them that merges to the last bit."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.record import Batch

__all__ = ["CELLS", "SIDE", "GridSample", "as_rgb", "draw", "luminance", "to_grid"]

SIDE = 32
"""Side of the working grid, in cells."""
HALF = SIDE // 2
CELLS = SIDE * SIDE + 2 * HALF * HALF
"""Bytes of a gridded image: luminance in full, two colour differences at half the side."""
LARGEST_SIDE = 4096
"""Side from which an image is thinned before it is averaged, so that time stays bounded."""
SAMPLE = 51_200
"""Records that a sample holds in all; about 80 MB."""
MOST_CLASSES = 5_000
"""Labels from which on a column is no class but an identifier."""
_MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


def draw(rows: NDArray[np.int64], salt: int = 0) -> NDArray[np.uint64]:
    """A number for each record that looks random and depends on nothing but the record's number."""
    x = rows.astype(np.uint64) + np.uint64((salt + 1) * int(_MIX[0]) % 2**64)
    x = (x ^ (x >> np.uint64(30))) * _MIX[1]
    x = (x ^ (x >> np.uint64(27))) * _MIX[2]
    return x ^ (x >> np.uint64(31))


@lru_cache(maxsize=256)
def _averaging(size: int, cells: int) -> NDArray[np.float64]:
    """`cells` × `size` matrix that averages `size` pixels into `cells` equal stretches."""
    edges = np.linspace(0, size, cells + 1)
    pixel = np.arange(size)
    cover = np.minimum(edges[1:, None], pixel + 1) - np.maximum(edges[:-1, None], pixel)
    shares: NDArray[np.float64] = np.clip(cover, 0, None) * (cells / size)
    return shares


def _shrink(plane: NDArray[np.float64], cells: int) -> NDArray[np.float64]:
    """One plane, averaged over the cells of a square grid."""
    if plane.shape == (cells, cells):
        return plane
    return _averaging(plane.shape[0], cells) @ plane @ _averaging(plane.shape[1], cells).T


def _planes(rgb: NDArray[np.uint8]) -> tuple[NDArray[np.float64], ...]:
    """Luminance and two colour differences, 0 to 255, of images in the last three axes."""
    x = rgb.astype(np.int32)
    y = (77 * x[..., 0] + 150 * x[..., 1] + 29 * x[..., 2]) >> 8
    blue = ((x[..., 2] - y) >> 1) + 128
    red = ((x[..., 0] - y) >> 1) + 128
    return y.astype(np.float64), blue.astype(np.float64), red.astype(np.float64)


def _usable(image: NDArray[np.uint8] | None) -> bool:
    """Whether it is an image at all: three axes, three channels, more than a pixel each way."""
    return image is not None and image.ndim == 3 and image.shape[2] == 3 and min(image.shape[:2]) >= 2


def _pack(y: NDArray[np.float64], blue: NDArray[np.float64], red: NDArray[np.float64]) -> NDArray[np.uint8]:
    parts = [np.rint(p).reshape(*p.shape[:-2], -1) for p in (y, blue, red)]
    return np.concatenate(parts, axis=-1).astype(np.uint8)


def _one(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    step = max(1, -(-max(image.shape[:2]) // LARGEST_SIDE))
    y, blue, red = _planes(image[::step, ::step])
    return _pack(_shrink(y, SIDE), _shrink(blue, HALF), _shrink(red, HALF))


def _fitting(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The same as `_one` of images that have the grid's size, all at once and in 16 bits."""
    x = [rgb[..., k].astype(np.uint16) for k in range(3)]
    y = (77 * x[0] + 150 * x[1] + 29 * x[2]) >> 8
    out = np.empty((len(rgb), CELLS), np.uint8)
    cells, quarter = SIDE * SIDE, HALF * HALF
    out[:, :cells] = y.reshape(-1, cells)
    for k, channel in enumerate((2, 0)):
        plane = ((x[channel].astype(np.int16) - y.astype(np.int16)) >> 1) + 128
        pairs = plane[:, ::2] + plane[:, 1::2]
        four = (pairs[..., ::2] + pairs[..., 1::2]).reshape(-1, quarter)
        start = cells + k * quarter
        out[:, start : start + quarter] = (
            four + 1 + ((four >> 2) & 1)
        ) >> 2  # half goes to even, as in `rint`
    return out


def to_grid(images: Sequence[NDArray[np.uint8] | None]) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Each image as `CELLS` bytes, and which of them could be read at all.

    Every image is averaged by itself, so that the result does not depend on its neighbours.
    """
    usable = np.array([_usable(i) for i in images], bool)
    out = np.zeros((len(images), CELLS), np.uint8)
    exact = [i for i in images if i is not None and i.shape == (SIDE, SIDE, 3)]
    fitting = np.array([i is not None and i.shape == (SIDE, SIDE, 3) for i in images], bool)
    if exact:
        out[fitting] = _fitting(np.stack(exact))
    for k in map(int, np.flatnonzero(usable & ~fitting)):
        image = images[k]
        assert image is not None
        out[k] = _one(image)
    return out, usable


def luminance(grids: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The luminance of gridded images, n × 32 × 32."""
    return grids[:, : SIDE * SIDE].reshape(-1, SIDE, SIDE)


def as_rgb(grid: NDArray[np.float64]) -> NDArray[np.float64]:
    """A gridded image, or a difference of two plus grey (128), as 32 × 32 × 3 values, unclipped."""
    y = grid[: SIDE * SIDE].reshape(SIDE, SIDE)
    colour = grid[SIDE * SIDE :].reshape(2, HALF, HALF).repeat(2, axis=1).repeat(2, axis=2)
    blue, red = y + 2 * (colour[0] - 128), y + 2 * (colour[1] - 128)
    green = (256 * y - 77 * red - 29 * blue) / 150
    return np.stack([red, green, blue], axis=-1)


class GridSample:
    """Gridded images of each class, those with the smallest draws. Merging in any grouping gives the same."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.parts: dict[str, list[tuple[NDArray[np.int64], NDArray[np.uint8]]]] = {}
        self.unread = 0
        self.unlabelled = 0
        self._held = 0

    @property
    def overflown(self) -> bool:
        """Whether there are so many labels that they are no classes."""
        return len(self.counts) > MOST_CLASSES

    def take(self, batch: Batch) -> None:
        """Take in the images of a batch."""
        grids, usable = to_grid(batch.image)
        labels = list(batch.label) if len(batch.label) else [None] * len(batch)
        self.unread += int((~usable).sum())
        groups: dict[str, list[int]] = {}
        for k in np.flatnonzero(usable):
            label = labels[k]
            if label is None:
                self.unlabelled += 1
            else:
                groups.setdefault(label, []).append(int(k))
        for label, members in groups.items():
            self.counts[label] = self.counts.get(label, 0) + len(members)
            self.parts.setdefault(label, []).append((batch.rows[members], grids[members]))
            self._held += len(members)
        self._trim(2 * SAMPLE)

    def absorb(self, other: "GridSample") -> None:
        """Take in another sample."""
        for label, count in other.counts.items():
            self.counts[label] = self.counts.get(label, 0) + count
        for label, parts in other.parts.items():
            self.parts.setdefault(label, []).extend(parts)
        self.unread += other.unread
        self.unlabelled += other.unlabelled
        self._held += other._held
        self._trim(2 * SAMPLE)

    def _trim(self, limit: int) -> None:
        """Drop what can never be in the sample again; the limit per class only ever shrinks."""
        if self.overflown:
            self.parts.clear()
            self._held = 0
        if self._held <= limit:
            return
        for label in self.parts:
            self.parts[label] = [self.of(label)]
        self._held = sum(len(p[0][0]) for p in self.parts.values())

    def of(self, label: str) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        """Row numbers, ascending, and gridded images of a class."""
        parts = self.parts[label]
        rows, grids = np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])
        most = self._share()
        if len(rows) > most:
            kept = np.argpartition(draw(rows), most)[:most]
            rows, grids = rows[kept], grids[kept]
        order = np.argsort(rows)
        return rows[order], grids[order]

    def _share(self) -> int:
        """Records that each class may hold, so that small classes leave room to large ones."""
        low, high = 1, SAMPLE
        counts = np.fromiter(self.counts.values(), np.int64)
        while low < high:
            middle = (low + high + 1) // 2
            if np.minimum(counts, middle).sum() <= SAMPLE:
                low = middle
            else:
                high = middle - 1
        return low
