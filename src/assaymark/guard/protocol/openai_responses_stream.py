"""The stream of OpenAI responses: deltas, then the same text again, whole, up to three times.

What is repeated whole is let go only if it is what was streamed and judged; else it is judged anew.
"""

import json

from assaymark.guard.event import Decision
from assaymark.guard.protocol.lossless import Json, parse
from assaymark.guard.protocol.openai_responses import item_call, usage
from assaymark.guard.protocol.shape import Usage, as_list, as_object, as_text, leaves
from assaymark.guard.protocol.sse import SseEvent, written
from assaymark.guard.protocol.stream import Reading
from assaymark.guard.protocol.tracks import Tracks

__all__ = ["ResponsesStream"]

_PARTS = {
    "response.output_text": "content",
    "response.refusal": "content",
    "response.content_part": "content",
    "response.reasoning_text": "content",
    "response.reasoning_summary_text": "summary",
    "response.reasoning_summary_part": "summary",
}
"""Event families → the list of the item in which their part stands."""
_INPUTS = (
    "response.function_call_arguments",
    "response.custom_tool_call_input",
    "response.mcp_call_arguments",
    "response.code_interpreter_call_code",
)
_CALLS = _INPUTS[:2]
_SOUND = ("response.audio", "response.output_audio")
_WHOLE = ("text", "refusal", "arguments", "input", "code", "transcript")
_ENDS = ("response.completed", "response.incomplete", "response.failed")


class ResponsesStream:
    """Assembles items; each part of one is a track."""

    def __init__(self) -> None:
        self._tracks = Tracks()
        self._number = 0
        self._response: dict[str, Json] = {}

    def read(self, event: SseEvent) -> Reading:
        """What the event says."""
        if event.data is None or event.data.strip() == "[DONE]":
            return self._tracks.reading(event)
        doc = as_object(parse(event.data.encode()))
        kind = as_text(doc.get("type"))
        family, _, verb = kind.rpartition(".")
        spent: Usage | None = None
        if family.endswith("output_item"):
            self._item(as_object(doc.get("item")), doc.get("output_index"), "/item", verb == "done")
        elif "response" in doc:
            response = as_object(doc.get("response"))
            for n, node in enumerate(as_list(response.get("output"))):
                self._item(as_object(node), n, f"/response/output/{n}", kind in _ENDS)
            if kind in _ENDS:
                spent = usage(response.get("usage"))
                self._tracks.end_all()
        elif family in _PARTS or family in _INPUTS:
            self._part(doc, family, verb)
        elif family not in _SOUND or verb not in ("delta", "done"):
            self._rest(doc, family)
        return self._tracks.reading(event, spent, last=kind in _ENDS)

    def end(self) -> Reading:
        """The upstream closed early."""
        self._tracks.end_all()
        return self._tracks.reading(SseEvent(b""))

    def sent(self, event: SseEvent) -> None:
        """Remember the response's head and the last number."""
        if event.data is None or not event.data.startswith("{"):
            return
        doc = as_object(json.loads(event.data))
        if isinstance(count := doc.get("sequence_number"), int):
            self._number = count
        if response := as_object(doc.get("response")):
            self._response = response

    def stopped(self, decision: Decision, message: str) -> bytes:
        """An error event, then `response.incomplete` with the reason `content_filter`."""
        error = self._event("error", code="content_filter", message=message, param=None)
        response = {
            **self._head(decision.id),
            "status": "incomplete",
            "incomplete_details": {"reason": "content_filter"},
            "output": [],
            "metadata": {"assaymark_decision": decision.id},
        }
        return error + self._event("response.incomplete", response=response)

    def failed(self, message: str) -> bytes:
        """An error event, then `response.failed`."""
        error = self._event("error", code="server_error", message=message, param=None)
        response = {
            **self._head("unknown"),
            "status": "failed",
            "error": {"code": "server_error", "message": message},
            "output": [],
        }
        return error + self._event("response.failed", response=response)

    def _event(self, kind: str, **fields: object) -> bytes:
        self._number += 1
        return written(json.dumps({"type": kind, "sequence_number": self._number, **fields}), kind)

    def _head(self, ident: str) -> dict[str, object]:
        empty: dict[str, object] = {
            "id": f"resp_{ident}",
            "object": "response",
            "created_at": 0,
            "model": "",
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
        }
        return {**empty, **self._response}

    def _part(self, doc: dict[str, Json], family: str, verb: str) -> None:
        item = f"o{doc.get('output_index', 0)}/"
        if family in _INPUTS:
            track = f"{item}input"
            if family in _CALLS or track in self._tracks.calls:
                self._tracks.call(track, "", as_text(doc.get("name")) if verb == "done" else "")
        else:
            part = _PARTS[family]
            track = f"{item}{part}/{doc.get('content_index', doc.get('summary_index', 0))}"
        if verb == "delta":
            self._tracks.delta(track, as_text(doc.get("delta")), "/delta")
            return
        for field in _WHOLE:
            if field in doc:
                self._tracks.whole(track, as_text(doc[field]), f"/{field}")
        inner = as_object(doc.get("part"))
        for text, at in leaves(inner, "/part"):
            self._tracks.whole(track, text, at) if at in ("/part/text", "/part/refusal") else None
        if verb == "done":
            self._tracks.end(track)

    def _item(self, item: dict[str, Json], index: Json, at: str, done: bool) -> None:
        mine = f"o{index}/"
        call = item_call(item, at)
        if call is not None:
            # An item is announced before its arguments are streamed, and repeated after.
            track = f"{mine}input"
            self._tracks.call(track, call.id, call.name, "" if call.at else call.arguments)
            if call.at:
                self._tracks.whole(track, call.arguments, call.at)
            if done:
                self._tracks.end(track)
            return
        for field, child in item.items():
            if field in ("content", "summary") and isinstance(child, list):
                for n, node in enumerate(child):
                    for text, pointer in leaves(node, f"{at}/{field}/{n}"):
                        self._tracks.whole(f"{mine}{field}/{n}", text, pointer)
            elif field in ("arguments", "code") and isinstance(child, str):
                self._tracks.whole(f"{mine}input", child, f"{at}/{field}")
            elif field not in ("id", "type", "status", "role", "name", "server_label"):
                for text, pointer in leaves(child, f"{at}/{field}"):
                    self._tracks.whole(mine + pointer.removeprefix(f"{at}/"), text, pointer)
        if done:
            self._tracks.end_all(mine)

    def _rest(self, doc: dict[str, Json], family: str) -> None:
        for text, at in leaves(doc, ""):
            if at == "/delta":
                self._tracks.delta(f"{family}/{doc.get('output_index', '')}", text, at)
            elif at != "/obfuscation":
                self._tracks.whole(f"{family}/{doc.get('output_index', '')}", text, at)
