"""Rows through the chain on all cores. Processes, because much of the front end is Python."""

import multiprocessing
import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice

from assaymark.errors import AssaymarkError
from assaymark.guard.core.ports import Parts
from assaymark.guard.measure.rows import Row
from assaymark.guard.measure.scoring import Measured, measured
from assaymark.guard.measure.wiring import Setup, make_parts

__all__ = ["measure_all", "processes"]

_CHUNK = 32
_WORTH_IT = 600
"""Rows below which starting other processes takes longer than it saves."""
_WAITING = 4
"""Chunks that wait for each process."""

_parts: list[Parts] = []
"""This process's own, in a worker."""


def measure_all(
    rows: Iterable[Row],
    setup: Setup,
    *,
    jobs: int = 0,
    parts: Parts | None = None,
) -> Iterator[Measured]:
    """What the guard makes of each row, in their order; holds a bounded number of rows at a time.

    Args:
        rows: may be a stream.
        setup: what the guard is made of.
        jobs: processes; 0 takes one a core, 1 uses this process alone.
        parts: those of `setup` if they are made already.
    """
    rows = iter(rows)
    jobs = jobs or os.cpu_count() or 1
    first = list(islice(rows, _WORTH_IT)) if jobs > 1 else []
    if jobs == 1 or len(first) < _WORTH_IT:
        made = parts or make_parts(setup)
        yield from (measured(row, made) for row in chain(first, rows))
        return
    yield from _spread(chain(first, rows), setup, jobs)


def processes(rows: int, jobs: int) -> int:
    """How many processes `measure_all` takes for so many rows."""
    jobs = jobs or os.cpu_count() or 1
    return jobs if rows >= _WORTH_IT else 1


def _spread(rows: Iterator[Row], setup: Setup, jobs: int) -> Iterator[Measured]:
    # `spawn`, because a forked child would inherit onnxruntime's threads half alive.
    context = multiprocessing.get_context("spawn")
    waiting: deque[Future[list[Measured]]] = deque()
    pool = ProcessPoolExecutor(jobs, context, _begin, (setup,))
    try:
        while chunk := list(islice(rows, _CHUNK)):
            waiting.append(pool.submit(_work, chunk))
            if len(waiting) >= jobs * _WAITING:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    except BrokenProcessPool as error:
        raise AssaymarkError(
            "A process that scored rows died.", "Memory may have run out; try again with --jobs 1."
        ) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _begin(setup: Setup) -> None:
    _parts[:] = [make_parts(setup)]


def _work(rows: list[Row]) -> list[Measured]:
    return [measured(row, _parts[0]) for row in rows]
