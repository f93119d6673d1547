"""The passes of all engines over a data set, on any executor: the same result on each, to the last bit."""

import functools
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from assaymark.dataset.engine import Engine
from assaymark.dataset.executing.executor import single_threaded
from assaymark.dataset.executing.plain import pack, types_of
from assaymark.dataset.executing.reduction import Tree
from assaymark.dataset.executing.scores import ScoreTable
from assaymark.dataset.executing.work import (
    Gather,
    Gathered,
    Read,
    Score,
    Scored,
    Seen,
    Stopped,
    attempt,
    both,
    lost_shards,
    merged,
)
from assaymark.dataset.finding import Result
from assaymark.dataset.reading.shard import Shard
from assaymark.dataset.record import Hole, Layout
from assaymark.source.executor import Executor

__all__ = ["Outcome", "Plan", "Progress", "run"]

_GROUPS = 256
"""Work units of one reading at most; decided by the data alone, so any number of workers merges alike."""


class _Part(Protocol):
    @property
    def seen(self) -> Seen: ...


PartT = TypeVar("PartT", bound=_Part)
T = TypeVar("T")
Group = tuple[int, tuple[Shard, ...]]


class Progress(Struct, frozen=True):
    """How far a scan is."""

    step: int
    """Which reading of the data, from 1."""
    steps: int
    done: int
    """Parts of this reading that are done."""
    parts: int
    records: int
    """Records read in this reading so far."""


def _silent(progress: Progress) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Plan:
    """What is to be run over what."""

    engines: tuple[Engine, ...]
    layout: Layout
    shards: tuple[Shard, ...]
    read: Read
    total: int
    """Records, those that cannot be read included, and those of earlier scans."""
    offset: int = 0
    """Records of earlier scans; they are numbered before these."""
    earlier: tuple[Any, ...] = ()
    """For each engine the merged state of its only pass over earlier records, or None; empty for none."""
    keep: bool = False
    """Whether states are wanted, for later scans."""
    report: Callable[[Progress], None] = field(default=_silent)


@dataclass(frozen=True, eq=False)
class Outcome:
    """What the engines gave."""

    results: tuple[Result | Stopped, ...]
    states: tuple[bytes | Stopped | None, ...]
    """If to be kept: the packed state of each engine that has one pass, or why not; None for others."""
    rows: NDArray[np.int64]
    """Records that the last reading read, ascending."""
    total: int
    holes: tuple[Hole, ...]
    seconds: tuple[float, ...]
    """CPU seconds of reading, then of each engine; merges aside."""


def run(plan: Plan, executor: Executor) -> Outcome:
    """All passes, the scoring, and each engine's conclusion."""
    with single_threaded():
        work = _Run(plan, executor)
        given: list[Any] = [None] * len(plan.engines)
        kept: list[Any] = [None] * len(plan.engines)
        for step in range(work.steps - 1):
            for n, state in work.gather(step, given).items():
                if plan.keep and plan.engines[n].passes == 1 and not isinstance(state, Stopped):
                    kept[n] = attempt(pack, state, types_of(plan.engines[n]))  # now: `finish` may change it
                if isinstance(state, Stopped):
                    given[n] = state
                else:
                    given[n] = work.alone(n, plan.engines[n].finish, step, state)
        table = work.score(tuple(given))
        rows = table.rows()
        results = tuple(
            work.alone(n, _concluded, e, n, g, table, rows)
            for n, (e, g) in enumerate(zip(plan.engines, given, strict=True))
        )
    seen = work.seen
    return Outcome(results, tuple(kept), rows, table.total, seen.holes, seen.seconds)


def _concluded(
    engine: Engine, number: int, given: Any, table: ScoreTable, rows: NDArray[np.int64]
) -> Result | Stopped:
    if isinstance(given, Stopped):
        return given
    scores = table.scores(number, rows)
    if isinstance(scores, Stopped):
        return scores
    result = _conclude(engine, given, rows, scores, table.total)
    return replace(result, scores=table.keep(number, result.scores))


def _conclude(
    engine: Engine, given: Any, rows: NDArray[np.int64], scores: NDArray[np.float32], total: int
) -> Result:
    result = engine.conclude(given, rows, scores, total)
    if result.scores.shape != (total,) or result.flagged.shape != (total,):
        raise ValueError(f"gave {result.scores.shape} scores for {total} records")
    if not np.isfinite(result.scores).all():
        raise ValueError("gave a score that is no finite number")
    return result


