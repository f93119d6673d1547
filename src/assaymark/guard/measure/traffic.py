"""Logged traffic → events for the core: bodies of a protocol, segments as the content log keeps them, or
bare texts. Pure; a line that cannot be used is a problem with its place.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from msgspec import Struct

from assaymark.guard.core.events import RequestReceived, ResponseReceived, ToolCallReceived
from assaymark.guard.core.ports import Context
from assaymark.guard.event import Action, Channel, Phase, Segment, ToolCall
from assaymark.guard.measure.rows import LONGEST_LINE, Problem, read_rows
from assaymark.guard.protocol.lossless import Malformed, parse
from assaymark.guard.protocol.shape import Message
from assaymark.guard.protocol.table import PROTOCOLS

__all__ = ["Logged", "read_traffic"]

_READERS = {p.name: p for p in PROTOCOLS}
_DEPTH = 96
"""Levels of JSON in a line: those of a body, and the line's own."""


class Logged(Struct, frozen=True, kw_only=True):
    """One message of a log."""

    file: str
    line: int
    exchange: str
    """Messages with the same name are request and answers of one exchange; empty stands alone."""
    event: RequestReceived | ResponseReceived | ToolCallReceived
    segments: tuple[Segment, ...]
    action: Action | None = None
    """What the guard wanted when it was logged, if that is known."""


class _Line(Struct, frozen=True, kw_only=True):
    """What a line with segments or a body holds; further names are passed over."""

    phase: Phase = Phase.REQUEST
    exchange: str = ""
    protocol: str = ""
    model: str = ""
    tenant: str = ""
    key: str = ""
    body: msgspec.Raw | None = None
    segments: tuple[Segment, ...] | None = None
    offered: frozenset[str] | None = None
    """Names of the tools on offer, if they are known."""
    wanted: Action | None = None


class _Unusable(Exception):
    """The message says why."""


def read_traffic(
    lines: Iterable[bytes], file: str, default: Channel = Channel.USER
) -> Iterator[Logged | Problem]:
    """Messages and problems, in the order of the lines.

    Args:
        lines: as they stand in the file.
        file: its name, for places.
        default: channel of bare texts that name none.
    """
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield _logged(line, file, number, default)
        except _Unusable as reason:
            yield Problem(file, number, str(reason))


def _logged(line: bytes, file: str, number: int, default: Channel) -> Logged:
    if len(line) > LONGEST_LINE:
        raise _Unusable(f"longer than {LONGEST_LINE:,} bytes")
    try:
        value = parse(line.strip(), _DEPTH)
    except Malformed as error:
        raise _Unusable(f"no JSON: {error}") from None
    if not isinstance(value, dict) or not value.keys() & {"body", "segments", "text"}:
        raise _Unusable('no JSON object with "body", "segments" or "text"')
    if "text" in value:
        return _bare(line, file, number, default)
    try:
        read = msgspec.convert({k: v for k, v in value.items() if k != "body"}, _Line)
    except msgspec.ValidationError as error:
        raise _Unusable(str(error)[:200]) from None
    message = _of_body(value["body"], read) if "body" in value else _of_segments(read)
    context = Context(
        protocol=read.protocol, model=read.model, tenant=read.tenant, key=read.key, request=read.exchange
    )
    event: RequestReceived | ResponseReceived | ToolCallReceived
    if read.phase is Phase.TOOL_CALL and len(message.calls) == 1:
        event = ToolCallReceived("call", message.calls[0])
    elif read.phase in (Phase.RESPONSE, Phase.TOOL_CALL):
        event = ResponseReceived(message)
    else:
        event = RequestReceived(message, context)
    return Logged(
        file=file,
        line=number,
        exchange=read.exchange,
        event=event,
        segments=message.segments,
        action=read.wanted,
    )


def _of_body(body: Any, read: _Line) -> Message:
    protocol = _READERS.get(read.protocol)
    if protocol is None:
        known = ", ".join(_READERS)
        raise _Unusable(f'a body needs its "protocol": {known}; other traffic is logged as "segments"')
    reader = protocol.read_response if read.phase is Phase.RESPONSE else protocol.read_request
    try:
        return reader(body)
    except Malformed as error:
        raise _Unusable(f"the body is none of {read.protocol}: {error}") from None


def _of_segments(read: _Line) -> Message:
    segments = read.segments or ()
    calls: tuple[ToolCall, ...] = ()
    if read.phase in (Phase.RESPONSE, Phase.TOOL_CALL):
        calls = tuple(
            ToolCall(name=s.tool, arguments=s.text, at=s.at)
            for s in segments
            if s.channel is Channel.TOOL_ARGUMENTS
        )
    return Message(segments=segments, calls=calls, offered=read.offered, model=read.model)


def _bare(line: bytes, file: str, number: int, default: Channel) -> Logged:
    (row,) = read_rows([line], file, default)
    if isinstance(row, Problem):
        raise _Unusable(row.message)
    segment = Segment(text=row.text, channel=row.channel, at="text")
    event: RequestReceived | ResponseReceived
    event = RequestReceived(Message(segments=(segment,), offered=None), Context())
    if row.channel is Channel.OUTPUT:
        event = ResponseReceived(Message(segments=(segment,)))
    return Logged(file=file, line=number, exchange="", event=event, segments=(segment,))
