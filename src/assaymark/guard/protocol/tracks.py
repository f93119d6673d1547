"""Keeping account of tracks while a stream is read: where each piece stands, and whether a repetition of
the whole text (which some protocols send at the end) is what was streamed.
"""

from assaymark.guard.event import ToolCall
from assaymark.guard.protocol.lossless import Malformed
from assaymark.guard.protocol.shape import Usage
from assaymark.guard.protocol.sse import SseEvent
from assaymark.guard.protocol.stream import Piece, Reading

__all__ = ["Call", "Tracks"]

_MOST = 50_000_000
"""Characters of a whole stream; beyond, it is broken off."""


class Call:
    """A call whose arguments are still coming."""

    def __init__(self, ident: str = "") -> None:
        self.id = ident
        self.names: list[str] = []
        self.whole = ""
        """Arguments given at once, if none were streamed."""

    def name(self) -> str:
        """The name: repeated by some upstreams, sent in parts by others."""
        return self.names[0] if len(set(self.names)) == 1 else "".join(self.names)


class Tracks:
    """Tracks of one stream, and the reading of the event at hand."""

    def __init__(self) -> None:
        self._text: dict[str, list[str]] = {}
        self._size: dict[str, int] = {}
        self.calls: dict[str, Call] = {}
        self._total = 0
        self._others = 0
        self._over: set[str] = set()
        self._begin()

    def _begin(self) -> None:
        self._pieces: list[Piece] = []
        self._texts: list[tuple[str, str]] = []
        self._ended: list[str] = []
        self._complete: list[tuple[str, ToolCall]] = []
        self._waits: list[str] = []

    def delta(self, track: str, text: str, at: str) -> None:
        """More of a track."""
        if not text:
            return
        if track in self.calls and track in self._over:
            raise Malformed("a call goes on after its end")
        self._total += len(text)
        if self._total > _MOST:
            raise Malformed(f"the stream holds more than {_MOST} characters")
        start = self._size.get(track, 0)
        self._size[track] = start + len(text)
        self._text.setdefault(track, []).append(text)
        self._pieces.append(Piece(track, at, start, start + len(text)))
        if track not in self.calls:
            self._texts.append((track, text))

    def whole(self, track: str, text: str, at: str) -> None:
        """All of a track, once more; if it differs from what was streamed, it is a track of its own."""
        if not text:
            return
        if track not in self._size:
            self.delta(track, text, at)
            return
        known = "".join(self._text[track])
        self._text[track] = [known]
        if text == known:
            self._pieces.append(Piece(track, at, 0, len(text)))
            return
        self._others += 1
        other = f"{track}#{self._others}"
        if track in self.calls:
            self.calls[other] = Call(self.calls[track].id)
            self.calls[other].names = self.calls[track].names
        self.delta(other, text, at)
        self.end(other)

    def other(self, text: str, at: str, track: str = "other") -> None:
        """Text that stands by itself."""
        self._others += 1
        name = f"{track}#{self._others}"
        self.delta(name, text, at)
        self.end(name)

    def call(self, track: str, ident: str = "", name: str = "", whole: str = "") -> Call:
        """Note a call; the event at hand waits for it."""
        call = self.calls.setdefault(track, Call(ident))
        if track in self._over and name and name != call.name():
            raise Malformed("a call changes its name after its end")
        if name and track not in self._over:
            call.names.append(name)
        call.id = call.id or ident
        call.whole = whole or call.whole
        self._waits.append(track)
        return call

    def end(self, track: str) -> None:
        """No more will come on a track."""
        if track in self._over:
            return
        if (call := self.calls.get(track)) is not None:
            arguments = "".join(self._text.get(track, ())) or call.whole
            self._over.add(track)
            self._waits.append(track)
            self._complete.append((track, ToolCall(name=call.name(), arguments=arguments, id=call.id)))
        elif track in self._size:
            self._over.add(track)
            self._ended.append(track)

    def end_all(self, prefix: str = "") -> None:
        """No more will come on any track whose name begins so."""
        for track in [*self._size, *self.calls]:
            if track.startswith(prefix):
                self.end(track)

    def reading(self, event: SseEvent, usage: Usage | None = None, *, last: bool = False) -> Reading:
        """What was noted since the last time."""
        found = Reading(
            event=event,
            pieces=tuple(self._pieces),
            texts=tuple(self._texts),
            ended=tuple(self._ended),
            calls=tuple(self._complete),
            waits=tuple(dict.fromkeys(self._waits)),
            usage=usage,
            last=last,
        )
        self._begin()
        return found
