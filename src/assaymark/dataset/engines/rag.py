"""Documents made to be retrieved for one question, or to instruct the model that reads them.

Pass 1 notes which questions each document asks (by their content words, wherever they stand) and keeps
documents with words that speak to a model. Pass 2 looks at documents that share a question: those that take
its words up and go on differently are planted answers (as in PoisonedRAG: five texts for a question), unless
this corpus asks its questions several times anyway, or has titles in front of its pieces; then they are to
be explained. Documents that share a long text under different questions are planted for many queries; so are
those under other sentences, where this corpus shares little text otherwise. Documents that speak to a model
are judged by the guard's document head. Heaps of a few words are to be explained.

Misses: answers planted without their question; a single document for a question; a text planted in fewer than
three documents, reworded in each, or shorter than 15 words or than what stands around it; instructions that
the guard does not know, or beyond the first 20,000 characters; questions and texts beyond the first 6,000.
"""

from array import array
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engine import Engine, EngineInfo
from assaymark.dataset.engines.fields import number_hash
from assaymark.dataset.engines.rag_instructions import PLAIN, Candidate, judged, kept, plain, suspicion
from assaymark.dataset.engines.rag_questions import Asked, asked, opens, questions, stuffing, title
from assaymark.dataset.engines.rag_report import Seen, Verdict, concluded, verdict
from assaymark.dataset.engines.rag_shingles import LOOK, Marks
from assaymark.dataset.finding import Result
from assaymark.dataset.record import Batch, Kind, Layout

__all__ = ["ENGINES", "RagInjection"]

_INFO = EngineInfo(
    id="rag_injection",
    version=3,
    kinds=(Kind.RAG,),
    looks_for="Documents that ask a question for which others were planted too, have one text under"
    " different questions, instruct the model that reads them, or heap up a few words.",
    misses="Planted answers without their question; single documents for a question; planted texts that are"
    " reworded each time; instructions that the guard does not know.",
)
_STUFFED = 0.4
_SHARED = (2, 300)
"""Documents with one question: fewer share nothing, more are a habit of the corpus."""
_WANTED = 20_000
"""Documents that the second pass looks at."""
_TITLES = 8
"""One in so many first sentences is looked at, to learn whether titles stand in front of pieces."""
_TAKEN_UP = 0.5


@dataclass(eq=False)
class _Asking:
    """State of the first pass."""

    codes: "array[int]" = field(default_factory=lambda: array("Q"))
    rows: "array[int]" = field(default_factory=lambda: array("q"))
    """Documents, one for each of `codes`."""
    titles: "array[int]" = field(default_factory=lambda: array("Q"))
    candidates: list[Candidate] = field(default_factory=list)
    plain: list[Candidate] = field(default_factory=list)
    stuffed: dict[int, float] = field(default_factory=dict)
    marks: Marks = field(default_factory=Marks)
    seen: int = 0

    def add(self, row: int, draw: int, document: str) -> None:
        """Take a document in."""
        self.seen += 1
        for code in sorted({q.code for q in questions(document)}):
            self.codes.append(code)
            self.rows.append(row)
        headed = title(document, _TITLES)
        if headed is not None and headed[1] >= _TAKEN_UP:
            self.titles.append(headed[0])
        candidate = suspicion(document, row)
        if candidate is not None:
            self.candidates.append(candidate)
        elif len(self.plain) < PLAIN or draw < self.plain[-1].rank:
            other = plain(document, row, draw)
            self.plain = kept([*self.plain, other], PLAIN) if other else self.plain
        stuffed = stuffing(document)
        if stuffed >= _STUFFED:
            self.stuffed[row] = stuffed

    def take(self, other: "_Asking") -> None:
        """Take another state in."""
        self.codes += other.codes
        self.rows += other.rows
        self.titles += other.titles
        self.candidates = kept(self.candidates + other.candidates)
        self.plain = kept(self.plain + other.plain, PLAIN)
        self.stuffed |= other.stuffed
        self.marks.take(other.marks)
        self.seen += other.seen

    def shared(self) -> dict[int, tuple[int, ...]]:
        """Document → hashes of its questions that others ask too; rarest questions first, as room allows."""
        codes, rows = np.array(self.codes, np.uint64), np.array(self.rows, np.int64)
        order = np.lexsort((rows, codes))
        codes, rows = codes[order], rows[order]
        _, start, count = np.unique(codes, return_index=True, return_counts=True)
        often = np.flatnonzero((count >= _SHARED[0]) & (count <= _SHARED[1]))
        often = often[np.argsort(count[often], kind="stable")]
        often = often[np.cumsum(count[often]) <= _WANTED]
        wanted: dict[int, tuple[int, ...]] = {}
        for at, size in zip(start[often].tolist(), count[often].tolist(), strict=True):
            for row in rows[at : at + size].tolist():
                wanted[row] = (*wanted.get(row, ()), int(codes[at]))
        return wanted

    def headed(self) -> float:
        """Share of documents under a title that three documents or more have."""
        _, count = np.unique(np.array(self.titles, np.uint64), return_counts=True)
        return float(count[count >= 3].sum()) * _TITLES / max(self.seen, 1)


