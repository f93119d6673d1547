"""How often each window occurs, and with which label: in buckets first, then exactly for the busy ones."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.image_grid import draw
from assaymark.dataset.engines.image_windows import BUCKETS, bucket_of, windows
from assaymark.dataset.record import Batch

__all__ = ["STRATA", "Buckets", "Tally", "labels_of", "strata"]

STRATA = 32
"""Kinds of image by lightness and contrast, within which labels are dealt anew for the null."""
_COMPACT = 2_000_000
_DEAL = 3
"""Salt of the draw that deals labels."""


def labels_of(batch: Batch) -> list[str | None]:
    """The label of each record; None where there is none."""
    return list(batch.label) if len(batch.label) else [None] * len(batch)


def strata(images: Sequence[NDArray[np.uint8] | None]) -> NDArray[np.int64]:
    """Each image's lightness (eight steps) and contrast (four)."""
    out = np.zeros(len(images), np.int64)
    for k, image in enumerate(images):
        if image is not None and image.ndim == 3 and image.size:
            step = max(1, max(image.shape[:2]) // 32)
            pixels = image[::step, ::step, 1]
            spread = int(pixels.max()) - int(pixels.min())
            out[k] = (int(pixels.sum()) // pixels.size >> 5) * 4 + (spread >> 6)
    return out


@dataclass
class Buckets:
    """First pass: windows per bucket, images per label and stratum."""

    counts: NDArray[np.uint32] = field(default_factory=lambda: np.zeros(BUCKETS, np.uint32))
    labels: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    """Label → images in each stratum."""

    def take(self, batch: Batch) -> None:
        """Count the windows of a batch."""
        for label, image, stratum in zip(labels_of(batch), batch.image, strata(batch.image), strict=True):
            if label is not None and image is not None:
                self.labels.setdefault(label, np.zeros(STRATA, np.int64))[stratum] += 1
        for found in windows(batch.image):
            np.add.at(self.counts, bucket_of(found.key), np.uint32(1))

    def absorb(self, other: "Buckets") -> None:
        """Add another's counts."""
        self.counts += other.counts
        for label, count in other.labels.items():
            self.labels[label] = self.labels.get(label, np.zeros(STRATA, np.int64)) + count


Rows = tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64]]
"""Key, label and images."""


@dataclass
class Tally:
    """Second pass: for each window of a busy bucket, images by label, and by a label dealt by chance."""

    busy: NDArray[np.bool_]
    numbers: dict[str, int]
    """Label → its number."""
    dealt: NDArray[np.float64]
    """Stratum × labels: cumulated share of each label."""
    parts: list[Rows] = field(default_factory=list)
    """Labels dealt by chance are numbered on from the last true one."""

    def take(self, batch: Batch) -> None:
        """Count the busy windows of a batch, each image once for each window."""
        label = np.array([self.numbers.get(x, -1) if x is not None else -1 for x in labels_of(batch)])
        chance = self._deal(batch)
        for found in windows(batch.image, self.busy):
            some = label[found.image] >= 0
            key, image = found.key[some], found.image[some]
            order = np.lexsort((image, key))
            key, image = key[order], image[order]
            first = np.ones(len(key), bool)
            first[1:] = (key[1:] != key[:-1]) | (image[1:] != image[:-1])
            key, image = key[first], image[first]
            one = np.ones(len(key), np.int64)
            self.parts += [(key, label[image], one), (key, chance[image] + len(self.numbers), one)]
        self._shrink()

    def _deal(self, batch: Batch) -> NDArray[np.int64]:
        """A label for each record, as often as its stratum has it, that has nothing to do with the image."""
        if not len(self.dealt):
            return np.zeros(len(batch), np.int64)
        chance = (draw(batch.rows, _DEAL) >> np.uint64(11)).astype(np.float64) / 2.0**53
        table = self.dealt[strata(batch.image)]
        below: NDArray[np.int64] = (table <= chance[:, None]).sum(axis=1)
        return np.minimum(below, len(self.numbers) - 1)

    def absorb(self, other: "Tally") -> None:
        """Add another's counts."""
        self.parts += other.parts
        self._shrink()

    def _shrink(self) -> None:
        if sum(len(p[0]) for p in self.parts) > _COMPACT or len(self.parts) > 4096:
            self.parts = [self._table()]

    def table(self) -> tuple[Rows, Rows]:
        """Key, label and images, each combination once, in order: with true labels, with dealt ones."""
        key, label, images = self._table()
        true = label < len(self.numbers)
        return (key[true], label[true], images[true]), (
            key[~true],
            label[~true] - len(self.numbers),
            images[~true],
        )

    def _table(self) -> Rows:
        if not self.parts:
            none = np.zeros(0, np.int64)
            return np.zeros(0, np.uint64), none, none
        key, label, images = (np.concatenate([p[i] for p in self.parts]) for i in range(3))
        order = np.lexsort((label, key))
        key, label, images = key[order], label[order], images[order]
        new = np.ones(len(key), bool)
        new[1:] = (key[1:] != key[:-1]) | (label[1:] != label[:-1])
        total = np.add.reduceat(images, np.flatnonzero(new)) if len(key) else images
        return key[new], label[new], total
