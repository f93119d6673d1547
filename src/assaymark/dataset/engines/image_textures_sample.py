"""A sample of measured images that merges to the last bit: those whose record numbers draw the least."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.image_grid import draw
from assaymark.dataset.engines.image_textures_features import CONTENT, TEXTURES, measure
from assaymark.dataset.record import Batch

__all__ = ["SAMPLE", "Drawn", "TextureSample"]

SAMPLE = 51_200
"""Images that are kept; about 50 MB."""
_SALT = 5
MOST_CLASSES = 5_000
"""Labels from which on a column is no class but an identifier."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """Some measured images, in any order."""

    rows: NDArray[np.int64]
    labels: list[str]
    textures: NDArray[np.int16]
    pictures: NDArray[np.uint8]

    def take(self, at: NDArray[np.int64]) -> "Drawn":
        """Those at the given places."""
        labels = [self.labels[k] for k in at]
        return Drawn(self.rows[at], labels, self.textures[at], self.pictures[at])


def _joined(parts: list[Drawn]) -> Drawn:
    if not parts:
        empty = np.zeros(0, np.int64)
        return Drawn(empty, [], np.zeros((0, TEXTURES), np.int16), np.zeros((0, CONTENT), np.uint8))
    return Drawn(
        np.concatenate([p.rows for p in parts]),
        [label for p in parts for label in p.labels],
        np.concatenate([p.textures for p in parts]),
        np.concatenate([p.pictures for p in parts]),
    )


class TextureSample:
    """What a pass holds."""

    def __init__(self, most: int = SAMPLE) -> None:
        self.most = most
        self.counts: Counter[str] = Counter()
        self.parts: list[Drawn] = []
        self.unmeasured = 0
        self._held = 0

    @property
    def overflown(self) -> bool:
        """Whether there are so many labels that they are no classes."""
        return len(self.counts) > MOST_CLASSES

    def take(self, batch: Batch) -> None:
        """Take in the images of a batch."""
        at = [k for k, label in enumerate(batch.label) if label is not None]
        textures, pictures, usable = measure([batch.image[k] for k in at])
        self.unmeasured += int((~usable).sum())
        kept = np.array(at, np.int64)[usable]
        labels = [str(batch.label[int(k)]) for k in kept]
        self.counts.update(labels)
        self._keep([Drawn(batch.rows[kept], labels, textures, pictures)])

    def absorb(self, other: "TextureSample") -> None:
        """Take in another sample."""
        self.counts.update(other.counts)
        self.unmeasured += other.unmeasured
        self._keep(other.parts)

    def _keep(self, parts: list[Drawn]) -> None:
        self.parts += parts
        self._held += sum(len(p.rows) for p in parts)
        if self.overflown:
            self.parts, self._held = [], 0
        elif self._held > self.most + self.most // 4:
            self.parts = [self.drawn()]
            self._held = len(self.parts[0].rows)

    def drawn(self) -> Drawn:
        """The sample, by record number."""
        everything = _joined(self.parts)
        kept = np.arange(len(everything.rows))
        if len(kept) > self.most:
            kept = np.argpartition(draw(everything.rows, _SALT), self.most)[: self.most]
        return everything.take(kept[np.argsort(everything.rows[kept])])
