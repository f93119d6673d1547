"""OpenAI chat completions: bodies ⇄ segments, errors, and the pieces of a stream."""

from assaymark.guard.event import Channel, ToolCall
from assaymark.guard.protocol.lossless import Json
from assaymark.guard.protocol.shape import (
    Collector,
    Message,
    Usage,
    as_list,
    as_object,
    as_text,
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


def read_request(body: Json) -> Message:
    """Every text of a request, in order."""
    doc, out = as_object(body), Collector()
    names: dict[str, str] = {}
    for n, node in enumerate(as_list(doc.get("messages"))):
        _message(as_object(node), f"/messages/{n}", out, names)
    for field in ("tools", "functions"):
        for n, node in enumerate(as_list(doc.get(field))):
            name = tool_name(as_object(node))
            out.offer(name)
            out.declare(node, f"/{field}/{n}", name)
    out.declare(doc.get("response_format"), "/response_format", "")
    out.tools -= 1
    out.walk(as_object(doc.get("prediction")).get("content"), Channel.ASSISTANT, "/prediction/content")
    out.walk(doc.get("documents"), Channel.DOCUMENT, "/documents")
    return Message(
        segments=tuple(out.segments),
        offered=out.offered(),
        tools=out.tools,
        model=as_text(doc.get("model")),
        stream=doc.get("stream") is True,
        max_output=_most(doc),
    )


def read_response(body: Json) -> Message:
    """Every text and call of an answer."""
    doc, out = as_object(body), Collector()
    calls: list[ToolCall] = []
    for n, node in enumerate(as_list(doc.get("choices"))):
        at = f"/choices/{n}/message"
        message = as_object(as_object(node).get("message"))
        calls += (mine := _calls(message, at))
        for call in mine:
            out.add(call.arguments, Channel.TOOL_ARGUMENTS, call.at, call.name)
        for field, child in message.items():
            if field not in ("role", "tool_calls", "function_call", "audio", "annotations"):
                out.walk(child, Channel.OUTPUT, f"{at}/{field}")
        out.add(as_object(message.get("audio")).get("transcript"), Channel.OUTPUT, f"{at}/audio/transcript")
    return Message(
        segments=tuple(out.segments),
        calls=tuple(calls),
        model=as_text(doc.get("model")),
        usage=usage(doc.get("usage"), len(calls)),
    )


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


def _message(message: dict[str, Json], at: str, out: Collector, names: dict[str, str]) -> None:
    role = as_text(message.get("role"))
    channel = _ROLES.get(role, Channel.USER)
    tool = ""
    if channel is Channel.TOOL_RESULT:
        tool = names.get(as_text(message.get("tool_call_id"))) or as_text(message.get("name"))
    _content(message.get("content"), f"{at}/content", channel, tool, out)
    for call in _calls(message, at):
        names[call.id] = call.name
        out.add(call.arguments, Channel.TOOL_ARGUMENTS, call.at, call.name)
    for field, child in message.items():
        if field not in _SILENT:
            out.walk(child, channel, f"{at}/{field}", tool)


def _content(content: Json, at: str, channel: Channel, tool: str, out: Collector) -> None:
    if isinstance(content, str):
        out.add(content, channel, at, tool)
        return
    for n, node in enumerate(as_list(content)):
        part = as_object(node)
        kind = as_text(part.get("type"))
        where = f"{at}/{n}"
        if kind == "text":
            out.walk(part, channel, where, tool)
        elif kind in ("file", "document", "search_result"):
            source = as_text(as_object(part.get(kind)).get("filename"))
            out.walk(part, Channel.DOCUMENT, where, tool, source)
        elif kind == "input_audio":
            continue
        elif kind == "image_url":
            url = as_text(as_object(part.get("image_url")).get("url"))
            out.add(url if url.startswith("data:") else "", channel, where)
        else:
            out.walk(node, channel, where, tool)


def _calls(message: dict[str, Json], at: str) -> list[ToolCall]:
    found = []
    for n, node in enumerate(as_list(message.get("tool_calls"))):
        call = as_object(node)
        kind = as_text(call.get("type")) or "function"
        body = as_object(call.get(kind))
        field = "arguments" if "arguments" in body else "input"
        found.append(
            ToolCall(
                name=as_text(body.get("name")),
                arguments=as_text(body.get(field)),
                id=as_text(call.get("id")),
                at=f"{at}/tool_calls/{n}/{kind}/{field}",
            )
        )
    if old := as_object(message.get("function_call")):
        name, arguments = as_text(old.get("name")), as_text(old.get("arguments"))
        found.append(ToolCall(name=name, arguments=arguments, at=f"{at}/function_call/arguments"))
    return found
