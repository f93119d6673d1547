"""An application's answer on its way to the client: held, judged, edited, or replaced by a refusal."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from assaymark.guard.adapters.relay import Relay
from assaymark.guard.adapters.shapes import speaks
from assaymark.guard.core.events import Forward, Refuse, ResponseReceived
from assaymark.guard.library.drive import Driver
from assaymark.guard.library.messages import rewritten
from assaymark.guard.library.talk import Talk
from assaymark.guard.protocol import lossless
from assaymark.guard.protocol.errors import Problem, problem_of, written_error
from assaymark.guard.protocol.lossless import Malformed
from assaymark.guard.protocol.table import Protocol

__all__ = ["Answer"]

Headers = list[tuple[bytes, bytes]]
_UNSURE = (b"content-length", b"etag", b"content-md5", b"digest", b"content-digest", b"repr-digest")
"""Headers that are wrong once the body has changed."""


class Answer:
    """One answer; `send` is what the application is given.

    Args:
        driver: runs the core.
        protocol: in whose shape a refusal is written.
        send: to the client.
    """

    def __init__(
        self, driver: Driver, protocol: Protocol, send: Callable[[MutableMapping[str, Any]], Awaitable[None]]
    ) -> None:
        self.over = asyncio.Event()
        """The application is to be stopped: its answer was refused before it had said all."""
        self._driver, self._protocol, self._send = driver, protocol, send
        self._talk: Talk | None = None
        self._start: MutableMapping[str, Any] = {}
        self._parts: list[bytes] = []
        self._size = 0
        self._mode = "pass"
        self._begun = self._closed = False
        self._relay: Relay | None = None

    def begin(self, talk: Talk) -> None:
        """The request was let through."""
        self._talk = talk

    async def refuse(self, problem: Problem, *, last: bool = False) -> None:
        """Answer with the protocol's own error, unless an answer has begun.

        Args:
            problem: why.
            last: the application has said all, and may go on with what it does afterwards.
        """
        self._close(last)
        if self._begun:
            return
        self._begun = True
        body = written_error(self._protocol.name, problem)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        if problem.retry:
            headers.append((b"retry-after", b"1"))
        await self._send({"type": "http.response.start", "status": problem.status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body, "more_body": False})

    async def send(self, message: MutableMapping[str, Any]) -> None:
        """What the application says."""
        if self._closed:
            return
        if message["type"] == "http.response.start":
            await self._started(message)
        elif message["type"] == "http.response.body" and self._mode != "pass":
            await self._more(message.get("body", b""), last=not message.get("more_body"))
        else:
            await self._send(message)

    def _close(self, last: bool) -> None:
        """Hear no more."""
        self._closed = True
        if not last:
            self.over.set()

    async def _started(self, message: MutableMapping[str, Any]) -> None:
        self._start = message
        fields = {name.lower(): value for name, value in message.get("headers", ())}
        kind = fields.get(b"content-type", b"").partition(b";")[0].strip().lower()
        packed = fields.get(b"content-encoding", b"identity").strip().lower() not in (b"", b"identity")
        if not 200 <= message["status"] < 300 or message["status"] == 204 or not speaks(self._protocol):
            await self._head(message.get("headers", ()))
        elif packed:
            await self.refuse(_unreadable("is compressed; put compression outside the guard"))
        elif kind == b"text/event-stream":
            self._mode = "stream"
            await self._stream()
        elif kind == b"application/json" or kind.endswith(b"+json"):
            self._mode = "json"
        else:
            await self.refuse(_unreadable("is neither JSON nor an event stream, so it cannot be judged"))

    async def _head(self, headers: Any) -> None:
        self._begun = True
        await self._send({**self._start, "headers": list(headers)})

    async def _stream(self) -> None:
        assert self._talk is not None
        self._relay = Relay(self._driver, self._talk, self._protocol.stream(), self._write)
        await self._head(self._kept())

    def _kept(self) -> Headers:
        return [(n, v) for n, v in self._start.get("headers", ()) if n.lower() not in _UNSURE]

    async def _write(self, data: bytes) -> None:
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def _more(self, data: bytes, *, last: bool) -> None:
        if self._relay is not None:
            stopped = await self._relay.feed(data)
            if last and not stopped:
                await self._relay.finish()
            if last or stopped:
                self._close(last)
                await self._send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        self._parts.append(data)
        self._size += len(data)
        if self._size > self._driver.parts.policy.limits.body_bytes:
            await self.refuse(_unreadable("is larger than the policy bears"))
        elif last:
            await self._whole(b"".join(self._parts))

    async def _whole(self, body: bytes) -> None:
        assert self._talk is not None
        try:
            document = lossless.parse(body, self._driver.parts.policy.limits.json_depth)
            message = self._protocol.read_response(document)
        except Malformed as error:
            await self.refuse(_unreadable(f"is {error}"), last=True)
            return
        for command in await self._driver.arun(self._talk, ResponseReceived(message)):
            if isinstance(command, Refuse):
                await self.refuse(problem_of(command.decision), last=True)
            elif isinstance(command, Forward):
                changed = rewritten(body, message, command.edits)
                assert isinstance(changed, bytes)
                await self._send_whole(body, changed, command.decision.id)

    async def _send_whole(self, body: bytes, changed: bytes, decision: str) -> None:
        headers = list(self._start.get("headers", ())) if changed == body else self._kept()
        headers = [(n, v) for n, v in headers if n.lower() != b"content-length"]
        headers += [
            (b"content-length", str(len(changed)).encode()),
            (b"x-assaymark-decision", decision.encode()),
        ]
        await self._head(headers)
        await self._send({"type": "http.response.body", "body": changed, "more_body": False})


def _unreadable(what: str) -> Problem:
    message = f"The application's answer {what}."
    return Problem(status=502, code="unreadable_answer", message=message)
