"""The stream of OpenAI chat completions: chunks, then `[DONE]`."""

import json

from assaymark.guard.event import Decision
from assaymark.guard.protocol.lossless import Json, Malformed, parse
from assaymark.guard.protocol.openai_chat import usage
from assaymark.guard.protocol.shape import as_list, as_object, as_text, compact, leaves
from assaymark.guard.protocol.sse import SseEvent, written
from assaymark.guard.protocol.stream import Reading
from assaymark.guard.protocol.tracks import Tracks

__all__ = ["ChatStream"]

_DONE = "[DONE]"


class ChatStream:
    """Assembles chunks; a choice's text and calls are tracks of their own."""

    def __init__(self) -> None:
        self._tracks = Tracks()
        self._chunk: dict[str, Json] = {}
        self._open: dict[int, bool] = {}
        """Choices seen → whether they have no finish reason yet."""

    def read(self, event: SseEvent) -> Reading:
        """What the event says."""
        if event.data is None:
            return self._tracks.reading(event)
        if event.data.strip() == _DONE:
            self._tracks.end_all()
            return self._tracks.reading(event, last=True)
        if not isinstance(chunk := parse(event.data.encode()), dict):
            raise Malformed("a chunk is not an object")
        for n, node in enumerate(as_list(chunk.get("choices"))):
            self._choice(as_object(node), f"/choices/{n}")
        for field, child in chunk.items():
            if field not in ("choices", "usage", "id", "object", "model", "created"):
                for text, at in leaves(child, f"/{field}"):
                    self._tracks.delta(f"chunk/{field}", text, at)
        return self._tracks.reading(event, usage(chunk.get("usage")))

    def end(self) -> Reading:
        """The upstream closed without `[DONE]`."""
        self._tracks.end_all()
        return self._tracks.reading(SseEvent(b""))

    def sent(self, event: SseEvent) -> None:
        """Remember what a last chunk has to look like, and which choices are open."""
        if event.data is None or event.data.strip() == _DONE:
            return
        chunk = as_object(json.loads(event.data))
        self._chunk = chunk or self._chunk
        for node in as_list(chunk.get("choices")):
            choice = as_object(node)
            if isinstance(index := choice.get("index"), int):
                self._open[index] = not choice.get("finish_reason")

    def stopped(self, decision: Decision, message: str) -> bytes:
        """Each open choice ends with `content_filter` and a refusal."""
        choices = [
            {"index": n, "delta": {"refusal": message}, "logprobs": None, "finish_reason": "content_filter"}
            for n in sorted(n for n, is_open in self._open.items() if is_open) or [0]
        ]
        chunk = {
            "id": self._chunk.get("id") or f"chatcmpl-{decision.id}",
            "object": "chat.completion.chunk",
            "created": self._chunk.get("created") or 0,
            "model": self._chunk.get("model") or "",
            "choices": choices,
            "assaymark": {"decision": decision.id},
        }
        return written(json.dumps(chunk)) + written(_DONE)

    def failed(self, message: str) -> bytes:
        """An error chunk, which client libraries raise; no `[DONE]`, for it is not done."""
        error = {"message": message, "type": "upstream_error", "param": None, "code": "upstream_error"}
        return written(json.dumps({"error": error}))

    def _choice(self, choice: dict[str, Json], at: str) -> None:
        index = choice.get("index", 0)
        if not isinstance(index, int):
            raise Malformed("a choice has no index")
        mine = f"{index}/"
        delta = as_object(choice.get("delta"))
        for field, child in delta.items():
            where = f"{at}/delta/{field}"
            if field == "tool_calls":
                for n, node in enumerate(as_list(child)):
                    self._call(as_object(node), mine, n, f"{where}/{n}")
            elif field == "function_call":
                self._function(as_object(child), f"{mine}function", "", where)
            else:
                for text, pointer in leaves(child, where):
                    if not pointer.endswith("/role"):
                        self._tracks.delta(mine + pointer.removeprefix(f"{at}/delta/"), text, pointer)
        for field, child in choice.items():
            if field not in ("delta", "index", "finish_reason", "logprobs"):
                for text, pointer in leaves(child, f"{at}/{field}"):
                    self._tracks.delta(f"{mine}choice/{field}", text, pointer)
        if choice.get("finish_reason"):
            self._tracks.end_all(mine)

    def _call(self, call: dict[str, Json], mine: str, n: int, at: str) -> None:
        index = call.get("index", n)
        track, ident = f"{mine}call/{index}", as_text(call.get("id"))
        self._tracks.call(track, ident)
        for kind, body in call.items():
            if isinstance(body, dict):
                self._function(body, track, ident, f"{at}/{kind}")

    def _function(self, body: dict[str, Json], track: str, ident: str, at: str) -> None:
        self._tracks.call(track, ident, as_text(body.get("name")))
        for field in ("arguments", "input"):
            given = body.get(field)
            whole = "" if given is None else compact(given)
            self._tracks.delta(track, given if isinstance(given, str) else whole, f"{at}/{field}")
