"""The neighbour of the core in a program: runs it here or in a thread, writes down, asks.

Fails closed: what cannot be recorded or judged in time does not pass, unless the policy says so.
"""

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from assaymark.guard.core.case import Case, Draft
from assaymark.guard.core.chain import judge
from assaymark.guard.core.decide import decide
from assaymark.guard.core.events import (
    Answered,
    AskHuman,
    Command,
    DeadlinePassed,
    Event,
    Forward,
    Record,
    Refuse,
    Release,
    ReleaseCall,
    Stop,
)
from assaymark.guard.core.exchange import Exchange
from assaymark.guard.core.ports import Approvals, Context, Parts, Recorder
from assaymark.guard.core.steps import late
from assaymark.guard.event import Decision, Segment
from assaymark.guard.library.verdict import NotRecorded
from assaymark.guard.policy.model import Mode

__all__ = ["Done", "Driver"]

_GRACE = 0.25
"""Seconds that the chain has beyond its own deadline, which it keeps between steps."""
_T = TypeVar("_T")

Done = Forward | Refuse | Release | ReleaseCall | Stop | AskHuman
"""What is left for the caller to do; `AskHuman` only where it asked to be told."""


class Driver:
    """Runs the core for one guard; may be used by several threads and event loops.

    Args:
        parts: what the core needs.
        recorder: writes decisions down; None writes nothing.
        approvals: the queue of questions for asynchronous callers; None answers no.
    """

    def __init__(self, parts: Parts, recorder: Recorder | None, approvals: Approvals | None) -> None:
        self.parts = parts
        self.approvals = approvals
        self.unrecorded = 0
        """Decisions in shadow mode that could not be written down."""
        self._recorder = recorder
        self._writing = threading.Lock()
        self._pool = ThreadPoolExecutor(max(2, os.cpu_count() or 2), "guard-judge")

    def judge(self, case: Case) -> Decision:
        """Run the chain here."""
        return judge(case, self.parts)

    async def ajudge(self, case: Case) -> Decision:
        """Run it in a thread; what takes too long is decided by `limits.on_deadline`."""
        started = self.parts.now()
        done = await self._within(lambda: judge(case, self.parts))
        if done:
            return done[0]
        return decide(case, Draft((late(self.parts),)), self.parts, started)

    def record(self, decision: Decision, segments: tuple[Segment, ...], context: Context) -> None:
        """Write it down.

        Raises:
            NotRecorded: it cannot be written, and the policy is not in shadow mode.
        """
        if self._recorder is None:
            return
        try:
            with self._writing:
                self._recorder.record(decision, segments, context)
        except OSError as error:
            self.unrecorded += 1
            if self.parts.policy.mode is not Mode.SHADOW:
                raise NotRecorded(
                    f"The guard's decision {decision.id} cannot be written down: {error.strerror}.",
                    "Mend the log; until then nothing passes.",
                ) from None

    async def arecord(self, decision: Decision, segments: tuple[Segment, ...], context: Context) -> None:
        """Write it down in a thread."""
        if self._recorder is not None:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._pool, self.record, decision, segments, context)

    def run(self, exchange: Exchange, event: Event, *, tell: bool = False) -> list[Done]:
        """The commands for `event`, records written.

        Args:
            exchange: of the conversation.
            event: what happened.
            tell: give questions back; else they are answered with no.
        """
        found: list[Done] = []
        for command in exchange.receive(event):
            if isinstance(command, Record):
                self.record(command.decision, command.segments, command.context)
            elif isinstance(command, AskHuman) and not tell:
                found += self.run(exchange, Answered(False))
            else:
                found.append(command)
        return found

    async def arun(self, exchange: Exchange, event: Event, *, tell: bool = False) -> list[Done]:
        """The same in a thread and within the deadline; questions go to the queue unless `tell` is set."""
        found: list[Done] = []
        for command in await self._receive(exchange, event):
            if isinstance(command, Record):
                await self.arecord(command.decision, command.segments, command.context)
            elif isinstance(command, AskHuman) and not tell:
                found += await self.asked(exchange, command)
            else:
                found.append(command)
        return found

    async def asked(self, exchange: Exchange, command: AskHuman) -> list[Done]:
        """Put the question to the queue, and go on with what it answers."""
        return await self.arun(exchange, Answered(await self._answer(command)))

    async def _answer(self, command: AskHuman) -> bool:
        if self.approvals is None:
            return False
        seconds = self.parts.policy.approvals.timeout_seconds
        try:
            async with asyncio.timeout(seconds + 1):
                return await self.approvals.ask(command.question, seconds)
        except TimeoutError:
            return False

    async def _receive(self, exchange: Exchange, event: Event) -> tuple[Command, ...]:
        if isinstance(event, DeadlinePassed | Answered) or not exchange.is_costly(event):
            return exchange.receive(event)
        done = await self._within(lambda: exchange.receive(event))
        return done[0] if done else exchange.receive(DeadlinePassed(event))

    async def _within(self, work: Callable[[], _T]) -> tuple[_T] | None:
        future = asyncio.get_running_loop().run_in_executor(self._pool, work)
        seconds = self.parts.policy.limits.deadline_ms / 1000 + _GRACE
        done, _ = await asyncio.wait((future,), timeout=seconds)
        return (future.result(),) if done else None
