"""What a protocol's stream says, event by event, and the queue in which events wait to be let go.

An event leaves as the bytes that came, in the order in which it came, once everything in it has been
cleared. Only where text was cut are its strings rewritten.
"""

import math
from collections import deque
from typing import Protocol

from msgspec import Struct

from assaymark.guard.event import Decision, Edit, ToolCall
from assaymark.guard.protocol.lossless import parse, resolve
from assaymark.guard.protocol.shape import Usage
from assaymark.guard.protocol.sse import SseEvent, edited

__all__ = ["Assembler", "Gate", "Piece", "Reading"]


class Piece(Struct, frozen=True):
    """A string of an event that belongs to a track."""

    track: str
    at: str
    """JSON pointer within the event's data; empty if it cannot be edited."""
    start: int
    end: int
    """Which part of the track it is."""


class Reading(Struct, frozen=True, kw_only=True):
    """What one event says."""

    event: SseEvent
    pieces: tuple[Piece, ...] = ()
    texts: tuple[tuple[str, str], ...] = ()
    """New text: track and what is added to it."""
    ended: tuple[str, ...] = ()
    """Text tracks on which no more will come."""
    calls: tuple[tuple[str, ToolCall], ...] = ()
    """Calls now complete, with their tracks."""
    waits: tuple[str, ...] = ()
    """Tracks of calls that this event announces or carries: it waits until they are released."""
    usage: Usage | None = None
    last: bool = False
    """The protocol's last event."""


class Assembler(Protocol):
    """One protocol's stream."""

    def read(self, event: SseEvent) -> Reading:
        """What the event says; raises `Malformed` for one that cannot be understood."""

    def end(self) -> Reading:
        """What is left when the upstream closed: calls that never ended."""

    def sent(self, event: SseEvent) -> None:
        """The event has gone to the client (so that `stopped` knows what is open)."""

    def stopped(self, decision: Decision, message: str) -> bytes:
        """A well-formed end, because the guard stopped the stream."""

    def failed(self, message: str) -> bytes:
        """A well-formed end, because the upstream broke off."""


class Gate:
    """Events waiting, in order."""

    def __init__(self) -> None:
        self._queue: deque[Reading] = deque()
        self._upto: dict[str, float] = {}
        self._edits: dict[str, tuple[Edit, ...]] = {}

    def __len__(self) -> int:
        return len(self._queue)

    def put(self, reading: Reading) -> None:
        """Wait in line."""
        self._queue.append(reading)

    def release(self, track: str, upto: float = math.inf, edits: tuple[Edit, ...] = ()) -> None:
        """Let a track go up to `upto`, with the edits made to it so far."""
        self._upto[track] = max(upto, self._upto.get(track, 0))
        self._edits[track] = edits

    def ready(self) -> list[tuple[SseEvent, bytes]]:
        """The events at the head that may go now, with their bytes."""
        found = []
        while self._queue and self._may_go(self._queue[0]):
            reading = self._queue.popleft()
            found.append((reading.event, self._bytes(reading)))
        return found

    def _may_go(self, reading: Reading) -> bool:
        return all(self._upto.get(p.track, 0) >= p.end for p in reading.pieces) and all(
            track in self._upto for track in reading.waits
        )

    def _bytes(self, reading: Reading) -> bytes:
        changed = []
        for piece in reading.pieces:
            edits = [
                e for e in self._edits.get(piece.track, ()) if e.start < piece.end and e.end > piece.start
            ]
            if edits and piece.at:
                changed.append((piece, edits))
        if not changed:
            return reading.event.raw
        document = parse((reading.event.data or "").encode())
        return edited(
            reading.event, {p.at: _cut(resolve(document, p.at), p.start, edits) for p, edits in changed}
        )


def _cut(text: str, offset: int, edits: list[Edit]) -> str:
    """The part of a track that is `text` and begins at `offset`, with the edits that touch it.

    An edit over several events leaves its replacement in the first and nothing in the others.
    """
    parts, last = [], 0
    for edit in sorted(edits, key=lambda e: e.start):
        start, end = max(edit.start - offset, 0), min(edit.end - offset, len(text))
        parts.append(text[last:start])
        if edit.start >= offset:
            parts.append(edit.replacement)
        last = end
    return "".join([*parts, text[last:]])
