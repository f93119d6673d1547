"""A stream from the upstream to the client, each event held back until the core lets it go."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable

import httpx2

from assaymark.guard.core.events import (
    Command,
    Event,
    Release,
    ReleaseCall,
    Stop,
    StreamEnded,
    TextDelta,
    ToolCallReceived,
    TrackEnded,
)
from assaymark.guard.core.exchange import Exchange
from assaymark.guard.protocol.errors import said
from assaymark.guard.protocol.lossless import Malformed
from assaymark.guard.protocol.shape import Usage
from assaymark.guard.protocol.sse import SseParser
from assaymark.guard.protocol.stream import Assembler, Gate, Reading
from assaymark.guard.proxy.client import Client
from assaymark.guard.proxy.judging import Judging

__all__ = ["Pump"]

_EVENT_BYTES = 8_388_608
_BREATH = 10.0
"""Seconds after which a waiting client gets a comment, so that nothing on the way hangs up."""
_COMMENT = b": the guard is judging\n\n"


class Pump:
    """Moves one stream.

    Args:
        judging: runs the core.
        exchange: of this request.
        assembler: of its protocol.
        client: to whom it goes.
        on_held: told how many seconds each event waited.
    """

    def __init__(
        self,
        judging: Judging,
        exchange: Exchange,
        assembler: Assembler,
        client: Client,
        on_held: Callable[[float], None],
    ) -> None:
        self._judging, self._exchange = judging, exchange
        self._assembler, self._client = assembler, client
        self._on_held = on_held
        self._gate = Gate()
        self._arrived: deque[float] = deque()
        self.usage: Usage | None = None
        """As far as the upstream counted."""

    async def run(self, response: httpx2.Response) -> str:
        """Move everything; returns what went wrong: empty, `stopped`, `upstream` or `malformed`."""
        parser = SseParser(_EVENT_BYTES)
        try:
            async for data in _chunks(response):
                for event in parser.feed(data):
                    if await self._take(self._assembler.read(event)):
                        return "stopped"
            if parser.incomplete:
                raise Malformed("the stream ends within an event")
        except Malformed as error:
            return await self._fail("malformed", f"The upstream's stream cannot be read: {error}.")
        except httpx2.HTTPError as error:
            return await self._fail("upstream", f"The upstream broke off ({type(error).__name__}).")
        return await self._end()

    async def _end(self) -> str:
        if await self._take(self._assembler.end()):
            return "stopped"
        if await self._obey(await self._feed(StreamEnded(self.usage))):
            return "stopped"
        if len(self._gate):
            return await self._fail("malformed", "The upstream's stream ended before it was complete.")
        return ""

    async def _take(self, reading: Reading) -> bool:
        """One event; True if the stream was stopped."""
        self.usage = reading.usage or self.usage
        self._gate.put(reading)
        self._arrived.append(time.monotonic())
        events: list[Event] = [TextDelta(track, text) for track, text in reading.texts]
        events += [ToolCallReceived(track, call) for track, call in reading.calls]
        events += [TrackEnded(track) for track in reading.ended]
        for event in events:
            if await self._obey(await self._feed(event)):
                return True
        await self._flush()
        return False

    async def _feed(self, event: Event) -> list[Command]:
        work = asyncio.ensure_future(self._judging.feed(self._exchange, event))
        try:
            while not work.done():
                await asyncio.wait((work,), timeout=_BREATH)
                if not work.done():
                    await self._client.write(_COMMENT)
        except BaseException:
            work.cancel()
            raise
        return work.result()

    async def _obey(self, commands: list[Command]) -> bool:
        for command in commands:
            if isinstance(command, Release):
                self._gate.release(command.track, command.upto, command.edits)
            elif isinstance(command, ReleaseCall):
                self._gate.release(command.track, edits=command.edits)
            elif isinstance(command, Stop):
                end = self._assembler.stopped(command.decision, said(command.decision))
                await self._client.write(end)
                return True
        await self._flush()
        return False

    async def _flush(self) -> None:
        parts, now = [], time.monotonic()
        for event, raw in self._gate.ready():
            self._on_held(now - self._arrived.popleft())
            self._assembler.sent(event)
            parts.append(raw)
        if data := b"".join(parts):
            await self._client.write(data)

    async def _fail(self, kind: str, message: str) -> str:
        """What is held back stays: it was not judged, or not whole."""
        await self._client.write(self._assembler.failed(message))
        return kind


async def _chunks(response: httpx2.Response) -> AsyncIterator[bytes]:
    if response.headers.get("content-encoding", "identity").lower() not in ("identity", ""):
        raise Malformed("it is compressed although that was not asked for")
    async for data in response.aiter_raw():
        yield data
