"""MCP over streamable HTTP: an ASGI application before one MCP server.

POST with JSON or a stream of events as the answer, GET for the server's own stream, DELETE for the end of a
session. Session, protocol and resumption headers pass; each event is judged whole before it is released.
"""

import re
from collections.abc import MutableMapping
from typing import Any

import httpx2

from assaymark.guard.protocol.errors import Problem
from assaymark.guard.protocol.lossless import Malformed
from assaymark.guard.protocol.mcp_rpc import INVALID, PARSE_ERROR, UNREACHABLE, error_body
from assaymark.guard.protocol.sse import SseEvent, SseParser, written
from assaymark.guard.proxy.bodies import TooLarge, Undecodable
from assaymark.guard.proxy.client import Client, Receive, Send, while_connected
from assaymark.guard.proxy.headers import for_client, plain
from assaymark.guard.proxy.ingress import Incoming, Refused, read_request
from assaymark.guard.proxy.keys import key_id
from assaymark.guard.proxy.mcp_doors import Sessions, check_agreement, check_door
from assaymark.guard.proxy.mcp_guard import Judged, McpGuard, Passage
from assaymark.guard.proxy.mcp_session import From, Session
from assaymark.guard.proxy.state import State
from assaymark.guard.proxy.upstream import whole

__all__ = ["McpHttp"]

_JSON = [(b"content-type", b"application/json")]
_SESSION = "mcp-session-id"
_METHODS = ("POST", "GET", "DELETE")
_OF_THE_REQUEST = frozenset({b"accept", b"content-type", b"last-event-id", b"mcp-method", b"mcp-name"})
"""Headers that speak of one request, not of the session."""
_LINE_END = re.compile(rb"\r\n|\n|\r")


class McpHttp:
    """The application.

    Args:
        state: settings (whose upstream is the MCP endpoint, path included), pool, counters, log.
        guard: judges.
        sessions: who spoke before.
        hosts: names under which clients reach us.
    """

    def __init__(self, state: State, guard: McpGuard, sessions: Sessions, hosts: frozenset[str]) -> None:
        self.state, self._guard, self._sessions, self._hosts = state, guard, sessions, hosts

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        state = self.state
        client = Client(send, state.settings.send_seconds)
        busy = state.active >= state.settings.concurrency or not state.recording.healthy
        state.active += 1
        try:
            if busy:
                message = "Refused: the guard has as much to do as it can; try again."
                raise Refused(Problem(status=503, code="overloaded", message=message, retry=True))
            await self._exchange(scope, receive, client)
        except Refused as refusal:
            if not client.status:
                await _tell(client, refusal.problem)
        except (ConnectionError, TimeoutError):
            state.metrics.errors.labels("client").inc()
        finally:
            state.active -= 1
            state.metrics.requests.labels("mcp", str(client.status or 499)).inc()

    async def _exchange(self, scope: MutableMapping[str, Any], receive: Receive, client: Client) -> None:
        state = self.state
        check_door(plain(scope["headers"]), self._hosts)
        if scope["method"] not in _METHODS:
            raise Refused(Problem(status=405, code="bad_method", message="Use POST, GET or DELETE."))
        limit = state.parts.policy.limits.body_bytes
        incoming = await read_request(scope, receive, limit, state.settings.body_seconds, state.memory)
        try:
            await while_connected(_Answering(self, incoming, client).run(), receive)
        finally:
            state.memory.give(incoming.held)


