"""What every protocol's reader gives: the strings of a message, with who speaks in each.

A reader names what it knows; what it does not know it walks, so that a new kind of part is judged
rather than let through unseen.
"""

import json
import re
from collections.abc import Container, Iterator

from msgspec import Struct

from assaymark.guard.event import Channel, Segment, ToolCall
from assaymark.guard.protocol import media
from assaymark.guard.protocol.lossless import Json, escaped

__all__ = [
    "Collector",
    "Message",
    "Usage",
    "as_list",
    "as_object",
    "as_text",
    "compact",
    "leaves",
    "number",
    "spoken",
]

_NOT_TEXT = frozenset(
    {
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
        "ttl",
        "type",
    }
)
"""Names whose values are not text, unless they speak (`spoken`)."""
_TOKENS = frozenset({"logprobs", "top_logprobs"})
"""The text over again, token by token; emptied where the text is cut (`lossless.replace`)."""
_KEYS = frozenset({"authorization", "headers"})
"""Of a tool: secrets for its server, which no model reads."""
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_SENTENCE = 8
"""Words from which a name says something; shorter ones of honest tools look too much alike."""
_IDENTIFIER = re.compile(r"[A-Za-z0-9]{1,23}(?:[_.:/-]{1,3}[A-Za-z0-9]{1,23}){1,9}")
"""A name; no run in it is long enough to hold something encoded."""
_LONG_NAME = 20
_LONGEST_NAME = 128
_LONG_NUMBER = 9_999_999
_ADDRESSES = frozenset({"url", "uri", "file_url", "image_url", "source"})
"""Judged, never edited on the way to a model: a marked address leads nowhere."""
_MARKED = (Channel.USER, Channel.TOOL_DESCRIPTION, Channel.TOOL_RESULT, Channel.DOCUMENT)
_IN_SCHEMA = frozenset(
    {
        "$comment",
        "const",
        "default",
        "definition",
        "description",
        "enum",
        "examples",
        "input_examples",
        "instructions",
        "name",
        "title",
    }
)
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
    """The model reads what is not in the body: turns that the upstream keeps, files, pictures, what tools of
    the upstream find. So the conversation counts as tainted."""
    unread: tuple[str, ...] = ()
    """Kinds of what was not read (`media.unread`, `history`, `server_tool`), one for each place."""
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


def spoken(name: str) -> str:
    """The words of a name or id, if it is long enough to say something; else nothing.

    What has spaces or letters beyond ASCII is returned as it is.
    """
    if not name.isascii() or len(name.split()) > 1:
        return name
    words = _WORD.findall(name) if len(name) < 4_096 else []
    return " ".join(words) if len(words) >= _SENTENCE and _is_prose(words, name) else ""


def _is_prose(words: list[str], name: str) -> bool:
    """Words, not the letters of a random id."""
    long = [word for word in words if len(word) > 1]
    return 2 * len(long) > len(words) and not any(c.isdigit() for c in name)


def leaves(root: Json, at: str, quiet: frozenset[str] = _NOT_TEXT) -> Iterator[tuple[str, str]]:
    """Every string below `root` that a model or a person may read, with its pointer.

    Args:
        root: where to begin.
        at: its pointer.
        quiet: names whose values are ids and the like: they are text only if they have spaces or letters
            beyond ASCII.
    """
    stack: list[tuple[Json, str]] = [(root, at)]
    while stack:
        node, at = stack.pop()
        if isinstance(node, str):
            yield node, at
        elif isinstance(node, list):
            stack += [(child, f"{at}/{n}") for n, child in reversed(list(enumerate(node)))]
        elif isinstance(node, dict):
            encoded = node.get("type") == "base64"
            for name, child in reversed(node.items()):
                hushed = quiet and (name in quiet or name.endswith("b64") or (encoded and name == "data"))
                if hushed and isinstance(child, str) and child.isascii() and len(child.split()) < 2:
                    continue
                if not (name in _TOKENS and isinstance(child, list | dict)):
                    stack.append((child, f"{at}/{escaped(name)}"))