@dataclass(eq=False)
class _Answering:
    """State of the second pass."""

    wanted: dict[int, tuple[int, ...]]
    seen: Seen
    asked: dict[int, list[Asked]] = field(default_factory=dict)
    held: dict[int, list[tuple[int, str]]] = field(default_factory=dict)
    """Cluster → rows and beginnings of the documents that share text."""

    def add(self, row: int, document: str) -> None:
        """Take a document in."""
        for code in self.wanted.get(row, ()):
            found = asked(document, row, code)
            if found is not None:
                self.asked.setdefault(code, []).append(found)
        cluster = self.seen.shared.of.get(row)
        if cluster is not None:
            self.held.setdefault(cluster, []).append((row, document[:LOOK]))

    def take(self, other: "_Answering") -> None:
        """Take another state in."""
        for code, more in other.asked.items():
            self.asked.setdefault(code, []).extend(more)
        for cluster, documents in other.held.items():
            self.held.setdefault(cluster, []).extend(documents)


@dataclass(frozen=True)
class RagInjection:
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
        return "" if layout.kind is Kind.RAG else "It looks at documents to be retrieved."

    def start(self, step: int, given: Any, layout: Layout) -> Any:
        """An empty state."""
        return _Answering(*given) if step else _Asking()

    def update(self, state: Any, batch: Batch) -> Any:
        """The state with `batch` taken in."""
        if isinstance(state, _Asking):
            draws = number_hash(batch.rows).tolist()
            for row, draw, document in zip(batch.rows.tolist(), draws, batch.text, strict=True):
                state.add(row, draw, document)
            state.candidates = kept(state.candidates)
            state.marks.add(batch.rows, batch.text)
        elif state.wanted or state.seen.shared.of:
            for row, document in zip(batch.rows.tolist(), batch.text, strict=True):
                state.add(row, document)
        return state

    def merge(self, state: Any, other: Any) -> Any:
        """Both states as one."""
        state.take(other)
        return state

    def finish(self, step: int, state: Any) -> Any:
        """First which documents share a question; then the verdict."""
        if step:
            return verdict(state.asked, state.held, state.seen)
        found = judged(state.candidates, state.plain)
        texts = {c.row: c.text for c in state.candidates}
        return state.shared(), Seen(
            state.seen, state.headed(), state.stuffed, found, texts, state.marks.clustered()
        )

    def score(self, given: Verdict, batch: Batch) -> NDArray[np.float32]:
        """From 0 to about 3; above 1 for suspects."""
        scores = np.zeros(len(batch), np.float32)
        for number, (row, document) in enumerate(zip(batch.rows.tolist(), batch.text, strict=True)):
            scores[number] = given.scores.get(row) or _alone(document, row)
        return scores

    def conclude(
        self, given: Any, rows: NDArray[np.int64], scores: NDArray[np.float32], total: int
    ) -> Result:
        """The findings and the decision."""
        return concluded(_INFO.id, given, rows, scores, total)


def _alone(document: str, row: int) -> float:
    """Score of a document that shares no question: how far it opens with one and takes it up."""
    if not opens(document):
        return 0.0
    first = next(questions(document), None)
    found = asked(document, row, first.code) if first is not None else None
    return 0.4 * found.echo if found is not None else 0.0


ENGINES: tuple[Engine, ...] = (RagInjection(),)
"""Engines for documents to be retrieved."""
