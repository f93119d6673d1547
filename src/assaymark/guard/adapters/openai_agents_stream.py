"""Events of a streamed answer in the agents library, held until the core lets them go."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from assaymark.guard.adapters.questions import Questions
from assaymark.guard.core.events import (
    AskHuman,
    Event,
    Release,
    ReleaseCall,
    StreamEnded,
    TextDelta,
    ToolCallReceived,
    TrackEnded,
)
from assaymark.guard.library.drive import Done, Driver
from assaymark.guard.library.held import raise_stops
from assaymark.guard.library.talk import Talk
from assaymark.guard.protocol.openai_responses_stream import ResponsesStream
from assaymark.guard.protocol.shape import Usage
from assaymark.guard.protocol.sse import SseEvent, SseParser
from assaymark.guard.protocol.stream import Gate, Reading

__all__ = ["EventRelay"]

_EVENT_BYTES = 8_388_608


class EventRelay:
    """One stream; raises `Blocked` where it ends early.

    Args:
        driver: runs the core.
        talk: of this call of the model.
        questions: who asks a human.
        tools: on offer.
        handoffs: names of the calls that hand over to another agent; these are no tools.
    """

    def __init__(
        self,
        driver: Driver,
        talk: Talk,
        questions: Questions,
        tools: Sequence[Any],
        handoffs: frozenset[str],
    ) -> None:
        self._driver, self._talk, self._questions = driver, talk, questions
        self._tools, self._handoffs = tools, handoffs
        self._assembler, self._gate = ResponsesStream(), Gate()
        self._waiting: dict[bytes, Any] = {}
        self._count = 0
        self._usage: Usage | None = None

    async def take(self, event: Any) -> list[Any]:
        """One event came; those that may go now."""
        self._count += 1
        # The events are objects: what the gate holds as an event's bytes is its number here.
        number = str(self._count).encode()
        self._waiting[number] = event
        data = event.model_dump_json(warnings=False)
        return await self._read(self._assembler.read(SseEvent(number, event.type, data)))

    async def end(self) -> list[Any]:
        """No more comes."""
        ready = await self._read(self._assembler.end())
        await self._obey(await self._feed(StreamEnded(self._usage)))
        return [*ready, *self._ready()]

    async def _read(self, reading: Reading) -> list[Any]:
        self._usage = reading.usage or self._usage
        self._gate.put(reading)
        events: list[Event] = [TextDelta(track, text) for track, text in reading.texts]
        for track, call in reading.calls:
            if call.name in self._handoffs:
                self._gate.release(track)
            else:
                events.append(ToolCallReceived(track, call))
        events += [TrackEnded(track) for track in reading.ended]
        for event in events:
            await self._obey(await self._feed(event))
            if isinstance(event, ToolCallReceived):
                self._questions.note([event.call])
        return self._ready()

    async def _feed(self, event: Event) -> list[Done]:
        found: list[Done] = []
        for command in await self._driver.arun(self._talk, event, tell=True):
            if isinstance(command, AskHuman):
                found += await self._questions.put(self._driver, self._talk, command, self._tools)
            else:
                found.append(command)
        return found

    async def _obey(self, commands: Iterable[Done]) -> None:
        for command in raise_stops(commands):
            if isinstance(command, Release):
                self._gate.release(command.track, command.upto, command.edits)
            elif isinstance(command, ReleaseCall):
                self._gate.release(command.track, edits=command.edits)

    def _ready(self) -> list[Any]:
        found = []
        for event, raw in self._gate.ready():
            if event.raw not in self._waiting:
                continue
            original = self._waiting.pop(event.raw)
            found.append(original if raw == event.raw else _rebuilt(original, raw))
        return found


def _rebuilt(original: Any, raw: bytes) -> Any:
    """The event with the strings that were edited."""
    (event,) = SseParser(_EVENT_BYTES).feed(raw)
    return type(original).model_validate(json.loads(event.data or ""))
