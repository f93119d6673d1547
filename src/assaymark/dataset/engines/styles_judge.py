"""A sample of texts → groups of doubtful labels that are written in one way.

A text's words say which label it should have (by models that have not seen it). Among the texts of a label
that look like another, honest errors are written like the texts they should stand with, or in no way in
common. Searched is a direction of style that they share and that neither their label nor the others have.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.image_textures_evidence import Evidence, Images, weigh
from assaymark.dataset.engines.image_textures_search import (
    Found,
    Pair,
    Vector,
    measured,
    refined,
    spread,
    unit,
)
from assaymark.dataset.engines.labels_features import text_features
from assaymark.dataset.engines.labels_models import SparseRidge
from assaymark.dataset.engines.styles_features import Ways, content

__all__ = [
    "FEWEST_IN_CLASS",
    "Judged",
    "Prepared",
    "judge",
    "limits_of",
    "out_of_fold",
    "prepare",
    "whitened",
]

FEWEST_IN_CLASS = 60
_FEWEST_DOUBTFUL = 40
"""Texts that look least like their label are searched, those that look like another or at least so many."""
_EACH_HALF = 10
BEARERS = 20
EXCESS = 6.0
"""Times as many bearers as there are on the other side and under other labels."""
AGREEMENT = 0.45
CROWDING = 1.35
BELONGING = 0.35
"""Most that the words may speak for the label, standard errors included."""
BELONGING_EXCEEDING = 0.45
EXCEEDING = 60.0
"""The same where so many times as many bear the style as elsewhere."""
_ERRORS = 1.5
SEPARABLE = 1.0
"""Standard deviations by which the words tell the label from others, at least."""
_LEAST = 0.5
_RIDGE = 0.02


@dataclass(frozen=True, eq=False)
class Prepared:
    """The sample, and the models that say which label each text should have."""

    sample: Images
    models: tuple[SparseRidge, ...]
    """The first has not seen the texts of the first half; none where no other text has to be judged."""
    limits: NDArray[np.float64]
    """Of each class: margin up to which a text is doubtful."""


@dataclass(frozen=True, eq=False)
class Judged:
    """A direction and what was decided of it."""

    evidence: Evidence
    suspect: bool
    merit: float


def _whitening(values: Vector, label: NDArray[np.int64], classes: int) -> tuple[Vector, Vector]:
    """Matrix to whitened styles, without the directions in which the labels differ; and the mean."""
    mean = values.mean(axis=0)
    scale = np.maximum(values.std(axis=0), 1)
    centred = (values - mean) / scale
    means = np.stack([centred[label == k].mean(axis=0) for k in range(classes)])
    within = centred - means[label]
    spread_within = (within.T @ within / len(within)).astype(np.float64)
    trace = max(1e-6, float(np.trace(spread_within)) / len(spread_within))
    width, axes = np.linalg.eigh(spread_within + _RIDGE * trace * np.eye(len(spread_within)))
    matrix = axes / np.sqrt(np.maximum(width, 1e-9))
    apart = np.linalg.svd((means - means.mean(axis=0)) @ matrix, full_matrices=False)[2][: classes - 1]
    matrix = matrix - (matrix @ apart.T) @ apart
    return (matrix / scale[:, None]).astype(np.float32), mean


def out_of_fold(
    words: Any, label: NDArray[np.int64], half: NDArray[np.bool_]
) -> tuple[Vector, tuple[SparseRidge, SparseRidge]]:
    """How much the words of each text speak for each label (texts × classes), by the other half's model."""
    classes = int(label.max()) + 1
    likeness = np.empty((len(label), classes), np.float32)
    models = []
    for side in (~half, half):
        model = SparseRidge().fit(words[np.flatnonzero(~side)], label[~side], classes)
        likeness[side] = model.logits(words[np.flatnonzero(side)])
        models.append(model)
    return likeness, (models[0], models[1])


def whitened(
    values: Vector, contents: Vector, label: NDArray[np.int64], half: NDArray[np.bool_], likeness: Vector
) -> Images:
    """Records with their whitened numbers, without the directions in which the labels differ."""
    classes = int(label.max()) + 1
    matrix, mean = _whitening(values, label, classes)
    z: Vector = ((values - mean) @ matrix).astype(np.float32)
    return Images(
        z=z,
        norm=np.sqrt(np.einsum("ij,ij->i", z, z) / z.shape[1]) + 1e-6,
        matrix=matrix,
        mean=mean,
        pictures=contents,
        label=label,
        half=half,
        likeness=likeness,
        centres=np.stack([z[label == k].mean(axis=0) for k in range(classes)]),
        reference=np.arange(len(z)),
    )


