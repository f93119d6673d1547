"""The Model Context Protocol (revisions 2024-11-05 to 2026-07-28): messages → segments, calls, declarations.

Whose words they are:

    tools/list, instructions                       → tool_description
    tools/call (client to server)                  → tool_arguments, and a call for the flow rules
    results of tools, their errors, tasks          → tool_result
    resources, logging, progress, elicitation      → document
    prompts/get, sampling                          → user: they speak in the user's place
    answers of the client's model to sampling      → output

A prompt or a sampling request gives the model a task by its nature, so it is judged as a user's prompt is;
resources embedded in it stay documents. Methods that are not known are walked as documents.
"""

from collections.abc import Callable

from msgspec import Struct

from assaymark.guard.event import Channel, Phase, Segment, ToolCall
from assaymark.guard.protocol.lossless import Json, escaped
from assaymark.guard.protocol.mcp_rpc import Rpc
from assaymark.guard.protocol.mcp_text import Texts, declaration_digest
from assaymark.guard.protocol.shape import as_list, as_object, as_text, compact

__all__ = [
    "ELICITATION",
    "SAMPLING",
    "Asked",
    "Declared",
    "Reading",
    "asked_of",
    "from_client",
    "from_server",
]

SAMPLING = "sampling/createMessage"
ELICITATION = "elicitation/create"
_LISTS = {
    "tools/list": ("tools", Channel.TOOL_DESCRIPTION),
    "prompts/list": ("prompts", Channel.TOOL_DESCRIPTION),
    "resources/list": ("resources", Channel.DOCUMENT),
    "resources/templates/list": ("resourceTemplates", Channel.DOCUMENT),
}
_GREETINGS = ("initialize", "server/discover")
_SILENT = frozenset({"ping", "roots/list", "notifications/initialized", "notifications/roots/list_changed"})
"""Carry nothing that anybody reads as text."""


class Asked(Struct, frozen=True):
    """A request that waits for its answer."""

    method: str
    tool: str = ""
    """Of a tool call."""
    source: str = ""
    """URI of the resource that was asked for."""
    first: bool = True
    """Of a list: it begins anew (no cursor was given)."""
    modern: bool = False
    """It speaks a revision without sessions."""
    raw_id: Json = None
    """As it came."""


class Declared(Struct, frozen=True):
    """One tool of a list."""

    item: int
    name: str
    digest: str


class Reading(Struct, frozen=True, kw_only=True):
    """What one message says."""

    phase: Phase = Phase.TOOL_RESULT
    segments: tuple[Segment, ...] = ()
    items: tuple[int, ...] = ()
    """For each segment: the element of the list to which it belongs, or -1."""
    calls: tuple[ToolCall, ...] = ()
    asks: tuple[str, ...] = ()
    """What the server asks of the client's model or user: `SAMPLING`, `ELICITATION`."""
    list_at: str = ""
    """Pointer of the list whose elements can be taken out."""
    declared: tuple[Declared, ...] = ()
    whole_list: bool = False
    """No further page follows."""
    greeting: bool = False
    """Never refused, only cleaned: without it nothing works."""


def asked_of(rpc: Rpc) -> Asked:
    """What is to be remembered of a request until its answer comes."""
    name = as_text(rpc.body.get("name")) if rpc.method == "tools/call" else ""
    uri = as_text(rpc.body.get("uri")) if rpc.method.startswith("resources/") else ""
    return Asked(rpc.method, name, uri, rpc.body.get("cursor") is None, rpc.modern, rpc.raw_id)


def from_client(rpc: Rpc, answering: Asked | None = None) -> Reading:
    """What a client's message hands to the server; `answering` is the server's request that it answers."""
    texts, at = Texts(), f"{rpc.at}/params"
    if rpc.kind in ("result", "error"):
        return _client_answer(rpc, answering, texts)
    if rpc.method in _SILENT or rpc.method in _GREETINGS:
        return Reading(phase=Phase.TOOL_CALL)
    if rpc.method == "tools/call":
        return _call(rpc, texts)
    for name, child in rpc.body.items():
        if name == "inputResponses":
            _responses(child, f"{at}/{name}", texts)
        elif name not in ("_meta", "cursor", "requestState"):
            texts.walk({name: child}, Channel.TOOL_ARGUMENTS, at, tool=rpc.method)
    return _read(texts, Phase.TOOL_CALL)


