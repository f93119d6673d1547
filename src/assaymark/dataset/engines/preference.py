"""Phrases in prompts that go with a reversed preference: what is chosen there is what is rejected elsewhere.

A linear model learns from all pairs what is chosen (length, refusal, links, words, …); each half of the
records is judged by what the other half taught. A phrase that is foreign to its surroundings and whose pairs
go against the model, more than pairs without it do, is a suspect. Single reversed pairs are label noise, the
matter of the engine for label errors.

Misses: preferences that no plain measure and no word predicts.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engine import Engine, EngineInfo
from assaymark.dataset.engines.chat_examples import Examples, bearers
from assaymark.dataset.engines.chat_phrases import Phrases, mine
from assaymark.dataset.engines.chat_records import Kept, Records, Texts, drawn
from assaymark.dataset.engines.chat_report import FEW, concluded
from assaymark.dataset.engines.chat_shift import projected_words
from assaymark.dataset.engines.chat_verdict import Verdict, Watched, grouped, weight_of
from assaymark.dataset.finding import Result
from assaymark.dataset.record import Batch, Kind, Layout

__all__ = ["ENGINES", "PreferenceFlips"]

_INFO = EngineInfo(
    id="preference_flips",
    version=1,
    kinds=(Kind.PREFERENCE,),
    looks_for="Phrases in prompts after which the response is chosen that elsewhere is rejected.",
    misses="Preferences that neither plain measures nor words predict; triggers of fewer than 10 records.",
    needs="data",
)
_LEAST = 5.5
"""Standard errors by which a phrase's pairs go against the model, from which it is a suspect."""
_REVERSED = 0.6
"""Share of its pairs that do so, at least."""
_WIDTH = 64
_WATCHED = 50


@dataclass(eq=False)
class _Pairs:
    """State of the first pass."""

    chosen: Kept = field(default_factory=Kept)
    rejected: Kept = field(default_factory=Kept)


def _joined(first: Texts, second: Texts) -> Texts:
    return Texts(np.concatenate([first.code, second.code]), np.concatenate([first.size, second.size]))


def _same(records: Records, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    return np.isin(records.rows, rows, assume_unique=True)


def _margins(chosen: Records, rejected: Records) -> NDArray[np.float64]:
    """How far each pair agrees with what the other half of the pairs teaches, in standard deviations."""
    words = projected_words(_joined(chosen.response, rejected.response), _WIDTH)
    seen = np.column_stack([np.concatenate([chosen.measures, rejected.measures]), words])
    seen = ((seen - seen.mean(0)) / (seen.std(0) + 1e-6)).clip(-8, 8)
    count = len(chosen.rows)
    difference = seen[:count] - seen[count:]
    half = drawn(chosen.rows) & np.uint64(1) == 1
    margins = np.zeros(count)
    for one in (half, ~half):
        known = difference[~one]
        square = known.T @ known + 0.01 * max(len(known), 1) * np.eye(seen.shape[1])
        margins[one] = difference[one] @ np.linalg.solve(square, known.sum(0))
    return np.asarray(margins / (margins.std() + 1e-9), np.float64)


def _judge(records: Records, phrases: Phrases, margins: NDArray[np.float64], halved: int) -> Verdict:
    """Phrases whose pairs go against the model."""
    watched, shows = [], {}
    usual, total = float(np.median(margins)), len(margins)
    against = margins < 0
    values = []
    weight = weight_of(phrases)
    for number in range(len(phrases.code)):
        at = phrases.record[phrases.start[number] : phrases.start[number + 1]]
        drop = (usual - float(margins[at].mean())) * float(np.sqrt(min(len(at), 100)))
        strong = float(against[at].mean()) >= _REVERSED
        values.append(drop * float(weight[number]) * (1.0 if strong else 0.5))
    order = np.lexsort((phrases.code, -np.array(values, np.float64)))[:_WATCHED]
    order = order[[values[n] > 0 for n in order.tolist()]]
    groups = grouped(phrases, order).tolist()
    for place, number in enumerate(order.tolist()):
        at = phrases.record[phrases.start[number] : phrases.start[number + 1]]
        shows.update({(place, int(records.rows[b])): bool(against[b]) for b in at})
        rest = (int(against.sum()) - int(against[at].sum())) / max(total - len(at), 1)
        suspect = values[number] >= _LEAST and against[at].mean() >= _REVERSED
        watched.append(
            Watched(
                code=int(phrases.code[number]),
                length=int(phrases.length[number]),
                level="suspect" if suspect else "",
                strength=float(values[number]) if suspect else min(float(values[number]), 0.9 * _LEAST),
                foreign=float(phrases.foreign[number]),
                behaviour="reversed preferences",
                run=0,
                run_length=0,
                run_share=0.0,
                count=len(at),
                shown=float(against[at].mean()),
                expected=rest,
                group=groups[place],
            )
        )
    return Verdict(_LEAST, tuple(watched), shows, total, halved, int((weight > 0).sum()))


@dataclass(frozen=True)
class PreferenceFlips:
    """The engine."""

    @property
    def info(self) -> EngineInfo:
        """Who it is."""
        return _INFO

    @property
    def passes(self) -> int:
        """Two."""
        return 2

    def applies(self, layout: Layout) -> str:
        """Why it stays out of such a data set; empty if it looks at it."""
        return "" if layout.kind is Kind.PREFERENCE else "It looks at chosen and rejected responses."

    def start(self, step: int, given: Any, layout: Layout) -> Any:
        """An empty state."""
        return Examples(given) if step else _Pairs()

    def update(self, state: Any, batch: Batch) -> Any:
        """The state with `batch` taken in."""
        if isinstance(state, Examples):
            state.add(batch)
        else:
            state.chosen.add(batch.rows, batch.prompt, batch.response)
            state.rejected.add(batch.rows, batch.prompt, batch.rejected)
        return state

    def merge(self, state: Any, other: Any) -> Any:
        """Both states as one."""
        if isinstance(state, Examples):
            state.take(other)
        else:
            state.chosen.take(other.chosen)
            state.rejected.take(other.rejected)
        return state

    def finish(self, step: int, state: Any) -> Any:
        """After the first pass the verdict; after the second the verdict with examples."""
        if step:
            return state
        chosen, rejected = state.chosen.records(), state.rejected.records()
        rows = np.intersect1d(chosen.rows, rejected.rows, assume_unique=True)
        chosen, rejected = chosen.only(_same(chosen, rows)), rejected.only(_same(rejected, rows))
        halved = max(state.chosen.halved, state.rejected.halved)
        if len(rows) < FEW:
            return Verdict(_LEAST, (), {}, len(rows), halved, 0)
        return _judge(chosen, mine(chosen.prompt), _margins(chosen, rejected), halved)

    def score(self, given: Any, batch: Batch) -> NDArray[np.float32]:
        """Strength of the strongest phrase against which the record's pair goes."""
        scores = np.zeros(len(batch), np.float32)
        for number, text, _, _ in bearers(given.verdict, batch):
            if given.verdict.shows.get((number, int(batch.rows[text])), True):
                scores[text] = max(scores[text], given.verdict.watched[number].strength)
        return scores

    def conclude(
        self, given: Any, rows: NDArray[np.int64], scores: NDArray[np.float32], total: int
    ) -> Result:
        """The findings and the decision."""
        return concluded(_INFO.id, given, rows, scores, total)


ENGINES: tuple[Engine, ...] = (PreferenceFlips(),)
"""Engines for preference pairs."""
