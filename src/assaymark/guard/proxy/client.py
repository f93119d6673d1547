"""The client's side of an exchange: what is sent to it, and noticing that it left."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, MutableMapping
from typing import Any

from assaymark.guard.protocol.errors import Problem, written_error

__all__ = ["Client", "while_connected"]

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
_CHUNK = 262_144


class Client:
    """Sends; a client that does not take what is sent is left after a while.

    Args:
        send: ASGI's.
        seconds: for one piece to be taken.
    """

    def __init__(self, send: Send, seconds: float) -> None:
        self._send = send
        self._seconds = seconds
        self.status = 0
        """0 until the answer has begun."""

    async def start(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Begin the answer."""
        self.status = status
        await self._put({"type": "http.response.start", "status": status, "headers": list(headers)})

    async def write(self, data: bytes) -> None:
        """More of its body."""
        await self._put({"type": "http.response.body", "body": data, "more_body": True})

    async def finish(self) -> None:
        """The body is over."""
        await self._put({"type": "http.response.body", "body": b"", "more_body": False})

    async def answer(self, status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> None:
        """The whole answer."""
        await self.start(status, [*headers, (b"content-length", str(len(body)).encode())])
        last = max(0, len(body) - 1) // _CHUNK * _CHUNK
        for start in range(0, last, _CHUNK):
            await self.write(body[start : start + _CHUNK])
        await self._put({"type": "http.response.body", "body": body[last:], "more_body": False})

    async def refuse(self, protocol: str, problem: Problem) -> None:
        """An error in the protocol's own shape."""
        headers = [(b"content-type", b"application/json")]
        if problem.decision:
            headers.append((b"x-assaymark-decision", problem.decision.encode()))
        else:
            headers.append((b"connection", b"close"))  # what was not read whole is not read on
        headers.append((b"x-should-retry", b"true" if problem.retry else b"false"))
        if problem.retry:
            headers.append((b"retry-after", str(problem.after).encode()))
        await self.answer(problem.status, headers, written_error(protocol, problem))

    async def _put(self, message: MutableMapping[str, Any]) -> None:
        async with asyncio.timeout(self._seconds):
            await self._send(message)


async def while_connected(work: Coroutine[Any, Any, None], receive: Receive) -> None:
    """Do `work` until it is done or the client has left; nothing of it runs on afterwards.

    Raises:
        ConnectionError: the client left first.
    """
    task, gone = asyncio.ensure_future(work), asyncio.ensure_future(_until_gone(receive))
    try:
        await asyncio.wait((task, gone), return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise ConnectionError
        task.result()
    finally:
        for one in (task, gone):
            one.cancel()
        await asyncio.gather(task, gone, return_exceptions=True)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
