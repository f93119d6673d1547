"""Questions to a human: put, waited for, answered once, written down with the person's name.

`Approvals.ask` is what the gateway awaits; `Approvals.consult` also tells the question's id, for clients
that are sent away to try again.
"""

import asyncio
import hashlib
import json
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar
from uuid import uuid4

from msgspec import Struct

from assaymark.guard.core.events import Record
from assaymark.guard.core.ports import Question
from assaymark.guard.event import Action, Decision, Finding, Phase
from assaymark.guard.policy.model import Policy
from assaymark.guard.protocol.lossless import Json
from assaymark.guard.proxy.approvals_store import Row, Store
from assaymark.guard.rules.flow import effects_of

__all__ = ["Answer", "Approvals", "answer_decision", "question_row", "shape_of_arguments"]

_LOOK_SECONDS = 0.5
"""Between looks at the file's version counter while somebody waits; no row is read until it changes."""
_KEEP_SECONDS = 30 * 86_400.0
_SHOWN = 4_000
T = TypeVar("T")


class Answer(Struct, frozen=True):
    """What became of a question."""

    allowed: bool
    question: str
    """Its id."""
    pending: bool = False
    """Nobody has answered yet; the same call may be sent again."""
    by: str = ""
    """Name of the person."""
    reason: str = ""


