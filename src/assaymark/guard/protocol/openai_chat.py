"""OpenAI chat completions: bodies ⇄ segments, errors, and the pieces of a stream."""

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

__all__ = ["read_request", "read_response", "tool_name", "usage"]

_ROLES = {
    "system": Channel.SYSTEM,
    "developer": Channel.SYSTEM,
    "assistant": Channel.ASSISTANT,
    "tool": Channel.TOOL_RESULT,
    "function": Channel.TOOL_RESULT,
}
_SILENT = frozenset({"role", "content", "tool_calls", "function_call", "tool_call_id", "name"})
_SETTINGS = frozenset(
    {
        "documents",
        "functions",
        "messages",
        "metadata",
        "model",
        "prediction",
        "prompt_cache_key",
        "response_format",
        "safety_identifier",
        "stop",
        "tools",
        "user",
    }
)
"""Fields of a request read by name, or by no model; all others are walked."""
_ENVELOPE = frozenset(
    {"choices", "created", "id", "model", "object", "service_tier", "system_fingerprint", "usage"}
)
_OUTSIDE = ("web_search_options", "data_sources", "plugins", "mcp_servers")
"""Fields by which the upstream itself reads elsewhere."""


def read_request(body: Json) -> Message:
    """Every text of a request, in order."""
    doc, out = as_object(body), Collector()
    names: dict[str, str] = {}
    messages = doc.get("messages")
    for n, node in enumerate(as_list(messages)):
        _message(node, f"/messages/{n}", out, names)
    if not isinstance(messages, list):
        out.walk(messages, Channel.USER, "/messages")
    for field in ("tools", "functions"):
        for n, node in enumerate(as_list(doc.get(field))):
            name = tool_name(as_object(node))
            out.offer(name)
            out.declare(node, f"/{field}/{n}", name)
    out.declare(doc.get("response_format"), "/response_format", "")
    out.tools -= 1
    out.walk(as_object(doc.get("prediction")).get("content"), Channel.ASSISTANT, "/prediction/content")
    out.walk(doc.get("documents"), Channel.DOCUMENT, "/documents")
    out.rest(doc, _SETTINGS, Channel.USER, "")
    unread = media.unread(doc) + ("server_tool",) * any(doc.get(field) for field in _OUTSIDE)
    return Message(
        segments=tuple(out.segments),
        offered=out.offered(),
        tools=out.tools,
        remote_history=any(kind != media.ENCRYPTED for kind in unread),
        unread=unread,
        model=as_text(doc.get("model")),
        stream=doc.get("stream") is True,
        max_output=_most(doc),
    )


def read_response(body: Json) -> Message:
    """Every text and call of an answer."""
    doc, out = as_object(body), Collector()
    calls: list[ToolCall] = []
    for n, node in enumerate(as_list(doc.get("choices"))):
        choice, at = as_object(node), f"/choices/{n}"
        calls += _answer(choice.get("message"), f"{at}/message", out)
        out.rest(choice, ("message", "logprobs", "finish_reason"), Channel.OUTPUT, at)
    if isinstance(body, dict):
        out.rest(doc, _ENVELOPE, Channel.OUTPUT, "")
    else:
        out.walk(body, Channel.OUTPUT, "")
    return Message(
        segments=tuple(out.segments),
        calls=tuple(calls),
        model=as_text(doc.get("model")),
        usage=usage(doc.get("usage"), len(calls)),
    )


def _answer(node: Json, at: str, out: Collector) -> list[ToolCall]:
    if not isinstance(node, dict):
        out.walk(node, Channel.OUTPUT, at)
        return []
    calls = _calls(node, at)
    for call in calls:
        out.add(call.arguments, Channel.TOOL_ARGUMENTS, call.at, call.name)
        out.say(call.name, Channel.OUTPUT)
        out.say(call.id, Channel.OUTPUT)
    out.rest(node, ("role", "tool_calls", "function_call", "audio"), Channel.OUTPUT, at)
    # A transcript cannot be cut: the sound would still say it.
    out.add(as_object(node.get("audio")).get("transcript"), Channel.OUTPUT, "")
    return calls


