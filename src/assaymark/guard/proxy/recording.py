"""Decisions on their way to the log, off the hot path; nothing is dropped, and a log that cannot be
written stops the gateway from taking new requests.
"""

import queue
import threading
from collections.abc import Callable

from assaymark.guard.core.events import Record
from assaymark.guard.core.ports import Recorder

__all__ = ["Recording"]

_MOST = 10_000
"""Decisions that may wait."""
_AGAIN = 1.0
"""Seconds between tries to write to a log that failed."""


class Recording:
    """A thread that writes, and the queue before it."""

    def __init__(self, recorder: Recorder | None, on_failure: Callable[[], None]) -> None:
        self._recorder = recorder
        self._on_failure = on_failure
        self._queue: queue.SimpleQueue[Record | None] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._failing = False
        self.lost = 0
        """Decisions that could not be written before the end."""
        self._thread = threading.Thread(target=self._run, name="guard-record", daemon=True)
        if recorder is not None:
            self._thread.start()

    @property
    def depth(self) -> int:
        """Decisions that wait."""
        return self._queue.qsize()

    @property
    def healthy(self) -> bool:
        """Whether what happens now can be written down."""
        # A recorder with a queue of its own knows before the next decision that it cannot write.
        able = bool(getattr(self._recorder, "healthy", True))
        return able and not self._failing and self.depth < _MOST

    def put(self, record: Record) -> None:
        """Write it soon."""
        if self._recorder is not None:
            self._queue.put(record)

    def close(self) -> None:
        """Write what waits, and stop; a log that fails now is not waited for."""
        self._stopping.set()
        self._queue.put(None)
        if self._recorder is not None:
            self._thread.join(timeout=10)

    def _run(self) -> None:
        while (record := self._queue.get()) is not None:
            while not self._written(record):
                if self._stopping.wait(_AGAIN):
                    self.lost += 1
                    break

    def _written(self, record: Record) -> bool:
        assert self._recorder is not None
        try:
            self._recorder.record(record.decision, record.segments, record.context)
        except OSError:
            self._failing = True
            self._on_failure()
            return False
        self._failing = False
        return True
