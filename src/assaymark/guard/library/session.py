"""One conversation: taint, canary, system prompt and tools, carried from one check to the next."""

import json
import threading
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from assaymark.errors import UsageError
from assaymark.guard.core.events import RequestReceived, ResponseReceived, StreamEnded, TextDelta, TrackEnded
from assaymark.guard.event import Channel, Decision, Phase, Segment, ToolCall
from assaymark.guard.library.assembly import refuse_streaming
from assaymark.guard.library.drive import Driver
from assaymark.guard.library.held import Held
from assaymark.guard.library.messages import Body, document, protocol_named, verdict_of
from assaymark.guard.library.rewrite import new_texts
from assaymark.guard.library.talk import Known, Talk
from assaymark.guard.library.verdict import Verdict
from assaymark.guard.protocol.shape import Message

__all__ = ["PHASES", "Session", "channel_named"]

PHASES = {
    Channel.TOOL_DESCRIPTION: Phase.LISTING,
    Channel.TOOL_ARGUMENTS: Phase.TOOL_CALL,
    Channel.TOOL_RESULT: Phase.TOOL_RESULT,
    Channel.DOCUMENT: Phase.TOOL_RESULT,
    Channel.OUTPUT: Phase.RESPONSE,
}
"""On the way to what a text of a channel is judged; the others come with a request, which quotas count."""
_TRACK = "text"


def channel_named(channel: Channel | str) -> Channel:
    """The channel.

    Raises:
        UsageError: there is none of that name.
    """
    try:
        return Channel(channel)
    except ValueError:
        known = ", ".join(Channel)
        raise UsageError(f"There is no channel {channel!r}.", f"Use one of {known}.") from None


