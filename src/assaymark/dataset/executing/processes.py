"""Processes of this machine, each a fresh interpreter, that live from one pass over the data to the next."""

import os
import pickle
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import Any, Self, TypeVar

from assaymark.dataset.executing.executor import TRIES
from assaymark.dataset.executing.work import Stopped
from assaymark.errors import AssaymarkError

__all__ = ["Processes"]

Item = TypeVar("Item")
Result = TypeVar("Result")

_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_PATIENCE = 2.0
"""Seconds that a process has to end by itself after its pipe was closed."""


class Processes:
    """Run in `count` processes of this machine. An item whose process dies is tried again in a fresh one."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._idle: list[_Worker] = []
        self._busy: dict[Connection, _Worker] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end_busy()
        while self._idle:
            self._idle.pop().end()

    def pids(self) -> tuple[int, ...]:
        """The processes that run."""
        return tuple(w.process.pid for w in (*self._idle, *self._busy.values()))

    def map(
        self,
        function: Callable[[Item], Result],
        units: Sequence[Sequence[Item]],
        lost: Callable[[Item, str], Result],
    ) -> Iterator[list[Result]]:
        """Apply `function`, which like items and results is pickled, to each item of each unit.

        Raises:
            AssaymarkError: `function` raised, or something cannot be pickled.
        """
        code = pickle.dumps(function, protocol=5)
        waiting = deque((tuple(unit), 0) for unit in units)
        try:
            while waiting or self._busy:
                while waiting and len(self._busy) < self.count:
                    self._give(code, *waiting.popleft())
                for worker, answer in self._answers():
                    if isinstance(answer, Stopped):
                        raise AssaymarkError(
                            f"The work on the data set failed: {answer.reason}",
                            "This is a defect; report it.",
                        )
                    if answer is not None:
                        yield answer
                    elif len(worker.unit) > 1:
                        waiting.extendleft(((item,), 0) for item in reversed(worker.unit))
                    elif worker.deaths + 1 < TRIES:
                        waiting.appendleft((worker.unit, worker.deaths + 1))
                    else:
                        yield [lost(item, worker.reason()) for item in worker.unit]
        finally:
            self._end_busy()

    def _give(self, code: bytes, unit: tuple[Any, ...], deaths: int) -> None:
        worker = self._idle.pop() if self._idle else _Worker()
        worker.give(code, unit, deaths)
        self._busy[worker.pipe] = worker

    def _answers(self) -> Iterator[tuple["_Worker", list[Any] | Stopped | None]]:
        """What came in; None from a worker that died."""
        for ready in wait(list(self._busy)):
            assert isinstance(ready, Connection)
            worker = self._busy.pop(ready)
            answer = worker.answer()
            if answer is None:
                worker.end()
            else:
                self._idle.append(worker)
            yield worker, answer

    def _end_busy(self) -> None:
        """End those that are at work: nobody waits for them any more."""
        while self._busy:
            worker = self._busy.popitem()[1]
            worker.process.kill()
            worker.end()


class _Worker:
    """One process, its pipe, and the unit it has."""

    def __init__(self) -> None:
        self.unit: tuple[Any, ...] = ()
        self.deaths = 0
        self._code = b""
        self.pipe, theirs = Pipe()
        with theirs:
            self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                # -P: the folder in which the user stands is no place to import from
                [
                    sys.executable,
                    "-P",
                    "-W",
                    "ignore",
                    "-m",
                    "assaymark.dataset.executing.worker",
                    str(theirs.fileno()),
                ],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env=_environment(),
            )

    def give(self, code: bytes, unit: tuple[Any, ...], deaths: int) -> None:
        """Send it a unit; a process that is gone shows when its answer is asked for."""
        self.unit, self.deaths = unit, deaths
        try:
            if code != self._code:
                self.pipe.send(code)
                self._code = code
            self.pipe.send(unit)
        except (BrokenPipeError, ConnectionResetError):
            return

    def answer(self) -> list[Any] | Stopped | None:
        """What it made of its unit; None if it died."""
        try:
            answer: list[Any] | Stopped = self.pipe.recv()
        except (EOFError, OSError):
            return None
        return answer

    def end(self) -> None:
        """End it if it still runs, and wait for that."""
        self.pipe.close()
        try:
            self.process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def reason(self) -> str:
        """Why it died, as a report may say it."""
        code = self.process.returncode or 0
        if code == -signal.SIGKILL:
            return f"{TRIES} processes that read it were killed, perhaps for lack of memory"
        name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return f"{TRIES} processes that read it crashed ({name})"


def _environment() -> dict[str, str]:
    """Ours, with one thread a process, and with the places from which we import."""
    path = os.pathsep.join(dict.fromkeys(p for p in sys.path if p))
    return {**dict.fromkeys(_ONE_THREAD, "1"), **os.environ, "PYTHONPATH": path}