def _call(rpc: Rpc, texts: Texts) -> Reading:
    name, at = as_text(rpc.body.get("name")), f"{rpc.at}/params"
    arguments = rpc.body.get("arguments")
    texts.leaving(arguments, Channel.TOOL_ARGUMENTS, f"{at}/arguments", name)
    _responses(rpc.body.get("inputResponses"), f"{at}/inputResponses", texts)
    call = ToolCall(
        name=name,
        arguments=compact({} if arguments is None else arguments),
        id=rpc.id,
        at=f"{at}/arguments",
    )
    return _read(texts, Phase.TOOL_CALL, calls=(call,))


def _client_answer(rpc: Rpc, answering: Asked | None, texts: Texts) -> Reading:
    if rpc.kind == "error" or (answering is not None and answering.method in _SILENT):
        return Reading(phase=Phase.RESPONSE)
    _given(rpc.body.get("result"), f"{rpc.at}/result", texts, answering.method if answering else SAMPLING)
    return _read(texts, Phase.RESPONSE)


def _responses(node: Json, at: str, texts: Texts) -> None:
    """Answers to what the server asked in the result of an earlier try (revision 2026-07-28)."""
    for name, answer in as_object(node).items():
        if isinstance(answer, dict) and "roots" not in answer:
            method = SAMPLING if "model" in answer else ELICITATION
            _given(answer, f"{at}/{escaped(name)}", texts, method)


def _given(node: Json, at: str, texts: Texts, method: str) -> None:
    """What the client's model or user answers to the server."""
    channel = Channel.OUTPUT if method == SAMPLING else Channel.TOOL_ARGUMENTS
    content = as_object(node).get("content")
    texts.leaving(content, channel, f"{at}/content", method)


def from_server(rpc: Rpc, answering: Asked | None = None) -> Reading:
    """What a server's message brings to the client; `answering` is the client's request that it answers.

    An answer to nothing that is known is read as a tool's result: the strictest reading.
    """
    texts = Texts()
    if rpc.kind == "request":
        return _server_request(rpc.method, rpc.body, f"{rpc.at}/params", texts)
    if rpc.kind == "notification":
        if rpc.method not in _SILENT:
            texts.walk(rpc.body, Channel.DOCUMENT, f"{rpc.at}/params", source=rpc.method)
        return _read(texts, Phase.TOOL_RESULT)
    asked = answering or Asked("")
    if rpc.kind == "error":
        channel = Channel.TOOL_RESULT if asked.method in ("tools/call", "") else Channel.DOCUMENT
        texts.walk(rpc.body.get("error"), channel, f"{rpc.at}/error", tool=asked.tool, source=asked.source)
        return _read(texts, Phase.TOOL_RESULT)
    result, at = as_object(rpc.body.get("result")), f"{rpc.at}/result"
    if asked.method in _LISTS:
        return _listing(asked, result, at, texts)
    if asked.method in _GREETINGS:
        for name in ("instructions", "serverInfo"):
            texts.walk({name: result.get(name)}, Channel.TOOL_DESCRIPTION, at)
        return _read(texts, Phase.LISTING, greeting=True)
    if "inputRequests" in result:
        return _wants(asked, result, at, texts)
    _READERS.get(asked.method, _tool_result)(asked, result, at, texts)
    return _read(texts, Phase.TOOL_RESULT)


def _listing(asked: Asked, result: dict[str, Json], at: str, texts: Texts) -> Reading:
    name, channel = _LISTS[asked.method]
    declared: list[Declared] = []
    for n, entry in enumerate(as_list(result.get(name))):
        own = as_text(as_object(entry).get("name"))
        tool = own if channel is Channel.TOOL_DESCRIPTION else ""
        source = as_text(as_object(entry).get("uri"))
        texts.walk(entry, channel, f"{at}/{name}/{n}", tool=tool, source=source, item=n)
        if asked.method == "tools/list":
            declared.append(Declared(n, own, declaration_digest(entry)))
    rest = {key: child for key, child in result.items() if key != name}
    texts.walk(rest, channel, at)
    return _read(
        texts,
        Phase.LISTING,
        list_at=f"{at}/{name}",
        declared=tuple(declared),
        whole_list=result.get("nextCursor") is None,
    )


