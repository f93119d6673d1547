"""The passes over a data set: same result however it is cut and whoever reads it; nothing ends a scan."""

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.dataset.executing import made

from assaymark.dataset.executing.executor import Serial
from assaymark.dataset.executing.passes import Outcome, Progress, run
from assaymark.dataset.executing.processes import Processes
from assaymark.dataset.executing.work import Stopped
from assaymark.dataset.finding import Result


def fingerprint(outcome: Outcome) -> list[Any]:
    """All that an outcome says, to the last bit; CPU seconds aside."""
    results: list[Any] = []
    for r in outcome.results:
        if isinstance(r, Result):
            results.append((r.engine, r.scores.tobytes(), r.flagged.tobytes(), r.findings, r.looked_at))
        else:
            results.append(r)
    return [results, outcome.rows.tobytes(), outcome.total, outcome.holes]


@pytest.mark.parametrize("count", [1, 2, 5, 16, 300])
def test_any_number_of_shards_gives_the_same(count: int) -> None:
    """Shards, few or many, in whatever order they end, give the same scores, flags and holes."""
    whole = run(made.plan(1), Serial())
    parts = list(made.shards(count))
    random.Random(count).shuffle(parts)
    shuffled = run(made.plan(shards=tuple(parts)), Serial())

    assert fingerprint(shuffled) == fingerprint(whole)
    words = whole.results[0]
    assert isinstance(words, Result)
    assert words.findings[0].rows == tuple(range(7, made.TOTAL, 100))
    assert [h.place.row for h in whole.holes] == [1235]
    assert len(whole.rows) == made.TOTAL - 1


def test_processes_give_the_same() -> None:
    """Two worker processes give what this process gives."""
    with Processes(2) as workers:
        spread = run(made.plan(16), workers)

    assert fingerprint(spread) == fingerprint(run(made.plan(16), Serial()))


def test_a_killed_process_changes_nothing(tmp_path: Path) -> None:
    """A worker that dies in the middle of a shard is replaced, and the shard read again."""
    parts = made.shards(5)
    with Processes(2) as workers:
        outcome = run(made.plan(read=made.Killing(parts[2].first, str(tmp_path))), workers)

    assert len(list(tmp_path.iterdir())) == 1
    assert fingerprint(outcome) == fingerprint(run(made.plan(), Serial()))


def test_a_deadly_shard_is_a_hole(tmp_path: Path) -> None:
    """A shard that ends every process which reads it is lost and counted, and the others are scanned."""
    parts = made.shards(600)
    deadly = parts[301]
    with Processes(2) as workers:
        outcome = run(made.quick(shards=parts, read=made.Killing(deadly.first, str(tmp_path), True)), workers)

    lost = [h for h in outcome.holes if h.place.file == "part-301.jsonl"]
    assert [h.records for h in lost] == [deadly.records]
    assert "killed" in lost[0].reason
    assert len(outcome.rows) == made.TOTAL - 1 - deadly.records
    assert isinstance(outcome.results[0], Result)


def test_a_shard_that_cannot_be_read_is_a_hole() -> None:
    """What reading raises is told with the file, and the records it cost are counted."""
    parts = made.shards(5)
    outcome = run(made.plan(read=made.Broken(parts[3].first)), Serial())

    hole = next(h for h in outcome.holes if "disk" in h.reason)
    assert hole.place.file == "part-3.jsonl"
    assert hole.records == parts[3].records - 300
    assert len(outcome.rows) == made.TOTAL - 1 - hole.records


@pytest.mark.parametrize(
    "part", ["start", "update", "merge", "finish", "score", "nan", "shape", "conclude", "total"]
)
def test_an_engine_that_fails_is_out_alone(part: str) -> None:
    """Whatever part of an engine raises, or gives what is no score, the others' results stay the same."""
    engines = (made.Words(), made.Failing(part=part), made.Lengths())
    outcome = run(made.plan(engines=engines), Serial())
    healthy = run(made.plan(), Serial())

    failed = outcome.results[1]
    assert isinstance(failed, Stopped)
    assert "nobody thought of this" in failed.reason or part in ("nan", "shape", "total")
    kept = Outcome(**{**vars(outcome), "results": (outcome.results[0], outcome.results[2])})
    assert fingerprint(kept) == fingerprint(healthy)


def test_a_failure_is_told_alike_by_every_executor() -> None:
    """Which of several failures is told does not depend on who was first."""
    engines = (made.Failing(), made.Failing(part="score"))
    with Processes(2) as workers:
        spread = run(made.plan(16, engines=engines), workers)

    assert fingerprint(spread) == fingerprint(run(made.plan(16, engines=engines), Serial()))


def test_nothing_to_read() -> None:
    """A data set without a record, or without an engine, ends well."""
    empty = run(made.plan(shards=(), total=0, engines=(made.Words(),)), Serial())
    silent = run(made.plan(engines=()), Serial())

    assert isinstance(empty.results[0], Result)
    assert empty.total == 0
    assert silent.results == ()
    assert len(silent.rows) == made.TOTAL - 1


def test_progress_is_told() -> None:
    """Each reading is told from its first part to its last."""
    told: list[Progress] = []
    run(made.plan(4, report=told.append), Serial())

    assert [(p.step, p.done) for p in told] == [(s, d) for s in (1, 2, 3) for d in (1, 2, 3, 4)]
    assert {(p.steps, p.parts) for p in told} == {(3, 4)}
    assert told[-1].records == made.TOTAL - 1


def test_seconds_are_counted() -> None:
    """Reading and engines have their CPU time, from every worker."""
    outcome = run(made.plan(), Serial())

    assert len(outcome.seconds) == 3
    assert all(s > 0 for s in outcome.seconds)
    assert not np.isnan(outcome.seconds).any()
