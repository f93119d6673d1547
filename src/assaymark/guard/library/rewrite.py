"""Edits to segments → the value in which the segments stand, with the strings replaced."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from assaymark.guard.core.edits import applied
from assaymark.guard.event import Edit, Segment

__all__ = ["new_texts", "part", "put"]


def new_texts(segments: Sequence[Segment], edits: Iterable[Edit]) -> dict[str, str]:
    """Pointer → new string, for every segment that an edit touches."""
    by_segment: dict[int, list[Edit]] = {}
    for edit in edits:
        by_segment.setdefault(edit.segment, []).append(edit)
    return {
        segments[n].at: applied(segments[n].text, mine) for n, mine in by_segment.items() if segments[n].at
    }


def put(root: Any, texts: Mapping[str, str]) -> Any:
    """A copy of `root` with the strings at the JSON pointers in `texts` replaced; the very same if none.

    Raises:
        KeyError: no such place.
    """
    for pointer, text in texts.items():
        root = _with(root, pointer.split("/")[1:], text, pointer)
    return root


def _with(node: Any, names: Sequence[str], text: str, pointer: str) -> Any:
    if not names:
        return text
    name = names[0].replace("~1", "/").replace("~0", "~")
    if isinstance(node, Mapping) and name in node:
        return {**node, name: _with(node[name], names[1:], text, pointer)}
    if isinstance(node, list | tuple) and name.isdecimal() and int(name) < len(node):
        items = list(node)
        items[int(name)] = _with(items[int(name)], names[1:], text, pointer)
        return items
    raise KeyError(pointer)


def part(text: str, offset: int, edits: Iterable[Edit]) -> str:
    """The part of a longer text that begins at `offset`, with the edits (in the longer one) that touch it.

    An edit that spans several parts leaves its replacement in the first.
    """
    end = offset + len(text)
    mine = [
        replace(
            e,
            start=max(e.start - offset, 0),
            end=min(e.end - offset, len(text)),
            replacement=e.replacement if e.start >= offset else "",
        )
        for e in edits
        if e.start < end and e.end > offset
    ]
    return applied(text, mine)