class Approvals:
    """The queue.

    Args:
        store: where the questions are kept.
        policy: how long answers count, and whether arguments are shown.
        policy_sha256: for the decisions that answers become.
        on_record: gets a decision for each answer; may be set later.
        now: seconds since the epoch.
    """

    def __init__(
        self,
        store: Store,
        policy: Policy,
        policy_sha256: str = "",
        on_record: Callable[[Record], None] | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.on_record = on_record
        self.now = now
        self._store, self._policy, self._sha256 = store, policy, policy_sha256
        # One thread: SQLite waits for locks, and the event loop must not.
        self._thread = ThreadPoolExecutor(1, "guard-approvals")
        self._changed = asyncio.Condition()
        self._waiting = 0
        self._watch: asyncio.Task[None] | None = None

    async def ask(self, question: Question, timeout_seconds: float) -> bool:
        """True only if a human said yes in time."""
        return (await self.consult(question, timeout_seconds)).allowed

    async def consult(self, question: Question, timeout_seconds: float) -> Answer:
        """Put the question, or take up the same one again, and wait for its answer."""
        row = question_row(question, self._policy, self.now(), timeout_seconds)
        try:
            row = await self._do(lambda: self._store.put(row, self.now()))
            if (answer := await self._do(lambda: self._answered(row.id))) is not None:
                return answer  # given while nobody waited
            async with asyncio.timeout(timeout_seconds):
                return await self._wait(row.id)
        except TimeoutError:
            last = await self._do(lambda: self._store.get(row.id))
            return Answer(False, row.id, pending=last is not None and last.state_at(self.now()) == "open")
        except sqlite3.Error:
            return Answer(False, row.id)  # a queue that fails says no

    async def answer(self, question: str, *, approved: bool, by: str, reason: str = "") -> bool:
        """Answer a question; False if it is answered, expired or unknown."""
        done = await self._do(lambda: self._store.answer(question, approved, by, reason, self.now()))
        await self._news()
        return done

    async def newest(self) -> list[Row]:
        """The newest questions."""
        return await self._do(self._store.newest)

    async def get(self, question: str) -> Row | None:
        """One question."""
        return await self._do(lambda: self._store.get(question))

    async def close(self) -> None:
        """Write down the last answers and let the file go."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        await self._news()
        await self._do(lambda: self._store.forget(self.now() - _KEEP_SECONDS))
        await self._do(self._store.close)
        self._thread.shutdown(wait=False)

    async def _wait(self, question: str) -> Answer:
        self._waiting += 1
        if self._watch is None or self._watch.done():
            self._watch = asyncio.ensure_future(self._watching())
        try:
            async with self._changed:
                while (answer := await self._do(lambda: self._answered(question))) is None:
                    await self._changed.wait()
            await self._news()
            return answer
        finally:
            self._waiting -= 1

    def _answered(self, question: str) -> Answer | None:
        row = self._store.get(question)
        if row is None:
            return Answer(False, question)
        state = row.state_at(self.now())
        if state == "open":
            return None
        allowed = state == "approved" and self._store.use(question, self.now())
        return Answer(allowed, question, by=row.by, reason=row.reason)

    async def _watching(self) -> None:
        """Look whether another process answered, for as long as somebody waits."""
        seen = await self._do(self._store.version)
        while self._waiting:
            await asyncio.sleep(_LOOK_SECONDS)
            if (version := await self._do(self._store.version)) != seen:
                seen = version
                await self._news()

    async def _news(self) -> None:
        """Wake those who wait, and write down what was answered."""
        async with self._changed:
            self._changed.notify_all()
        if self.on_record is None:
            return
        for row in await self._do(self._claimed):
            self.on_record(Record(answer_decision(row, self._sha256)))

    def _claimed(self) -> list[Row]:
        return [row for row in self._store.unrecorded() if self._store.mark_recorded(row.id)]

    async def _do(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def question_row(question: Question, policy: Policy, now: float, timeout_seconds: float) -> Row:
    """A question as it is kept: of the arguments only what the policy shows."""
    decision, rules = question.decision, policy.approvals
    calls = question.calls
    asking = [f for f in decision.findings if f.action is Action.ASK and not f.excepted_by]
    names = list(dict.fromkeys(call.name for call in calls))
    effects = {effect for name in names for effect in effects_of(name, policy)[0]}
    return Row(
        id=f"q-{uuid4().hex[:16]}",
        digest=_digest(question),
        decision=decision.id,
        tool=", ".join(names)[:_SHOWN],
        effects=", ".join(sorted(effects)),
        arguments="\n".join(call.arguments[:_SHOWN] for call in calls) if rules.show_arguments else "",
        shape="\n".join(shape_of_arguments(call.arguments) for call in calls)[:_SHOWN],
        why="\n".join(dict.fromkeys(f"{f.rule}: {f.message}" for f in asking))[:_SHOWN],
        tainted_by="\n".join(dict.fromkeys(r.text for f in asking for r in f.reasons))[:_SHOWN],
        tenant=question.context.tenant[:200],
        asked=now,
        expires=now + max(timeout_seconds, rules.validity_seconds),
    )


def shape_of_arguments(arguments: str) -> str:
    """Names, kinds and lengths of a call's arguments, and their digest; no value."""
    digest = hashlib.sha256(arguments.encode("utf-8", "surrogatepass")).hexdigest()
    try:
        value: Json = json.loads(arguments)
    except (ValueError, RecursionError):
        value = arguments
    parts = value.items() if isinstance(value, dict) else [("arguments", value)]
    shown = ", ".join(f"{ascii(name[:40])[1:-1]}: {_kind(part)}" for name, part in list(parts)[:20])
    return f"{shown} (sha256 {digest})"


def answer_decision(row: Row, policy_sha256: str) -> Decision:
    """The decision that a person made, with the person's name (EN 304 223, 5.1.4-3)."""
    approved = row.state == "approved"
    finding = Finding(
        rule="approval/granted" if approved else "approval/refused",
        message=f"{row.by} {'approved' if approved else 'denied'} question {row.id} about decision"
        f" {row.decision}." + (f" Reason: {row.reason}" if row.reason else ""),
        action=Action.ALLOW if approved else Action.BLOCK,
    )
    return Decision(
        id=f"{row.id}-answer",
        phase=Phase.TOOL_CALL,
        action=finding.action,
        wanted=finding.action,
        findings=(finding,),
        policy=policy_sha256,
        by=row.by,
        about=row.decision,
    )


def _kind(value: Json) -> str:
    if isinstance(value, str):
        return f"text of {len(value)} characters"
    if isinstance(value, list | dict):
        return f"{'list' if isinstance(value, list) else 'object'} of {len(value)}"
    return "nothing" if value is None else "yes or no" if isinstance(value, bool) else "number"


def _digest(question: Question) -> str:
    """What the answer is bound to: who calls what, where, with exactly which arguments.

    A question without a call is bound to its own decision, so no retry can use its answer.
    """
    context, calls = question.context, question.calls
    words = [context.key, context.tenant, context.protocol, context.upstream]
    words += [word for call in calls for word in (call.name, call.arguments)]
    hashed = hashlib.sha256()
    for word in words if calls else [*words, question.decision.id]:
        data = word.encode("utf-8", "surrogatepass")
        hashed.update(len(data).to_bytes(8, "big") + data)
    return hashed.hexdigest()
