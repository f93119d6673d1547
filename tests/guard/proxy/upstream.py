"""A model server on loopback that speaks the three protocols and says what the test told it to say."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route


@dataclass
class Script:
    """What the server says next, and what it was asked."""

    text: str = "Hello, how can I help?"
    pieces: int = 4
    """Characters in a streamed delta."""
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Tools it calls: name and arguments."""
    die_after: int | None = None
    """Events after which the connection breaks."""
    raw: bytes | None = None
    """Sent as it is instead of an answer."""
    raw_type: str = "application/json"
    status: int = 200
    redirect: str = ""
    delay: float = 0.0
    """Seconds before the answer."""
    seen: list[dict[str, Any]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)

    def reset(self) -> None:
        """As new."""
        self.__dict__.update(Script().__dict__)


class Died(Exception):
    """The server breaks off."""


def application(script: Script) -> Starlette:
    """The server."""

    async def answer(request: Request) -> Response:
        body = await request.body()
        script.bodies.append(body)
        script.headers.append(dict(request.headers))
        script.paths.append(request.url.path)
        asked = json.loads(body) if body else {}
        script.seen.append(asked)
        try:
            await asyncio.sleep(script.delay)
        except asyncio.CancelledError:
            script.cancelled.set()
            raise
        if script.redirect:
            return RedirectResponse(script.redirect)
        if script.raw is not None:
            return Response(script.raw, script.status, media_type=script.raw_type)
        if script.status != 200:
            return JSONResponse({"error": {"message": "no", "type": "x", "code": "y"}}, script.status)
        make = {"/v1/chat/completions": chat, "/v1/responses": responses, "/v1/messages": messages}
        if (maker := make.get(request.url.path)) is None:
            return JSONResponse({"object": "list", "path": request.url.path, "data": []})
        whole, events = maker(script)
        if not asked.get("stream"):
            return JSONResponse(whole)
        return StreamingResponse(_sent(script, events), media_type="text/event-stream")

    return Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST", "DELETE", "HEAD"])])


async def _sent(script: Script, events: list[tuple[str, Any]]) -> AsyncIterator[bytes]:
    for n, (name, data) in enumerate(events):
        if n == script.die_after:
            raise Died
        head = f"event: {name}\n" if name else ""
        text = data if isinstance(data, str) else json.dumps(data)
        yield f"{head}data: {text}\n\n".encode()
        try:
            await asyncio.sleep(script.delay / 50)
        except asyncio.CancelledError:
            script.cancelled.set()
            raise


def _cut(text: str, size: int) -> list[str]:
    return [text[n : n + size] for n in range(0, len(text), size)]


