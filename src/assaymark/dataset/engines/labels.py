"""Records whose label the rest of them contradicts: confident learning by out-of-fold prediction."""

from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engine import Engine, EngineInfo
from assaymark.dataset.engines.fields import Tally, whole_texts
from assaymark.dataset.engines.labels_features import cells, image_features
from assaymark.dataset.engines.labels_findings import Pairs, findings
from assaymark.dataset.engines.labels_joint import Judge, Sample, train
from assaymark.dataset.finding import Result
from assaymark.dataset.record import Batch, Kind, Layout

__all__ = ["ENGINES", "LabelErrors"]

_CUT = 2_000
"""Characters of a text from which its label is predicted."""

_INFO = EngineInfo(
    id="label_errors",
    version=1,
    kinds=(Kind.TEXT, Kind.IMAGES, Kind.TABLE),
    looks_for="Records whose label the rest of them contradicts.",
    misses="Backdoors that work: their records are the easiest to predict; errors that a shallow model cannot"
    " tell from hard cases, above all in photographs; classes with fewer than 20 records.",
    needs="data",
)


@dataclass(frozen=True)
class _Given:
    """What is handed on: the judge, and once all was judged, the pairs."""

    judge: Judge
    but: frozenset[str]
    counts: Tally
    pairs: Pairs | None = None


@dataclass
class _Sampling:
    sample: Sample
    but: frozenset[str]


@dataclass
class _Judging:
    given: _Given
    pairs: Pairs = field(default_factory=Pairs)


class LabelErrors:
    """The engine; it has no settings and keeps nothing."""

    info = _INFO
    passes = 2

    def applies(self, layout: Layout) -> str:
        """Why it stays out: no labels, other kinds, no scikit-learn."""
        if layout.kind not in _INFO.kinds or not layout.roles.label:
            return "there are no labels"
        if find_spec("sklearn") is None:
            return "it needs scikit-learn: pip install 'assaymark[data]'"
        return ""

    def start(self, step: int, given: Any, layout: Layout) -> Any:
        """A sample, then the judging of every record."""
        if step:
            return _Judging(given)
        roles = layout.roles
        return _Sampling(Sample(layout.kind), frozenset(filter(None, (roles.label, roles.split, roles.id))))

    def update(self, state: Any, batch: Batch) -> Any:
        """Take in a batch."""
        if isinstance(state, _Judging):
            at, targets, found = _judged(state.given, batch)
            if len(at):
                texts = batch.text if len(batch.text) else None
                state.pairs.add(batch.rows[at], targets, found, state.given.judge.thresholds, texts, at)
            return state
        if not len(batch.label):
            return state
        sample = state.sample
        sample.counts.add(label for label in batch.label if label is not None)
        at = sample.wanted(batch.rows, batch.label)
        if len(at):
            labels = [str(batch.label[n]) for n in at.tolist()]
            sample.add(batch.rows[at], labels, _features(sample.kind, batch, at, state.but))
        return state

    def merge(self, state: Any, other: Any) -> Any:
        """Both samples, or both sets of pairs, as one."""
        if isinstance(state, _Judging):
            state.pairs.join(other.pairs)
        else:
            state.sample.join(other.sample)
        return state

    def finish(self, step: int, state: Any) -> _Given:
        """Train; then keep the pairs."""
        if isinstance(state, _Judging):
            given = state.given
            return _Given(given.judge, given.but, given.counts, state.pairs)
        return _Given(train(state.sample), state.but, state.sample.counts)

    def score(self, given: _Given, batch: Batch) -> NDArray[np.float32]:
        """0 to 1: how much likelier another label is than the given one; 0.5 where they are level."""
        scores = np.zeros(len(batch), dtype=np.float32)
        at, targets, found = _judged(given, batch)
        if len(at):
            own = found[np.arange(len(at)), targets]
            others = found.copy()
            others[np.arange(len(at)), targets] = -1
            scores[at] = np.round((1 + others.max(axis=1) - own) / 2, 5)
        return scores

    def chances(self, given: _Given, batch: Batch) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Positions of the records that can be judged; how likely each class is for them, (n, classes)."""
        at, _, found = _judged(given, batch)
        return at, found

    def conclude(
        self, given: _Given, rows: NDArray[np.int64], scores: NDArray[np.float32], total: int
    ) -> Result:
        """A finding for each pair of labels that are confused."""
        every = np.zeros(total, dtype=np.float32)
        every[rows] = scores
        pairs = given.pairs or Pairs()
        return Result(
            engine=_INFO.id,
            scores=every,
            flagged=np.zeros(total, dtype=np.bool_),
            findings=findings(pairs, given.judge.classes, _INFO.id),
            looked_at=sum(given.counts.counts[label] for label in given.judge.classes),
            notes=given.judge.notes,
        )


ENGINES: tuple[Engine, ...] = (LabelErrors(),)


def _features(kind: Kind, batch: Batch, at: NDArray[np.int64], but: frozenset[str]) -> Any:
    if kind is Kind.IMAGES:
        return image_features([batch.image[n] for n in at.tolist()])
    if kind is Kind.TABLE:
        return cells(batch.table, but)[at]
    whole = whole_texts(batch)
    return [whole[n][:_CUT] for n in at.tolist()]


def _judged(given: _Given, batch: Batch) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Positions of the records that can be judged, their classes, and the probabilities of all classes."""
    number = {label: n for n, label in enumerate(given.judge.classes)}
    targets = np.fromiter((number.get(v, -1) for v in batch.label), dtype=np.int64, count=len(batch.label))  # type: ignore[arg-type]
    at = np.flatnonzero(targets >= 0)
    if not len(at):
        return at, targets[at], np.zeros((0, len(number)))
    features = _features(given.judge.kind, batch, at, given.but)
    return at, targets[at], given.judge.probabilities(batch.rows[at], features)
