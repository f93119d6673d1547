"""Records far from all others: texts, images, cells of tables. A look at quality, no sign of an attack."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engine import Engine, EngineInfo
from assaymark.dataset.engines.fields import whole_texts
from assaymark.dataset.engines.outliers_image import ImageBackground, ImageMeasure
from assaymark.dataset.engines.outliers_table import TableBackground, TableMeasure
from assaymark.dataset.engines.outliers_text import TextBackground, TextMeasure
from assaymark.dataset.engines.table_codes import texts_of
from assaymark.dataset.finding import Example, Finding, Level, Result
from assaymark.dataset.record import Batch, Kind, Layout

__all__ = ["ENGINES", "Outliers"]

_INFO = EngineInfo(
    id="outliers",
    version=1,
    kinds=tuple(Kind),
    looks_for="Records far from all others: texts in rare letters or of odd length, images unlike the rest of"
    " their class, numbers far out in their column.",
    misses="What is odd only in meaning, or only in combination of cells; rare but honest records are among"
    " what it finds.",
)
_FAR = 8.0
"""Robust standard deviations from which a record is told."""
_STEP, _BINS = 16, 1 << 13
"""Parts of a unit in which measures are counted, and how many."""
_KEPT, _EXAMPLES, _EXCERPT = 1_000, 3, 240
_FEWEST = 100
"""Records below which nothing is far."""

_Background = TextBackground | ImageBackground | TableBackground
_Measure = TextMeasure | ImageMeasure | TableMeasure
_Top = list[tuple[int, int, str]]


@dataclass
class _Usual:
    """Histograms of the measures, and the records with the largest."""

    measure: _Measure
    records: int = 0
    bins: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    top: list[_Top] = field(default_factory=list)
    """For each measure: minus its value in sixteenths, row, excerpt."""
    middle: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    width: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))

    def far(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Measures in robust standard deviations above the middle, 0 below."""
        return np.maximum((values - self.middle) / self.width, 0.0)


