"""How often each window occurs, and with which label: in buckets first, then exactly for the busy ones."""

from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.image_grid import draw
from assaymark.dataset.engines.image_windows import AROUND, surroundings, windows
from assaymark.dataset.record import Batch

__all__ = ["BUCKETS", "Buckets", "Examples", "Tally", "bucket_of", "thumbnail"]

BUCKETS = 1 << 22
_EXAMPLES = 48

Name = TypeVar("Name", int, str)
Held: TypeAlias = dict[int, tuple[int, NDArray[np.int64]]]
_COMPACT = 4_000_000


def bucket_of(key: NDArray[np.uint64]) -> NDArray[np.int64]:
    """The bucket in which a window is counted at first."""
    return (key >> np.uint64(42)).astype(np.int64)


def _labels(batch: Batch) -> list[str | None]:
    return list(batch.label) if len(batch.label) else [None] * len(batch)


@dataclass
class Buckets:
    """First pass: windows per bucket, images per label."""

    counts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(BUCKETS, np.int64))
    labels: dict[str, int] = field(default_factory=dict)

    def take(self, batch: Batch) -> None:
        """Count the windows of a batch."""
        for label, image in zip(_labels(batch), batch.image, strict=True):
            if label is not None and image is not None:
                self.labels[label] = self.labels.get(label, 0) + 1
        for found in windows(batch.image):
            which, how_often = np.unique(bucket_of(found.key), return_counts=True)
            self.counts[which] += how_often

    def absorb(self, other: "Buckets") -> None:
        """Add another's counts."""
        self.counts += other.counts
        for label, count in other.labels.items():
            self.labels[label] = self.labels.get(label, 0) + count


@dataclass
class Tally:
    """Second pass: for each window of a busy bucket, images by label and place."""

    busy: NDArray[np.bool_]
    numbers: dict[str, int]
    """Label → its number."""
    parts: list[tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]] = field(
        default_factory=list
    )
    """Key, label, place, images."""

    def take(self, batch: Batch) -> None:
        """Count the busy windows of a batch, each image once for each window."""
        label = np.array([self.numbers.get(x, -1) if x is not None else -1 for x in _labels(batch)], np.int64)
        for found in windows(batch.image):
            kept = self.busy[bucket_of(found.key)] & (label[found.image] >= 0)
            key, image, place = found.key[kept], found.image[kept], found.place[kept]
            order = np.lexsort((place, image, key))
            key, image, place = key[order], image[order], place[order]
            first = np.ones(len(key), bool)
            first[1:] = (key[1:] != key[:-1]) | (image[1:] != image[:-1])
            self.parts.append(
                (key[first], label[image[first]], place[first], np.ones(int(first.sum()), np.int64))
            )
        if sum(len(p[0]) for p in self.parts) > _COMPACT or len(self.parts) > 256:
            self.parts = [self.table()]

    def absorb(self, other: "Tally") -> None:
        """Add another's counts."""
        self.parts += other.parts
        if sum(len(p[0]) for p in self.parts) > _COMPACT:
            self.parts = [self.table()]

    def table(self) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Key, label, place and images, each combination once, in order."""
        if not self.parts:
            none = np.zeros(0, np.int64)
            return np.zeros(0, np.uint64), none, none, none
        key, label, place, images = (np.concatenate([p[i] for p in self.parts]) for i in range(4))
        order = np.lexsort((place, label, key))
        key, label, place, images = key[order], label[order], place[order], images[order]
        new = np.ones(len(key), bool)
        new[1:] = (key[1:] != key[:-1]) | (label[1:] != label[:-1]) | (place[1:] != place[:-1])
        starts = np.flatnonzero(new)
        total = np.add.reduceat(images, starts) if len(starts) else images
        return key[new], label[new], place[new], total


def thumbnail(image: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Sixty-four grey values that say what an image shows at a glance."""
    height, width = image.shape[:2]
    down, along = (np.arange(8) * height) // 8, (np.arange(8) * width) // 8
    grey = image.astype(np.int64).sum(axis=2)
    sums = (
        np.add.reduceat(np.add.reduceat(grey, down, axis=0), along, axis=1)
        if min(height, width) >= 8
        else None
    )
    if sums is None:
        return np.resize(grey, 64)
    cells = np.outer(np.diff([*down, height]), np.diff([*along, width]))
    return np.asarray(sums // cells).reshape(64)


@dataclass
class Examples:
    """Third pass: what bearers of a few windows look like, and images of each label beside them."""

    keys: NDArray[np.uint64]
    """Windows of interest, ascending."""
    bearers: dict[int, Held] = field(default_factory=dict)
    """Window (its number) → row → draw and thumbnail, the smallest draws."""
    usual: dict[str, Held] = field(default_factory=dict)
    around: dict[int, tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]] = field(
        default_factory=dict
    )
    """Window → sum, sum of squares and number of the pixels around it."""

    def take(self, batch: Batch, label_of: NDArray[np.int64], names: tuple[str, ...]) -> None:
        """Look at a batch. `label_of` gives each window's label."""
        if not len(self.keys):
            return
        draws = draw(batch.rows, 2)
        labels = _labels(batch)
        wanted = {names[k] for k in label_of}
        for k, (label, image) in enumerate(zip(labels, batch.image, strict=True)):
            if label in wanted and image is not None and image.ndim == 3 and image.shape[2] == 3:
                self._keep(self.usual.setdefault(str(label), {}), int(batch.rows[k]), int(draws[k]), image)
        seen: set[tuple[int, int]] = set()
        for found in windows(batch.image):
            at = np.searchsorted(self.keys, found.key)
            at[at == len(self.keys)] = 0
            for hit in np.flatnonzero(self.keys[at] == found.key):
                window, k = int(at[hit]), int(found.image[hit])
                image = batch.image[k]
                if (window, k) in seen or labels[k] != names[label_of[window]] or image is None:
                    continue
                seen.add((window, k))
                self._keep(self.bearers.setdefault(window, {}), int(batch.rows[k]), int(draws[k]), image)
                pixels, there = surroundings(image, int(found.place[hit]))
                self._add(window, (pixels, pixels**2, there))

    @staticmethod
    def _keep(held: Held, row: int, drawn: int, image: NDArray[np.uint8]) -> None:
        if len(held) >= _EXAMPLES:
            worst = max(held, key=lambda r: held[r][0])
            if held[worst][0] <= drawn:
                return
            del held[worst]
        held[row] = (drawn, thumbnail(image))

    def _add(self, window: int, more: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]) -> None:
        zero = np.zeros((AROUND, AROUND, 3), np.int64)
        had = self.around.get(window, (zero, zero, np.zeros((AROUND, AROUND), np.int64)))
        self.around[window] = (had[0] + more[0], had[1] + more[1], had[2] + more[2])

    def absorb(self, other: "Examples") -> None:
        """Add what another saw."""
        for window, more in other.around.items():
            self._add(window, more)
        _joined(self.bearers, other.bearers)
        _joined(self.usual, other.usual)


def _joined(mine: dict[Name, Held], theirs: dict[Name, Held]) -> None:
    """Take in what another kept under each name: the smallest draws of both."""
    for name, held in theirs.items():
        both = {**mine.get(name, {}), **held}
        kept = sorted(both, key=lambda r: both[r][0])[:_EXAMPLES]
        mine[name] = {r: both[r] for r in kept}