def usage(node: Json, calls: int = 0) -> Usage | None:
    """Tokens, if the upstream counted them."""
    doc = as_object(node)
    if not doc:
        return None
    return Usage(number(doc.get("prompt_tokens")), number(doc.get("completion_tokens")), calls)


def tool_name(tool: dict[str, Json]) -> str:
    """The name under which the model calls a tool."""
    kind = as_text(tool.get("type")) or "function"
    return as_text(as_object(tool.get(kind)).get("name")) or as_text(tool.get("name")) or kind


def _most(doc: dict[str, Json]) -> int:
    declared = number(doc.get("max_completion_tokens")) or number(doc.get("max_tokens"))
    return declared * max(1, number(doc.get("n")))


def _message(node: Json, at: str, out: Collector, names: dict[str, str]) -> None:
    if not isinstance(node, dict):
        out.walk(node, Channel.USER, at)
        return
    role = as_text(node.get("role"))
    # A role that some upstream may read as a known one must not make words trusted that are not.
    kind = _ROLES.get(role.strip().lower(), Channel.USER)
    channel = kind if kind is Channel.TOOL_RESULT else _ROLES.get(role, Channel.USER)
    tool = ""
    if channel is Channel.TOOL_RESULT:
        tool = names.get(as_text(node.get("tool_call_id"))) or as_text(node.get("name"))
    spoken = Channel.USER if channel is Channel.SYSTEM else channel
    for field in ("role", "name", "tool_call_id"):
        out.say(node.get(field), spoken, tool)
    _content(node.get("content"), f"{at}/content", channel, tool, out)
    for call in _calls(node, at):
        names[call.id] = call.name
        out.say(call.name, Channel.TOOL_ARGUMENTS, call.name)
        out.say(call.id, Channel.TOOL_ARGUMENTS, call.name)
        out.add(call.arguments, Channel.TOOL_ARGUMENTS, call.at, call.name)
    out.rest(node, _SILENT, channel, at, tool)


def _content(content: Json, at: str, channel: Channel, tool: str, out: Collector) -> None:
    if isinstance(content, str):
        out.add(content, channel, at, tool)
        return
    if not isinstance(content, list):
        out.walk(content, channel, at, tool)
    for n, node in enumerate(as_list(content)):
        part = as_object(node)
        kind = as_text(part.get("type"))
        where = f"{at}/{n}"
        if kind in ("file", "document", "search_result"):
            source = as_text(as_object(part.get(kind)).get("filename"))
            out.walk(part, Channel.DOCUMENT, where, tool, source)
        elif kind == "input_audio":
            out.rest(part, ("type", "input_audio"), channel, where, tool)
        else:
            out.walk(node, channel, where, tool)


def _calls(message: dict[str, Json], at: str) -> list[ToolCall]:
    found = []
    for n, node in enumerate(as_list(message.get("tool_calls"))):
        call = as_object(node)
        kind = as_text(call.get("type")) or "function"
        kind = kind if isinstance(call.get(kind), dict) else _body(call)
        body = as_object(call.get(kind))
        field = "arguments" if "arguments" in body else "input"
        found.append(_called(body, field, as_text(call.get("id")), f"{at}/tool_calls/{n}/{kind}/{field}"))
    if old := as_object(message.get("function_call")):
        found.append(_called(old, "arguments", "", f"{at}/function_call/arguments"))
    return found


def _body(call: dict[str, Json]) -> str:
    """Where a call's name and arguments stand, if not under its type."""
    return next((name for name, child in call.items() if isinstance(child, dict)), "function")


def _called(body: dict[str, Json], field: str, ident: str, at: str) -> ToolCall:
    given = body.get(field)
    if isinstance(given, str) or given is None:
        return ToolCall(name=as_text(body.get("name")), arguments=as_text(given), id=ident, at=at)
    return ToolCall(name=as_text(body.get("name")), arguments=compact(given), id=ident)
