"""`Guard`: one policy and one detector, for a whole program."""

import asyncio
import hashlib
import hmac
import threading
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from assaymark.guard.core.ports import Approvals, Context, Parts, Recorder, Scorer
from assaymark.guard.detector.detector import Detector
from assaymark.guard.event import Channel, Decision
from assaymark.guard.library.assembly import assembled, opened
from assaymark.guard.library.drive import Driver
from assaymark.guard.library.explain import explain
from assaymark.guard.library.messages import Body
from assaymark.guard.library.session import Session
from assaymark.guard.library.talk import Known
from assaymark.guard.library.verdict import Verdict
from assaymark.guard.policy.load import Loaded
from assaymark.guard.policy.model import Policy

__all__ = ["Guard"]

Item = str | tuple[str, Channel | str]


class Guard:
    """Judges texts, messages and tool calls. Loads once, at the first check; safe to use from all threads.

    Args:
        policy: a `Policy`, the path of a policy file, or None for the shipped default.
        detector: a folder of weights, a `Detector`, or None for the shipped weights; each is tested at
            start-up. A `Scorer` of your own is used as it is.
        recorder: writes each decision down; if it cannot, nothing passes.
        approvals: the queue of questions to a human, for the adapters and the middleware. The `check…`
            methods never ask: their verdict says `needs_human`.
    """

    def __init__(
        self,
        policy: Policy | Loaded | str | Path | None = None,
        *,
        detector: Detector | Scorer | str | Path | None = None,
        recorder: Recorder | None = None,
        approvals: Approvals | None = None,
    ) -> None:
        self._asked = policy, detector
        self._recorder, self._approvals = recorder, approvals
        self._lock = threading.Lock()
        self._driver: Driver | None = None

    def load(self) -> "Guard":
        """Read the policy, load and test the detector now rather than at the first check.

        Raises:
            AssaymarkError: either cannot be had, or the self-test fails. Nothing is judged then.
        """
        self.driver()
        return self

    def driver(self) -> Driver:
        """What runs the core; for adapters."""
        if self._driver is None:
            with self._lock:
                if self._driver is None:
                    policy, detector = self._asked
                    parts = assembled(opened(policy), detector)
                    self._driver = Driver(parts, self._recorder, self._approvals)
        return self._driver

    @property
    def parts(self) -> Parts:
        """Policy, detector and rules in force."""
        return self.driver().parts

    def session(
        self, system_prompt: str = "", *, key: str = "", tenant: str = "", model: str = ""
    ) -> Session:
        """Begin a conversation.

        Args:
            system_prompt: must not come out again; send `Session.system_prompt` in its place.
            key: whose conversation it is, for quotas; only a keyed hash of it is kept.
            tenant: for quotas and exceptions.
            model: for the cost of tokens.
        """
        return Session(self.driver(), self.known(key=key, tenant=tenant, model=model), system_prompt)

    def known(self, *, key: str = "", tenant: str = "", model: str = "", protocol: str = "") -> Known:
        """The beginning of a conversation; for adapters."""
        parts = self.parts
        hashed = hmac.new(parts.secret, key.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
        return Known(
            context=Context(
                key=hashed[:16] if key else "",
                tenant=tenant,
                protocol=protocol,
                model=model[:200],
                request=parts.new_id(),
            )
        )

    def check(
        self, text: str, channel: Channel | str = "user", *, tool: str = "", source: str = ""
    ) -> Verdict:
        """Judge one text by itself."""
        return self.session().check(text, channel, tool=tool, source=source)

    async def acheck(
        self, text: str, channel: Channel | str = "user", *, tool: str = "", source: str = ""
    ) -> Verdict:
        """`check` in a thread, within the policy's deadline."""
        return await (await self._begun()).acheck(text, channel, tool=tool, source=source)

    def check_many(self, items: Iterable[Item], channel: Channel | str = "user") -> list[Verdict]:
        """Judge texts that have nothing to do with one another, each by itself, in order.

        Args:
            items: texts, or pairs of text and channel.
            channel: of the texts that name none.
        """
        return [self.check(*_pair(item, channel)) for item in items]

    async def acheck_many(self, items: Iterable[Item], channel: Channel | str = "user") -> list[Verdict]:
        """`check_many`, several at once."""
        return list(await asyncio.gather(*(self.acheck(*_pair(item, channel)) for item in items)))

    def check_messages(self, body: Body, protocol: str = "openai") -> Verdict:
        """Judge a whole request: `openai`, `openai_responses` or `anthropic`; send the verdict's `body`."""
        return self.session().check_messages(body, protocol)

    async def acheck_messages(self, body: Body, protocol: str = "openai") -> Verdict:
        """`check_messages` in a thread."""
        return await (await self._begun()).acheck_messages(body, protocol)

    def check_tool_call(
        self, name: str, arguments: str | Mapping[str, Any], context: Sequence[str] = ()
    ) -> Verdict:
        """Judge a call that the model wants to make.

        Args:
            name: of the tool.
            arguments: as the model sent them, or parsed.
            context: untrusted texts that the model has read before (results of tools, documents).
        """
        return _after(self.session(), context).check_tool_call(name, arguments)

    async def acheck_tool_call(
        self, name: str, arguments: str | Mapping[str, Any], context: Sequence[str] = ()
    ) -> Verdict:
        """`check_tool_call` in a thread."""
        return await _after(await self._begun(), context).acheck_tool_call(name, arguments)

    def check_output(self, text: str, *, system_prompt: str = "") -> Verdict:
        """Judge what the model said; `system_prompt` must not be in it."""
        return self.session(system_prompt).check_output(text)

    async def acheck_output(self, text: str, *, system_prompt: str = "") -> Verdict:
        """`check_output` in a thread."""
        return await (await self._begun(system_prompt)).acheck_output(text)

    def stream(self, pieces: Iterable[str], *, system_prompt: str = "") -> Iterator[str]:
        """The model's text as it comes, judged behind a hold-back window; raises `Blocked`."""
        return self.session(system_prompt).stream(pieces)

    def astream(self, pieces: AsyncIterable[str], *, system_prompt: str = "") -> AsyncIterator[str]:
        """`stream` for an asynchronous iterator."""
        return self.session(system_prompt).astream(pieces)

    def explain(self, verdict: Verdict | Decision) -> str:
        """What was done and why, in plain words at 80 columns; holds no text of the message."""
        if isinstance(verdict, Decision):
            return explain(verdict)
        return explain(verdict.decision, verdict.segments)

    async def _begun(self, system_prompt: str = "") -> Session:
        if self._driver is None:
            await asyncio.to_thread(self.driver)
        return self.session(system_prompt)


def _pair(item: Item, channel: Channel | str) -> tuple[str, Channel | str]:
    return item if isinstance(item, tuple) else (item, channel)


def _after(session: Session, context: Sequence[str]) -> Session:
    for text in [context] if isinstance(context, str) else context:
        session.note(text, Channel.TOOL_RESULT)
    return session
