"""Request and answer shapes of one's own, by a small mapping of fields to channels.

`{"question": "user", "context[*].text": "document", "answer": "output"}`: what is on the channel `output`
is read from answers, everything else from requests. `[*]` stands for each item of a list, `[0]` for the
first; a field that holds an object or a list is read whole.
"""

import json
import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

from assaymark.errors import UsageError
from assaymark.guard.event import Channel, Decision
from assaymark.guard.protocol.lossless import Json, Malformed, escaped, parse
from assaymark.guard.protocol.shape import Collector, Message, leaves
from assaymark.guard.protocol.sse import SseEvent, written
from assaymark.guard.protocol.stream import Assembler, Reading
from assaymark.guard.protocol.table import Protocol
from assaymark.guard.protocol.tracks import Tracks

__all__ = ["own_shape", "speaks"]

_PATH = re.compile(r"[^.\[\]]+(\[(\*|\d{1,9})\])*(\.[^.\[\]]+(\[(\*|\d{1,9})\])*)*")
_STEP = re.compile(r"[^.\[\]]+")


class _Field(Struct, frozen=True):
    """Where a text stands, and who speaks in it."""

    path: str
    steps: tuple[str, ...]
    channel: Channel

    def nodes(self, root: Json) -> Iterator[tuple[Json, str]]:
        """What stands there, with its pointer."""
        level: list[tuple[Json, str]] = [(root, "")]
        for step in self.steps:
            level = [below for node, at in level for below in _below(node, at, step)]
        yield from level


def own_shape(fields: Mapping[str, str]) -> Protocol:
    """A protocol that reads these fields.

    Raises:
        UsageError: a path or channel that cannot be.
    """
    read = [_field(path, channel) for path, channel in fields.items()]
    asked = [f for f in read if f.channel is not Channel.OUTPUT]
    said = [f for f in read if f.channel is Channel.OUTPUT]
    if not asked:
        raise UsageError("A route maps no field of the request.", "Name at least one: {'question': 'user'}.")

    def request(body: Json) -> Message:
        out, seen = Collector(), False
        for field in asked:
            for node, at in field.nodes(body):
                seen = True
                out.walk(node, field.channel, at)
        if not seen:
            raise Malformed("without any of the fields that the guard was told to read")
        return Message(segments=tuple(out.segments), offered=None)

    def answer(body: Json) -> Message:
        out = Collector()
        for field in said:
            for node, at in field.nodes(body):
                out.walk(node, field.channel, at)
        return Message(segments=tuple(out.segments), offered=None)

    return Protocol("fields", "" if said else "silent", request, answer, lambda: _FieldsStream(said))


def speaks(protocol: Protocol) -> bool:
    """Whether its answers are to be judged; those of a shape without `output` fields are not."""
    return not (protocol.name == "fields" and protocol.suffix == "silent")


def _field(path: str, channel: str) -> _Field:
    if not _PATH.fullmatch(path):
        raise UsageError(f"{path!r} is no path of a field.", "Write `name`, `name.part` or `list[*].name`.")
    try:
        return _Field(path, tuple(_STEP.findall(path)), Channel(channel))
    except ValueError:
        known = ", ".join(Channel)
        raise UsageError(f"There is no channel {channel!r} for {path!r}.", f"Use one of {known}.") from None


def _below(node: Json, at: str, step: str) -> list[tuple[Json, str]]:
    if isinstance(node, dict):
        return [(node[step], f"{at}/{escaped(step)}")] if step in node else []
    if isinstance(node, list):
        wanted = range(len(node)) if step == "*" else [int(step)] if step.isdecimal() else []
        return [(node[n], f"{at}/{n}") for n in wanted if n < len(node)]
    return []


class _FieldsStream(Assembler):
    """A stream of JSON events in which each output field is one run of text."""

    def __init__(self, fields: list[_Field]) -> None:
        self._fields = fields
        self._tracks = Tracks()

    def read(self, event: SseEvent) -> Reading:
        """What the event says; one that is not JSON cannot be judged."""
        if event.data is None or event.data.strip() in ("", "[DONE]"):
            return self._tracks.reading(event)
        document = parse(event.data.encode())
        for field in self._fields:
            for node, at in field.nodes(document):
                for text, where in leaves(node, at):
                    self._tracks.delta(field.path, text, where)
        return self._tracks.reading(event)

    def end(self) -> Reading:
        """The application has said all."""
        self._tracks.end_all()
        return self._tracks.reading(SseEvent(b""))

    def sent(self, event: SseEvent) -> None:
        """Nothing is to be closed."""

    def stopped(self, decision: Decision, message: str) -> bytes:
        """An event `error` with the decision's id."""
        error = {"message": message, "code": "content_policy_violation"}
        return written(json.dumps({"error": error, "assaymark": {"decision": decision.id}}), "error")

    def failed(self, message: str) -> bytes:
        """An event `error`."""
        return written(json.dumps({"error": {"message": message, "code": "stream_failed"}}), "error")
