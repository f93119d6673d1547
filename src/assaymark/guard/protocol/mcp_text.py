"""The strings of an MCP message, with who speaks in each. What is not known is walked, not passed over."""

import base64
import binascii
import hashlib
import json
from collections.abc import Iterator

from assaymark.guard.event import Channel, Segment
from assaymark.guard.protocol.lossless import Json, escaped
from assaymark.guard.protocol.shape import as_object, as_text

__all__ = ["Texts", "declaration_digest", "strings"]

_OPAQUE = frozenset(
    {
        "$ref",
        "$schema",
        "_meta",
        "createdAt",
        "cursor",
        "elicitationId",
        "format",
        "icons",
        "lastModified",
        "lastUpdatedAt",
        "mimeType",
        "nextCursor",
        "pattern",
        "progressToken",
        "requestState",
        "role",
        "taskId",
        "toolUseId",
        "type",
    }
)
"""Names whose values are ids, types and tokens: looked at only if there is a space in them."""
_ADDRESSES = frozenset({"src", "uri", "uriTemplate", "url", "websiteUrl"})
"""Judged, never edited: a marked address leads nowhere."""
_MEDIA = ("image", "audio")
_LONG_NAME = 40
"""A name of an object longer than this speaks, as does one with a space."""


def strings(root: Json, at: str, everything: bool = False) -> Iterator[tuple[str, str]]:
    """Every string below `root` that a model may read, with its pointer; empty where it cannot be edited.

    With `everything`, names mean nothing: what a model hands to a tool leaves, whatever it is called.
    """
    stack: list[tuple[Json, str, bool]] = [(root, at, False)]
    while stack:
        node, at, opaque = stack.pop()
        if isinstance(node, str):
            if node.strip() and (not opaque or any(c.isspace() for c in node)):
                yield node, at
        elif isinstance(node, list):
            stack += [(child, at and f"{at}/{n}", opaque) for n, child in reversed(list(enumerate(node)))]
        elif isinstance(node, dict):
            media = not everything and node.get("type") in _MEDIA
            for name, child in reversed(node.items()):
                if " " in name or len(name) > _LONG_NAME:
                    stack.append((name, "", False))
                if everything:
                    stack.append((child, at and f"{at}/{escaped(name)}", False))
                elif not (media and name == "data") and name != "blob":
                    place = "" if name in _ADDRESSES or not at else f"{at}/{escaped(name)}"
                    stack.append((child, place, opaque or name in _OPAQUE))


class Texts:
    """Gathers segments in the order of the message, and to which element of a list each belongs."""

    def __init__(self) -> None:
        self.segments: list[Segment] = []
        self.items: list[int] = []

    def walk(
        self, node: Json, channel: Channel, at: str, *, tool: str = "", source: str = "", item: int = -1
    ) -> None:
        """Take every string below `node` that a model may read."""
        for text, where in strings(node, at):
            self._add(Segment(text=text, channel=channel, at=where, tool=tool, source=source), item)

    def leaving(self, node: Json, channel: Channel, at: str, tool: str) -> None:
        """Take every string below `node`, whatever its name."""
        for text, where in strings(node, at, everything=True):
            self._add(Segment(text=text, channel=channel, at=where, tool=tool))

    def blob(self, node: Json, channel: Channel, tool: str = "", source: str = "") -> None:
        """Take the text within a binary resource; it cannot be edited there."""
        contents = as_object(node)
        data = as_text(contents.get("blob"))
        if not data:
            return
        try:
            text = base64.b64decode(data, validate=False).decode("utf-8")
        except (binascii.Error, ValueError):
            return
        if text.strip():
            self._add(Segment(text=text, channel=channel, tool=tool, source=source))

    def _add(self, segment: Segment, item: int = -1) -> None:
        self.segments.append(segment)
        self.items.append(item)


def declaration_digest(tool: Json) -> str:
    """SHA-256 of what a tool says of itself, whatever the order of names; `_meta` is not part of it."""
    plain = {name: value for name, value in as_object(tool).items() if name != "_meta"}
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
