"""Server-sent events: bytes in any cut ⇄ events whose own bytes are kept.

Follows the HTML standard's grammar: lines end with CR, LF or CRLF, `data` lines are joined, comments are
ignored. An event that is longer than the bound or not UTF-8 is refused.
"""

import re
from collections.abc import Mapping

from msgspec import Struct

from assaymark.guard.protocol.lossless import Malformed, replace

__all__ = ["SseEvent", "SseParser", "edited", "written"]

_END = re.compile(rb"\r\n|\n|\r")
_BOM = b"\xef\xbb\xbf"


class SseEvent(Struct, frozen=True):
    """One event."""

    raw: bytes
    """As it came, with its blank line."""
    name: str = ""
    data: str | None = None
    """None if it is a comment only (a keep-alive)."""


class SseParser:
    """Bytes → events; keeps what is incomplete."""

    def __init__(self, max_bytes: int) -> None:
        self._max = max_bytes
        self._buffer = bytearray()
        self._lines: list[bytes] = []
        self._line_start = 0
        self._searched = 0
        self._first = True

    @property
    def incomplete(self) -> bool:
        """Whether the bytes so far end within an event."""
        return bool(self._buffer.strip(b"\r\n"))

    def feed(self, data: bytes) -> list[SseEvent]:
        """The events that `data` completes.

        Raises:
            Malformed: an event is too long or not UTF-8.
        """
        self._buffer += data
        found = []
        while (match := _END.search(self._buffer, self._searched)) is not None:
            if match[0] == b"\r" and match.end() == len(self._buffer):
                self._searched = match.start()
                break  # an LF may follow
            line = bytes(self._buffer[self._line_start : match.start()])
            self._line_start = self._searched = match.end()
            if line:
                self._lines.append(line)
            else:
                found.append(self._event())
        else:
            self._searched = len(self._buffer)
        if len(self._buffer) > self._max:
            raise Malformed(f"an event is longer than {self._max} bytes")
        return found

    def _event(self) -> SseEvent:
        raw = bytes(self._buffer[: self._line_start])
        lines, self._lines = self._lines, []
        del self._buffer[: self._line_start]
        self._line_start = self._searched = 0
        if self._first and lines:
            self._first = False
            lines[0] = lines[0].removeprefix(_BOM)
        name, data = "", []
        for line in lines:
            field, _, value = _decoded(line).partition(":")
            value = value.removeprefix(" ")
            if field == "event":
                name = value
            elif field == "data":
                data.append(value)
        return SseEvent(raw, name, "\n".join(data) if data else None)


def _decoded(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("an event is not UTF-8") from None


def written(data: str, name: str = "") -> bytes:
    """An event's bytes."""
    head = f"event: {name}\n" if name else ""
    body = "".join(f"data: {line}\n" for line in data.split("\n"))
    return f"{head}{body}\n".encode()


def edited(event: SseEvent, texts: Mapping[str, str]) -> bytes:
    """The event with the strings at the pointers in `texts` replaced in its JSON; other fields stay."""
    data = replace((event.data or "").encode(), texts).decode()
    kept = [
        line
        for line in _END.split(event.raw)
        if line and line.removeprefix(_BOM).partition(b":")[0] not in (b"data", b"event")
    ]
    return b"".join(line + b"\n" for line in kept) + written(data, event.name)
