"""Processes beside this one."""

import operator
import os
import time
from pathlib import Path

import pytest

from assaymark.dataset.executing.executor import Serial, workers_of
from assaymark.dataset.executing.processes import Processes
from assaymark.errors import AssaymarkError, UsageError


def lost(item: int, reason: str) -> int:
    """A loss in place of a result."""
    return -item


def test_results_come_from_lasting_processes() -> None:
    """The same processes serve one piece of work after another, and end with the executor."""
    with Processes(2) as workers:
        one = sorted(r for u in workers.map(operator.neg, [(1, 2), (3,)], lost) for r in u)
        pids = workers.pids()
        two = sorted(r for u in workers.map(abs, [(-1,), (-2,)], lost) for r in u)
        assert set(workers.pids()) == set(pids)
        assert os.getpid() not in pids

    assert (one, two) == ([-3, -2, -1], [1, 2])
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_an_error_is_told_and_ends_the_others() -> None:
    """A function that raises ends the work with its reason; nobody goes on working."""
    with Processes(2) as workers:
        with pytest.raises(AssaymarkError, match="cannot be interpreted"):
            list(workers.map(time.sleep, [("no number",), (60,)], lost))
        assert len(workers.pids()) <= 1


def test_what_cannot_be_pickled_is_told() -> None:
    """A result that cannot travel is an error, not a wait without end."""
    with Processes(1) as workers, pytest.raises(AssaymarkError, match="pickle"):
        list(workers.map(open, [(os.devnull,)], lost))


def test_items_of_a_deadly_unit_are_tried_alone() -> None:
    """Of a unit that ends its process, only the item that does it is lost."""
    with Processes(2) as workers:
        unit = [os.EX_OK, 3]
        results = [r for u in workers.map(_die_at_three, [unit], lost) for r in u]

    assert sorted(results) == [-3, 0]


def _die_at_three(item: int) -> int:
    if item == 3:
        os._exit(3)
    return item


def test_executors_by_name() -> None:
    """One worker is this process; what makes no sense is refused."""
    assert isinstance(workers_of("local", 1), Serial)
    assert isinstance(workers_of("local", 2), Processes)
    for wrong in [("spark", 1, ""), ("local", 0, ""), ("local", 2, "127.0.0.1:1")]:
        with pytest.raises(UsageError):
            workers_of(*wrong)