def chat(script: Script) -> tuple[dict[str, Any], list[tuple[str, Any]]]:
    """Chat completions, whole and as events."""
    calls = [
        {
            "id": f"call_{n}",
            "type": "function",
            "function": {"name": name, "arguments": json.dumps(arguments)},
        }
        for n, (name, arguments) in enumerate(script.calls)
    ]
    reason = "tool_calls" if calls else "stop"
    message: dict[str, Any] = {"role": "assistant", "content": script.text or None}
    if calls:
        message["tool_calls"] = calls
    head = {"id": "chatcmpl-1", "created": 1, "model": "m"}
    usage = {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8}
    whole = {
        **head,
        "object": "chat.completion",
        "choices": [{"index": 0, "message": message, "finish_reason": reason}],
        "usage": usage,
    }

    def chunk(delta: dict[str, Any], finish: str | None = None) -> tuple[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return "", {**head, "object": "chat.completion.chunk", "choices": [choice], "x_unknown": 1e2}

    events = [chunk({"role": "assistant", "content": ""})]
    events += [chunk({"content": piece}) for piece in _cut(script.text, script.pieces)]
    for n, call in enumerate(calls):
        function = call["function"]
        first = {
            "index": n,
            "id": call["id"],
            "type": "function",
            "function": {"name": function["name"], "arguments": ""},
        }
        events.append(chunk({"tool_calls": [first]}))
        events += [
            chunk({"tool_calls": [{"index": n, "function": {"arguments": piece}}]})
            for piece in _cut(function["arguments"], script.pieces)
        ]
    events += [
        chunk({}, reason),
        ("", {**head, "object": "chat.completion.chunk", "choices": [], "usage": usage}),
    ]
    return whole, [*events, ("", "[DONE]")]


def messages(script: Script) -> tuple[dict[str, Any], list[tuple[str, Any]]]:
    """Anthropic messages, whole and as events."""
    blocks: list[dict[str, Any]] = [{"type": "text", "text": script.text}] if script.text else []
    blocks += [
        {"type": "tool_use", "id": f"toolu_{n}", "name": name, "input": arguments}
        for n, (name, arguments) in enumerate(script.calls)
    ]
    head = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "stop_sequence": None}
    usage = {"input_tokens": 3, "output_tokens": 5}
    reason = "tool_use" if script.calls else "end_turn"
    whole = {**head, "content": blocks, "stop_reason": reason, "usage": usage}
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": {**head, "content": [], "stop_reason": None, "usage": usage}},
        {"type": "ping"},
    ]
    for n, block in enumerate(blocks):
        is_text = block["type"] == "text"
        empty = {**block, "text": ""} if is_text else {**block, "input": {}}
        events.append({"type": "content_block_start", "index": n, "content_block": empty})
        for piece in _cut(block["text"] if is_text else json.dumps(block["input"]), script.pieces):
            delta = (
                {"type": "text_delta", "text": piece}
                if is_text
                else {"type": "input_json_delta", "partial_json": piece}
            )
            events.append({"type": "content_block_delta", "index": n, "delta": delta})
        events.append({"type": "content_block_stop", "index": n})
    events += [
        {"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": None}, "usage": usage},
        {"type": "message_stop"},
    ]
    return whole, [(event["type"], event) for event in events]


def responses(script: Script) -> tuple[dict[str, Any], list[tuple[str, Any]]]:
    """Responses, whole and as events."""
    items: list[dict[str, Any]] = []
    if script.text:
        part = {"type": "output_text", "text": script.text, "annotations": []}
        items.append(
            {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": [part]}
        )
    items += [
        {
            "id": f"fc_{n}",
            "call_id": f"call_{n}",
            "type": "function_call",
            "status": "completed",
            "name": name,
            "arguments": json.dumps(arguments),
        }
        for n, (name, arguments) in enumerate(script.calls)
    ]
    head = {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "model": "m",
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
    }
    usage = {
        "input_tokens": 3,
        "output_tokens": 5,
        "total_tokens": 8,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens_details": {"reasoning_tokens": 0},
    }
    whole = {**head, "status": "completed", "output": items, "usage": usage}
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": {**head, "status": "in_progress", "output": []}}
    ]
    for n, item in enumerate(items):
        events += _item_events(n, item, script.pieces)
    events.append({"type": "response.completed", "response": whole})
    return whole, [(e["type"], {**e, "sequence_number": k}) for k, e in enumerate(events)]


def _item_events(n: int, item: dict[str, Any], size: int) -> list[dict[str, Any]]:
    place = {"output_index": n, "item_id": item["id"]}
    if item["type"] == "message":
        part = item["content"][0]
        inner = {**place, "content_index": 0}
        return [
            {"type": "response.output_item.added", "output_index": n, "item": {**item, "content": []}},
            {"type": "response.content_part.added", **inner, "part": {**part, "text": ""}},
            *(
                {"type": "response.output_text.delta", **inner, "delta": piece, "logprobs": []}
                for piece in _cut(part["text"], size)
            ),
            {"type": "response.output_text.done", **inner, "text": part["text"], "logprobs": []},
            {"type": "response.content_part.done", **inner, "part": part},
            {"type": "response.output_item.done", "output_index": n, "item": item},
        ]
    return [
        {"type": "response.output_item.added", "output_index": n, "item": {**item, "arguments": ""}},
        *(
            {"type": "response.function_call_arguments.delta", **place, "delta": piece}
            for piece in _cut(item["arguments"], size)
        ),
        {
            "type": "response.function_call_arguments.done",
            **place,
            "arguments": item["arguments"],
            "name": item["name"],
        },
        {"type": "response.output_item.done", "output_index": n, "item": item},
    ]
