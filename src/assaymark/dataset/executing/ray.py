"""On a Ray cluster: one that runs, by its address, or one on this machine that is started and stopped.

Work units are Ray tasks. Ray does a task again when its worker, or its whole machine, dies; a unit that fails
`TRIES` times is lost. Few units are under way at a time, so that the driver holds few states.
"""

import builtins
import contextlib
import logging
import os
import secrets
import shutil
import signal
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from assaymark.dataset.executing.executor import TRIES, cores
from assaymark.dataset.executing.work import Stopped, attempt
from assaymark.errors import AssaymarkError

__all__ = ["RayCluster"]

Item = TypeVar("Item")
Result = TypeVar("Result")

_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",  # nothing is reported to anybody
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_DISABLE_IMPORT_WARNING": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
_TOKEN = {"RAY_AUTH_TOKEN": secrets.token_hex(32)}
"""So that no other user of this machine can send work to our cluster, and no token is left in our home."""
_STORE = 512 << 20
"""Bytes of shared memory of a cluster on this machine: results wait there, a few at a time."""
_AHEAD = 2
"""Units under way for each core of the cluster."""


class RayCluster:
    """Run as tasks of a Ray cluster.

    Args:
        count: cores that a cluster on this machine has; all if None. A running cluster has what it has.
        address: of a running cluster, as `ray.init` takes it; empty to start one here.
    """

    def __init__(self, count: int | None = None, address: str = "") -> None:
        self._count = count or cores()
        self._address = address
        self._ours = False
        self._folder: Path | None = None
        self._print = builtins.print

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._ours:
            _ray().shutdown()
            self._ours = False
            builtins.print = self._print  # Ray puts one of its own there while it runs
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def map(
        self,
        function: Callable[[Item], Result],
        units: Sequence[Sequence[Item]],
        lost: Callable[[Item, str], Result],
    ) -> Iterator[list[Result]]:
        """Apply `function`, which like items and results is pickled, to each item of each unit.

        Raises:
            AssaymarkError: the cluster cannot be reached, or `function` raised.
        """
        ray = self._start()
        task = ray.remote(_all).options(num_cpus=1, max_retries=TRIES - 1)
        code = ray.put(function)
        waiting = deque(tuple(unit) for unit in units)
        busy: dict[Any, tuple[Any, ...]] = {}
        most = _AHEAD * max(1, int(ray.cluster_resources().get("CPU", 1)))
        try:
            while waiting or busy:
                while waiting and len(busy) < most:
                    unit = waiting.popleft()
                    busy[task.remote(code, unit)] = unit
                ready, _ = ray.wait(list(busy), num_returns=1)
                unit = busy.pop(ready[0])
                yield _taken(ray, ready[0], unit, lost)
        finally:
            for reference in busy:
                ray.cancel(reference, force=True)

    def _start(self) -> Any:
        """The module `ray`, connected."""
        with contextlib.ExitStack() as stack:
            stack.enter_context(_environment({} if self._address else _TOKEN))
            ray = _ray()
            if ray.is_initialized():
                return ray
            where = {"address": self._address} if self._address else self._local()
            logging.getLogger("ray").setLevel(logging.ERROR)  # not that a cluster has a token, and the like
            stack.callback(_handle_again, signal.getsignal(signal.SIGTERM))
            try:
                ray.init(**where, configure_logging=False, log_to_driver=False)
            except (ConnectionError, RuntimeError, ValueError, OSError) as error:
                raise AssaymarkError(
                    f"The Ray cluster {self._address or 'on this machine'} cannot be used: {error}",
                    "Look whether it runs and has this version of ray, or use --executor local.",
                ) from error
        self._ours = True
        return ray

    def _local(self) -> dict[str, Any]:
        """How to start a cluster of our own, in a folder that goes with it."""
        self._folder = Path(tempfile.mkdtemp(prefix="assaymark-ray-", dir=_folder()))
        return {
            "address": "local",
            "num_cpus": self._count,
            "num_gpus": 0,
            "object_store_memory": _STORE,
            "include_dashboard": False,
            "_node_ip_address": "127.0.0.1",  # nobody else has business with it
            "_temp_dir": str(self._folder),
        }


def _folder() -> str:
    """Where sockets may stand: their paths must be short."""
    return tempfile.gettempdir() if len(tempfile.gettempdir()) < 20 else "/tmp"  # noqa: S108 - made by mkdtemp


@contextlib.contextmanager
def _environment(more: dict[str, str]) -> Iterator[None]:
    """Settings that Ray reads while it starts, and that its workers take over."""
    before = dict(os.environ)
    path = os.pathsep.join(dict.fromkeys(p for p in sys.path if p))
    try:
        os.environ.update({**more, **before, **_QUIET, "PYTHONPATH": path})
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _handle_again(handler: Any) -> None:
    """Ray takes SIGTERM for itself; the program that uses us keeps its own handler."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, handler)


def _all(function: Callable[[Any], Any], unit: Sequence[Any]) -> list[Any] | Stopped:
    """What a task does."""
    return attempt(lambda: [function(item) for item in unit])


def _taken(
    ray: Any, reference: Any, unit: tuple[Item, ...], lost: Callable[[Item, str], Result]
) -> list[Result]:
    try:
        answer: list[Result] | Stopped = ray.get(reference)
    except (
        ray.exceptions.WorkerCrashedError,
        ray.exceptions.OutOfMemoryError,
        ray.exceptions.NodeDiedError,
        ray.exceptions.ObjectLostError,
    ) as error:
        reason = f"{TRIES} workers that read it died ({type(error).__name__})"
        return [lost(item, reason) for item in unit]
    except ray.exceptions.RayError as error:
        answer = Stopped(f"{type(error).__name__}: {error}"[:400])
    if isinstance(answer, Stopped):
        raise AssaymarkError(
            f"The work on the data set failed: {answer.reason}",
            "Look whether the workers have the same version of assaymark and its extras, and see the files.",
        )
    return answer


def _ray() -> Any:
    try:
        import ray
    except ImportError as error:
        raise AssaymarkError("Ray is not installed.", "pip install 'assaymark[ray]'") from error
    return ray
