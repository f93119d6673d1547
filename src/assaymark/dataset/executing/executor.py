"""Where the work on a data set runs: in this process, in processes beside it, or on a Ray cluster.

All three are `assaymark.source.executor.Executor`, the interface through which `assess` reads files, so
there is one. Its own processes are not used here: they are forked, which is right for parsers that must start
within a millisecond and share what the parent knows, and wrong for numpy, Arrow and scikit-learn, whose
threads do not survive a fork. Also an item is no hostile file to be given up at the first death but a shard
that has to count: it is tried again, and lost only when it ends one process after another.
"""

import contextlib
import importlib
import os
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Protocol, Self, TypeVar

from assaymark.errors import UsageError
from assaymark.source.executor import Executor

__all__ = ["TRIES", "Serial", "Workers", "cores", "single_threaded", "workers_of"]

Item = TypeVar("Item")
Result = TypeVar("Result")

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
TRIES = 3
"""Processes that an item may end before it is lost."""


class Workers(Executor, Protocol):
    """An executor that holds something open: processes, a cluster."""

    def __enter__(self) -> Self:
        """Nothing runs yet; what is needed starts with the first work."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End what was started."""
        ...


class Serial:
    """In this process, one item after another."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def map(
        self,
        function: Callable[[Item], Result],
        units: Sequence[Sequence[Item]],
        lost: Callable[[Item, str], Result],
    ) -> Iterator[list[Result]]:
        """Results unit by unit, in order; nothing is ever lost."""
        for unit in units:
            yield [function(item) for item in unit]


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextlib.contextmanager
def single_threaded() -> Iterator[None]:
    """Within it, linear algebra keeps to one thread: sums come out alike here and in a worker process.

    Libraries that are loaded within it do too: threads of OpenMP that wait for each other on busy cores take
    five times the time of one. Afterwards all is as it was.
    """
    try:
        control = importlib.import_module("threadpoolctl")  # comes with scikit-learn
    except ImportError:
        yield
        return
    before = {name: os.environ.get(name) for name in _THREADS}
    loaded = {library.filepath for library in control.ThreadpoolController().lib_controllers}
    os.environ.update(dict.fromkeys(_THREADS, "1"))  # what is loaded from now on reads them
    try:
        with control.threadpool_limits(1):
            yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
        if set(before.values()) != {"1"}:  # else this lies within another
            usual = before["OMP_NUM_THREADS"] or ""
            for library in control.ThreadpoolController().lib_controllers:
                if library.filepath not in loaded:
                    library.set_num_threads(int(usual) if usual.isdigit() else cores())


def workers_of(name: str, count: int | None = None, address: str = "") -> Workers:
    """The executor of that name, not yet started.

    Args:
        name: `local` or `ray`.
        count: how many processes; a core each if None. One means this very process, if local.
        address: of a running Ray cluster; a cluster on this machine is started, and stopped, if empty.

    Raises:
        UsageError: there is no such executor, or the number makes no sense.
    """
    if count is not None and not 1 <= count <= 4096:
        raise UsageError(
            f"{count} workers cannot be.", "Give a number from 1, or leave it out for one a core."
        )
    if name == "ray":
        from assaymark.dataset.executing.ray import RayCluster

        return RayCluster(count, address)
    if name != "local":
        raise UsageError(f"There is no executor {name!r}.", "Use local or ray.")
    if address:
        raise UsageError("An address belongs to a Ray cluster.", "Add --executor ray.")
    count = count or cores()
    if count == 1:
        return Serial()
    from assaymark.dataset.executing.processes import Processes

    return Processes(count)