class Outliers:
    """The engine; it has no settings and keeps nothing."""

    info = _INFO
    passes = 2

    def applies(self, layout: Layout) -> str:
        """Always."""
        return ""

    def start(self, step: int, given: Any, layout: Layout) -> Any:
        """What is usual; then how far the records are from it."""
        if step:
            count = len(given.names)
            return _Usual(
                given, bins=np.zeros((count, _BINS), dtype=np.int64), top=[[] for _ in range(count)]
            )
        if layout.kind is Kind.IMAGES:
            return ImageBackground()
        if layout.kind is Kind.TABLE:
            roles = layout.roles
            return TableBackground(frozenset(filter(None, (roles.label, roles.split, roles.id))))
        return TextBackground()

    def update(self, state: Any, batch: Batch) -> Any:
        """Take in a batch."""
        if not isinstance(state, _Usual):
            state.take(batch)
            return state
        state.records += len(batch)
        steps = _steps(state.measure.of(batch))
        for n, column in enumerate(steps.T):
            state.bins[n] += np.bincount(column, minlength=_BINS)
            state.top[n] = _largest(state.top[n], column, batch)
        return state

    def merge(self, state: Any, other: Any) -> Any:
        """Add up."""
        if not isinstance(state, _Usual):
            state.join(other)
            return state
        state.records += other.records
        state.bins += other.bins
        state.top = [sorted(a + b)[:_KEPT] for a, b in zip(state.top, other.top, strict=True)]
        return state

    def finish(self, step: int, state: Any) -> Any:
        """The measure; then its middle and width."""
        if not isinstance(state, _Usual):
            return state.measure()
        state.middle, state.width = _middle(state.bins, state.measure.raw)
        return state

    def score(self, given: _Usual, batch: Batch) -> NDArray[np.float32]:
        """Robust standard deviations by which the farthest measure is beyond the middle."""
        if given.records < _FEWEST or not len(given.middle):
            return np.zeros(len(batch), dtype=np.float32)
        values = (_steps(given.measure.of(batch)) - _BINS // 2) / _STEP
        farthest: NDArray[np.float32] = given.far(values).max(axis=1).astype(np.float32)
        return farthest

    def conclude(
        self, given: _Usual, rows: NDArray[np.int64], scores: NDArray[np.float32], total: int
    ) -> Result:
        """A note for each measure, or column, in which records are far."""
        every = np.zeros(total, dtype=np.float32)
        every[rows] = scores
        enough = given.records >= _FEWEST and len(given.middle) > 0
        made = [f for n in range(len(given.middle)) if enough and (f := _finding(given, n)) is not None]
        made.sort(key=lambda f: (-f.score, f.pattern))
        return Result(
            engine=_INFO.id,
            scores=every,
            flagged=np.zeros(total, dtype=np.bool_),
            findings=tuple(made),
            looked_at=given.records if enough else 0,
            notes=() if enough else (f"With fewer than {_FEWEST} records, or no numbers, nothing is far.",),
        )


ENGINES: tuple[Engine, ...] = (Outliers(),)


def _steps(values: NDArray[np.float64]) -> NDArray[np.int64]:
    whole = np.floor(np.clip(values, -1e6, 1e6) * _STEP).astype(np.int64) + _BINS // 2
    return np.clip(whole, 0, _BINS - 1)


def _largest(top: _Top, steps: NDArray[np.int64], batch: Batch) -> _Top:
    """The records with the largest measures, of those before and of this batch."""
    floor = -top[-1][0] if len(top) == _KEPT else 0
    at = np.flatnonzero(steps >= floor)
    at = at[np.lexsort((batch.rows[at], -steps[at]))][:_KEPT]
    added = [(-int(steps[n]), int(batch.rows[n]), "") for n in at.tolist()]
    for k, n in enumerate(at[:_EXAMPLES].tolist()):
        added[k] = (*added[k][:2], _excerpt(batch, n))
    return sorted(top + added)[:_KEPT]


def _excerpt(batch: Batch, n: int) -> str:
    if batch.table is not None:
        cells = zip(batch.table.schema.names[:40], batch.table.columns[:40], strict=True)
        texts = ((name, texts_of(column.slice(n, 1))[0]) for name, column in cells)
        return ", ".join(f"{name}={'' if text is None else text}" for name, text in texts)[:_EXCERPT]
    if len(batch.image):
        return ""
    single = Batch(
        rows=batch.rows[n : n + 1],
        text=batch.text[n : n + 1],
        prompt=batch.prompt[n : n + 1],
        response=batch.response[n : n + 1],
        rejected=batch.rejected[n : n + 1],
    )
    return whole_texts(single)[0][:_EXCERPT]


def _middle(bins: NDArray[np.int64], raw: bool) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Median, and width above it: of the normal law that the 84th and 97.5th percentiles would be from."""
    if raw or not len(bins):
        return np.zeros(len(bins)), np.ones(len(bins))
    totals = np.maximum(bins.sum(axis=1, keepdims=True), 1)
    share = np.cumsum(bins, axis=1) / totals
    middle, one, two = ((share >= q).argmax(axis=1) - _BINS / 2 for q in (0.5, 0.84134, 0.975))
    width = np.maximum(np.maximum(one - middle, (two - middle) / 1.96), 1.0)
    return middle / _STEP, width / _STEP


def _finding(given: _Usual, n: int) -> Finding | None:
    """The records that are far by measure `n`."""
    values = (np.arange(_BINS) - _BINS // 2) / _STEP
    far = np.maximum((values - given.middle[n]) / given.width[n], 0.0) >= _FAR
    count = int(given.bins[n][far].sum())
    if not count:
        return None
    kept = given.top[n][: min(count, _KEPT)]
    farthest = ((-kept[0][0] - _BINS // 2) / _STEP - given.middle[n]) / given.width[n]
    name = given.measure.names[n]
    pattern = f"far out in column “{name}”" if given.measure.raw else name
    several = f"{count:,} records" if count > 1 else "1 record"
    return Finding(
        engine=_INFO.id,
        level=Level.NOTE,
        pattern=pattern,
        where=name if given.measure.raw else "",
        count=count,
        score=float(farthest),
        threshold=_FAR,
        false_alarms=count / max(given.records, 1),
        summary=f"{several} ({count / given.records:.3%}) at least {_FAR:.0f} robust standard deviations out,"
        f" the farthest {farthest:.0f}: {pattern}.",
        rows=tuple(row for _, row, _ in kept),
        examples=tuple(Example(row=row, text=text) for _, row, text in kept[:_EXAMPLES]),
    )
