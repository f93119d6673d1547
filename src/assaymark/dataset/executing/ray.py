"""On a Ray cluster: one that runs, by its address, or one on this machine that is started and stopped.

Work units are Ray tasks. Ray does a task again when its worker, or its whole machine, dies; a unit that fails
`TRIES` times is lost. Few units are under way at a time, so that the driver holds few states.
"""

import os
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
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

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._ours:
            _ray().shutdown()
            self._ours = False

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
        ray = _ray()
        self._start(ray)
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

    def _start(self, ray: Any) -> None:
        if ray.is_initialized():
            return
        before = dict(os.environ)
        here = {**_QUIET, "PYTHONPATH": os.pathsep.join(dict.fromkeys(p for p in sys.path if p))}
        where: dict[str, Any] = (
            {"address": self._address}
            if self._address
            else {
                "address": "local",
                "num_cpus": self._count,
                "num_gpus": 0,
                "object_store_memory": _STORE,
                "include_dashboard": False,
                "_node_ip_address": "127.0.0.1",  # nobody else has business with it
            }
        )
        try:
            os.environ.update(here)  # its workers take over what is set while it starts
            ray.init(**where, configure_logging=False, log_to_driver=False, ignore_reinit_error=False)
        except (ConnectionError, RuntimeError, ValueError, OSError) as error:
            raise AssaymarkError(
                f"The Ray cluster{' ' + self._address if self._address else ''} cannot be used: {error}",
                "Look whether it runs and has this version of ray, or use --executor local.",
            ) from error
        finally:
            os.environ.clear()
            os.environ.update(before)
        self._ours = True


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
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        import ray
    except ImportError as error:
        raise AssaymarkError("Ray is not installed.", "pip install 'assaymark[ray]'") from error
    return ray
