"""Triggers in texts that have no label: what is trained on as it stands, and documents by themselves.

Three passes. First a sample is learnt from, and runs of tokens are counted. Then come the places where a
document breaks (the text after is far more surprising than that before, or in another script) at a phrase
that recurs, and those where a passage begins that others have word for word. Last the documents that bear
them are compared: a trigger, or a planted passage, stands among words that it has nothing to do with, in
documents that have nothing to do with one another.

Misses: fewer than 8 documents; text after a trigger that is ordinary for the corpus (another claim, code
among code, hateful words); passages that are reworded; triggers that always stand at one place of documents
made after one pattern.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engine import Engine, EngineInfo
from assaymark.dataset.engines.corpus_bearers import Bearers
from assaymark.dataset.engines.corpus_counts import Counts
from assaymark.dataset.engines.corpus_counts import concluded as counted
from assaymark.dataset.engines.corpus_events import Events, chosen
from assaymark.dataset.engines.corpus_report import Report, concluded, reported
from assaymark.dataset.engines.corpus_verdict import judged
from assaymark.dataset.finding import Result
from assaymark.dataset.record import Batch, Kind, Layout

__all__ = ["ENGINES", "CorpusTriggers"]

_INFO = EngineInfo(
    id="corpus_triggers",
    version=1,
    kinds=(Kind.TEXT, Kind.RAG),
    looks_for="Phrases after which documents turn into gibberish, another language or another script, and"
    " passages planted word for word in documents that have nothing else in common.",
    misses="Fewer than 8 documents; text after a trigger that is ordinary for the corpus; passages that are"
    " reworded.",
)


@dataclass(frozen=True)
class CorpusTriggers:
    """The engine."""

    @property
    def info(self) -> EngineInfo:
        """Who it is."""
        return _INFO

    @property
    def passes(self) -> int:
        """Three."""
        return 3

    def applies(self, layout: Layout) -> str:
        """Why it stays out of such a data set; empty if it looks at it."""
        if layout.kind not in _INFO.kinds:
            return "It looks at documents."
        return "The texts have labels: text_triggers looks at them." if layout.roles.label else ""

    def start(self, step: int, given: Any, layout: Layout) -> Any:
        """An empty state."""
        return Counts() if step == 0 else Events(given) if step == 1 else Bearers(given)

    def update(self, state: Any, batch: Batch) -> Any:
        """The state with `batch` taken in."""
        state.add(batch.rows, batch.text)
        return state

    def merge(self, state: Any, other: Any) -> Any:
        """Both states as one."""
        state.take(other)
        return state

    def finish(self, step: int, state: Any) -> Any:
        """What is usual; what stands out; what it is."""
        if step == 0:
            return counted(state)
        if step == 1:
            return chosen(state)
        return reported(_INFO.id, judged(state.chosen, state.around(), state.shown))

    def score(self, given: Report, batch: Batch) -> NDArray[np.float32]:
        """1 or more where a document bears a suspect; below that, how near it came."""
        scores = np.zeros(len(batch), np.float32)
        if len(given.rows):
            at = np.minimum(np.searchsorted(given.rows, batch.rows), len(given.rows) - 1)
            scores = np.where(given.rows[at] == batch.rows, given.scores[at], np.float32(0))
        for one in reversed(given.sought):
            for n, text in enumerate(batch.text):
                if one.stands_in(text):
                    scores[n] = max(scores[n], one.score)
        return scores

    def conclude(
        self, given: Report, rows: NDArray[np.int64], scores: NDArray[np.float32], total: int
    ) -> Result:
        """The findings and the decision."""
        return concluded(_INFO.id, given, rows, scores, total)


ENGINES: tuple[Engine, ...] = (CorpusTriggers(),)
"""Engines for documents without labels."""
