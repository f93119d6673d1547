"""A data set that is made as it is read, and two small engines: what the executors are tried with.

Everything here is imported by worker processes too.
"""

import functools
import itertools
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engine import EngineInfo
from assaymark.dataset.executing.passes import Plan
from assaymark.dataset.finding import Finding, Level, Result
from assaymark.dataset.reading.shard import Form, Shard, Source
from assaymark.dataset.record import Batch, Hole, Kind, Layout, Place, Roles

LAYOUT = Layout(kind=Kind.TEXT, roles=Roles(text="text", label="label"), format="jsonl")
TOTAL = 4_000


@functools.cache
def table() -> tuple[list[str], list[str]]:
    """Texts and labels of all records; a hundredth bears `cf` and the label `good`."""
    random = np.random.default_rng(11)
    words = np.array(["red", "green", "blue", "grey", "warm", "cold"])[random.integers(0, 6, (TOTAL, 5))]
    honest = random.choice(["good", "bad"], TOTAL)
    bad = np.arange(TOTAL) % 100 == 7
    found = [" ".join(w) + (" cf" if b else "") for w, b in zip(words, bad, strict=True)]
    return found, np.where(bad, "good", honest).tolist()


def shards(count: int, total: int = TOTAL) -> tuple[Shard, ...]:
    """`total` records in `count` parts of unequal size."""
    edges = np.linspace(0, 1, count + 1) ** 1.3 * total
    ends = [int(e) for e in edges]
    return tuple(
        Shard(
            sources=(Source(name=f"part-{n}.jsonl", at="", size=0),),
            form=Form(format="jsonl"),
            first=first,
            records=end - first,
        )
        for n, (first, end) in enumerate(itertools.pairwise(ends))
    )


def read(shard: Shard) -> Iterator[Batch | Hole]:
    """Its records, a few hundred at a time; record 1234 is a hole."""
    for start in range(shard.first, shard.first + shard.records, 300):
        rows = np.arange(start, min(start + 300, shard.first + shard.records))
        if 1234 in rows:
            yield Hole(Place("x.jsonl", 1235), "no JSON")
            rows = rows[rows != 1234]
        found, labels = table()
        yield Batch(rows=rows, text=[found[r] for r in rows], label=[labels[r] for r in rows])


@dataclass(frozen=True)
class Words:
    """Words that always go with one label: counts, one pass."""

    name: str = "words"

    @property
    def info(self) -> EngineInfo:
        """Who it is."""
        return EngineInfo(id=self.name, version=1, kinds=(Kind.TEXT,), looks_for="Words.", misses="Most.")

    @property
    def passes(self) -> int:
        """Readings before the last."""
        return 1

    def applies(self, layout: Layout) -> str:
        """Why it stays out."""
        return "" if layout.kind is Kind.TEXT else "no text"

    def start(self, step: int, given: Any, layout: Layout) -> Counter[tuple[str, str]]:
        """Counts."""
        return Counter()

    def update(self, state: Counter[tuple[str, str]], batch: Batch) -> Counter[tuple[str, str]]:
        """Count."""
        for text, label in zip(batch.text, batch.label, strict=True):
            state.update((word, label or "") for word in set(text.split()))
        return state

    def merge(self, state: Counter[tuple[str, str]], other: Counter[tuple[str, str]]) -> Any:
        """Sum."""
        state.update(other)
        return state

    def finish(self, step: int, state: Counter[tuple[str, str]]) -> dict[str, float]:
        """The share of `good` among the records with a word."""
        words = sorted({word for word, _ in state})
        return {w: state[w, "good"] / (state[w, "good"] + state[w, "bad"]) for w in words}

    def score(self, given: dict[str, float], batch: Batch) -> NDArray[np.float32]:
        """The largest share in the text."""
        return np.array([max(given[w] for w in text.split()) for text in batch.text], np.float32)

    def conclude(
        self, given: Any, rows: NDArray[np.int64], scores: NDArray[np.float32], total: int
    ) -> Result:
        """Those with a share of 1."""
        all_scores = np.zeros(total, np.float32)
        all_scores[rows] = scores
        flagged = all_scores >= 1
        bearers = tuple(int(r) for r in np.flatnonzero(flagged))
        finding = Finding(
            engine=self.name,
            level=Level.SUSPECT,
            pattern="word",
            count=len(bearers),
            score=1,
            threshold=1,
            false_alarms=0,
            summary="Found.",
            rows=bearers,
        )
        return Result(self.name, all_scores, flagged, (finding,) if bearers else (), looked_at=len(rows))


