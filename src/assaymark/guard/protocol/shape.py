"""What every protocol's reader gives: the strings of a message, with who speaks in each.

A reader names what it knows; what it does not know it walks, so that a new kind of part is judged
rather than let through unseen.
"""

import base64
import binascii
import json
from collections.abc import Iterator

from msgspec import Struct

from assaymark.guard.event import Channel, Segment, ToolCall
from assaymark.guard.protocol.lossless import Json, escaped

__all__ = ["Collector", "Message", "Usage", "as_list", "as_object", "as_text", "compact", "leaves", "number"]

_NOT_TEXT = frozenset(
    {
        "annotations",
        "cache_control",
        "call_id",
        "container_id",
        "detail",
        "encrypted_content",
        "encrypted_index",
        "encrypted_stdout",
        "file_id",
        "format",
        "id",
        "index",
        "item_id",
        "logprobs",
        "media_type",
        "mime_type",
        "object",
        "phase",
        "response_id",
        "role",
        "signature",
        "status",
        "tool_call_id",
        "tool_use_id",
        "type",
    }
)
"""Names whose values the model does not read as text."""
_MEDIA = ("data:image/", "data:audio/", "data:video/", "data:application/pdf", "data:application/octet")
_ADDRESSES = frozenset({"url", "uri", "file_url", "image_url", "source"})
"""Judged, never edited on the way to a model: a marked address leads nowhere."""
_MARKED = (Channel.USER, Channel.TOOL_DESCRIPTION, Channel.TOOL_RESULT, Channel.DOCUMENT)
_IN_SCHEMA = frozenset({"$comment", "const", "default", "description", "enum", "examples", "name", "title"})
"""Names in a schema whose values the model reads."""


class Usage(Struct, frozen=True):
    """What an answer used."""

    input: int = 0
    output: int = 0
    tool_calls: int = 0


class Message(Struct, frozen=True, kw_only=True):
    """A body, read."""

    segments: tuple[Segment, ...] = ()
    calls: tuple[ToolCall, ...] = ()
    """Calls that the model wants to make now (answers only)."""
    offered: frozenset[str] | None = frozenset()
    """Names of the tools that the request offers; None if they cannot be known from it."""
    tools: int = 0
    """How many tools are declared."""
    remote_history: bool = False
    """Earlier turns are kept by the upstream, so what they held is unknown."""
    model: str = ""
    stream: bool = False
    max_output: int = 0
    """Tokens that the answer may have; 0 if the request does not say."""
    usage: Usage | None = None


def as_list(node: Json) -> list[Json]:
    """The list, or an empty one."""
    return node if isinstance(node, list) else []


def as_object(node: Json) -> dict[str, Json]:
    """The object, or an empty one."""
    return node if isinstance(node, dict) else {}


def as_text(node: Json) -> str:
    """The string, or an empty one."""
    return node if isinstance(node, str) else ""


def number(node: Json) -> int:
    """The number as a count: never negative, never a truth value."""
    if isinstance(node, bool) or not isinstance(node, int | float) or not 0 < node < 1e12:
        return 0
    return int(node)


def leaves(root: Json, at: str) -> Iterator[tuple[str, str]]:
    """Every string below `root` that a model or a person may read, with its pointer."""
    stack: list[tuple[Json, str]] = [(root, at)]
    while stack:
        node, at = stack.pop()
        if isinstance(node, str):
            yield node, at
        elif isinstance(node, list):
            stack += [(child, f"{at}/{n}") for n, child in reversed(list(enumerate(node)))]
        elif isinstance(node, dict):
            skipped = _NOT_TEXT | {"data"} if node.get("type") == "base64" else _NOT_TEXT
            stack += [
                (child, f"{at}/{escaped(name)}")
                for name, child in reversed(node.items())
                if name not in skipped and not name.endswith("b64")
            ]


class Collector:
    """Gathers segments in the order of the message."""

    def __init__(self) -> None:
        self.segments: list[Segment] = []
        self.names: set[str] = set()
        self.tools = 0
        self.names_known = True

    def add(self, node: Json, channel: Channel, at: str, tool: str = "", source: str = "") -> None:
        """Take `node` if it is text that a model reads."""
        if not isinstance(node, str) or not node.strip():
            return
        if node.startswith("data:"):
            self._data_uri(node, tool, source)
            return
        self.segments.append(Segment(text=node, channel=channel, at=at, tool=tool, source=source))

    def walk(self, node: Json, channel: Channel, at: str, tool: str = "", source: str = "") -> None:
        """Take every string below `node` that is not plainly an id, a type or encoded media."""
        for text, where in leaves(node, at):
            address = channel in _MARKED and where.rpartition("/")[2] in _ADDRESSES
            self.add(text, channel, "" if address else where, tool, source)

    def declare(self, node: Json, at: str, name: str) -> None:
        """Take a tool declaration: every text in its schema, and property names long enough to speak."""
        self.tools += 1
        stack: list[tuple[Json, str, bool]] = [(node, at, False)]
        while stack:
            node, at, speaks = stack.pop()
            if isinstance(node, str) and speaks:
                self.add(node, Channel.TOOL_DESCRIPTION, at, name)
            elif isinstance(node, list):
                stack += [(child, f"{at}/{n}", speaks) for n, child in reversed(list(enumerate(node)))]
            elif isinstance(node, dict):
                for key, child in reversed(node.items()):
                    if " " in key:
                        self.add(key, Channel.TOOL_DESCRIPTION, "", name)
                    stack.append((child, f"{at}/{escaped(key)}", key in _IN_SCHEMA or speaks))

    def offer(self, name: str) -> None:
        """Note a tool's name; without one, what the request offers is not known."""
        if name:
            self.names.add(name)
        else:
            self.names_known = False

    def offered(self) -> frozenset[str] | None:
        """The names, if all are known."""
        return frozenset(self.names) if self.names_known else None

    def call(self, name: str, arguments: Json, at: str) -> None:
        """Take the arguments of an earlier call, as text or as an object."""
        if isinstance(arguments, str):
            self.add(arguments, Channel.TOOL_ARGUMENTS, at, name)
        else:
            self.walk(arguments, Channel.TOOL_ARGUMENTS, at, name)

    def _data_uri(self, node: str, tool: str, source: str) -> None:
        """Text within a data URI is judged, but cannot be edited there: it has no pointer."""
        head, _, body = node.partition(",")
        if node.startswith(_MEDIA) or not head.endswith(";base64"):
            if not node.startswith(_MEDIA):
                self.segments.append(Segment(text=node, channel=Channel.DOCUMENT, tool=tool, source=source))
            return
        try:
            text = base64.b64decode(body, validate=False).decode("utf-8")
        except (binascii.Error, ValueError):
            return
        self.segments.append(Segment(text=text, channel=Channel.DOCUMENT, tool=tool, source=source))


def compact(node: Json) -> str:
    """A value as JSON text."""
    return json.dumps(node, separators=(",", ":"))
