"""Confident learning: a sample drawn by number, and models that have not seen what they judge.

After Northcutt, Jiang and Chuang, “Confident Learning”, JAIR 70 (2021), sections 3.1 and 3.2.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.fields import Tally, number_hash
from assaymark.dataset.engines.labels_features import text_features
from assaymark.dataset.engines.labels_models import Model, Ridge, SparseRidge, Trees, chances, temperature
from assaymark.dataset.record import Kind

__all__ = ["Judge", "Sample", "fold_of", "train"]

FOLDS = 5
_MOST = 40_000
"""Records from which models are fitted."""
_MOST_CLASSES, _LEAST_OF_A_CLASS = 100, 20


@dataclass
class Sample:
    """The records with the lowest hashes of their numbers: the same sample in any order of arrival."""

    kind: Kind
    hashes: list[NDArray[np.uint64]] = field(default_factory=list)
    rows: list[NDArray[np.int64]] = field(default_factory=list)
    labels: list[list[str]] = field(default_factory=list)
    features: list[Any] = field(default_factory=list)
    """Texts, or arrays; a part for each batch."""
    counts: Tally = field(default_factory=Tally)
    """Of all records, not only those in the sample."""
    size: int = 0
    bound: int = (1 << 64) - 1
    """No record with a hash above this can be in the sample any more."""

    def wanted(self, rows: NDArray[np.int64], labels: Sequence[str | None]) -> NDArray[np.int64]:
        """Positions of the records that may get into the sample."""
        known = np.fromiter((label is not None for label in labels), dtype=np.bool_, count=len(labels))
        return np.flatnonzero(known & (number_hash(rows) <= np.uint64(self.bound)))

    def add(self, rows: NDArray[np.int64], labels: list[str], features: Any) -> None:
        """Take in records."""
        self.hashes.append(number_hash(rows))
        self.rows.append(rows)
        self.labels.append(labels)
        self.features.append(features)
        self.size += len(rows)
        if self.size > 2 * _MOST:
            self.cut()

    def join(self, other: "Sample") -> None:
        """Take in another sample."""
        self.hashes += other.hashes
        self.rows += other.rows
        self.labels += other.labels
        self.features += other.features
        self.counts.join(other.counts)
        self.size += other.size
        if self.size > 2 * _MOST:
            self.cut()

    def cut(self) -> None:
        """Keep the records with the lowest hashes, in the order of their numbers."""
        if not self.size:
            return
        hashes, rows = np.concatenate(self.hashes), np.concatenate(self.rows)
        keep = np.argsort(hashes, kind="stable")[:_MOST]
        if len(hashes) > _MOST:
            self.bound = int(hashes[keep[-1]])
        keep = keep[np.argsort(rows[keep], kind="stable")]
        labels = [label for part in self.labels for label in part]
        self.hashes, self.rows = [hashes[keep]], [rows[keep]]
        self.labels = [[labels[n] for n in keep.tolist()]]
        self.features = [_chosen(self.features, keep)]
        self.size = len(keep)


@dataclass
class Judge:
    """What tells how well a record's label fits the rest of it."""

    kind: Kind
    classes: tuple[str, ...] = ()
    """Labels with enough records; none if there is nothing to learn from."""
    models: tuple[Model, ...] = ()
    """Model n has not seen the records of fold n."""
    sharpness: float = 1.0
    thresholds: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    """Mean probability of a class among the records that have its label."""
    notes: tuple[str, ...] = ()

    def probabilities(self, rows: NDArray[np.int64], features: Any) -> NDArray[np.float64]:
        """(records, classes) By the model that has not seen the record."""
        ready = _ready(self.kind, features)
        folds = fold_of(rows)
        logits = np.zeros((len(rows), len(self.classes)))
        for fold in np.unique(folds).tolist():
            at = np.flatnonzero(folds == fold)
            logits[at] = self.models[fold].logits(ready[at])
        return chances(logits, self.sharpness)


def fold_of(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """The fold of each record, by its number."""
    return (number_hash(rows + np.int64(1 << 40)) % np.uint64(FOLDS)).astype(np.int64)


def train(sample: Sample) -> Judge:
    """Fit a model for each fold on the other folds."""
    sample.cut()
    kind = sample.kind
    labels = sample.labels[0] if sample.labels else []
    seen = Counter(labels)
    enough = sorted(label for label, n in seen.items() if n >= _LEAST_OF_A_CLASS)
    if not 2 <= len(enough) <= _MOST_CLASSES or sample.counts.many:
        return Judge(kind, notes=(_why(len(seen), len(enough)),))
    number = {label: n for n, label in enumerate(enough)}
    at = np.array([n for n, label in enumerate(labels) if label in number])
    rows, targets = sample.rows[0][at], np.array([number[labels[n]] for n in at.tolist()])
    features = _ready(kind, _chosen(sample.features, at))
    if not features.shape[1]:
        return Judge(kind, notes=("There are no other columns to read; label errors were not looked for.",))
    folds = fold_of(rows)
    models, logits = [], np.zeros((len(rows), len(enough)))
    for fold in range(FOLDS):
        inside, outside = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
        model = _model(kind).fit(features[outside], targets[outside], len(enough))
        if len(inside):
            logits[inside] = model.logits(features[inside])
        models.append(model)
    sharpness = temperature(logits, targets)
    found = chances(logits, sharpness)
    thresholds = np.array([found[targets == n, n].mean() for n in range(len(enough))])
    return Judge(kind, tuple(enough), tuple(models), sharpness, thresholds)


def _why(labels: int, enough: int) -> str:
    if enough > _MOST_CLASSES:
        return f"There are more than {_MOST_CLASSES} classes; label errors were not looked for."
    if labels < 2:
        return "There are no two labels to confuse; label errors were not looked for."
    return f"Fewer than two labels have {_LEAST_OF_A_CLASS} records each; label errors were not looked for."


def _model(kind: Kind) -> Model:
    if kind is Kind.IMAGES:
        return Ridge()
    return Trees() if kind is Kind.TABLE else SparseRidge()


def _ready(kind: Kind, features: Any) -> Any:
    return features if kind in (Kind.IMAGES, Kind.TABLE) else text_features(features)


def _chosen(parts: list[Any], keep: NDArray[np.int64]) -> Any:
    if isinstance(parts[0], np.ndarray):
        return np.concatenate(parts)[keep]
    whole = [one for part in parts for one in part]
    return [whole[n] for n in keep.tolist()]
