"""One request after another: read, judge, forward, judge the answer, send. An ASGI application."""

import re
import time
from collections.abc import Iterable, MutableMapping
from typing import Any

import httpx2
from msgspec.structs import replace

from assaymark.guard.core.edits import applied
from assaymark.guard.core.events import (
    Closed,
    Command,
    Forward,
    Record,
    Refuse,
    RequestReceived,
    ResponseReceived,
)
from assaymark.guard.core.exchange import Exchange
from assaymark.guard.core.ports import Context
from assaymark.guard.event import Edit
from assaymark.guard.protocol import lossless
from assaymark.guard.protocol.errors import Problem, problem_of
from assaymark.guard.protocol.fault import read_fault
from assaymark.guard.protocol.lossless import Malformed
from assaymark.guard.protocol.shape import Message, Usage
from assaymark.guard.protocol.table import PROTOCOLS, UNTOUCHED, Protocol, of_path, shape_of
from assaymark.guard.proxy.bodies import TooLarge, Undecodable
from assaymark.guard.proxy.client import Client, Receive, Send, while_connected
from assaymark.guard.proxy.estimate import estimated
from assaymark.guard.proxy.headers import for_client, not_json
from assaymark.guard.proxy.ingress import Incoming, Refused, read_request
from assaymark.guard.proxy.judging import Judging
from assaymark.guard.proxy.keys import key_id
from assaymark.guard.proxy.pump import Pump
from assaymark.guard.proxy.state import State
from assaymark.guard.proxy.tracing import Span
from assaymark.guard.proxy.upstream import whole
from assaymark.guard.rules.quota import retry_after

__all__ = ["Answering", "Gateway"]

_KEPT = re.compile(r"/responses/[\w-]+$")
_STORED = re.compile(r"/(?:chat/completions|responses|conversations|threads|messages)(?:/|$)")
"""Where the upstream keeps what was said; it is judged like an answer."""
_MODELS = re.compile(r"/models(?:/|$)")
_UNSENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.InvalidURL)
"""With these the upstream never saw the request."""
_STREAM = "text/event-stream"


class Gateway:
    """The application; `state` is shared by all requests."""

    def __init__(self, state: State) -> None:
        self.state = state

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        state, began = self.state, time.monotonic()
        client = Client(send, state.settings.send_seconds)
        shape = shape_of(scope["path"])
        busy = state.active >= state.settings.concurrency
        state.active += 1
        try:
            if busy:
                raise Refused(_overloaded("as many requests as it may"))
            if not state.recording.healthy:
                state.metrics.errors.labels("log").inc()
                raise Refused(_overloaded("a log that cannot be written"))
            await self._exchange(scope, receive, client)
        except Refused as refusal:
            if not client.status:
                await self._quietly(client.refuse(shape, refusal.problem))
        except (ConnectionError, TimeoutError):
            state.metrics.errors.labels("client").inc()
        finally:
            state.active -= 1
            protocol = of_path(scope["path"])
            name = protocol.name if protocol else "other"
            state.metrics.requests.labels(name, str(client.status or 499)).inc()
            state.metrics.latency.labels(name).observe(time.monotonic() - began)

    async def _quietly(self, sending: Any) -> None:
        try:
            await sending
        except (ConnectionError, TimeoutError):
            self.state.metrics.errors.labels("client").inc()

    async def _exchange(self, scope: MutableMapping[str, Any], receive: Receive, client: Client) -> None:
        """Read the request, then work on it until it is answered or the client has left."""
        settings, limits = self.state.settings, self.state.parts.policy.limits
        incoming = await read_request(
            scope, receive, limits.body_bytes, settings.body_seconds, self.state.memory
        )
        try:
            await while_connected(Answering(self.state, incoming, client).run(), receive)
        finally:
            self.state.memory.give(incoming.held)


