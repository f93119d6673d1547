"""What bearers of a few windows look like, and what other images of each label do."""

from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from assaymark.dataset.engines.image_grid import draw
from assaymark.dataset.engines.image_patch_counts import labels_of
from assaymark.dataset.engines.image_windows import BUCKETS, bucket_of, surroundings, windows
from assaymark.dataset.record import Batch

__all__ = ["COARSE", "KEPT", "Bearer", "Examples", "thumbnail"]

COARSE = 8
"""Side of a thumbnail."""
KEPT = 64
"""Bearers of each window that are kept."""
_USUAL = 8_000
"""Images beside the bearers, over all labels; of each label at least 24 and at most 400."""

Name = TypeVar("Name", int, str)


class Bearer(Struct, frozen=True, eq=False):
    """An image that bears a window."""

    drawn: int
    thumbnail: NDArray[np.uint8]
    place: int = 0
    """Row × 65536 + column of the window."""
    size: tuple[int, int] = (0, 0)
    """Height and width of the image."""
    around: NDArray[np.uint8] | None = None
    there: NDArray[np.bool_] | None = None
    """Where `around` has pixels of the image."""


Held: TypeAlias = dict[int, Bearer]


def thumbnail(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Eight by eight colours that say what an image shows at a glance."""
    step = max(1, max(image.shape[:2]) // 128)
    small = image[::step, ::step].astype(np.int64)
    if min(small.shape[:2]) < COARSE:
        small = image[_spread(image.shape[0])][:, _spread(image.shape[1])].astype(np.int64)
    down, along = _spread(small.shape[0]), _spread(small.shape[1])
    sums = np.add.reduceat(np.add.reduceat(small, down, axis=0), along, axis=1)
    cells = np.outer(np.diff([*down, small.shape[0]]), np.diff([*along, small.shape[1]]))
    means: NDArray[np.uint8] = (sums // cells[..., None]).astype(np.uint8)
    return means


def _spread(size: int) -> NDArray[np.int64]:
    """Where each of the thumbnail's cells begins."""
    starts: NDArray[np.int64] = (np.arange(COARSE) * size) // COARSE
    return starts


@dataclass
class Examples:
    """Third pass: bearers of the windows of interest and other images, those with the smallest draws."""

    keys: NDArray[np.uint64]
    """Windows of interest, ascending."""
    labels: tuple[str, ...]
    """The label that goes with each."""
    sizes: dict[str, int]
    """Images of each label."""
    bearers: dict[int, Held] = field(default_factory=dict)
    """Window (its number) → row → what it looks like."""
    usual: dict[str, Held] = field(default_factory=dict)

    def take(self, batch: Batch) -> None:
        """Look at a batch."""
        if not len(self.keys):
            return
        draws, labels, small = draw(batch.rows, 2), labels_of(batch), dict[int, NDArray[np.uint8]]()
        self._take_usual(batch, draws, labels)
        kept = np.zeros(BUCKETS, bool)
        kept[bucket_of(self.keys)] = True
        for found in windows(batch.image, kept):
            at = np.searchsorted(self.keys, found.key)
            at[at == len(self.keys)] = 0
            hits = np.flatnonzero(self.keys[at] == found.key)
            hits = hits[np.lexsort((draws[found.image[hits]], at[hits]))]
            for hit in hits:
                window, k = int(at[hit]), int(found.image[hit])
                held, row, image = self.bearers.setdefault(window, {}), int(batch.rows[k]), batch.image[k]
                if row in held or labels[k] != self.labels[window] or image is None:
                    continue
                if _room(held, int(draws[k]), KEPT):
                    if k not in small:
                        small[k] = thumbnail(image)
                    around, there = surroundings(image, int(found.place[hit]))
                    held[row] = Bearer(
                        int(draws[k]),
                        small[k],
                        int(found.place[hit]),
                        (image.shape[0], image.shape[1]),
                        around,
                        there,
                    )

    def _take_usual(self, batch: Batch, draws: NDArray[np.uint64], labels: list[str | None]) -> None:
        most = self._most()
        likely = np.array([(1.5 * most + 40) / max(1, self.sizes.get(str(x), 1)) for x in labels])
        low = np.flatnonzero(draws.astype(np.float64) <= likely * 2.0**64)  # the others never get in
        for k in low[np.argsort(draws[low], kind="stable")]:
            label, image = labels[k], batch.image[k]
            if label is None or image is None or image.ndim != 3 or image.shape[2] != 3 or not image.size:
                continue
            held = self.usual.setdefault(label, {})
            if _room(held, int(draws[k]), most):
                held[int(batch.rows[k])] = Bearer(int(draws[k]), thumbnail(image))

    def _most(self) -> int:
        return int(np.clip(_USUAL // max(1, len(self.sizes)), 24, 400))

    def absorb(self, other: "Examples") -> None:
        """Add what another saw."""
        _joined(self.bearers, other.bearers, KEPT)
        _joined(self.usual, other.usual, self._most())


def _room(held: Held, drawn: int, most: int) -> bool:
    """Whether there is room for a draw; makes it where there is a larger one."""
    if len(held) < most:
        return True
    worst = max(held, key=lambda row: held[row].drawn)
    if held[worst].drawn <= drawn:
        return False
    del held[worst]
    return True


def _joined(mine: dict[Name, Held], theirs: dict[Name, Held], most: int) -> None:
    """Take in what another kept under each name: the smallest draws of both."""
    for name, held in theirs.items():
        both = {**mine.get(name, {}), **held}
        kept = sorted(both, key=lambda row: both[row].drawn)[:most]
        mine[name] = {row: both[row] for row in kept}