def _fields(root: Json) -> Iterator[tuple[dict[str, Json], str, Json]]:
    """Every field below `root`: the object that holds it, its name and its value."""
    stack = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, list):
            stack += node
        elif isinstance(node, dict):
            for name, child in node.items():
                yield node, name, child
            stack += node.values()


class Collector:
    """Gathers segments in the order of the message."""

    def __init__(self) -> None:
        self.segments: list[Segment] = []
        self.names: set[str] = set()
        self.tools = 0
        self.names_known = True

    def add(self, node: Json, channel: Channel, at: str, tool: str = "", source: str = "") -> None:
        """Take `node` if it is text that a model reads; of a data URI, the text within."""
        if not isinstance(node, str) or not node.strip():
            return
        inner = media.data_uri(node)
        if inner is None:
            self.segments.append(Segment(text=node, channel=channel, at=at, tool=tool, source=source))
        else:
            self._encoded(inner, tool, source)

    def walk(self, node: Json, channel: Channel, at: str, tool: str = "", source: str = "") -> None:
        """Take every string below `node` but ids, types and encoded media; and names that say something."""
        for text, where in leaves(node, at):
            address = channel in _MARKED and where.rpartition("/")[2] in _ADDRESSES
            self.add(text, channel, "" if address else where, tool, source)
        for owner, name, child in _fields(node):
            self.say(name, channel, tool)
            if name == "data" and owner.get("type") == "base64" and isinstance(child, str):
                self._encoded(media.text_within(child), tool, source)

    def say(self, name: Json, channel: Channel, tool: str = "") -> None:
        """Take a name, a role, an id if it says something. It has no place where it could be edited."""
        if words := spoken(as_text(name)):
            self.add(words, channel, "", tool)

    def rest(
        self, node: dict[str, Json], known: Container[str], channel: Channel, at: str, tool: str = ""
    ) -> None:
        """Walk the fields that nobody named: what is not known is judged."""
        for name, child in node.items():
            if name not in known:
                self.say(name, channel, tool)
                self.walk(child, channel, f"{at}/{escaped(name)}", tool)

    def declare(self, node: Json, at: str, name: str) -> None:
        """Take a tool declaration: every text in its schema, and names long enough to speak."""
        self.tools += 1
        stack: list[tuple[Json, str, bool]] = [(node, at, False)]
        while stack:
            node, at, speaks = stack.pop()
            if isinstance(node, str) and (speaks or spoken(node)):
                if len(node) <= _LONGEST_NAME and _IDENTIFIER.fullmatch(node):
                    self.say(node, Channel.TOOL_DESCRIPTION, name)
                else:
                    self.add(node, Channel.TOOL_DESCRIPTION, at, name)
            elif isinstance(node, list):
                stack += [(child, f"{at}/{n}", speaks) for n, child in reversed(list(enumerate(node)))]
            elif isinstance(node, dict):
                for key, child in reversed(node.items()):
                    self.say(key, Channel.TOOL_DESCRIPTION, name)
                    if not (key in _KEYS and at.count("/") == 2):
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
        """Take the arguments of a call, as text or as an object; in that, every string, name and number."""
        if isinstance(arguments, str):
            self.add(arguments, Channel.TOOL_ARGUMENTS, at, name)
            return
        for text, where in leaves(arguments, at, frozenset()):
            self.add(text, Channel.TOOL_ARGUMENTS, where, name)
        others = []
        for _, key, child in _fields(arguments):
            others += [spoken(key) or key] if len(key) >= _LONG_NAME or spoken(key) else []
            found = child if isinstance(child, list) else [child]
            others += [
                str(n) for n in found if isinstance(n, int | float) and not -_LONG_NUMBER < n < _LONG_NUMBER
            ]
        self.add("\n".join(others), Channel.TOOL_ARGUMENTS, "", name)

    def _encoded(self, text: str, tool: str, source: str) -> None:
        """Text that was encoded is judged, but cannot be edited there: it has no pointer."""
        if text.strip():
            self.segments.append(Segment(text=text, channel=Channel.DOCUMENT, tool=tool, source=source))


def compact(node: Json) -> str:
    """A value as JSON text."""
    return json.dumps(node, separators=(",", ":"))
