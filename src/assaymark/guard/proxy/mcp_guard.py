"""One MCP message after another: read, judge, ask, edit. The transports hand in bytes and get bytes."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from msgspec import Struct
from msgspec.structs import replace

from assaymark.guard.core.chain import judge
from assaymark.guard.core.events import Record
from assaymark.guard.core.ports import Parts, Question
from assaymark.guard.core.steps import late
from assaymark.guard.event import Action, Decision, Finding
from assaymark.guard.policy.model import Mode
from assaymark.guard.protocol import lossless
from assaymark.guard.protocol.mcp_edit import with_elements, without
from assaymark.guard.protocol.mcp_rpc import read_rpc
from assaymark.guard.proxy import mcp_outcome
from assaymark.guard.proxy.approvals import Answer, Approvals
from assaymark.guard.proxy.mcp_session import From, Prepared, Session

__all__ = ["Judged", "McpGuard", "Passage"]

_GRACE = 0.25
"""Seconds that the chain has beyond its own deadline, which it keeps between steps."""
_ROUNDS = 3
"""How often a list is judged again after something was taken out of it."""


class Passage(Struct, frozen=True):
    """What becomes of a body."""

    forward: bytes | None = None
    """To pass on; None if nothing passes."""
    back: bytes | None = None
    """To answer its sender with."""
    decision: str = ""
    """Id of the decision that refused something."""


class Judged(Struct, frozen=True, kw_only=True):
    """A body whose messages are judged; the people have not been asked yet."""

    session: Session
    sender: From
    body: bytes
    items: tuple[tuple[Prepared, Decision | None], ...]
    """Each message with its decision; None if there was nothing to judge."""

    @property
    def asks(self) -> bool:
        """Whether a human has to be asked before it can go on."""
        return any(d is not None and d.action is Action.ASK for _, d in self.items)


class McpGuard:
    """Judges bodies.

    Args:
        parts: what the chain needs.
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
        self._pool, self._approvals, self._on_record = pool, approvals, on_record

    async def judge(self, session: Session, sender: From, body: bytes) -> Judged:
        """Read and judge a body.

        Raises:
            Malformed: it is not JSON-RPC 2.0 as everybody reads it.
        """
        document = lossless.parse(body, self.parts.policy.limits.json_depth)
        items = []
        for rpc in read_rpc(document):
            prepared = session.prepare(sender, rpc)
            decision = None if prepared.silent else await self._decide(session, prepared)
            items.append((prepared, decision))
        return Judged(session=session, sender=sender, body=body, items=tuple(items))

    async def through(self, session: Session, sender: From, body: bytes) -> Passage:
        """Judge a body and finish with it.

        Raises:
            Malformed: it is not JSON-RPC 2.0 as everybody reads it.
        """
        return await self.finish(await self.judge(session, sender, body))

    async def finish(self, judged: Judged, rounds: int = _ROUNDS) -> Passage:
        """Ask whom it needs, and say what passes."""
        body, refusals = judged.body, dict[int, tuple[Decision, str]]()
        texts: dict[str, str] = {}
        for n, (prepared, decision) in enumerate(judged.items):
            refusal = await self._refusal(judged.session, prepared, decision)
            if refusal is None and decision is not None:
                texts |= mcp_outcome.edited_texts(prepared, decision)
            elif refusal is not None and prepared.reading.greeting:
                texts |= mcp_outcome.cleaned_texts(prepared, refusal[0])
            elif refusal is not None:
                refusals[n] = refusal
        if texts:
            body = lossless.replace(body, texts)
        if not refusals:
            return await self._passed(judged, body)
        drop = mcp_outcome.removable(judged.items[0][0], judged.items[0][1], self.parts.policy)
        if drop and len(judged.items) == 1 and rounds:
            body = without(judged.body, judged.items[0][0].reading.list_at, drop)
            again = await self.judge(judged.session, judged.sender, body)
            return await self.finish(again, rounds - 1)
        for prepared, _ in judged.items:
            self._answered(judged, prepared)
        return self._stopped(judged, body, refusals)

    async def _passed(self, judged: Judged, body: bytes) -> Passage:
        for prepared, _ in judged.items:
            self._answered(judged, prepared)
            try:
                judged.session.settle(prepared)
            except OSError as error:
                text = f"The pins cannot be written ({type(error).__name__})."
                finding = Finding(rule="error/pins", message=text, action=Action.BLOCK)
                decision = self._decision(prepared, finding)
                self._on_record(Record(decision, (), judged.session.context))
                return self._stopped(judged, body, dict.fromkeys(range(len(judged.items)), (decision, "")))
        return Passage(forward=body)

    def _answered(self, judged: Judged, prepared: Prepared) -> None:
        if prepared.rpc.kind in ("result", "error"):
            judged.session.answered(judged.sender, prepared.rpc)

    def _stopped(self, judged: Judged, body: bytes, refusals: dict[int, tuple[Decision, str]]) -> Passage:
        """What passes of a body in which something is refused."""
        policy, id_ = self.parts.policy, next(iter(refusals.values()))[0].id
        batch = bool(judged.items[0][0].rpc.at)
        if batch and judged.sender is From.CLIENT:
            # A batch of a client passes whole or not at all: its parts may lean on each other.
            first = next(iter(refusals.values()))
            refusals = {n: refusals.get(n, first) for n in range(len(judged.items))}
        answers: dict[int, bytes | None] = {}
        back: list[bytes] = []
        for n, (decision, question) in refusals.items():
            prepared = judged.items[n][0]
            refusal = mcp_outcome.refusal_body(prepared, decision, question, policy)
            answers[n] = refusal if prepared.rpc.kind in ("result", "error") else None
            if prepared.rpc.kind == "request" and refusal is not None:
                back.append(refusal)
        if not batch:
            return Passage(answers[0], back[0] if back else None, id_)
        answer = b"[" + b",".join(back) + b"]" if back else None
        left = len(judged.items) - sum(1 for a in answers.values() if a is None)
        if judged.sender is From.CLIENT or not left:
            return Passage(None, answer, id_)
        for n, (prepared, _) in enumerate(judged.items):
            if n not in refusals:
                judged.session.settle(prepared)
        return Passage(with_elements(body, "", answers), answer, id_)

    async def _decide(self, session: Session, prepared: Prepared) -> Decision:
        """Run the chain in a thread, within the deadline."""
        parts = self.parts
        work = asyncio.get_running_loop().run_in_executor(self._pool, judge, prepared.case, parts)
        done, _ = await asyncio.wait((work,), timeout=parts.policy.limits.deadline_ms / 1000 + _GRACE)
        decision = work.result() if done else self._decision(prepared, late(parts))
        self._on_record(Record(decision, prepared.case.segments, prepared.case.context))
        return decision

    async def _refusal(
        self, session: Session, prepared: Prepared, decision: Decision | None
    ) -> tuple[Decision, str] | None:
        """The decision that refuses a message, and the question that is open; None if it passes."""
        if decision is None or decision.action not in (Action.ASK, Action.BLOCK):
            return None
        if decision.action is Action.BLOCK:
            return decision, ""
        answer = await self._ask(prepared, decision)
        rule, action = (
            ("approval/used", Action.ALLOW) if answer.allowed else ("approval/refused", Action.BLOCK)
        )
        said = f"{answer.by} let it pass" if answer.allowed else "Nobody let it pass in time"
        if answer.by and not answer.allowed:
            said = f"{answer.by} did not let it pass"
        finding = Finding(rule=rule, message=f"{said} (question {answer.question or 'none'}).", action=action)
        second = replace(self._decision(prepared, finding), by=answer.by, about=decision.id)
        self._on_record(Record(second, (), prepared.case.context))
        return None if answer.allowed else (second, answer.question if answer.pending else "")

    async def _ask(self, prepared: Prepared, decision: Decision) -> Answer:
        if self._approvals is None:
            return Answer(False, "")
        question = Question(
            decision=decision, calls=mcp_outcome.shown_calls(prepared), context=prepared.case.context
        )
        return await self._approvals.consult(question, self.parts.policy.approvals.timeout_seconds)

    def _decision(self, prepared: Prepared, finding: Finding) -> Decision:
        shadow = self.parts.policy.mode is Mode.SHADOW
        return Decision(
            id=self.parts.new_id(),
            phase=prepared.case.phase,
            action=Action.ALLOW if shadow else finding.action,
            wanted=finding.action,
            findings=(finding,),
            policy=self.parts.policy_sha256,
        )
