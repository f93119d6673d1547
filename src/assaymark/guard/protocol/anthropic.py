"""Anthropic messages: bodies ⇄ segments. Blocks of a kind not known here are walked."""

import re

from assaymark.guard.event import Channel, ToolCall
from assaymark.guard.protocol import media
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
_SETTINGS = frozenset(
    {"messages", "metadata", "model", "output_config", "output_format", "stop_sequences", "system", "tools"}
)
"""Fields of a request read by name, or by no model; all others are walked."""
_ENVELOPE = frozenset({"content", "id", "model", "role", "stop_reason", "stop_sequence", "type", "usage"})
_AFAR = ("web_search", "web_fetch", "code_execution", "advisor")
"""What types of tools begin with that the upstream runs itself, reading what they find."""
_OTHERS = ("document", "search_result", "web_fetch_result", "browser_state")
"""Blocks that hold what somebody else wrote."""
_DECLARE = ("tool_addition", "mcp_tool_listing")
_DEPTH = 8
"""Blocks within blocks; deeper ones are walked as plain text of the innermost."""


def read_request(body: Json) -> Message:
    """Every text of a request, in order."""
    doc, out = as_object(body), Collector()
    _content(doc.get("system"), "/system", Channel.SYSTEM, out, {}, "")
    names: dict[str, str] = {}
    messages = doc.get("messages")
    for n, node in enumerate(as_list(messages)):
        _message(node, f"/messages/{n}", out, names)
    if not isinstance(messages, list):
        out.walk(messages, Channel.USER, "/messages")
    for n, node in enumerate(as_list(doc.get("tools"))):
        tool = as_object(node)
        kind = as_text(tool.get("type"))
        name = as_text(tool.get("name"))
        out.offer(name if "toolset" not in kind else "")
        out.declare(node, f"/tools/{n}", name or _DATED.sub("", kind))
    if doc.get("mcp_servers"):
        out.offer("")
    for field in ("output_config", "output_format"):
        out.declare(doc.get(field), f"/{field}", "")
        out.tools -= 1
    out.rest(doc, _SETTINGS, Channel.USER, "")
    unread = media.unread(doc) + ("server_tool",) * _outside(doc)
    return Message(
        segments=tuple(out.segments),
        offered=out.offered(),
        tools=out.tools,
        remote_history=any(kind != media.ENCRYPTED for kind in unread),
        unread=unread,
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
        _block(node, f"/content/{n}", Channel.OUTPUT, out, {}, "", 0)
    if isinstance(body, dict):
        out.rest(doc, _ENVELOPE, Channel.OUTPUT, "")
        if not isinstance(doc.get("content"), list):
            out.walk(doc.get("content"), Channel.OUTPUT, "/content")
    else:
        out.walk(body, Channel.OUTPUT, "")
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


def _outside(doc: dict[str, Json]) -> bool:
    """Whether the upstream runs a tool itself."""
    kinds = [as_text(as_object(tool).get("type")) for tool in as_list(doc.get("tools"))]
    return bool(doc.get("mcp_servers")) or any(kind.startswith(_AFAR) for kind in kinds)


def _message(node: Json, at: str, out: Collector, names: dict[str, str]) -> None:
    if not isinstance(node, dict):
        out.walk(node, Channel.USER, at)
        return
    channel = _ROLES.get(as_text(node.get("role")), Channel.USER)
    out.say(node.get("role"), Channel.USER)
    _content(node.get("content"), f"{at}/content", channel, out, names, "")
    out.rest(node, ("role", "content"), channel, at)


def _content(
    content: Json, at: str, channel: Channel, out: Collector, names: dict[str, str], tool: str, depth: int = 0
) -> None:
    if not isinstance(content, list):
        out.walk(content, channel, at, tool)
    for n, node in enumerate(as_list(content)):
        _block(node, f"{at}/{n}", channel, out, names, tool, depth)


def _block(
    node: Json,
    at: str,
    channel: Channel,
    out: Collector,
    names: dict[str, str],
    tool: str,
    depth: int,
) -> None:
    block = as_object(node)
    kind = as_text(block.get("type"))
    if kind.endswith("tool_use"):
        _use(block, kind, at, channel, out, names)
    elif kind.endswith("tool_result") and depth < _DEPTH:
        name = names.get(as_text(block.get("tool_use_id")), kind.removesuffix("_tool_result"))
        inner = block.get("content")
        _content(inner, f"{at}/content", Channel.TOOL_RESULT, out, names, name, depth + 1)
        out.rest(block, ("type", "content"), Channel.TOOL_RESULT, at, name)
    elif kind in _OTHERS:
        origin = as_text(block.get("source")) or as_text(block.get("title"))
        out.walk(block, Channel.DOCUMENT, at, tool, origin)
    elif kind in _DECLARE:
        out.offer("")
        out.declare(block, at, as_text(block.get("name")))
    else:
        out.walk({k: v for k, v in block.items() if k != "citations"} if block else node, channel, at, tool)
        # What is cited, somebody else wrote.
        out.walk(block.get("citations"), Channel.DOCUMENT, f"{at}/citations", tool)


def _use(
    block: dict[str, Json], kind: str, at: str, channel: Channel, out: Collector, names: dict[str, str]
) -> None:
    name = as_text(block.get("name")) or kind.removesuffix("_tool_use")
    names[as_text(block.get("id"))] = name
    spoken = Channel.OUTPUT if channel is Channel.OUTPUT else Channel.TOOL_ARGUMENTS
    for field in ("name", "server_name", "id"):
        out.say(block.get(field), spoken, name)
    out.call(name, block.get("input"), f"{at}/input")
    out.rest(block, ("type", "name", "server_name", "id", "input"), spoken, at, name)