class Answering:
    """One request, read, on its way to an answer."""

    def __init__(self, state: State, incoming: Incoming, client: Client) -> None:
        self.state, self.incoming, self.client = state, incoming, client
        self.span: Span = state.tracer.span("", "", "")
        self.decision = ""
        self.sent = False
        """Whether the upstream may have begun to work on the request."""
        self.usage: Usage | None = None
        """Of a stream, as far as the upstream counted."""
        self.judging = Judging(state.parts, state.pool, state.approvals, self._record)

    async def run(self) -> None:
        """Answer it."""
        if self.incoming.method in ("GET", "HEAD") and self.incoming.body:
            raise Refused(_bad("not allowed with this method"))
        protocol = of_path(self.incoming.path)
        if protocol is not None and self.incoming.method == "POST":
            await self._judged(protocol, self._request(protocol))
        elif self.incoming.method == "GET" and _KEPT.search(self.incoming.path):
            # An answer that the upstream kept; what was asked is not known here.
            await self._judged(PROTOCOLS[1], Message(offered=None, remote_history=True))
        elif self.incoming.method == "GET" and _STORED.search(self.incoming.path):
            exchange = Exchange(self.state.parts)
            await self._fault(exchange, await self._send(self.incoming.body))
        else:
            await self._other()

    async def _other(self) -> None:
        """What is not understood passes only if told so; what no model answers passes always."""
        incoming, settings = self.incoming, self.state.settings
        harmless = incoming.path.endswith(UNTOUCHED) or incoming.method in ("GET", "HEAD")
        if not harmless and not settings.pass_unknown:
            raise Refused(_unknown(incoming))
        if not harmless:
            self.state.metrics.bypasses.labels("unknown_path").inc()
        elif incoming.method == "GET" and not _MODELS.search(incoming.path):
            self.state.metrics.unread.labels("stored").inc()
        await self._relay(await self._send(incoming.body))

    def _request(self, protocol: Protocol) -> Message:
        if fault := not_json(self.incoming.fields.get("content-type", "")):
            raise Refused(Problem(status=415, code="bad_encoding", message=f"Refused: {fault}."))
        message = protocol.read_request(self._parsed(self.incoming.body))
        for kind in message.unread:
            self.state.metrics.unread.labels(kind).inc()
        return message

    async def _judged(self, protocol: Protocol, message: Message) -> None:
        state, incoming = self.state, self.incoming
        context = Context(
            key=key_id(incoming.fields, state.parts.secret),
            tenant=self._tenant(),
            protocol=protocol.name,
            model=message.model[:200],
            upstream=str(state.settings.upstream),
            request=state.parts.new_id(),
            streamed=message.stream,
        )
        self.span = state.tracer.span(protocol.name, message.model, state.settings.upstream.host)
        self.span.read(message)
        exchange, status = Exchange(state.parts), 0
        try:
            estimate = estimated(message, state.parts.policy)
            asked = RequestReceived(message, context, estimate)
            edits = self._allowed(await self.judging.feed(exchange, asked))
            response = await self._send(_rewritten(incoming.body, message, edits))
            await self._answer(protocol, exchange, response)
        except Refused as refusal:
            status = refusal.problem.status
            raise
        finally:
            exchange.receive(Closed(self.usage, self.sent))
            self.span.end(self.client.status or status)

    def _tenant(self) -> str:
        name = self.state.settings.tenant_header.lower()
        return self.incoming.fields.get(name, "")[:200] if name else ""

    def _parsed(self, body: bytes) -> lossless.Json:
        try:
            document = lossless.parse(body, self.state.parts.policy.limits.json_depth)
        except Malformed as error:
            raise Refused(_bad(str(error))) from None
        if not isinstance(document, dict):
            raise Refused(_bad("not a JSON object"))
        return document

    def _allowed(self, commands: Iterable[Command]) -> tuple[Edit, ...]:
        for command in commands:
            if isinstance(command, Forward):
                return command.edits
            if isinstance(command, Refuse):
                decision = command.decision
                raise Refused(replace(problem_of(decision), after=retry_after(decision.findings) or 1))
        raise Refused(_overloaded("no decision"))

    def _record(self, record: Record) -> None:
        self.decision = record.decision.id
        self.state.record(record)
        self.span.decided(record)

    async def _send(self, body: bytes) -> httpx2.Response:
        self.sent = True
        try:
            return await self.state.upstream.send(self.incoming, body)
        except httpx2.TimeoutException as error:
            self.sent = not isinstance(error, _UNSENT)
            raise Refused(self._upstream_problem(504, "did not answer in time", error)) from None
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            self.sent = not isinstance(error, _UNSENT)
            raise Refused(self._upstream_problem(502, "cannot be reached", error)) from None

    def _upstream_problem(self, status: int, what: str, error: Exception) -> Problem:
        self.state.metrics.errors.labels("upstream").inc()
        message = f"The upstream {what} ({type(error).__name__})."
        return Problem(
            status=status, code="upstream_error", message=message, decision=self.decision, retry=True
        )

    async def _answer(self, protocol: Protocol, exchange: Exchange, response: httpx2.Response) -> None:
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if response.is_success and kind == _STREAM:
            await self._stream(protocol, exchange, response)
        elif response.is_success:
            await self._whole(protocol, exchange, response)
        elif response.is_redirect:
            await self._relay(response)
        else:
            await self._fault(exchange, response)

    async def _fault(self, exchange: Exchange, response: httpx2.Response) -> None:
        """An error of the upstream: a text from outside like any other, and nothing was used."""
        body = await self._body(response)
        message = read_fault(body)
        edits = self._allowed(await self.judging.feed(exchange, ResponseReceived(message)))
        await self.client.answer(
            response.status_code, self._headers(response), _rewritten(body, message, edits)
        )

    async def _whole(self, protocol: Protocol, exchange: Exchange, response: httpx2.Response) -> None:
        body = await self._body(response)
        try:
            document = lossless.parse(body, self.state.parts.policy.limits.json_depth)
        except Malformed as error:
            raise Refused(self._upstream_problem(502, f"answered with what is {error}", error)) from None
        message = protocol.read_response(document)
        self.span.read(message)
        edits = self._allowed(await self.judging.feed(exchange, ResponseReceived(message)))
        body = _rewritten(body, message, edits)
        await self.client.answer(response.status_code, self._headers(response), body)

    async def _stream(self, protocol: Protocol, exchange: Exchange, response: httpx2.Response) -> None:
        held = self.state.metrics.held.observe
        pump = Pump(self.judging, exchange, protocol.stream(), self.client, held)
        try:
            await self.client.start(response.status_code, self._headers(response))
            if fault := await pump.run(response):
                self.state.metrics.errors.labels(f"stream_{fault}").inc()
            await self.client.finish()
        finally:
            self.usage = pump.usage
            self.span.read(Message(usage=pump.usage))
            await response.aclose()

    async def _relay(self, response: httpx2.Response) -> None:
        """Pass on as it is what answers a path that is not judged."""
        if response.is_redirect:
            await response.aclose()
            raise Refused(self._upstream_problem(502, "points elsewhere", ConnectionError()))
        body = await self._body(response)
        await self.client.answer(response.status_code, self._headers(response), body)

    async def _body(self, response: httpx2.Response) -> bytes:
        try:
            return await whole(response, self.state.parts.policy.limits.body_bytes)
        except (TooLarge, Undecodable, httpx2.HTTPError) as error:
            raise Refused(self._upstream_problem(502, "broke off, or sent too much", error)) from None
        finally:
            await response.aclose()

    def _headers(self, response: httpx2.Response) -> list[tuple[bytes, bytes]]:
        ours = [(b"x-assaymark-decision", self.decision.encode())] if self.decision else []
        return for_client(response.headers.raw) + ours


def _rewritten(body: bytes, message: Message, edits: tuple[Edit, ...]) -> bytes:
    """The body with the edits made; the very same bytes if there are none."""
    if not edits:
        return body
    by_segment: dict[int, list[Edit]] = {}
    for edit in edits:
        by_segment.setdefault(edit.segment, []).append(edit)
    texts = {
        message.segments[n].at: applied(message.segments[n].text, mine)
        for n, mine in by_segment.items()
        if message.segments[n].at
    }
    return lossless.replace(body, texts)


def _overloaded(what: str) -> Problem:
    message = f"The gateway has {what}; try again later."
    return Problem(status=503, code="overloaded", message=message, retry=True)


def _bad(what: str) -> Problem:
    return Problem(status=400, code="malformed_body", message=f"Refused: the body is {what}.")


def _unknown(incoming: Incoming) -> Problem:
    message = (
        f"Refused: {incoming.method} on this path is not judged by the guard. "
        "Start the gateway with --pass-unknown to let it pass unjudged."
    )
    return Problem(status=404, code="unknown_path", message=message)
