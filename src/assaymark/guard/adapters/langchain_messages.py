"""LangChain's messages ⇄ segments, with the pointers by which they are edited."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, FunctionMessage, SystemMessage, ToolMessage

from assaymark.guard.event import Channel, Segment, ToolCall
from assaymark.guard.library.rewrite import put
from assaymark.guard.protocol.openai_chat import tool_name
from assaymark.guard.protocol.shape import Collector, Message, as_object, leaves

__all__ = ["edited", "edited_answer", "read_answer", "read_request", "said"]

_FILES = frozenset({"file", "document", "text-plain", "search_result"})
"""Kinds of content blocks that somebody else wrote, whoever passes them on."""
_ROLES = {"system": Channel.SYSTEM, "developer": Channel.SYSTEM, "assistant": Channel.ASSISTANT}
_TWICE = ("tool_calls", "function_call")
"""What a provider repeats in `additional_kwargs` of the calls that were read already."""


def read_request(messages: Sequence[BaseMessage], options: Mapping[str, Any], model: str) -> Message:
    """Every text of the messages and of the tools that are bound to the model."""
    out, names = Collector(), dict[str, str]()
    for n, message in enumerate(messages):
        _message(message, f"/messages/{n}", out, names)
    for field in ("tools", "functions"):
        for n, node in enumerate(options.get(field) or ()):
            name = tool_name(as_object(node))
            out.offer(name)
            out.declare(node, f"/options/{field}/{n}", name)
    return Message(segments=tuple(out.segments), offered=out.offered(), tools=out.tools, model=model)


def _message(message: BaseMessage, at: str, out: Collector, names: dict[str, str]) -> None:
    channel = _channel(message)
    tool = ""
    if isinstance(message, ToolMessage | FunctionMessage):
        tool = names.get(getattr(message, "tool_call_id", ""), "") or message.name or ""
    content: Any = message.content
    if isinstance(content, str):
        out.add(content, channel, f"{at}/content", tool)
    else:
        for n, block in enumerate(content):
            foreign = isinstance(block, dict) and block.get("type") in _FILES
            out.walk(block, Channel.DOCUMENT if foreign else channel, f"{at}/content/{n}", tool)
    if isinstance(message, AIMessage):
        for call in message.tool_calls:
            names[call.get("id") or ""] = call["name"]
            out.add(_arguments(call), Channel.TOOL_ARGUMENTS, "", call["name"])


def _channel(message: BaseMessage) -> Channel:
    if isinstance(message, SystemMessage):
        return Channel.SYSTEM
    if isinstance(message, AIMessage):
        return Channel.ASSISTANT
    if isinstance(message, ToolMessage | FunctionMessage):
        return Channel.TOOL_RESULT
    return _ROLES.get(str(getattr(message, "role", "")), Channel.USER)


def read_answer(answer: AIMessage) -> Message:
    """Every text and call of an answer."""
    out = Collector()
    content: Any = answer.content
    out.walk(content, Channel.OUTPUT, "/content")
    extra = {name: value for name, value in answer.additional_kwargs.items() if name not in _TWICE}
    out.walk(extra, Channel.OUTPUT, "/additional_kwargs")
    calls = []
    for n, call in enumerate(answer.tool_calls):
        calls.append(
            ToolCall(name=call["name"], arguments=_arguments(call), id=call.get("id") or "", at=f"/calls/{n}")
        )
    for broken in answer.invalid_tool_calls:
        name, arguments = broken.get("name") or "", broken.get("args") or ""
        calls.append(ToolCall(name=name, arguments=arguments, id=broken.get("id") or ""))
    segments = [
        Segment(text=c.arguments, channel=Channel.TOOL_ARGUMENTS, at=c.at, tool=c.name)
        for c in calls
        if c.arguments
    ]
    return Message(segments=(*out.segments, *segments), calls=tuple(calls), offered=None)


def said(chunk: AIMessage) -> str:
    """What a piece of a stream adds to the text."""
    extra = {name: value for name, value in chunk.additional_kwargs.items() if name not in _TWICE}
    content: Any = chunk.content
    texts = [text for text, _ in leaves(content, "")]
    return "".join([*texts, *(text for text, _ in leaves(extra, ""))])


def edited(
    messages: Sequence[BaseMessage], options: Mapping[str, Any], texts: Mapping[str, str]
) -> tuple[list[BaseMessage], dict[str, Any]]:
    """Messages and options with the strings at the pointers replaced; the rest is the very same."""
    root = put({"messages": [{"content": m.content} for m in messages], "options": dict(options)}, texts)
    new = [
        message if message.content == changed["content"] else message.model_copy(update=changed)
        for message, changed in zip(messages, root["messages"], strict=True)
    ]
    return new, root["options"]


def edited_answer(answer: AIMessage, texts: Mapping[str, str]) -> AIMessage:
    """An answer with the strings at the pointers replaced, and the arguments of its calls."""
    if not texts:
        return answer
    calls = {at: text for at, text in texts.items() if at.startswith("/calls/")}
    others = {at: text for at, text in texts.items() if at not in calls}
    extra = dict(answer.additional_kwargs)
    if calls:
        extra = {name: value for name, value in extra.items() if name not in _TWICE}
    root = put({"content": answer.content, "additional_kwargs": extra}, others)
    root["tool_calls"] = [
        {**call, "args": json.loads(calls.get(f"/calls/{n}", _arguments(call)))}
        for n, call in enumerate(answer.tool_calls)
    ]
    return answer.model_copy(update=root)


def _arguments(call: Mapping[str, Any]) -> str:
    return json.dumps(call["args"], default=str)
