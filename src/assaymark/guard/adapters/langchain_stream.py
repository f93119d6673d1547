"""Pieces of a streamed answer, held until the core lets them go. Calls leave last, whole."""

import json
from collections import deque
from collections.abc import Iterable, Iterator

from langchain_core.messages import AIMessageChunk, ToolCallChunk
from msgspec import Struct

from assaymark.guard.adapters.langchain_messages import read_answer, said
from assaymark.guard.core.edits import applied
from assaymark.guard.core.events import (
    Event,
    Release,
    ReleaseCall,
    StreamEnded,
    TextDelta,
    ToolCallReceived,
    TrackEnded,
)
from assaymark.guard.event import Action, Decision, Edit, Finding, Phase
from assaymark.guard.library.drive import Done
from assaymark.guard.library.held import raise_stops
from assaymark.guard.library.rewrite import part
from assaymark.guard.library.verdict import Blocked, Verdict

__all__ = ["Chunks"]

_TRACK = "text"


class _Waiting(Struct, frozen=True):
    """One piece and its part of the text."""

    chunk: AIMessageChunk
    start: int
    end: int


class Chunks:
    """The queue of one answer."""

    def __init__(self) -> None:
        self._queue: deque[_Waiting] = deque()
        self._calls: list[AIMessageChunk] = []
        self._size = self._upto = 0
        self._edits: tuple[Edit, ...] = ()
        self._whole: AIMessageChunk | None = None
        self._arguments: dict[int, str] = {}

    def put(self, chunk: AIMessageChunk) -> Iterator[Event]:
        """A piece came; what the core must be told."""
        if chunk.tool_call_chunks or self._calls:
            self._calls.append(chunk)
        else:
            text = said(chunk)
            self._queue.append(_Waiting(chunk, self._size, self._size + len(text)))
        if text := said(chunk):
            self._size += len(text)
            yield TextDelta(_TRACK, text)

    def end(self) -> Iterator[Event]:
        """No more comes: the rest of the text, then each call."""
        yield TrackEnded(_TRACK)
        if self._calls:
            self._whole = self._calls[0]
            for chunk in self._calls[1:]:
                self._whole = self._whole + chunk
            for n, call in enumerate(read_answer(self._whole).calls):
                yield ToolCallReceived(str(n), call)
        yield StreamEnded()

    def obey(self, commands: Iterable[Done]) -> list[AIMessageChunk]:
        """The pieces that may go now.

        Raises:
            Blocked: the stream ends here.
        """
        for command in raise_stops(commands):
            if isinstance(command, Release):
                self._upto, self._edits = command.upto, command.edits
            elif isinstance(command, ReleaseCall) and command.edits:
                self._edit_call(int(command.track), command.edits)
        ready = []
        while self._queue and self._queue[0].end <= self._upto:
            ready.append(self._cut(self._queue.popleft()))
        return ready

    def rest(self) -> list[AIMessageChunk]:
        """The calls, once all of them are let go."""
        if not self._calls:
            return []
        if not self._arguments and not any(e.end > self._calls_start() for e in self._edits):
            return self._calls
        if any(e.end > self._calls_start() for e in self._edits):
            raise _uneditable()
        return [self._rewritten()]

    def _calls_start(self) -> int:
        return self._size - sum(len(said(chunk)) for chunk in self._calls)

    def _edit_call(self, n: int, edits: tuple[Edit, ...]) -> None:
        assert self._whole is not None
        self._arguments[n] = applied(read_answer(self._whole).calls[n].arguments, edits)

    def _rewritten(self) -> AIMessageChunk:
        assert self._whole is not None
        pieces = [
            ToolCallChunk(
                name=call["name"],
                args=self._arguments.get(n, json.dumps(call["args"])),
                id=call["id"],
                index=n,
                type="tool_call_chunk",
            )
            for n, call in enumerate(self._whole.tool_calls)
        ]
        return AIMessageChunk(content=self._whole.content, id=self._whole.id, tool_call_chunks=pieces)

    def _cut(self, waiting: _Waiting) -> AIMessageChunk:
        mine = [e for e in self._edits if e.start < waiting.end and e.end > waiting.start]
        if not mine:
            return waiting.chunk
        content = waiting.chunk.content
        if not isinstance(content, str) or waiting.end - waiting.start != len(content):
            raise _uneditable()
        return waiting.chunk.model_copy(update={"content": part(content, waiting.start, mine)})


def _uneditable() -> Blocked:
    finding = Finding(
        rule="edit/impossible",
        message="The text stands in a kind of block that cannot be edited in a stream, so it is blocked.",
        action=Action.BLOCK,
    )
    block = Action.BLOCK
    return Blocked(
        Verdict(
            decision=Decision(id="", phase=Phase.RESPONSE, action=block, wanted=block, findings=(finding,))
        )
    )
