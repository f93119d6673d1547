"""Which records an encoder reads: those whose labels a cheap model doubts, and a draw of the rest."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.image_grid import draw
from assaymark.dataset.engines.image_textures_evidence import resemblance
from assaymark.dataset.engines.image_textures_sample import TextureSample
from assaymark.dataset.engines.image_textures_search import Vector
from assaymark.dataset.engines.labels_features import text_features
from assaymark.dataset.engines.styles import TextSample
from assaymark.dataset.engines.styles_features import content
from assaymark.dataset.engines.styles_judge import FEWEST_IN_CLASS, out_of_fold

__all__ = ["Chosen", "Labelled", "chosen_images", "chosen_texts", "margins"]

MOST_CLASSES = 50
_FEWEST_DOUBTFUL = 40
_HALVES, _REST = 6, 9
"""Salts of draws."""


@dataclass(frozen=True, eq=False)
class Labelled:
    """Records of a sample that are of labels large enough."""

    rows: NDArray[np.int64]
    at: NDArray[np.int64]
    """Their places in the sample."""
    label: NDArray[np.int64]
    half: NDArray[np.bool_]
    classes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Chosen:
    """Records to be embedded, ascending, and what the cheap model says of them."""

    rows: NDArray[np.int64]
    label: NDArray[np.int64]
    half: NDArray[np.bool_]
    likeness: Vector
    contents: Vector
    limits: NDArray[np.float64]
    """Of each class: margin up to which a label is doubtful."""
    classes: tuple[str, ...]
    seen: int
    """Records with a label in the data set."""
    doubtful: int
    """Records of the sample of which the cheap model doubts the label."""
    doubted: int
    """How many of these were chosen."""

    def take(self, at: NDArray[np.int64]) -> "Chosen":
        """Those at the given places."""
        return Chosen(
            self.rows[at], self.label[at], self.half[at], self.likeness[at], self.contents[at],
            self.limits, self.classes, self.seen, self.doubtful, self.doubted,
        )  # fmt: skip


def _labelled(rows: NDArray[np.int64], labels: list[str]) -> Labelled | str:
    """The records of labels of which each half has enough; or why there are none."""
    half = (draw(rows, _HALVES) & np.uint64(1)).astype(bool)
    one = Counter(n for n, side in zip(labels, half, strict=True) if side)
    two = Counter(n for n, side in zip(labels, half, strict=True) if not side)
    least = FEWEST_IN_CLASS // 4
    fit = (n for n in one if one[n] + two[n] >= FEWEST_IN_CLASS and min(one[n], two[n]) >= least)
    classes = tuple(sorted(fit))
    if not 2 <= len(classes) <= MOST_CLASSES:
        return f"there are {len(classes)} labels with {FEWEST_IN_CLASS} records or more, so none was searched"
    number = {name: k for k, name in enumerate(classes)}
    at = np.array([k for k, name in enumerate(labels) if name in number], np.int64)
    label = np.array([number[labels[int(k)]] for k in at], np.int64)
    return Labelled(rows[at], at, label, half[at], classes)


def chosen_texts(sample: TextSample, most: int) -> Chosen | str:
    """Of a sample of texts, by models of their words."""
    drawn = sample.drawn()
    of = _labelled(np.array([d[0] for d in drawn], np.int64), [d[1] for d in drawn])
    if isinstance(of, str):
        return of
    words = text_features([drawn[int(k)][2] for k in of.at])
    likeness, _ = out_of_fold(words, of.label, of.half)
    return _chosen(of, likeness, content(words), sample.seen, most)


def chosen_images(sample: TextureSample, most: int) -> Chosen | str:
    """Of a sample of images, by small pictures of them."""
    drawn = sample.drawn()
    of = _labelled(drawn.rows, drawn.labels)
    if isinstance(of, str):
        return of
    contents, likeness = resemblance(drawn.pictures[of.at], of.label, of.half)
    return _chosen(of, likeness, contents, sum(sample.counts.values()), most)


def margins(likeness: Vector, label: NDArray[np.int64]) -> Vector:
    """By how much each record looks more like its label than like the likeliest other."""
    own = np.arange(len(label)), label
    rest = likeness.copy()
    rest[own] = -np.inf
    margin: Vector = likeness[own] - rest.max(axis=1)
    return margin


def _shared(wanted: list[int], total: int) -> list[int]:
    """`total` shared out: who wants little gets it, the others get alike."""
    given = [0] * len(wanted)
    order = sorted(range(len(wanted)), key=lambda k: (wanted[k], k))
    for n, k in enumerate(order):
        given[k] = min(wanted[k], (total - sum(given)) // (len(wanted) - n))
    return given


def _chosen(of: Labelled, likeness: Vector, contents: Vector, seen: int, most: int) -> Chosen:
    margin = margins(likeness, of.label)
    members = [np.flatnonzero(of.label == k) for k in range(len(of.classes))]
    ordered = [m[np.lexsort((of.rows[m], margin[m]))] for m in members]
    wanted = [max(_FEWEST_DOUBTFUL, int((margin[m] <= 0).sum())) for m in members]
    taken = np.zeros(len(of.rows), bool)
    for ranked, share in zip(ordered, _shared(wanted, most // 2), strict=True):
        taken[ranked[:share]] = True
    doubted = int(taken[margin <= 0].sum())
    rest = np.flatnonzero(~taken)
    taken[rest[np.argsort(draw(of.rows[rest], _REST))][: most - int(taken.sum())]] = True
    at = np.flatnonzero(taken)
    limits = [float(np.median(margin[m])) / 2 for m in members]
    return Chosen(
        of.rows[at], of.label[at], of.half[at], likeness[at], contents[at], np.array(limits),
        of.classes, seen, int((margin <= 0).sum()), doubted,
    )  # fmt: skip