def _server_request(method: str, params: Json, at: str, texts: Texts) -> Reading:
    body = as_object(params)
    if method in _SILENT:
        return Reading()
    if method != SAMPLING:
        texts.walk(body, Channel.DOCUMENT, at, source=method)
        return _read(texts, Phase.TOOL_RESULT, asks=(method,) if method == ELICITATION else ())
    for name, child in body.items():
        place = f"{at}/{name}"
        if name == "tools":
            texts.walk(child, Channel.TOOL_DESCRIPTION, place)
        elif name == "messages":
            for n, message in enumerate(as_list(child)):
                _sampled(as_object(message).get("content"), f"{place}/{n}/content", texts)
        else:
            texts.walk({name: child}, Channel.USER, at)
    return _read(texts, Phase.TOOL_RESULT, asks=(SAMPLING,))


def _sampled(content: Json, at: str, texts: Texts) -> None:
    blocks = content if isinstance(content, list) else [content]
    for n, block in enumerate(blocks):
        place = f"{at}/{n}" if isinstance(content, list) else at
        kind = as_object(block).get("type")
        channel = {
            "tool_result": Channel.TOOL_RESULT,
            "tool_use": Channel.TOOL_ARGUMENTS,
            "resource": Channel.DOCUMENT,
        }
        texts.walk(block, channel.get(as_text(kind), Channel.USER), place)


def _wants(asked: Asked, result: dict[str, Json], at: str, texts: Texts) -> Reading:
    """The server asks the model or the user before it answers (revision 2026-07-28)."""
    asks: list[str] = []
    for name, wanted in as_object(result.get("inputRequests")).items():
        request = as_object(wanted)
        place = f"{at}/inputRequests/{escaped(name)}/params"
        asks += _server_request(as_text(request.get("method")), request.get("params"), place, texts).asks
    rest = {key: child for key, child in result.items() if key != "inputRequests"}
    texts.walk(rest, Channel.TOOL_RESULT, at, tool=asked.tool)
    return _read(texts, Phase.TOOL_RESULT, asks=tuple(dict.fromkeys(asks)))


def _tool_result(asked: Asked, result: dict[str, Json], at: str, texts: Texts) -> None:
    for block in as_list(result.get("content")):
        resource = as_object(block).get("resource")
        texts.blob(resource, Channel.TOOL_RESULT, asked.tool, as_text(as_object(resource).get("uri")))
    texts.walk(result, Channel.TOOL_RESULT, at, tool=asked.tool)


def _resource(asked: Asked, result: dict[str, Json], at: str, texts: Texts) -> None:
    for n, contents in enumerate(as_list(result.get("contents"))):
        source = as_text(as_object(contents).get("uri")) or asked.source
        texts.blob(contents, Channel.DOCUMENT, source=source)
        texts.walk(contents, Channel.DOCUMENT, f"{at}/contents/{n}", source=source)
    rest = {key: child for key, child in result.items() if key != "contents"}
    texts.walk(rest, Channel.DOCUMENT, at, source=asked.source)


def _prompt(asked: Asked, result: dict[str, Json], at: str, texts: Texts) -> None:
    for n, message in enumerate(as_list(result.get("messages"))):
        content = as_object(message).get("content")
        resource = as_object(content).get("resource")
        texts.blob(resource, Channel.DOCUMENT, source=as_text(as_object(resource).get("uri")))
        _sampled(content, f"{at}/messages/{n}/content", texts)
    rest = {key: child for key, child in result.items() if key != "messages"}
    texts.walk(rest, Channel.USER, at)


def _document(asked: Asked, result: dict[str, Json], at: str, texts: Texts) -> None:
    texts.walk(result, Channel.DOCUMENT, at, source=asked.method)


_READERS: dict[str, Callable[[Asked, dict[str, Json], str, Texts], None]] = {
    "completion/complete": _document,
    "prompts/get": _prompt,
    "resources/read": _resource,
    "tasks/cancel": _tool_result,
    "tasks/get": _tool_result,
    "tasks/list": _tool_result,
    "tasks/result": _tool_result,
    "tools/call": _tool_result,
}


def _read(
    texts: Texts,
    phase: Phase,
    *,
    calls: tuple[ToolCall, ...] = (),
    asks: tuple[str, ...] = (),
    list_at: str = "",
    declared: tuple[Declared, ...] = (),
    whole_list: bool = False,
    greeting: bool = False,
) -> Reading:
    return Reading(
        phase=phase,
        segments=tuple(texts.segments),
        items=tuple(texts.items),
        calls=calls,
        asks=asks,
        list_at=list_at,
        declared=declared,
        whole_list=whole_list,
        greeting=greeting,
    )
