"""The stream of Anthropic messages: a message of blocks, each begun, filled and ended."""

import json

from assaymark.guard.event import Decision
from assaymark.guard.protocol.anthropic import block_call, usage
from assaymark.guard.protocol.lossless import Json, Malformed, parse
from assaymark.guard.protocol.shape import Usage, as_object, as_text, leaves
from assaymark.guard.protocol.sse import SseEvent, written
from assaymark.guard.protocol.stream import Reading
from assaymark.guard.protocol.tracks import Tracks

__all__ = ["AnthropicStream"]


class AnthropicStream:
    """Assembles blocks; each is a track."""

    def __init__(self) -> None:
        self._tracks = Tracks()
        self._open: set[int] = set()
        self._begun = False
        self._model = ""
        self._input = 0

    def read(self, event: SseEvent) -> Reading:
        """What the event says."""
        if event.data is None:
            return self._tracks.reading(event)
        doc = as_object(parse(event.data.encode()))
        kind = as_text(doc.get("type"))
        spent: Usage | None = None
        if kind == "message_start":
            message = as_object(doc.get("message"))
            started = usage(message.get("usage"))
            self._input = started.input if started else 0
            spent = started
            self._rest(message.get("content"), "/message/content")
        elif kind == "content_block_start":
            self._start(_index(doc), as_object(doc.get("content_block")))
        elif kind == "content_block_delta":
            self._delta(_index(doc), as_object(doc.get("delta")))
        elif kind == "content_block_stop":
            self._tracks.end_all(f"b{_index(doc)}/")
        elif kind == "message_delta":
            ended = usage(doc.get("usage"))
            spent = Usage(self._input or ended.input, ended.output) if ended else None
            self._rest(as_object(doc.get("delta")).get("stop_details"), "/delta/stop_details")
        elif kind == "message_stop":
            self._tracks.end_all()
        elif kind != "ping":
            self._rest(dict(doc), "")
        return self._tracks.reading(event, spent, last=kind == "message_stop")

    def end(self) -> Reading:
        """The upstream closed early."""
        self._tracks.end_all()
        return self._tracks.reading(SseEvent(b""))

    def sent(self, event: SseEvent) -> None:
        """Remember which blocks are open."""
        if event.data is None:
            return
        doc = as_object(json.loads(event.data))
        kind = doc.get("type")
        if kind == "message_start":
            self._begun = True
        elif kind == "content_block_start":
            self._open.add(_index(doc))
        elif kind == "content_block_stop":
            self._open.discard(_index(doc))

    def stopped(self, decision: Decision, message: str) -> bytes:
        """Open blocks are closed and the message ends with `refusal`."""
        events: list[dict[str, object]] = []
        if not self._begun:
            events.append({"type": "message_start", "message": _empty(decision.id)})
        events += [{"type": "content_block_stop", "index": n} for n in sorted(self._open)]
        delta = {
            "stop_reason": "refusal",
            "stop_sequence": None,
            "stop_details": {"type": "refusal", "category": None, "explanation": message},
        }
        events += [
            {"type": "message_delta", "delta": delta, "usage": {"output_tokens": 0}},
            {"type": "message_stop", "assaymark": {"decision": decision.id}},
        ]
        return b"".join(written(json.dumps(e), str(e["type"])) for e in events)

    def failed(self, message: str) -> bytes:
        """An error event, which client libraries raise."""
        error = {"type": "error", "error": {"type": "api_error", "message": message}}
        return written(json.dumps(error), "error")

    def _start(self, index: int, block: dict[str, Json]) -> None:
        track = f"b{index}/"
        if call := block_call(block):
            given = call.arguments if block.get("input") else ""
            self._tracks.call(track, call.id, call.name, given)
            return
        for text, at in leaves(block, "/content_block"):
            if at in ("/content_block/text", "/content_block/thinking"):
                self._tracks.delta(track, text, at)
            elif at != "/content_block/name":
                self._tracks.other(text, at, f"{track}more")

    def _delta(self, index: int, delta: dict[str, Json]) -> None:
        track = f"b{index}/"
        if track in self._tracks.calls:
            self._tracks.call(track)
        for text, at in leaves(delta, "/delta"):
            if at in ("/delta/text", "/delta/thinking", "/delta/partial_json"):
                self._tracks.delta(track, text, at)
            else:
                self._tracks.other(text, at, f"{track}more")

    def _rest(self, node: Json, at: str) -> None:
        for text, pointer in leaves(node, at):
            self._tracks.other(text, pointer)


def _index(doc: dict[str, Json]) -> int:
    if not isinstance(index := doc.get("index"), int):
        raise Malformed("a block has no index")
    return index


def _empty(ident: str) -> dict[str, object]:
    return {
        "id": f"msg_{ident}",
        "type": "message",
        "role": "assistant",
        "model": "",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 0, "output_tokens": 0},
    }