class Session:
    """Made by `Guard.session`. Safe to use from several threads; their turns are taken as they come."""

    def __init__(self, driver: Driver, known: Known, system_prompt: str = "") -> None:
        self._driver = driver
        self._lock = threading.Lock()
        self._turn = 0
        self._known = known
        self._prompt = ""
        if system_prompt:
            self._known, self._prompt = known.told(_text(system_prompt), driver.parts)

    @property
    def system_prompt(self) -> str:
        """The system prompt to send: with the session's canary, unless the policy puts none in."""
        return self._prompt

    @property
    def tainted(self) -> bool:
        """Whether untrusted text was read."""
        return bool(self._known.origins.labels or self._known.unseen)

    def note(self, text: str, channel: Channel | str, *, tool: str = "", source: str = "") -> None:
        """Take a text into the conversation unjudged: what a human let pass, say."""
        self._take((self._segment(text, channel, tool, source),))

    def check(
        self, text: str, channel: Channel | str = "user", *, tool: str = "", source: str = ""
    ) -> Verdict:
        """Judge one text.

        Args:
            text: as it would be sent on.
            channel: who speaks in it.
            tool: on the tool channels, which tool.
            source: where a document came from.
        """
        segment = self._segment(text, channel, tool, source)
        return self.judge(PHASES.get(segment.channel, Phase.REQUEST), (segment,))

    async def acheck(
        self, text: str, channel: Channel | str = "user", *, tool: str = "", source: str = ""
    ) -> Verdict:
        """`check` in a thread, within the policy's deadline."""
        segment = self._segment(text, channel, tool, source)
        return await self.ajudge(PHASES.get(segment.channel, Phase.REQUEST), (segment,))

    def check_output(self, text: str) -> Verdict:
        """Judge what the model said, before anybody sees it."""
        return self.check(text, Channel.OUTPUT)

    async def acheck_output(self, text: str) -> Verdict:
        """`check_output` in a thread."""
        return await self.acheck(text, Channel.OUTPUT)

    def check_tool_call(self, name: str, arguments: str | Mapping[str, Any]) -> Verdict:
        """Judge a call that the model wants to make; `text` holds the arguments to use, as JSON."""
        return self.judge(Phase.TOOL_CALL, *self._call(name, arguments))

    async def acheck_tool_call(self, name: str, arguments: str | Mapping[str, Any]) -> Verdict:
        """`check_tool_call` in a thread."""
        return await self.ajudge(Phase.TOOL_CALL, *self._call(name, arguments))

    def check_messages(self, body: Body, protocol: str = "openai") -> Verdict:
        """Judge a whole request of an API; send `body` of the verdict.

        The conversation's tools, system prompt, canary and taint are then those of this request.
        """
        talk, message, event = self._request(body, protocol)
        commands = self._driver.run(talk, event, tell=True)
        return self._heard(talk, verdict_of(commands, body, message))

    async def acheck_messages(self, body: Body, protocol: str = "openai") -> Verdict:
        """`check_messages` in a thread."""
        talk, message, event = self._request(body, protocol)
        commands = await self._driver.arun(talk, event, tell=True)
        return self._heard(talk, verdict_of(commands, body, message))

    def check_answer(self, body: Body, protocol: str = "openai") -> Verdict:
        """Judge a whole answer of an API: text and tool calls; use `body` of the verdict."""
        message = protocol_named(protocol).read_response(document(body, self._depth))
        commands = self._driver.run(self._talk(), ResponseReceived(message), tell=True)
        return verdict_of(commands, body, message)

    async def acheck_answer(self, body: Body, protocol: str = "openai") -> Verdict:
        """`check_answer` in a thread."""
        message = protocol_named(protocol).read_response(document(body, self._depth))
        commands = await self._driver.arun(self._talk(), ResponseReceived(message), tell=True)
        return verdict_of(commands, body, message)

    def stream(self, pieces: Iterable[str]) -> Iterator[str]:
        """The model's text as it comes, its newest `stream.hold_back_chars` characters held back.

        Raises:
            Blocked: while iterating; what was held back never comes.
            UsageError: a rule of the policy cannot run on a stream.
        """
        refuse_streaming(self._driver.parts.policy)
        return self._stream(pieces)

    def astream(self, pieces: AsyncIterable[str]) -> AsyncIterator[str]:
        """`stream` for an asynchronous iterator, judged in threads."""
        refuse_streaming(self._driver.parts.policy)
        return self._astream(pieces)

    def judge(self, phase: Phase, segments: Sequence[Segment], calls: Sequence[ToolCall] = ()) -> Verdict:
        """Judge segments of the caller's own making, as adapters do."""
        case = self._talk().case(phase, tuple(segments), tuple(calls))
        decision = self._driver.judge(case)
        self._driver.record(decision, case.segments, case.context)
        return self._done(decision, case.segments)

    async def ajudge(
        self, phase: Phase, segments: Sequence[Segment], calls: Sequence[ToolCall] = ()
    ) -> Verdict:
        """`judge` in a thread, within the policy's deadline."""
        case = self._talk().case(phase, tuple(segments), tuple(calls))
        decision = await self._driver.ajudge(case)
        await self._driver.arecord(decision, case.segments, case.context)
        return self._done(decision, case.segments)

    @property
    def _depth(self) -> int:
        return self._driver.parts.policy.limits.json_depth

    def _talk(self) -> Talk:
        return Talk(self._driver.parts, self._known)

    def _done(self, decision: Decision, segments: tuple[Segment, ...]) -> Verdict:
        verdict = Verdict(decision=decision, segments=segments)
        if not verdict.allowed:
            return verdict
        self._take(segments)
        texts = new_texts(segments, decision.edits)
        new = [texts.get(s.at, s.text) for s in segments]
        return replace(verdict, text=new[0] if len(new) == 1 else "")

    def _take(self, segments: tuple[Segment, ...]) -> None:
        with self._lock:
            self._known = self._known.plus(segments, self._driver.parts)

    def _segment(self, text: str, channel: Channel | str, tool: str = "", source: str = "") -> Segment:
        with self._lock:
            self._turn += 1
            at = f"/turn/{self._turn}"
        return Segment(text=_text(text), channel=channel_named(channel), at=at, tool=tool, source=source)

    def _call(
        self, name: str, arguments: str | Mapping[str, Any]
    ) -> tuple[tuple[Segment, ...], tuple[ToolCall, ...]]:
        try:
            text = arguments if isinstance(arguments, str) else json.dumps(dict(arguments))
        except (TypeError, ValueError, RecursionError) as error:
            raise UsageError(f"The arguments of {name!r} are no JSON value: {error}.", "Give JSON.") from None
        segment = self._segment(text, Channel.TOOL_ARGUMENTS, name)
        return (segment,), (ToolCall(name=name, arguments=text, at=segment.at),)

    def _request(self, body: Body, name: str) -> tuple[Talk, Message, RequestReceived]:
        protocol = protocol_named(name)
        message = protocol.read_request(document(body, self._depth))
        context = replace(
            self._known.context, protocol=protocol.name, model=message.model[:200], streamed=message.stream
        )
        return self._talk(), message, RequestReceived(message, context)

    def _heard(self, talk: Talk, verdict: Verdict) -> Verdict:
        if verdict.allowed:
            with self._lock:
                known, earlier = talk.known(), self._known.origins
                self._known = replace(known, unseen=known.unseen or bool(earlier.labels))
        return verdict

    def _stream(self, pieces: Iterable[str]) -> Iterator[str]:
        held, talk, run = Held(_TRACK), self._talk(), self._driver.run
        for piece in pieces:
            held.add(_text(piece))
            if ready := held.obey(run(talk, TextDelta(_TRACK, piece))):
                yield ready
        if ready := held.obey(run(talk, TrackEnded(_TRACK))):
            yield ready
        run(talk, StreamEnded())

    async def _astream(self, pieces: AsyncIterable[str]) -> AsyncIterator[str]:
        held, talk, run = Held(_TRACK), self._talk(), self._driver.arun
        async for piece in pieces:
            held.add(_text(piece))
            if ready := held.obey(await run(talk, TextDelta(_TRACK, piece))):
                yield ready
        if ready := held.obey(await run(talk, TrackEnded(_TRACK))):
            yield ready
        await run(talk, StreamEnded())


def _text(text: str) -> str:
    if not isinstance(text, str):
        raise UsageError(f"The guard judges text, not {type(text).__name__}.", "Give a string.")
    return text
