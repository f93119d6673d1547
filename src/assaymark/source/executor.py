"""Where work units run: in processes of this machine, any of which may die without taking the work with it.

Parsers written in C can crash or never return on a hostile file. So each worker says which item it is at;
when it dies, that item is lost with a reason, and the rest of its unit is done again by a fresh worker.
"""

import gc
import mmap
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from multiprocessing.connection import Connection, wait
from typing import Generic, Protocol, TypeVar

from assaymark.errors import AssaymarkError

__all__ = ["Executor", "Processes", "executor_for", "units_of"]

Item = TypeVar("Item")
Result = TypeVar("Result")

_CONTEXT = multiprocessing.get_context("fork")
_NONE = 2**32 - 1
_MOST_BLAMELESS = 5
"""Deaths between items after which something other than the input is wrong."""
_NO_MEMORY = 77


class Executor(Protocol):
    """Applies a pure function to the items of work units; units end in any order."""

    def map(
        self,
        function: Callable[[Item], Result],
        units: Sequence[Sequence[Item]],
        lost: Callable[[Item, str], Result],
    ) -> Iterator[list[Result]]:
        """Results unit by unit; `lost` gives that of an item whose process died, from the reason."""


class Processes:
    """Run in `count` processes of this machine."""

    def __init__(self, count: int) -> None:
        self.count = count

    def map(
        self,
        function: Callable[[Item], Result],
        units: Sequence[Sequence[Item]],
        lost: Callable[[Item, str], Result],
    ) -> Iterator[list[Result]]:
        """Apply `function` to each item of each unit.

        Raises:
            AssaymarkError: processes die although they have nothing to do.
        """
        gc.freeze()  # what exists now is shared with the processes; their collectors must not walk it
        with closing(_Crew(function, units, self.count)) as crew:
            while crew.busy():
                for results, item, reason in crew.finished():
                    yield results if item is None else [lost(item, reason)]


class _Crew(Generic[Item, Result]):
    """The workers and the units that none of them has yet."""

    def __init__(
        self, function: Callable[[Item], Result], units: Sequence[Sequence[Item]], count: int
    ) -> None:
        self._function = function
        self._pending = deque(units)
        self._workers: dict[Connection, _Worker[Item, Result]] = {}
        self._count = count
        self._blameless = 0

    def busy(self) -> bool:
        """Whether there is work left; hands units to free places first."""
        while self._pending and len(self._workers) < self._count:
            self._start()
        return bool(self._workers)

    def finished(self) -> Iterator[tuple[list[Result], Item | None, str]]:
        """What came in: results of a whole unit, or an item that was lost and why."""
        for ready in wait(list(self._workers)):
            assert isinstance(ready, Connection)
            worker = self._workers[ready]
            try:
                results = worker.results()
            except (EOFError, OSError):
                yield from self._bury(worker)
                continue
            self._next(worker)
            yield results, None, ""

    def close(self) -> None:
        """End all processes, whatever they are at."""
        for worker in self._workers.values():
            worker.end()

    def _start(self) -> None:
        worker = _Worker(self._function)
        self._workers[worker.pipe] = worker
        self._next(worker)

    def _next(self, worker: "_Worker[Item, Result]") -> None:
        if self._pending:
            worker.give(self._pending.popleft())
        else:
            del self._workers[worker.pipe]
            worker.end()

    def _bury(self, worker: "_Worker[Item, Result]") -> Iterator[tuple[list[Result], Item | None, str]]:
        """Give up the item that the dead worker was at; put the others back."""
        del self._workers[worker.pipe]
        worker.end()
        unit, at = worker.unit, worker.at()
        if at < len(unit):
            self._pending.extendleft(part for part in (unit[at + 1 :], unit[:at]) if part)
            yield [], unit[at], worker.reason()
            return
        self._pending.appendleft(unit)
        self._blameless += 1
        if self._blameless > _MOST_BLAMELESS:
            raise AssaymarkError(
                f"The processes that parse are ended from outside ({worker.reason()}).",
                "Free some memory, look for a limit on processes, or try --jobs 1.",
            )


class _Worker(Generic[Item, Result]):
    """One process, its pipe, and the unit it has."""

    def __init__(self, function: Callable[[Item], Result]) -> None:
        self._at = mmap.mmap(-1, 4)  # shared with the child, readable after its death
        self.unit: Sequence[Item] = ()
        self.pipe, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(
            target=_work, args=(function, theirs, self.pipe, self._at), daemon=True
        )
        self._process.start()
        theirs.close()

    def give(self, unit: Sequence[Item]) -> None:
        """Send it a unit; a process that is gone shows when its results are asked for."""
        self.unit = unit
        self._at[:] = _NONE.to_bytes(4)
        try:
            self.pipe.send(unit)
        except BrokenPipeError:
            return

    def at(self) -> int:
        """Index of the item that it began last; beyond the unit if it began none."""
        return int.from_bytes(self._at[:])

    def results(self) -> list[Result]:
        """What it made of its unit; `EOFError` or `OSError` if it died."""
        results: list[Result] = self.pipe.recv()
        return results

    def end(self) -> None:
        """End it if it still runs, and wait for that."""
        if not self.pipe.closed:
            self.pipe.close()
        self._process.join(0.05)  # the end of its pipe ends it, unless it is at work
        if self._process.is_alive():
            self._process.kill()
        self._process.join()

    def reason(self) -> str:
        """Why it died, as a report may say it."""
        code = self._process.exitcode or 0
        if code == -signal.SIGPROF:
            return "its parser did not return and was ended"
        if code in (-signal.SIGKILL, _NO_MEMORY):
            return "its parser was killed, perhaps for lack of memory"
        name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return f"its parser crashed ({name})"


def _work(function: Callable[[Item], Result], pipe: Connection, theirs: Connection, at: mmap.mmap) -> None:
    """The life of a worker: units in, results out, until the pipe ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent ends us
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    theirs.close()
    try:
        while True:
            unit: Sequence[Item] = pipe.recv()
            results = []
            for number, item in enumerate(unit):
                at[:] = number.to_bytes(4)
                results.append(function(item))
            pipe.send(results)
    except (EOFError, BrokenPipeError):
        return
    except MemoryError:
        os._exit(_NO_MEMORY)


def executor_for(work: int, jobs: int | None) -> Executor:
    """A process a core where `work` (bytes to read) repays starting them, else a single one."""
    count = jobs if jobs is not None else len(os.sched_getaffinity(0))
    return Processes(count if work > 400_000 else 1)


def units_of(
    items: Iterable[Item], size: Callable[[Item], int], *, most_bytes: int, most_items: int
) -> Iterator[list[Item]]:
    """Work units of about equal cost, the largest items first so that no core waits at the end."""
    unit: list[Item] = []
    total = 0
    for item in sorted(items, key=lambda i: -size(i)):
        unit.append(item)
        total += size(item)
        if total >= most_bytes or len(unit) >= most_items:
            yield unit
            unit, total = [], 0
    if unit:
        yield unit
