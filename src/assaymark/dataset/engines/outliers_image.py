"""How unlike the others of its class an image is, in coarse colours, contrast and fine detail."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.fields import small_images
from assaymark.dataset.record import Batch

__all__ = ["ImageBackground", "ImageMeasure"]

_COARSE, _SIDE = 4, 32
_SIZE = 3 * _COARSE**2 + 3
_MOST_CLASSES, _LEAST = 200, 50
"""Beyond, and in classes below, an image is compared with all."""
_FLOOR = 4.0
"""Variance of a grey level that is there in any case."""


@dataclass
class ImageBackground:
    """Sums of the features and of their products, and for each class its own sums; all integers."""

    count: int = 0
    total: NDArray[np.int64] = field(default_factory=lambda: np.zeros(_SIZE, dtype=np.int64))
    products: NDArray[np.int64] = field(default_factory=lambda: np.zeros((_SIZE, _SIZE), dtype=np.int64))
    sizes: Counter[str] = field(default_factory=Counter)
    sums: dict[str, NDArray[np.int64]] = field(default_factory=dict)

    def take(self, batch: Batch) -> None:
        """Add up a batch."""
        features, at = _features(batch)
        self.count += len(features)
        self.total += features.sum(axis=0)
        self.products += features.T @ features
        if len(batch.label) and len(self.sums) <= _MOST_CLASSES:
            for label, feature in zip((batch.label[n] or "" for n in at), features, strict=True):
                self.sizes[label] += 1
                self.sums[label] = self.sums.get(label, 0) + feature

    def join(self, other: "ImageBackground") -> None:
        """Add up."""
        self.count += other.count
        self.total += other.total
        self.products += other.products
        self.sizes += other.sizes
        for label, feature in other.sums.items():
            self.sums[label] = self.sums.get(label, 0) + feature

    def measure(self) -> "ImageMeasure":
        """What is usual: the mean of each class, and how far its members are from it."""
        means: dict[str, NDArray[np.float64]] = {}
        if len(self.sums) <= _MOST_CLASSES:
            means = {k: self.sums[k] / n for k, n in sorted(self.sizes.items()) if n >= _LEAST}
        mean = self.total / max(self.count, 1)
        within = self.products / max(self.count, 1) - np.outer(mean, mean)
        for label, own in means.items():
            share = self.sizes[label] / self.count
            within -= share * np.outer(own - mean, own - mean)
        within[np.diag_indices(_SIZE)] += _FLOOR
        values, vectors = np.linalg.eigh(within)
        return ImageMeasure(mean, means, vectors / np.sqrt(np.maximum(values, _FLOOR)))


@dataclass(frozen=True, eq=False)
class ImageMeasure:
    """Means of the classes, and the map in which distances from them are even."""

    mean: NDArray[np.float64]
    means: dict[str, NDArray[np.float64]]
    whitening: NDArray[np.float64]
    names = ("coarse colours, contrast or detail unlike the rest of its class",)
    raw = False

    def of(self, batch: Batch) -> NDArray[np.float64]:
        """(records, 1) Distance from the class, times four; 0 where there is no image."""
        features, at = _features(batch)
        found = np.zeros((len(batch), 1))
        labels = [(batch.label[n] or "") if len(batch.label) else "" for n in at]
        if at:
            apart = features - np.stack([self.means.get(label, self.mean) for label in labels])
            # Not by BLAS: an image must not be rounded otherwise beside other neighbours.
            even = np.einsum("ij,jk->ik", apart, self.whitening)
            found[at, 0] = 4 * np.sqrt((even * even).sum(axis=1))
        return found


def _features(batch: Batch) -> tuple[NDArray[np.int64], list[int]]:
    at: list[int] = []
    made = [np.zeros((0, _SIZE), dtype=np.int64)]
    block = _SIDE // _COARSE
    for positions, pixels in small_images(batch.image):
        at += positions.tolist()
        count = len(positions)
        red, green, blue = (pixels[..., n].astype(np.int32) for n in range(3))
        grey = red + green + blue
        rows = pixels.reshape(count, _COARSE, block, -1).sum(axis=2, dtype=np.int32)
        coarse = rows.reshape(count, _COARSE, _COARSE, block, 3).sum(axis=3) // block**2
        fine = abs(np.diff(grey, axis=1)).sum(axis=(1, 2)) + abs(np.diff(grey, axis=2)).sum(axis=(1, 2))
        middle = grey.sum(axis=(1, 2), keepdims=True) // _SIDE**2
        contrast = abs(grey - middle).sum(axis=(1, 2))
        most, least = np.maximum(np.maximum(red, green), blue), np.minimum(np.minimum(red, green), blue)
        colour = (most - least).sum(axis=(1, 2))
        rest = np.stack([fine, contrast, colour], axis=1) // _SIDE**2
        made.append(np.concatenate([coarse.reshape(count, -1), rest], axis=1).astype(np.int64))
    return np.concatenate(made), at