class _Answering:
    """One request on its way to an answer."""

    def __init__(self, app: McpHttp, incoming: Incoming, client: Client) -> None:
        self.app, self.client = app, client
        self.state, self.guard, self.sessions = app.state, app._guard, app._sessions
        self.incoming = Incoming(
            method=incoming.method,
            path="" if app.state.settings.upstream.prefix else "/",
            query=incoming.query,
            headers=incoming.headers,
            fields=incoming.fields,
            body=incoming.body,
            held=incoming.held,
        )
        self.key = key_id(incoming.fields, app.state.parts.secret)
        self.id = incoming.fields.get(_SESSION, "")
        self.asked: frozenset[str] = frozenset()
        """Ids of the requests that wait for this answer."""
        self.resumable = False
        """An event with an id has passed: a client can take up a broken stream again."""

    async def run(self) -> None:
        if self.incoming.method == "POST":
            await self._post()
            return
        session = self.sessions.find(self.id, self.key)
        if self.incoming.method == "DELETE":
            self.sessions.forget(self.id, self.key)
        await self._answer(await self._send(b""), session)

    async def _post(self) -> None:
        session = self.sessions.find(self.id, self.key)
        if not self.id:
            session = session.exchange()
        judged = await self._judged(session)
        self.asked = frozenset(p.rpc.id for p, _ in judged.items if p.rpc.kind == "request")
        first = judged.items[0][0].rpc
        if len(judged.items) == 1:
            check_agreement(self.incoming.fields, first)
        if first.method == "initialize":
            session = self.sessions.new(self.key)
            judged = await self._judged(session)
        passage = await self.guard.finish(judged)
        if passage.forward is None:
            await self._refuse(passage)
            return
        mirrored = any(name.startswith("mcp-param-") for name in self.incoming.fields)
        if mirrored and passage.forward != self.incoming.body:
            message = "Refused: what the guard took out of the arguments stands in the headers too."
            raise Refused(Problem(status=400, code="header_mismatch", message=message))
        response = await self._send(passage.forward)
        id_ = response.headers.get(_SESSION, "")
        if first.method == "initialize" and id_:
            self.sessions.bind(id_, self.key, session)
        await self._answer(response, session)

    async def _judged(self, session: Session) -> Judged:
        try:
            return await self.guard.judge(session, From.CLIENT, self.incoming.body)
        except Malformed as error:
            raise Refused(Problem(status=400, code="malformed", message=f"Refused: {error}.")) from None

    async def _refuse(self, passage: Passage) -> None:
        headers = [(b"x-assaymark-decision", passage.decision.encode())]
        if passage.back is None:
            await self.client.answer(202, headers, b"")
        else:
            await self.client.answer(200, [*_JSON, *headers], passage.back)

    async def _send(self, body: bytes) -> httpx2.Response:
        try:
            return await self.state.upstream.send(self.incoming, body)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            self.state.metrics.errors.labels("upstream").inc()
            message = f"The MCP server cannot be reached ({type(error).__name__})."
            raise Refused(Problem(status=502, code="upstream_error", message=message, retry=True)) from None

    async def _answer(self, response: httpx2.Response, session: Session) -> None:
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        headers = for_client(response.headers.raw)
        try:
            if kind == "text/event-stream":
                await self._stream(response, session, headers)
                return
            body = await self._body(response)
        finally:
            await response.aclose()
        if kind == "application/json" and body.strip():
            body = await self._checked(session, body, response.is_success)
        elif response.is_success and body.strip() and self.incoming.method == "POST":
            raise Refused(_bad("its answer is neither JSON nor a stream of events"))
        await self.client.answer(response.status_code, headers, body)

    async def _body(self, response: httpx2.Response) -> bytes:
        try:
            return await whole(response, self.state.parts.policy.limits.body_bytes)
        except (TooLarge, Undecodable) as error:
            raise Refused(_bad(f"its answer cannot be read ({type(error).__name__})")) from None
        except httpx2.HTTPError as error:
            raise Refused(_bad(f"it broke off ({type(error).__name__})")) from None

    async def _checked(self, session: Session, body: bytes, success: bool) -> bytes:
        """A JSON answer as it may pass. What comes with an error status need not be JSON-RPC (OAuth)."""
        try:
            passage = await self.guard.through(session, From.SERVER, body)
        except Malformed as error:
            if not success:
                return body
            raise Refused(_bad(f"its answer is {error}")) from None
        if passage.back is not None:
            await self._tell_server(passage.back)
        return passage.forward if passage.forward is not None else b""

    async def _stream(
        self, response: httpx2.Response, session: Session, headers: list[tuple[bytes, bytes]]
    ) -> None:
        """Events, each judged whole."""
        await self.client.start(response.status_code, headers)
        parser = SseParser(self.state.parts.policy.limits.body_bytes)
        try:
            async for data in response.aiter_raw():
                for event in parser.feed(data):
                    await self.client.write(await self._event(session, event))
        except Malformed as error:
            await self._broken(session, f"the server's stream is refused: {error}")
        except httpx2.HTTPError as error:
            self.state.metrics.errors.labels("upstream").inc()
            if not self.resumable:
                await self._broken(session, f"the server broke off ({type(error).__name__})")
        await self.client.finish()

    async def _event(self, session: Session, event: SseEvent) -> bytes:
        self.resumable = self.resumable or _fields(event).startswith(b"id") or b"\nid" in _fields(event)
        if not event.data or not event.data.strip():
            return event.raw
        body = event.data.encode()
        passage = await self.guard.through(session, From.SERVER, body)
        if passage.back is not None:
            await self._tell_server(passage.back)
        if passage.forward == body:
            return event.raw
        if passage.forward is None:
            return _fields(event) + b": removed by the guard\n\n"
        return _fields(event) + written(passage.forward.decode(), event.name)

    async def _broken(self, session: Session, reason: str) -> None:
        """End the waiting of the requests that this stream was to answer."""
        for key, asked in session.waiting(From.CLIENT).items():
            if key in self.asked:
                answer = error_body(asked.raw_id, UNREACHABLE, f"Ended by the guard: {reason}.")
                await self.client.write(written(answer.decode(), "message"))

    async def _tell_server(self, body: bytes) -> None:
        """The guard's own answer to a request of the server, in the client's session."""
        kept = [(n, v) for n, v in self.incoming.headers if n not in _OF_THE_REQUEST]
        answer = Incoming(
            method="POST",
            path=self.incoming.path,
            query=self.incoming.query,
            headers=[*kept, *_JSON, (b"accept", b"application/json, text/event-stream")],
            fields={},
            body=body,
            held=0,
        )
        try:
            await (await self.state.upstream.send(answer, body)).aclose()
        except httpx2.HTTPError:
            self.state.metrics.errors.labels("upstream").inc()


def _fields(event: SseEvent) -> bytes:
    """The event's id and retry lines: without them a stream cannot be taken up again."""
    kept = [x for x in _LINE_END.split(event.raw) if x.partition(b":")[0] in (b"id", b"retry")]
    return b"".join(line + b"\n" for line in kept)


def _bad(what: str) -> Problem:
    return Problem(status=502, code="upstream_error", message=f"The MCP server misbehaves: {what}.")


async def _tell(client: Client, problem: Problem) -> None:
    code = {"malformed": PARSE_ERROR, "header_mismatch": -32020, "upstream_error": UNREACHABLE}
    body = error_body(None, code.get(problem.code, INVALID), problem.message)
    try:
        await client.answer(problem.status, _JSON, body)
    except (ConnectionError, TimeoutError):
        return
