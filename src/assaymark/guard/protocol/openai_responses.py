"""OpenAI responses: bodies ⇄ segments. Items of a kind not known here are walked by their field names."""

from assaymark.guard.event import Channel, ToolCall
from assaymark.guard.protocol.lossless import Json, escaped
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

__all__ = ["item_call", "read_request", "read_response", "usage"]

_ROLES = {"system": Channel.SYSTEM, "developer": Channel.SYSTEM, "assistant": Channel.ASSISTANT}
_RESULTS = frozenset(["output", "outputs", "result", "results", "error", "logs"])
_ARGUMENTS = frozenset(["arguments", "input", "code", "action", "operation", "query", "queries"])
_AT_SERVER = ("web_search_call", "file_search_call", "code_interpreter_call", "image_generation_call")
"""Calls that the upstream makes itself before it answers; there is nothing left to hold back."""
_ALIASES = {"computer_use_preview": "computer", "web_search_preview": "web_search"}


def read_request(body: Json) -> Message:
    """Every text of a request, in order."""
    doc, out = as_object(body), Collector()
    out.walk(doc.get("instructions"), Channel.SYSTEM, "/instructions")
    if isinstance(given := doc.get("input"), str):
        out.add(given, Channel.USER, "/input")
    names: dict[str, str] = {}
    for n, node in enumerate(as_list(doc.get("input"))):
        _item(as_object(node), f"/input/{n}", out, names, answer=False)
    for n, node in enumerate(as_list(doc.get("tools"))):
        _tool(as_object(node), f"/tools/{n}", out)
    out.declare(doc.get("text"), "/text", "")
    out.tools -= 1
    prompt = as_object(doc.get("prompt"))
    out.walk(prompt.get("variables"), Channel.USER, "/prompt/variables")
    if prompt:
        out.offer("")
    return Message(
        segments=tuple(out.segments),
        offered=out.offered(),
        tools=out.tools,
        remote_history=bool(prompt or doc.get("previous_response_id") or doc.get("conversation")),
        model=as_text(doc.get("model")),
        stream=doc.get("stream") is True,
        max_output=number(doc.get("max_output_tokens")),
    )


def read_response(body: Json) -> Message:
    """Every text and call of an answer."""
    doc, out = as_object(body), Collector()
    calls = []
    for n, node in enumerate(as_list(doc.get("output"))):
        item, at = as_object(node), f"/output/{n}"
        if call := item_call(item, at):
            calls.append(call)
        _item(item, at, out, {}, answer=True)
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
    return Usage(number(doc.get("input_tokens")), number(doc.get("output_tokens")), calls)


def item_call(item: dict[str, Json], at: str) -> ToolCall | None:
    """The call that an item asks the client to make; None for text and for what the upstream does itself."""
    kind = as_text(item.get("type"))
    if not kind.endswith("_call") or kind in _AT_SERVER:
        return None
    ident = as_text(item.get("call_id")) or as_text(item.get("id"))
    for field in ("arguments", "input"):
        if isinstance(text := item.get(field), str):
            name = as_text(item.get("name")) or kind.removesuffix("_call")
            return ToolCall(name=name, arguments=text, id=ident, at=f"{at}/{field}")
    rest = {k: v for k, v in item.items() if k in _ARGUMENTS}
    return ToolCall(name=kind.removesuffix("_call"), arguments=compact(rest), id=ident)


def _tool(tool: dict[str, Json], at: str, out: Collector) -> None:
    kind = as_text(tool.get("type"))
    name = as_text(tool.get("name"))
    if kind == "mcp":
        out.offer("")  # its names are known to the upstream alone
    elif nested := as_list(tool.get("tools")):
        for n, node in enumerate(nested):
            _tool(as_object(node), f"{at}/tools/{n}", out)
    else:
        out.offer(name or _ALIASES.get(kind, kind))
        out.offer(name or kind)
    out.declare({k: v for k, v in tool.items() if k != "tools"}, at, name or kind)


def _item(item: dict[str, Json], at: str, out: Collector, names: dict[str, str], *, answer: bool) -> None:
    kind = as_text(item.get("type")) or "message"
    own = Channel.OUTPUT if answer else Channel.ASSISTANT
    if kind == "message":
        channel = own if answer else _ROLES.get(as_text(item.get("role")), Channel.USER)
        _content(item.get("content"), f"{at}/content", channel, out)
        return
    if kind == "reasoning":
        out.walk(item, own, at)
        return
    ident = as_text(item.get("call_id"))
    name = as_text(item.get("name")) or kind.removesuffix("_output").removesuffix("_call")
    if kind.endswith("_output"):
        name = names.get(ident, name)
    elif ident:
        names[ident] = name
    for field, child in item.items():
        where = f"{at}/{escaped(field)}"
        if field == "tools":
            for n, node in enumerate(as_list(child)):
                out.declare(node, f"{where}/{n}", as_text(as_object(node).get("name")))
        elif field in _RESULTS:
            out.walk(child, Channel.TOOL_RESULT, where, name)
        elif field in _ARGUMENTS:
            out.call(name, child, where)
        elif field not in ("name", "type", "namespace", "server_label", "id", "call_id", "status", "role"):
            out.walk(child, own, where, name)


def _content(content: Json, at: str, channel: Channel, out: Collector) -> None:
    if isinstance(content, str):
        out.add(content, channel, at)
    for n, node in enumerate(as_list(content)):
        part, where = as_object(node), f"{at}/{n}"
        kind = as_text(part.get("type"))
        if kind == "input_file":
            out.walk(part, Channel.DOCUMENT, where, source=as_text(part.get("filename")))
        elif kind == "input_image":
            url = as_text(part.get("image_url"))
            out.add(url if url.startswith("data:") else "", channel, where)
        elif kind != "input_audio":
            out.walk(node, channel, where)
