"""What a worker does with its shards: one reading of them for all engines together.

Reading and decoding cost most, so engines share them. An engine that raises is a defect of ours, or met bytes
that nobody thought of: it stops, its reason is told, and the others go on. This is the runner of engines, and
so one of the few places that catch everything.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engine import Engine
from assaymark.dataset.reading.shard import Shard
from assaymark.dataset.record import Batch, Hole, Layout, Place

__all__ = [
    "Gather",
    "Gathered",
    "Read",
    "Score",
    "Scored",
    "Seen",
    "Stopped",
    "attempt",
    "both",
    "lost_shards",
    "merged",
]

T = TypeVar("T")
Read = Callable[[Shard], Iterator[Batch | Hole]]


@dataclass(frozen=True)
class Stopped:
    """In place of what an engine would have given: why it stopped."""

    reason: str


def attempt(function: Callable[..., T], *arguments: Any) -> T | Stopped:
    """What `function` gives, or why it gave nothing."""
    try:
        return function(*arguments)
    except Exception as error:  # noqa: BLE001 - the runner of engines: what one of them does must not end the scan
        frame = error.__traceback__
        while frame and frame.tb_next:
            frame = frame.tb_next
        where = f" ({PurePath(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno})" if frame else ""
        return Stopped(f"{type(error).__name__}{where}: {error}"[:400])


@dataclass(frozen=True)
class Seen:
    """What reading a group of shards showed, whoever looked."""

    records: int = 0
    end: int = 0
    """One more than the largest record number."""
    holes: tuple[Hole, ...] = ()
    lost: tuple[Shard, ...] = ()
    """Shards that no process survived; they are among the holes too."""
    seconds: tuple[float, ...] = ()
    """CPU seconds of reading, then of each engine."""

    def __add__(self, other: "Seen") -> "Seen":
        pairs = zip(self.seconds, other.seconds, strict=True) if self.seconds and other.seconds else ()
        return Seen(
            self.records + other.records,
            max(self.end, other.end),
            self.holes + other.holes,
            self.lost + other.lost,
            tuple(a + b for a, b in pairs) or self.seconds or other.seconds,
        )


class _Reading:
    """The batches of some shards, and an account of them."""

    def __init__(self, read: Read, offset: int, engines: int) -> None:
        self._read = read
        self._offset = offset
        self._spent = np.zeros(engines + 1)
        self._records = 0
        self._end = 0
        self._holes: list[Hole] = []

    def batches(self, shards: Sequence[Shard]) -> Iterator[Batch]:
        """All of them; what cannot be read is set down as a hole."""
        for shard in shards:
            yield from self._of(shard)

    def engine(self, number: int, function: Callable[..., T], *arguments: Any) -> T | Stopped:
        """What an engine gives; its time is counted."""
        began = time.thread_time()
        result = attempt(function, *arguments)
        self._spent[number + 1] += time.thread_time() - began
        return result

    def seen(self) -> Seen:
        """The account."""
        return Seen(self._records, self._end, tuple(self._holes), (), tuple(map(float, self._spent)))

    def _of(self, shard: Shard) -> Iterator[Batch]:
        parts = iter(self._read(shard))
        missing = shard.records
        while True:
            began = time.thread_time()
            part = attempt(next, parts, None)
            self._spent[0] += time.thread_time() - began
            if part is None:
                return
            if isinstance(part, Stopped):
                self._holes.append(_hole(shard, f"reading stopped: {part.reason}", max(missing, 0)))
                return
            if isinstance(part, Hole):
                self._holes.append(part)
                missing -= part.records
            elif len(part):
                missing -= len(part)
                self._records += len(part)
                batch = replace(part, rows=part.rows + self._offset) if self._offset else part
                self._end = max(self._end, int(batch.rows[-1]) + 1)
                yield batch


@dataclass(frozen=True)
class Gathered:
    """The states of all engines after some shards."""

    states: tuple[Any, ...]
    """For each engine its state, or `Stopped`; empty where nothing was read."""
    seen: Seen


@dataclass(frozen=True)
class Gather:
    """Pass `step` of all engines over a group of shards."""

    read: Read
    layout: Layout
    engines: tuple[Engine, ...]
    step: int
    given: tuple[Any, ...]
    """What the pass before gave each engine; `Stopped` for one that is out."""
    offset: int = 0
    """Added to the record numbers: records of earlier scans."""

    def __call__(self, shards: tuple[Shard, ...]) -> Gathered:
        """Read them, once."""
        reading = _Reading(self.read, self.offset, len(self.engines))
        states = self.start()
        for batch in reading.batches(shards):
            for number, engine in enumerate(self.engines):
                if not isinstance(states[number], Stopped):
                    states[number] = reading.engine(number, engine.update, states[number], batch)
        return Gathered(tuple(states), reading.seen())

    def start(self) -> list[Any]:
        """A state of each engine before any record."""
        return [
            given if isinstance(given, Stopped) else attempt(engine.start, self.step, given, self.layout)
            for engine, given in zip(self.engines, self.given, strict=True)
        ]


def merged(engines: Sequence[Engine], one: Gathered, other: Gathered) -> Gathered:
    """Both as one; `one` is of the earlier records."""
    if not one.states or not other.states:
        return Gathered(one.states or other.states, one.seen + other.seen)
    states = []
    for engine, left, right in zip(engines, one.states, other.states, strict=True):
        stopped = next((s for s in (left, right) if isinstance(s, Stopped)), None)
        states.append(stopped or attempt(engine.merge, left, right))
    return Gathered(tuple(states), one.seen + other.seen)


@dataclass(frozen=True)
class Scored:
    """Scores of the records of some shards."""

    rows: NDArray[np.int64]
    scores: tuple[NDArray[np.float32] | Stopped, ...]
    """For each engine, along `rows`; empty where nothing was read."""
    seen: Seen


@dataclass(frozen=True)
class Score:
    """The last reading of a group of shards: a score for each record by each engine."""

    read: Read
    engines: tuple[Engine, ...]
    given: tuple[Any, ...]
    offset: int = 0

    def __call__(self, shards: tuple[Shard, ...]) -> Scored:
        """Read them, once."""
        reading = _Reading(self.read, self.offset, len(self.engines))
        rows: list[NDArray[np.int64]] = []
        scores: list[list[NDArray[np.float32]] | Stopped] = [
            given if isinstance(given, Stopped) else [] for given in self.given
        ]
        for batch in reading.batches(shards):
            rows.append(batch.rows)
            for number, engine in enumerate(self.engines):
                so_far = scores[number]
                if isinstance(so_far, Stopped):
                    continue
                part = reading.engine(number, _scores, engine, self.given[number], batch)
                if isinstance(part, Stopped):
                    scores[number] = part
                else:
                    so_far.append(part)
        joined = tuple(s if isinstance(s, Stopped) else _joined(s, np.float32) for s in scores)
        return Scored(_joined(rows, np.int64), joined, reading.seen())


def _scores(engine: Engine, given: Any, batch: Batch) -> NDArray[np.float32]:
    scores = np.asarray(engine.score(given, batch), dtype=np.float32)
    if scores.shape != (len(batch),):
        raise ValueError(f"gave {scores.shape} scores for {len(batch)} records")
    if not np.isfinite(scores).all():
        raise ValueError("gave a score that is no finite number")
    return scores


def _joined(parts: list[NDArray[Any]], kind: type[np.generic]) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.empty(0, kind)


def both(one: Scored, other: Scored) -> Scored:
    """Both as one; `one` is of the earlier records."""
    seen = one.seen + other.seen
    rows = np.concatenate((one.rows, other.rows))
    if not one.scores or not other.scores:  # a part that was lost has no scores and no rows
        return Scored(rows, one.scores or other.scores, seen)
    scores = []
    for left, right in zip(one.scores, other.scores, strict=True):
        if isinstance(left, Stopped) or isinstance(right, Stopped):
            scores.append(left if isinstance(left, Stopped) else right)
        else:
            scores.append(np.concatenate((left, right)))
    return Scored(rows, tuple(scores), seen)


def lost_shards(shards: Sequence[Shard], reason: str) -> Seen:
    """The account of shards that no process survived."""
    return Seen(holes=tuple(_hole(s, reason, s.records) for s in shards), lost=tuple(shards))


def _hole(shard: Shard, reason: str, records: int) -> Hole:
    name = shard.sources[0].name if shard.sources else ""
    return Hole(Place(name, shard.row), reason, records)
