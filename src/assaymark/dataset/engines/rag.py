"""Documents made to be retrieved for one question, or to instruct the model that reads them.

One pass. Documents that open with the same question, take its words up and go on differently are planted
answers (as in PoisonedRAG: five texts for a question); where many documents of a corpus do so, it is a
collection of questions and answers, and they are to be explained. Documents with words that speak to a model
are judged by the guard's document head. Heaps of a few words are to be explained.

Misses: answers planted without their question in front; a single document for a question; instructions that
the guard does not know, or beyond the first 20,000 characters.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engine import Engine, EngineInfo
from assaymark.dataset.engines.rag_instructions import Candidate, judged, kept, suspicion
from assaymark.dataset.engines.rag_openings import Opening, opening, stuffing
from assaymark.dataset.engines.rag_report import Verdict, concluded, verdict
from assaymark.dataset.finding import Result
from assaymark.dataset.record import Batch, Kind, Layout

__all__ = ["ENGINES", "RagInjection"]

_INFO = EngineInfo(
    id="rag_injection",
    version=1,
    kinds=(Kind.RAG,),
    looks_for="Documents that open with a question for which others were planted too, instruct the model that"
    " reads them, or heap up a few words.",
    misses="Planted answers without their question in front; single documents for a question; instructions"
    " that the guard does not know.",
)
_STUFFED = 0.4


@dataclass(eq=False)
class _Seen:
    """State of the pass."""

    openings: dict[int, Opening] = field(default_factory=dict)
    """Row → opening with echo."""
    candidates: list[Candidate] = field(default_factory=list)
    stuffed: dict[int, float] = field(default_factory=dict)
    seen: int = 0


@dataclass(frozen=True)
class RagInjection:
    """The engine."""

    @property
    def info(self) -> EngineInfo:
        """Who it is."""
        return _INFO

    @property
    def passes(self) -> int:
        """One."""
        return 1

    def applies(self, layout: Layout) -> str:
        """Why it stays out of such a data set; empty if it looks at it."""
        return "" if layout.kind is Kind.RAG else "It looks at documents to be retrieved."

    def start(self, step: int, given: Any, layout: Layout) -> Any:
        """An empty state."""
        return _Seen()

    def update(self, state: Any, batch: Batch) -> Any:
        """The state with `batch` taken in."""
        for row, document in zip(batch.rows.tolist(), batch.text, strict=True):
            state.seen += 1
            found = opening(document)
            if found is not None:
                state.openings[row] = found
            candidate = suspicion(document, row)
            if candidate is not None:
                state.candidates.append(candidate)
            stuffed = stuffing(document)
            if stuffed >= _STUFFED:
                state.stuffed[row] = stuffed
        state.candidates = kept(state.candidates)
        return state

    def merge(self, state: Any, other: Any) -> Any:
        """Both states as one."""
        state.openings |= other.openings
        state.stuffed |= other.stuffed
        state.candidates = kept(state.candidates + other.candidates)
        state.seen += other.seen
        return state

    def finish(self, step: int, state: Any) -> Verdict:
        """Groups of documents for one question, and what the guard says."""
        found, threshold, note = judged(state.candidates)
        texts = {c.row: c.text for c in state.candidates}
        return verdict(state.openings, state.stuffed, found, texts, threshold, note, state.seen)

    def score(self, given: Any, batch: Batch) -> NDArray[np.float32]:
        """From 0 to about 2; above 1 for suspects."""
        return np.array([given.scores.get(row, 0.0) for row in batch.rows.tolist()], np.float32)

    def conclude(
        self, given: Any, rows: NDArray[np.int64], scores: NDArray[np.float32], total: int
    ) -> Result:
        """The findings and the decision."""
        return concluded(_INFO.id, given, rows, scores, total)


ENGINES: tuple[Engine, ...] = (RagInjection(),)
"""Engines for documents to be retrieved."""