class _Run:
    """A run under way: what is still to be read, and what was seen."""

    def __init__(self, plan: Plan, executor: Executor) -> None:
        self._plan = plan
        self._executor = executor
        self._shards = plan.shards
        self.seen = Seen()
        self.steps = max((e.passes for e in plan.engines), default=0) + 1

    def alone(self, number: int, function: Callable[..., T], *arguments: Any) -> T | Stopped:
        """What an engine does once, for all data, in this process; its time is counted."""
        began = time.process_time()
        result = attempt(function, *arguments)
        spent = [0.0] * (len(self._plan.engines) + 1)
        spent[number + 1] = time.process_time() - began
        self.seen += Seen(seconds=tuple(spent))
        return result

    def gather(self, step: int, given: Sequence[Any]) -> dict[int, Any]:
        """Pass `step` of those engines that have one and still run: their merged states."""
        plan = self._plan
        now = [n for n, e in enumerate(plan.engines) if step < e.passes and not isinstance(given[n], Stopped)]
        if not now:
            return {}
        engines = tuple(plan.engines[n] for n in now)
        work = Gather(plan.read, plan.layout, engines, step, tuple(given[n] for n in now), plan.offset)
        merge = functools.partial(merged, engines)
        groups = self._groups()
        tree = Tree(len(groups) + 1, merge)
        tree.add(0, Gathered(self._before(work.start(), now), Seen()))
        for number, part in self._map(step, work, groups, _nothing_gathered, merge):
            tree.add(number + 1, part)
        whole = tree.root()
        self._account(whole.seen, now)
        return dict(zip(now, whole.states, strict=True))

    def score(self, given: tuple[Any, ...]) -> ScoreTable:
        """The last reading."""
        plan = self._plan
        work = Score(plan.read, plan.engines, given, plan.offset)
        table = ScoreTable(len(plan.engines), max(plan.total, self.seen.end), given)
        seen: dict[int, Seen] = {}
        for number, part in self._map(self.steps - 1, work, self._groups(), _nothing_scored, both):
            table.put(part)
            seen[number] = part.seen
        self._account(sum((seen[n] for n in sorted(seen)), Seen()), range(len(plan.engines)))
        return table

    def _before(self, empty: list[Any], now: Sequence[int]) -> tuple[Any, ...]:
        """The states before any record of this scan: empty, or those of earlier scans."""
        earlier = self._plan.earlier or (None,) * len(self._plan.engines)
        pairs = zip(empty, now, strict=True)
        return tuple(state if earlier[n] is None else earlier[n] for state, n in pairs)

    def _groups(self) -> list[Group]:
        size = -(-len(self._shards) // _GROUPS) or 1
        starts = range(0, len(self._shards), size)
        return [(n, self._shards[i : i + size]) for n, i in enumerate(starts)]

    def _map(
        self,
        step: int,
        work: Callable[[tuple[Shard, ...]], PartT],
        groups: Sequence[Group],
        nothing: Callable[[Seen], PartT],
        merge: Callable[[PartT, PartT], PartT],
    ) -> Iterator[tuple[int, PartT]]:
        """Each group's result as it comes. Of a group that was lost, each shard is tried by itself."""
        done = records = 0
        for number, part in self._retried(work, groups, nothing, merge):
            done, records = done + 1, records + part.seen.records
            self._plan.report(Progress(step + 1, self.steps, done, len(groups), records))
            yield number, part

    def _retried(
        self,
        work: Callable[[tuple[Shard, ...]], PartT],
        groups: Sequence[Group],
        nothing: Callable[[Seen], PartT],
        merge: Callable[[PartT, PartT], PartT],
    ) -> Iterator[tuple[int, PartT]]:
        again = []
        for number, part in self._results(work, groups, nothing):
            if len(part.seen.lost) > 1:
                again.append((number, part.seen.lost))
            else:
                yield number, part
        for number, shards in again:
            parts = dict(self._results(work, [(i, (s,)) for i, s in enumerate(shards)], nothing))
            yield number, functools.reduce(merge, (parts[i] for i in range(len(shards))))

    def _results(
        self,
        work: Callable[[tuple[Shard, ...]], PartT],
        groups: Sequence[Group],
        nothing: Callable[[Seen], PartT],
    ) -> Iterator[tuple[int, PartT]]:
        for unit in self._executor.map(_Numbered(work), [(g,) for g in groups], _Lost(nothing)):
            yield from unit

    def _account(self, seen: Seen, engines: Sequence[int]) -> None:
        spent = [0.0] * (len(self._plan.engines) + 1)
        for n, seconds in zip((-1, *engines), seen.seconds, strict=False):
            spent[n + 1] = seconds
        holes = tuple(dict.fromkeys(self.seen.holes + seen.holes))
        self.seen = replace(self.seen + replace(seen, seconds=tuple(spent)), holes=holes)
        self._shards = tuple(s for s in self._shards if s not in seen.lost)


@dataclass(frozen=True)
class _Numbered:
    """Does a group's work and keeps its number."""

    work: Callable[[tuple[Shard, ...]], Any]

    def __call__(self, group: Group) -> tuple[int, Any]:
        with single_threaded():
            return group[0], self.work(group[1])


@dataclass(frozen=True)
class _Lost:
    """What stands for a group that no process survived."""

    nothing: Callable[[Seen], Any]

    def __call__(self, group: Group, reason: str) -> tuple[int, Any]:
        return group[0], self.nothing(lost_shards(group[1], reason))


def _nothing_gathered(seen: Seen) -> Gathered:
    return Gathered((), seen)


def _nothing_scored(seen: Seen) -> Scored:
    return Scored(np.empty(0, np.int64), (), seen)
