"""The core's exchange, run in worker threads so that the event loop stays free, within a hard deadline."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from assaymark.guard.core.events import (
    Answered,
    AskHuman,
    Command,
    DeadlinePassed,
    Event,
    Record,
)
from assaymark.guard.core.exchange import Exchange
from assaymark.guard.core.ports import Approvals, Parts

__all__ = ["Judging"]

_GRACE = 0.25
"""Seconds that the chain has beyond its own deadline, which it keeps between steps."""


class Judging:
    """Runs events through an exchange and takes care of records and questions.

    Args:
        parts: what the core needs.
        pool: threads for the chain.
        approvals: the queue of questions; None answers no.
        on_record: gets every decision.
    """

    def __init__(
        self,
        parts: Parts,
        pool: ThreadPoolExecutor,
        approvals: Approvals | None,
        on_record: Callable[[Record], None],
    ) -> None:
        self.parts = parts
        self._pool = pool
        self._approvals = approvals
        self._on_record = on_record

    async def feed(self, exchange: Exchange, event: Event) -> list[Command]:
        """The commands for `event`, records written and questions answered."""
        found: list[Command] = []
        for command in await self._receive(exchange, event):
            if isinstance(command, Record):
                self._on_record(command)
            elif isinstance(command, AskHuman):
                allowed = await self._ask(command)
                found += await self.feed(exchange, Answered(allowed))
            else:
                found.append(command)
        return found

    async def _receive(self, exchange: Exchange, event: Event) -> tuple[Command, ...]:
        if isinstance(event, DeadlinePassed) or not exchange.is_costly(event):
            return exchange.receive(event)
        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(self._pool, exchange.receive, event)
        seconds = self.parts.policy.limits.deadline_ms / 1000 + _GRACE
        try:
            done, _ = await asyncio.wait((work,), timeout=seconds)
            if done:
                return work.result()
        finally:
            # What has not begun never will; what has begun looks at the clock and stops by itself.
            work.cancel()
        assert not isinstance(event, Answered)
        return exchange.receive(DeadlinePassed(event))

    async def _ask(self, command: AskHuman) -> bool:
        if self._approvals is None:
            return False
        seconds = self.parts.policy.approvals.timeout_seconds
        try:
            async with asyncio.timeout(seconds + 1):
                return await self._approvals.ask(command.question, seconds)
        except TimeoutError:
            return False
