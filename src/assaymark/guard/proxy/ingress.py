"""A request off the wire → `Incoming`, or a `Problem`: sizes, times, headers, path, encoding."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from msgspec import Struct

from assaymark.guard.protocol.errors import Problem
from assaymark.guard.protocol.table import disguised
from assaymark.guard.proxy import headers
from assaymark.guard.proxy.bodies import TooLarge, Undecodable, decoded

__all__ = ["Incoming", "Memory", "Refused", "check_head", "read_request"]

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


class Refused(Exception):
    """The request goes no further."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class Incoming(Struct, frozen=True, kw_only=True):
    """A request, read."""

    method: str
    path: str
    query: bytes
    headers: list[tuple[bytes, bytes]]
    fields: dict[str, str]
    """The headers by name."""
    body: bytes
    held: int
    """Bytes counted in `Memory`, to be given back when the exchange is over."""


class Memory:
    """How many bytes of bodies are held, all requests together."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.held = 0

    def take(self, size: int) -> bool:
        """Count `size` more; False if that is too many."""
        if self.held + size > self.most:
            return False
        self.held += size
        return True

    def give(self, size: int) -> None:
        """Count them no more."""
        self.held -= size


def check_head(scope: MutableMapping[str, Any]) -> str:
    """The path of a request whose head is in order.

    Raises:
        Refused: it could be read in two ways.
    """
    if fault := headers.odd(scope["headers"]):
        raise Refused(Problem(status=400, code="bad_headers", message=f"Refused: {fault}."))
    path: str = scope["raw_path"].decode("latin-1")
    if disguised(path):
        message = "Refused: the path can be read in more than one way."
        raise Refused(Problem(status=404, code="unknown_path", message=message))
    return path


async def read_request(
    scope: MutableMapping[str, Any], receive: Receive, limit: int, seconds: float, memory: Memory
) -> Incoming:
    """Read the whole request.

    Raises:
        Refused: too large, too slow, or not to be understood.
        ConnectionError: the client went away.
    """
    path = check_head(scope)
    fields = headers.plain(scope["headers"])
    size = fields.get("content-length", "")
    if size.isdecimal() and int(size) > limit:
        raise _too_large(limit)
    try:
        async with asyncio.timeout(seconds):
            body = await _body(receive, limit, memory)
    except TimeoutError:
        message = f"Refused: the body did not arrive within {seconds:g} seconds."
        raise Refused(Problem(status=408, code="too_slow", message=message)) from None
    held = len(body)
    if body and (encoding := fields.get("content-encoding", "")):
        try:
            body = _plain(body, encoding, limit)
        except Refused:
            memory.give(held)
            raise
    return Incoming(
        method=scope["method"],
        path=path,
        query=scope.get("query_string", b""),
        headers=list(scope["headers"]),
        fields=fields,
        body=body,
        held=held,
    )


async def _body(receive: Receive, limit: int, memory: Memory) -> bytes:
    parts, size, done = [], 0, False
    try:
        while not done:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ConnectionError
            part = message.get("body", b"")
            if size + len(part) > limit:
                raise _too_large(limit)
            if not memory.take(len(part)):
                message_ = "Refused: the gateway holds as many bodies as it can; try again."
                raise Refused(Problem(status=503, code="overloaded", message=message_, retry=True))
            size += len(part)
            parts.append(part)
            done = not message.get("more_body")
        return b"".join(parts)
    finally:
        if not done:
            memory.give(size)


def _plain(body: bytes, encoding: str, limit: int) -> bytes:
    try:
        return decoded(body, encoding, limit)
    except TooLarge:
        raise _too_large(limit) from None
    except Undecodable as error:
        raise Refused(Problem(status=415, code="bad_encoding", message=f"Refused: {error}.")) from None


def _too_large(limit: int) -> Refused:
    message = f"Refused: the body is larger than {limit} bytes."
    return Refused(Problem(status=413, code="request_too_large", message=message))