def limits_of(sample: Images) -> NDArray[np.float64]:
    """Of each class: half of its usual margin, up to which a record's label is doubtful."""
    usual = [float(np.median(sample.margin(k)[0][sample.label == k])) for k in range(sample.classes)]
    return np.array(usual) / 2


def prepare(texts: list[str], ways: Ways, label: NDArray[np.int64], half: NDArray[np.bool_]) -> Prepared:
    """Whiten the styles, fit the models on the halves; every class has texts in both."""
    words: Any = text_features(texts)
    likeness, models = out_of_fold(words, label, half)
    sample = whitened(ways.astype(np.float32), content(words), label, half, likeness)
    return Prepared(sample, models, limits_of(sample))


def _doubtful(margin: Vector) -> NDArray[np.int64]:
    least = np.sort(margin)[min(len(margin) // 4, _FEWEST_DOUBTFUL)]
    return np.flatnonzero(margin <= max(0.0, float(least)))


def _directions(even: Vector, half: NDArray[np.bool_], middle: Vector) -> Iterator[Pair]:
    """Directions that doubtful texts share, from their mean and their spread."""
    sums = np.stack([even[~half].sum(axis=0), even[half].sum(axis=0)])
    first = unit(sums[0] / max(1, int((~half).sum())) - middle)
    second = unit(sums[1] / max(1, int(half.sum())) - middle)
    yield (second, first)
    yield refined(even, half, sums, (second, first), tail=True)
    yield refined(even, half, sums, (second, first), tail=False)
    for row in spread(even):
        for direction in (row, -row):
            yield refined(even, half, sums, (direction, direction), tail=False)


def _found(given: Prepared, label: int, members: NDArray[np.int64]) -> Iterator[Found]:
    of = given.sample
    margin = of.margin(label)[0][members]
    doubtful = _doubtful(margin)
    half = of.half[members]
    sides = half[doubtful]
    if min(int(sides.sum()), int((~sides).sum())) < _EACH_HALF:
        return
    even = of.z[members] / of.norm[members, None]
    rest = np.delete(np.arange(len(members)), doubtful)
    others = np.flatnonzero(of.label != label)
    middle = 0.5 * (even[rest].mean(axis=0) + (of.z[others] / of.norm[others, None]).mean(axis=0))
    limit = max(float(given.limits[label]), float(margin[doubtful].max()))
    for pair in _directions(even[doubtful], sides, middle):
        strength = measured(of.z[members], half, pair)
        yield Found(pair, np.where(margin <= limit, strength, np.minimum(strength, 0)).astype(np.float32))


def _judged(e: Evidence) -> Judged:
    merit = min(
        e.bearers / BEARERS,
        e.excess / EXCESS,
        max(e.agreement, 0) / AGREEMENT,
        CROWDING / max(e.crowding, 0.2),
    )
    most = BELONGING_EXCEEDING if e.excess >= EXCEEDING else BELONGING
    denied = e.separable >= SEPARABLE and e.belonging + _ERRORS * e.error <= most
    return Judged(e, merit >= 1 and denied, merit if denied else min(merit, 0.9))


def judge(given: Prepared) -> tuple[Judged, ...]:
    """The best direction of each label, suspects first."""
    of = given.sample
    best = []
    for label in range(of.classes):
        members = np.flatnonzero(of.label == label)
        found = list(_found(given, label, members)) if len(members) >= FEWEST_IN_CLASS else []
        judged = [_judged(e) for e in weigh(of, label, members, found, _LEAST)]
        if judged:
            best.append(max(judged, key=lambda j: (j.suspect, j.merit, j.evidence.bearers)))
    hit = sum(j.suspect for j in best)
    if hit > max(1, 0.4 * of.classes):
        best = [replace(j, suspect=False, merit=min(j.merit, 0.9)) for j in best]
    return tuple(sorted(best, key=lambda j: (-j.suspect, -j.merit)))
