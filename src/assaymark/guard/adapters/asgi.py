"""The guard in front of an ASGI application (Starlette, FastAPI, …) that serves a model:

    from assaymark.guard.adapters.asgi import GuardMiddleware
    app = GuardMiddleware(app, policy="guard.yaml")

Requests in the shapes of OpenAI and Anthropic are known by their paths; others are named in `routes`. What is
not named passes untouched and unbuffered. Web sockets cannot be judged: they are refused unless their paths
are declared unguarded.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from assaymark.guard.adapters.answer import Answer
from assaymark.guard.adapters.routes import Routes, plain_path
from assaymark.guard.core.events import Forward, Refuse, RequestReceived
from assaymark.guard.library.assembly import refuse_streaming
from assaymark.guard.library.guard import Guard
from assaymark.guard.library.messages import rewritten
from assaymark.guard.library.talk import Talk
from assaymark.guard.library.verdict import NotRecorded
from assaymark.guard.policy.model import Policy
from assaymark.guard.protocol import lossless
from assaymark.guard.protocol.errors import Problem, problem_of
from assaymark.guard.protocol.lossless import Malformed
from assaymark.guard.protocol.shape import Message
from assaymark.guard.protocol.table import Protocol

__all__ = ["GuardMiddleware"]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_KEYS = (b"authorization", b"x-api-key", b"api-key")


class GuardMiddleware:
    """Judges the requests and answers of `app`.

    Loads and tests the guard when it is made, so that an application whose guard cannot guard does not
    start.

    Args:
        app: the application.
        policy: as for `Guard`; not used if `guard` is given.
        guard: one made elsewhere.
        routes: path → name of a protocol, or mapping of the body's fields to channels:
            `{"/ask": {"question": "user", "context[*].text": "document", "answer": "output"}}`.
        unguarded_websockets: paths (`*` stands for anything) whose web sockets pass unjudged; all others are
            refused.
        body_seconds: for a client to send its whole body.
    """

    def __init__(
        self,
        app: App,
        policy: Policy | str | Path | None = None,
        *,
        guard: Guard | None = None,
        routes: Mapping[str, str | Mapping[str, str]] | None = None,
        unguarded_websockets: Sequence[str] = (),
        body_seconds: float = 30.0,
    ) -> None:
        self.app = app
        self.guard = (guard or Guard(policy)).load()
        refuse_streaming(self.guard.parts.policy)
        self._routes = Routes(routes or {})
        self._sockets = tuple(plain_path(path) for path in unguarded_websockets)
        self._seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection."""
        if scope["type"] == "websocket" and not self._open(scope["path"]):
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": "not judged by the guard"})
            return
        protocol = self._routes.of(scope) if scope["type"] == "http" else None
        if protocol is None:
            await self.app(scope, receive, send)
            return
        answer = Answer(self.guard.driver(), protocol, send)
        try:
            body = await self._body(scope, receive)
            if body is not None:
                await self._judged(protocol, scope, receive, answer, body)
        except _Refused as refusal:
            await answer.refuse(refusal.problem)
        except NotRecorded as error:
            await answer.refuse(
                Problem(status=503, code="guard_unavailable", message=error.message, retry=True)
            )

    def _open(self, path: str) -> bool:
        return any(fnmatchcase(plain_path(path), glob) for glob in self._sockets)

    async def _judged(
        self, protocol: Protocol, scope: Scope, receive: Receive, answer: Answer, body: bytes
    ) -> None:
        message = self._read(protocol, body)
        known = self.guard.known(key=_key(scope), model=message.model, protocol=protocol.name)
        talk = Talk(self.guard.parts, known)
        context = known.context
        for command in await self.guard.driver().arun(talk, RequestReceived(message, context)):
            if isinstance(command, Refuse):
                raise _Refused(problem_of(command.decision))
            if isinstance(command, Forward):
                body_now = rewritten(body, message, command.edits)
                assert isinstance(body_now, bytes)
                answer.begin(talk)
                await self._pass(_with_length(scope, len(body_now)), _replay(body_now, receive), answer)

    async def _pass(self, scope: Scope, receive: Receive, answer: Answer) -> None:
        """Let the application answer; stop it once its answer was refused."""
        work = asyncio.ensure_future(self.app(scope, receive, answer.send))
        over = asyncio.ensure_future(answer.over.wait())
        try:
            await asyncio.wait((work, over), return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                work.result()
        finally:
            for task in (work, over):
                task.cancel()
            await asyncio.gather(work, over, return_exceptions=True)

    def _read(self, protocol: Protocol, body: bytes) -> Message:
        try:
            document = lossless.parse(body, self.guard.parts.policy.limits.json_depth)
            if not isinstance(document, dict):
                raise Malformed("not a JSON object")
            return protocol.read_request(document)
        except Malformed as error:
            message = f"Refused: the body is {error}."
            raise _Refused(Problem(status=400, code="malformed_body", message=message)) from None

    async def _body(self, scope: Scope, receive: Receive) -> bytes | None:
        """The whole body; None if the client left."""
        limit = self.guard.parts.policy.limits.body_bytes
        encodings = [v.strip().lower() for n, v in scope["headers"] if n.lower() == b"content-encoding"]
        if any(encoding not in (b"", b"identity") for encoding in encodings):
            message = "Refused: a compressed body is not read here; send it plain."
            raise _Refused(Problem(status=415, code="bad_encoding", message=message))
        parts, size = [], 0
        try:
            async with asyncio.timeout(self._seconds):
                while True:
                    message_ = await receive()
                    if message_["type"] == "http.disconnect":
                        return None
                    parts.append(message_.get("body", b""))
                    size += len(parts[-1])
                    if size > limit:
                        message = f"Refused: the body is larger than {limit} bytes."
                        raise _Refused(Problem(status=413, code="request_too_large", message=message))
                    if not message_.get("more_body"):
                        return b"".join(parts)
        except TimeoutError:
            message = f"Refused: the body did not arrive within {self._seconds:g} seconds."
            raise _Refused(Problem(status=408, code="too_slow", message=message)) from None


class _Refused(Exception):
    """The request goes no further."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def _key(scope: Scope) -> str:
    fields = dict(scope["headers"])
    return next((fields[name].decode("latin-1") for name in _KEYS if name in fields), "")


def _with_length(scope: Scope, size: int) -> Scope:
    """The scope for the application: the new length, and no way to send files past the guard."""
    headers = [
        (n, v) for n, v in scope["headers"] if n.lower() not in (b"content-length", b"transfer-encoding")
    ]
    extensions = {
        name: value
        for name, value in (scope.get("extensions") or {}).items()
        if name not in ("http.response.pathsend", "http.response.zerocopysend")
    }
    return {**scope, "headers": [*headers, (b"content-length", str(size).encode())], "extensions": extensions}


def _replay(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def again() -> MutableMapping[str, Any]:
        nonlocal sent
        if not sent:
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return again
