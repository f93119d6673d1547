"""Bytes of an application's event stream in, bytes for the client out, each event held back until the core
lets it go.
"""

from collections.abc import Awaitable, Callable

from assaymark.guard.core.events import (
    Event,
    Release,
    ReleaseCall,
    Stop,
    StreamEnded,
    TextDelta,
    ToolCallReceived,
    TrackEnded,
)
from assaymark.guard.library.drive import Done, Driver
from assaymark.guard.library.talk import Talk
from assaymark.guard.protocol.errors import said
from assaymark.guard.protocol.lossless import Malformed
from assaymark.guard.protocol.shape import Usage
from assaymark.guard.protocol.sse import SseParser
from assaymark.guard.protocol.stream import Assembler, Gate, Reading

__all__ = ["Relay"]

_EVENT_BYTES = 8_388_608


class Relay:
    """One stream.

    Args:
        driver: runs the core.
        talk: of this request.
        assembler: of its protocol.
        write: takes bytes for the client.
    """

    def __init__(
        self, driver: Driver, talk: Talk, assembler: Assembler, write: Callable[[bytes], Awaitable[None]]
    ) -> None:
        self._driver, self._talk, self._assembler, self._write = driver, talk, assembler, write
        self._parser = SseParser(_EVENT_BYTES)
        self._gate = Gate()
        self._usage: Usage | None = None

    async def feed(self, data: bytes) -> bool:
        """More bytes; True if the stream is over because something was wrong with it."""
        try:
            for event in self._parser.feed(data):
                if await self._take(self._assembler.read(event)):
                    return True
        except Malformed as error:
            await self._write(self._assembler.failed(f"The stream cannot be read: {error}."))
            return True
        return False

    async def finish(self) -> None:
        """The application has said all: what is held back goes once it is judged."""
        if self._parser.incomplete:
            await self._write(self._assembler.failed("The stream ends within an event."))
            return
        if await self._take(self._assembler.end()):
            return
        if await self._obey(await self._driver.arun(self._talk, StreamEnded(self._usage))):
            return
        if len(self._gate):
            await self._write(self._assembler.failed("The stream ended before it was complete."))

    async def _take(self, reading: Reading) -> bool:
        self._usage = reading.usage or self._usage
        self._gate.put(reading)
        events: list[Event] = [TextDelta(track, text) for track, text in reading.texts]
        events += [ToolCallReceived(track, call) for track, call in reading.calls]
        events += [TrackEnded(track) for track in reading.ended]
        for event in events:
            if await self._obey(await self._driver.arun(self._talk, event)):
                return True
        await self._flush()
        return False

    async def _obey(self, commands: list[Done]) -> bool:
        for command in commands:
            match command:
                case Release():
                    self._gate.release(command.track, command.upto, command.edits)
                case ReleaseCall():
                    self._gate.release(command.track, edits=command.edits)
                case Stop():
                    await self._write(self._assembler.stopped(command.decision, said(command.decision)))
                    return True
        await self._flush()
        return False

    async def _flush(self) -> None:
        parts = []
        for event, raw in self._gate.ready():
            self._assembler.sent(event)
            parts.append(raw)
        if data := b"".join(parts):
            await self._write(data)
