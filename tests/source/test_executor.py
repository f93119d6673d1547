"""A process that dies takes one item with it, and says which and why."""

import itertools
import os
import signal

import pytest

from assaymark.errors import AssaymarkError
from assaymark.source.executor import Processes

UNITS = [[1, 2, 3], [4, 5, 6, 7], [8]]


def _killed(item: int) -> str:
    if item in (2, 6, 8):
        os.kill(os.getpid(), signal.SIGKILL if item != 6 else signal.SIGTRAP)
    return f"{item} done"


def _lost(item: int, reason: str) -> str:
    return f"{item} lost: {reason}"


def _spun(item: int) -> str:
    signal.setitimer(signal.ITIMER_PROF, 0.2)
    if item == 5:
        sum(itertools.repeat(1))  # C code that looks at no signal handler of ours
    signal.setitimer(signal.ITIMER_PROF, 0)
    return f"{item} done"


@pytest.mark.parametrize("count", [1, 2, 5])
def test_only_the_guilty_item_is_lost(count: int) -> None:
    """However many processes there are, every other item of the unit is done."""
    results = sorted(r for rows in Processes(count).map(_killed, UNITS, _lost) for r in rows)

    assert results == [
        "1 done", "2 lost: its parser was killed, perhaps for lack of memory", "3 done", "4 done", "5 done",
        "6 lost: its parser crashed (SIGTRAP)", "7 done",
        "8 lost: its parser was killed, perhaps for lack of memory",
    ]  # fmt: skip


def test_c_code_that_never_returns_is_ended() -> None:
    """The timer of the kernel ends what no handler can reach."""
    results = sorted(r for rows in Processes(2).map(_spun, UNITS, _lost) for r in rows)

    assert results[4] == "5 lost: its parser did not return and was ended"
    assert len(results) == 8


def _no_memory(item: int) -> str:
    raise MemoryError


def test_a_process_without_memory_is_told_apart() -> None:
    """Lack of memory ends the process quietly and gives a reason."""
    assert list(Processes(1).map(_no_memory, [[1]], _lost)) == [
        ["1 lost: its parser was killed, perhaps for lack of memory"]
    ]


class _Unsendable(list[int]):
    """A unit that ends the process which receives it, before it can begin an item."""

    def __reduce__(self) -> tuple[object, tuple[int, ...]]:
        return os._exit, (3,)


def test_processes_that_die_for_no_item_end_the_work() -> None:
    """It is not tried for ever."""
    with pytest.raises(AssaymarkError, match="ended from outside"):
        list(Processes(2).map(_killed, [_Unsendable([1])], _lost))


def test_no_process_is_left() -> None:
    """Whoever stops reading the results ends the work."""
    import multiprocessing

    rows = Processes(2).map(_killed, [[1], [3], [4], [5]], _lost)
    next(rows)
    rows.close()  # type: ignore[attr-defined]

    assert multiprocessing.active_children() == []
