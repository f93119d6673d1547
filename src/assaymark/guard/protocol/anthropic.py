"""Anthropic messages: bodies ⇄ segments. Blocks of a kind not known here are walked."""

import re

from assaymark.guard.event import Channel, ToolCall
from assaymark.guard.protocol.lossless import Json
from assaymark.guard.protocol.shape import (
    Collector,
    Message,
    Usage,
    as_list,
    as_object,
    as_text,
    compact,
    number,
)

__all__ = ["block_call", "read_request", "read_response", "usage"]

_ROLES = {"assistant": Channel.ASSISTANT, "system": Channel.SYSTEM}
_DATED = re.compile(r"_20\d{6}$")
_DEPTH = 8
"""Blocks within blocks; deeper ones are walked as plain text of the innermost."""


def read_request(body: Json) -> Message:
    """Every text of a request, in order."""
    doc, out = as_object(body), Collector()
    _content(doc.get("system"), "/system", Channel.SYSTEM, out, {}, "")
    names: dict[str, str] = {}
    for n, node in enumerate(as_list(doc.get("messages"))):
        message = as_object(node)
        channel = _ROLES.get(as_text(message.get("role")), Channel.USER)
        _content(message.get("content"), f"/messages/{n}/content", channel, out, names, "")
    for n, node in enumerate(as_list(doc.get("tools"))):
        tool = as_object(node)
        kind = as_text(tool.get("type"))
        name = as_text(tool.get("name"))
        out.offer(name if "toolset" not in kind else "")
        out.declare(node, f"/tools/{n}", name or _DATED.sub("", kind))
    if doc.get("mcp_servers"):
        out.offer("")
    return Message(
        segments=tuple(out.segments),
        offered=out.offered(),
        tools=out.tools,
        model=as_text(doc.get("model")),
        stream=doc.get("stream") is True,
        max_output=number(doc.get("max_tokens")),
    )


def read_response(body: Json) -> Message:
    """Every text and call of an answer."""
    doc, out = as_object(body), Collector()
    calls = []
    for n, node in enumerate(as_list(doc.get("content"))):
        block = as_object(node)
        if call := block_call(block):
            calls.append(call)
        _block(block, f"/content/{n}", Channel.OUTPUT, out, {}, "", 0)
    return Message(
        segments=tuple(out.segments),
        calls=tuple(calls),
        model=as_text(doc.get("model")),
        usage=usage(doc.get("usage"), len(calls)),
    )


def usage(node: Json, calls: int = 0) -> Usage | None:
    """Tokens, if the upstream counted them; cached ones are input too."""
    doc = as_object(node)
    if not doc:
        return None
    cached = number(doc.get("cache_creation_input_tokens")) + number(doc.get("cache_read_input_tokens"))
    return Usage(number(doc.get("input_tokens")) + cached, number(doc.get("output_tokens")), calls)


def block_call(block: dict[str, Json]) -> ToolCall | None:
    """The call that a block asks the client to make; None for text and for what the upstream does itself."""
    kind = as_text(block.get("type"))
    if not kind.endswith("tool_use") or kind in ("server_tool_use", "mcp_tool_use"):
        return None
    name = as_text(block.get("name")) or kind.removesuffix("_tool_use")
    return ToolCall(name=name, arguments=compact(block.get("input")), id=as_text(block.get("id")))


def _content(
    content: Json, at: str, channel: Channel, out: Collector, names: dict[str, str], tool: str, depth: int = 0
) -> None:
    if isinstance(content, str):
        out.add(content, channel, at, tool)
    for n, node in enumerate(as_list(content)):
        _block(as_object(node), f"{at}/{n}", channel, out, names, tool, depth)


def _block(
    block: dict[str, Json],
    at: str,
    channel: Channel,
    out: Collector,
    names: dict[str, str],
    tool: str,
    depth: int,
) -> None:
    kind = as_text(block.get("type"))
    if kind.endswith("tool_use"):
        name = as_text(block.get("name")) or kind.removesuffix("_tool_use")
        names[as_text(block.get("id"))] = name
        out.call(name, block.get("input"), f"{at}/input")
    elif kind.endswith("tool_result") and depth < _DEPTH:
        name = names.get(as_text(block.get("tool_use_id")), kind.removesuffix("_tool_result"))
        inner = block.get("content")
        if isinstance(inner, dict):
            out.walk(inner, Channel.TOOL_RESULT, f"{at}/content", name)
        else:
            _content(inner, f"{at}/content", Channel.TOOL_RESULT, out, names, name, depth + 1)
    elif kind in ("document", "search_result", "web_fetch_result"):
        origin = as_text(block.get("source")) or as_text(block.get("title"))
        out.walk(block, Channel.DOCUMENT, at, tool, origin)
    elif kind == "image":
        return
    else:
        out.walk({k: v for k, v in block.items() if k != "citations"}, channel, at, tool)
