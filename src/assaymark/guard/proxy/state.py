"""What all requests share."""

from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

from assaymark.guard.core.events import Record
from assaymark.guard.core.ports import Approvals, Parts, Recorder
from assaymark.guard.proxy.ingress import Memory
from assaymark.guard.proxy.metrics import Metrics
from assaymark.guard.proxy.recording import Recording
from assaymark.guard.proxy.settings import Settings
from assaymark.guard.proxy.tracing import NoTracer, Tracer
from assaymark.guard.proxy.upstream import Upstream

__all__ = ["State"]


class State:
    """Parts, pools, counters and the upstream of one gateway."""

    def __init__(
        self,
        settings: Settings,
        parts: Parts,
        recorder: Recorder | None = None,
        approvals: Approvals | None = None,
        tracer: Tracer | None = None,
    ) -> None:
        self.settings, self.parts, self.approvals = settings, parts, approvals
        self.upstream = Upstream(settings.upstream, parts.policy.upstream, settings.tenant_header)
        self.metrics = Metrics()
        self.tracer: Tracer = tracer or NoTracer()
        self.recording = Recording(recorder, self.metrics.errors.labels("record").inc)
        self.metrics.queue.set_function(lambda: self.recording.depth)
        self.metrics.active.set_function(lambda: self.active)
        self.memory = Memory(settings.memory_bytes)
        self.pool = ThreadPoolExecutor(settings.workers or _cores(), "guard-judge")
        self.active = 0
        self.ready = True
        """False from the moment of shutdown."""
        self.on_close: list[Callable[[], Awaitable[None]]] = []
        """Run at the end, while decisions can still be written."""

    def record(self, record: Record) -> None:
        """Count a decision and have it written down."""
        self.metrics.record(record)
        self.recording.put(record)

    async def close(self) -> None:
        """Write what waits and let everything go."""
        self.ready = False
        await self.upstream.close()
        self.pool.shutdown(wait=False, cancel_futures=True)
        for last in self.on_close:
            await last()
        self.recording.close()
        self.tracer.close()


def _cores() -> int:
    import os

    return max(2, os.cpu_count() or 2)
