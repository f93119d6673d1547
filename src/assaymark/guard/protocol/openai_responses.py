"""OpenAI responses: bodies ⇄ segments. Items of a kind not known here are walked by their field names."""

from assaymark.guard.event import Channel, ToolCall
from assaymark.guard.protocol import media
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
_OURS = frozenset(
    {"apply_patch", "computer", "computer_use_preview", "custom", "function", "local_shell", "namespace"}
)
"""Types of tools that the client runs; all others the upstream runs itself, and reads what they find."""
_SAYS_MODEL = ("reasoning", "compaction", "program", "mcp_list_tools", "mcp_approval_request")
_SETTINGS = frozenset(
    {
        "conversation",
        "input",
        "instructions",
        "metadata",
        "model",
        "previous_response_id",
        "prompt",
        "prompt_cache_key",
        "safety_identifier",
        "text",
        "tools",
        "user",
    }
)
"""Fields of a request read by name, or by no model; all others are walked."""
_ENVELOPE = (
    frozenset({"id", "object", "output", "service_tier", "status", "usage", "output_text"}) | _SETTINGS
)
"""Fields of an answer that are no news: those read by name, and the request's own, repeated."""
_ALIASES = {"computer_use_preview": "computer", "web_search_preview": "web_search"}


def read_request(body: Json) -> Message:
    """Every text of a request, in order."""
    doc, out = as_object(body), Collector()
    out.walk(doc.get("instructions"), Channel.SYSTEM, "/instructions")
    given = doc.get("input")
    names: dict[str, str] = {}
    for n, node in enumerate(as_list(given)):
        _item(node, f"/input/{n}", out, names, answer=False)
    if not isinstance(given, list):
        out.walk(given, Channel.USER, "/input")
    for n, node in enumerate(as_list(doc.get("tools"))):
        _tool(as_object(node), f"/tools/{n}", out)
    out.declare(doc.get("text"), "/text", "")
    out.tools -= 1
    prompt = as_object(doc.get("prompt"))
    out.walk(prompt.get("variables"), Channel.USER, "/prompt/variables")
    if prompt:
        out.offer("")
    out.rest(doc, _SETTINGS, Channel.USER, "")
    kept = bool(prompt or doc.get("previous_response_id") or doc.get("conversation"))
    unread = media.unread(doc) + ("history",) * kept + ("server_tool",) * _outside(doc.get("tools"))
    return Message(
        segments=tuple(out.segments),
        offered=out.offered(),
        tools=out.tools,
        remote_history=any(kind != media.ENCRYPTED for kind in unread),
        unread=unread,
        model=as_text(doc.get("model")),
        stream=doc.get("stream") is True,
        max_output=number(doc.get("max_output_tokens")),
    )


def read_response(body: Json) -> Message:
    """Every text and call of an answer."""
    doc, out = as_object(body), Collector()
    calls = []
    for n, node in enumerate(as_list(doc.get("output"))):
        at = f"/output/{n}"
        if call := item_call(as_object(node), at):
            calls.append(call)
        _item(node, at, out, {}, answer=True)
    if isinstance(body, dict):
        out.rest(doc, _ENVELOPE, Channel.OUTPUT, "")
        if not isinstance(doc.get("output"), list):
            out.walk(doc.get("output"), Channel.OUTPUT, "/output")
        out.walk(doc.get("output_text"), Channel.OUTPUT, "/output_text")
    else:
        out.walk(body, Channel.OUTPUT, "")
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
    rest: Json = {k: v for k, v in item.items() if k in _ARGUMENTS}
    if isinstance(given := item.get("arguments"), dict):
        rest = given
    name = as_text(item.get("name")) or kind.removesuffix("_call")
    return ToolCall(name=name, arguments=compact(rest), id=ident)


def _outside(tools: Json) -> bool:
    """Whether the upstream runs a tool itself."""
    kinds = [as_text(as_object(tool).get("type")) for tool in as_list(tools)]
    return any(kind and kind not in _OURS for kind in kinds)


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


def _item(node: Json, at: str, out: Collector, names: dict[str, str], *, answer: bool) -> None:
    if not isinstance(node, dict):
        out.walk(node, Channel.OUTPUT if answer else Channel.USER, at)
        return
    item = node
    kind = as_text(item.get("type")) or "message"
    own = _speaker(item, kind, answer)
    if kind == "message" or "content" in item:
        out.say(item.get("role"), Channel.USER if own is Channel.SYSTEM else own)
        _content(item.get("content"), f"{at}/content", own, out)
        out.rest(item, ("content", "role"), own, at)
        return
    ident = as_text(item.get("call_id"))
    name = as_text(item.get("name")) or kind.removesuffix("_output").removesuffix("_call")
    if kind.endswith("_output"):
        name = names.get(ident, name)
    elif ident:
        names[ident] = name
    for field in ("name", "namespace", "server_label", "call_id", "id"):
        out.say(item.get(field), Channel.OUTPUT if answer else Channel.TOOL_ARGUMENTS, name)
    for field, child in item.items():
        where = f"{at}/{escaped(field)}"
        if field == "tools":
            for n, tool in enumerate(as_list(child)):
                out.declare(tool, f"{where}/{n}", as_text(as_object(tool).get("name")))
        elif field in _RESULTS:
            out.walk(child, Channel.TOOL_RESULT, where, name)
        elif field in _ARGUMENTS:
            out.call(name, child, where)
        elif field not in ("name", "type", "namespace", "server_label", "id", "call_id", "status", "role"):
            out.walk(child, own, where, name)


def _speaker(item: dict[str, Json], kind: str, answer: bool) -> Channel:
    """Who speaks in an item; of a kind that is not known, whoever sent the request."""
    if answer:
        return Channel.OUTPUT
    if kind.endswith("_output"):
        return Channel.TOOL_RESULT
    if kind.endswith("_call") or kind in _SAYS_MODEL:
        return Channel.ASSISTANT
    return _ROLES.get(as_text(item.get("role")), Channel.USER)


def _content(content: Json, at: str, channel: Channel, out: Collector) -> None:
    if not isinstance(content, list):
        out.walk(content, channel, at)
    for n, node in enumerate(as_list(content)):
        part, where = as_object(node), f"{at}/{n}"
        kind = as_text(part.get("type"))
        if kind == "input_file":
            out.walk(part, Channel.DOCUMENT, where, source=as_text(part.get("filename")))
        elif kind == "input_audio":
            out.rest(part, ("type", "input_audio"), channel, where)
        else:
            out.walk(node, channel, where)
