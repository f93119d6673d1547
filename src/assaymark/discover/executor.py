"""Where work units run: here, or in processes on this machine."""

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Protocol, TypeVar

from assaymark.errors import AssaymarkError

__all__ = ["Executor", "Here", "Processes", "executor_for"]

Unit = TypeVar("Unit")
Result = TypeVar("Result")


class Executor(Protocol):
    """Runs a pure function over work units; results come in any order."""

    def map(self, function: Callable[[Unit], Result], units: Sequence[Unit]) -> Iterable[Result]:
        """Apply `function` to each unit."""


class Here:
    """Run in this process, one unit after the other."""

    def map(self, function: Callable[[Unit], Result], units: Sequence[Unit]) -> Iterator[Result]:
        """Apply `function` to each unit."""
        return map(function, units)


class Processes:
    """Run in processes of this machine, one a core."""

    def __init__(self, count: int) -> None:
        self.count = count

    def map(self, function: Callable[[Unit], Result], units: Sequence[Unit]) -> Iterator[Result]:
        """Apply `function` to each unit.

        Raises:
            AssaymarkError: a worker was killed (out of memory, for example).
        """
        context = multiprocessing.get_context("fork" if hasattr(os, "fork") else "spawn")
        try:
            with ProcessPoolExecutor(self.count, mp_context=context) as pool:
                yield from pool.map(function, units)
        except BrokenProcessPool as error:
            raise AssaymarkError(
                "A worker process was killed while parsing, perhaps for lack of memory.",
                "Free some memory, or run with --jobs 1 to see which file it is.",
            ) from error


def executor_for(work: int, jobs: int | None) -> Executor:
    """Processes where `work` (bytes to read) repays starting them, else this process."""
    count = jobs if jobs is not None else len(os.sched_getaffinity(0))
    return Processes(count) if count > 1 and work > 400_000 else Here()
