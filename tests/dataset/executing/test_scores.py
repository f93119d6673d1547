"""The table of scores, in memory and on disk."""

import numpy as np
import pytest

from assaymark.dataset.executing.scores import ScoreTable
from assaymark.dataset.executing.work import Scored, Seen, Stopped


def part(first: int, count: int, *engines: float | Stopped) -> Scored:
    """Scores of some records in a row."""
    scores = tuple(e if isinstance(e, Stopped) else np.full(count, e, np.float32) for e in engines)
    return Scored(np.arange(first, first + count), scores, Seen())


@pytest.mark.parametrize("memory", [0, 1 << 20])
def test_scores_are_the_same_on_disk(memory: int) -> None:
    """Few scores are in memory, many in a file without a name; what comes out is the same."""
    table = ScoreTable(2, 10, in_memory=memory)
    table.put(part(6, 4, 1.0, 2.0))
    table.put(part(0, 3, 3.0, 4.0))
    rows = table.rows()

    assert table.on_disk is (memory == 0)
    assert rows.tolist() == [0, 1, 2, 6, 7, 8, 9]
    assert table.scores(1, rows).tolist() == [4.0] * 3 + [2.0] * 4  # type: ignore[union-attr]
    kept = table.keep(0, np.arange(10, dtype=np.float32))
    assert kept.tolist() == list(range(10))


def test_records_out_of_a_row() -> None:
    """Records between which one is missing keep their places."""
    table = ScoreTable(1, 5)
    table.put(Scored(np.array([1, 4]), (np.array([5, 6], np.float32),), Seen()))

    assert table.rows().tolist() == [1, 4]
    assert table.scores(0, table.rows()).tolist() == [5, 6]  # type: ignore[union-attr]


def test_the_first_reason_to_stop_is_told() -> None:
    """Whichever part is first, the reason of the earliest records stands; one from before stands above."""
    table = ScoreTable(2, 9, given=(None, Stopped("before")))
    table.put(part(6, 2, Stopped("late"), Stopped("late")))
    table.put(part(0, 2, Stopped("early"), Stopped("early")))
    table.put(part(3, 2, Stopped("middle"), Stopped("middle")))

    assert table.scores(0, table.rows()) == Stopped("early")
    assert table.scores(1, table.rows()) == Stopped("before")