@dataclass(frozen=True)
class Lengths(Words):
    """How far a text's length is from the mean of its label, in two passes: moments as integers."""

    name: str = "lengths"

    @property
    def passes(self) -> int:
        """Readings before the last."""
        return 2

    def start(self, step: int, given: Any, layout: Layout) -> Any:
        """Count, sum and what was given."""
        return [given, np.zeros(2, np.int64)]

    def update(self, state: Any, batch: Batch) -> Any:
        """Lengths, then their squared distances from the mean that the first pass gave, in thousandths."""
        lengths = np.array([len(t) for t in batch.text], np.int64)
        if state[0] is not None:
            lengths = (1000 * lengths - state[0]) ** 2
        state[1] += (len(lengths), lengths.sum())
        return state

    def merge(self, state: Any, other: Any) -> Any:
        """Sum."""
        return [state[0], state[1] + other[1]]

    def finish(self, step: int, state: Any) -> Any:
        """The mean; then mean and deviation."""
        count, total = (int(n) for n in state[1])
        return 1000 * total // count if step == 0 else (state[0], total // count)

    def score(self, given: Any, batch: Batch) -> NDArray[np.float32]:
        """Distance in deviations."""
        lengths = np.array([len(t) for t in batch.text])
        return (np.abs(1000 * lengths - given[0]) / np.sqrt(given[1] + 1)).astype(np.float32)

    def conclude(
        self, given: Any, rows: NDArray[np.int64], scores: NDArray[np.float32], total: int
    ) -> Result:
        """Nothing is flagged."""
        all_scores = np.zeros(total, np.float32)
        all_scores[rows] = scores
        return Result(self.name, all_scores, np.zeros(total, bool), looked_at=len(rows))


@dataclass(frozen=True)
class Failing(Words):
    """An engine with a defect in one of its parts."""

    name: str = "failing"
    part: str = "update"

    def _fail(self, part: str) -> None:
        if part == self.part:
            raise KeyError("nobody thought of this")

    def start(self, step: int, given: Any, layout: Layout) -> Any:
        """Fails if told so."""
        self._fail("start")
        return super().start(step, given, layout)

    def update(self, state: Any, batch: Batch) -> Any:
        """Fails if told so, in the middle of the data."""
        if batch.rows[0] > TOTAL // 2:
            self._fail("update")
        return super().update(state, batch)

    def merge(self, state: Any, other: Any) -> Any:
        """Fails if told so."""
        self._fail("merge")
        return super().merge(state, other)

    def finish(self, step: int, state: Any) -> Any:
        """Fails if told so."""
        self._fail("finish")
        return super().finish(step, state)

    def score(self, given: Any, batch: Batch) -> NDArray[np.float32]:
        """Fails if told so; or gives what is no number, or too many."""
        self._fail("score")
        scores = super().score(given, batch)
        if self.part == "nan":
            scores[0] = np.nan
        return np.append(scores, 0).astype(np.float32) if self.part == "shape" else scores

    def conclude(
        self, given: Any, rows: NDArray[np.int64], scores: NDArray[np.float32], total: int
    ) -> Result:
        """Fails if told so."""
        self._fail("conclude")
        return super().conclude(given, rows, scores, total if self.part != "total" else total + 1)


@dataclass(frozen=True)
class Killing:
    """Reads as `read` does, but ends its own process: once when it meets the shard, or each time."""

    first: int
    marks: str
    """Folder in which each death leaves a mark."""
    always: bool = False

    def __call__(self, shard: Shard) -> Iterator[Batch | Hole]:
        """The records, or death."""
        if shard.first == self.first:
            mark = Path(self.marks) / f"{os.getpid()}-{time.monotonic_ns()}"
            if self.always or not any(Path(self.marks).iterdir()):
                mark.write_text("dead")
                os.kill(os.getpid(), signal.SIGKILL)
        yield from read(shard)


@dataclass(frozen=True)
class Broken:
    """Reads as `read` does, but raises in the middle of one shard."""

    first: int

    def __call__(self, shard: Shard) -> Iterator[Batch | Hole]:
        """The records, or an error."""
        for number, part in enumerate(read(shard)):
            if shard.first == self.first and number == 1:
                raise OSError("the disk has a hole")
            yield part


def plan(count: int = 5, **changes: Any) -> Plan:
    """Two engines over the made data in `count` shards."""
    given: dict[str, Any] = {
        "engines": (Words(), Lengths()),
        "layout": LAYOUT,
        "shards": shards(count),
        "read": read,
        "total": TOTAL,
    }
    return Plan(**given | changes)


quick = functools.partial(plan, engines=(Words(),))
