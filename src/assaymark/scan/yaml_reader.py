"""YAML text → plain values with line numbers, whatever the text is.

Built from parser events, not by constructing objects: tags are ignored, keys are strings as written
(so that a workflow's ``on:`` stays ``on``), a repeated key keeps its last value, and dates and
base-60 numbers stay text. Aliases are counted by what they would expand to.
"""

import re
from collections.abc import Iterator
from typing import Any

import yaml
from msgspec import Struct

__all__ = ["Marks", "YamlDocument", "YamlFile", "read_yaml"]

MAX_CHARACTERS = 2_000_000
MAX_DEPTH = 100
MAX_NODES = 200_000
"""Values in one file, with every alias counted as often as what it stands for."""
MAX_DOCUMENTS = 1_000

_CORE = {"": None, "~": None, "null": None, "true": True, "false": False}
_CORE |= {"yes": True, "no": False, "on": True, "off": False}
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})\Z")
_FLOAT = re.compile(r"[-+]?(?:[0-9]{1,18}\.[0-9]{0,18}|\.[0-9]{1,18})(?:[eE][-+]?[0-9]{1,3})?\Z")
_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Marks:
    """Lines of a value and of what is inside it; aliases share their target's."""

    __slots__ = ("children", "line", "weight")

    def __init__(self, line: int) -> None:
        self.line = line
        self.children: dict[str | int, Marks] = {}
        self.weight = 1


class YamlDocument(Struct, frozen=True):
    """One document of a YAML file."""

    value: Any
    """dict with string keys, list, str, int, float, bool or None, nested."""
    marks: Marks

    def line(self, *path: str | int) -> int:
        """The line, from 1, of the key or item at `path`, or of the nearest thing above it."""
        marks = self.marks
        for step in path:
            if step not in marks.children:
                break
            marks = marks.children[step]
        return marks.line


class YamlFile(Struct, frozen=True):
    """All documents that could be read, and what stopped the reading if anything did."""

    documents: tuple[YamlDocument, ...]
    problem: str = ""
    """Empty if the text was read to its end; else what was wrong and where, or the bound that was hit."""


class _BoundError(ValueError):
    """A bound on depth, size or expansion was hit."""


class _Frame:
    """A collection that is being filled."""

    __slots__ = ("anchor", "key", "key_line", "marks", "merges", "value")

    def __init__(self, value: dict[str, Any] | list[Any], line: int, anchor: str | None) -> None:
        self.value = value
        self.marks = Marks(line)
        self.anchor = anchor
        self.key: str | None = None
        self.key_line = 0
        self.merges: list[tuple[Any, Marks]] = []


class _Builder:
    """Events in, documents out; a stack instead of recursion, so depth cannot overflow."""

    def __init__(self) -> None:
        self.frames: list[_Frame] = []
        self.anchors: dict[str, tuple[Any, Marks]] = {}
        self.root: tuple[Any, Marks] = (None, Marks(1))
        self.nodes = 0

    def feed(self, event: Any) -> YamlDocument | None:
        """Take one event; a document when it is complete."""
        match event:
            case yaml.ScalarEvent():
                self._scalar(event)
            case yaml.MappingStartEvent():
                self._open({}, event)
            case yaml.SequenceStartEvent():
                self._open([], event)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._close()
            case yaml.AliasEvent():
                self._alias(event)
            case yaml.DocumentEndEvent():
                return self._finish()
        return None

    def _scalar(self, event: Any) -> None:
        line = event.start_mark.line + 1
        frame = self.frames[-1] if self.frames else None
        if frame is not None and frame.key is None and isinstance(frame.value, dict):
            frame.key, frame.key_line = event.value, line
            return
        marks = Marks(line)
        value = _plain(event.value) if not event.style and event.implicit[0] else event.value
        if event.anchor:
            self.anchors[event.anchor] = (value, marks)
        self._place(value, marks)

    def _open(self, value: dict[str, Any] | list[Any], event: Any) -> None:
        if len(self.frames) >= MAX_DEPTH:
            raise _BoundError(f"nested deeper than {MAX_DEPTH} levels at line {event.start_mark.line + 1}")
        self.frames.append(_Frame(value, event.start_mark.line + 1, event.anchor))

    def _close(self) -> None:
        frame = self.frames.pop()
        self.nodes += _merge(frame, MAX_NODES - self.nodes)
        if frame.anchor:
            self.anchors[frame.anchor] = (frame.value, frame.marks)
        self._place(frame.value, frame.marks)

    def _alias(self, event: Any) -> None:
        value, target = self.anchors.get(event.anchor, (None, Marks(0)))
        marks = Marks(event.start_mark.line + 1)
        marks.children, marks.weight = target.children, target.weight
        self._place(value, marks)

    def _place(self, value: Any, marks: Marks) -> None:
        self.nodes += 1
        if not self.frames:
            self.root = (value, marks)
            return
        frame = self.frames[-1]
        if frame.marks.weight + marks.weight > MAX_NODES or self.nodes > MAX_NODES:
            raise _BoundError(
                f"more than {MAX_NODES:,} values once aliases are expanded, by line {marks.line}"
            )
        if isinstance(frame.value, list):
            frame.marks.children[len(frame.value)] = marks
            frame.value.append(value)
        elif frame.key is None:  # a collection as a key: kept as a place, not as a name
            frame.key, frame.key_line = "?", marks.line
            return
        else:
            self._entry(frame, frame.key, value, marks)
        frame.marks.weight += marks.weight

    def _entry(self, frame: _Frame, key: str, value: Any, marks: Marks) -> None:
        frame.key = None
        if key == "<<":
            frame.merges.append((value, marks))
            return
        marks.line = frame.key_line
        frame.marks.children[key] = marks
        assert isinstance(frame.value, dict)
        frame.value[key] = value

    def _finish(self) -> YamlDocument:
        document = YamlDocument(*self.root)
        self.root, self.anchors = (None, Marks(1)), {}
        return document


def _merge(frame: _Frame, room: int) -> int:
    """Fill in what ``<<`` names, and say how many keys that took; keys in the mapping itself win."""
    taken = 0
    for value, marks in frame.merges:
        assert isinstance(frame.value, dict)
        sources = enumerate(value) if isinstance(value, list) else [(None, value)]
        for index, source in sources:
            inner = marks if index is None else marks.children.get(index, marks)
            for key, item in source.items() if isinstance(source, dict) else ():
                taken += 1
                if key not in frame.value:
                    child = inner.children.get(key, inner)
                    frame.value[key] = item
                    frame.marks.children[key] = child
                    frame.marks.weight += child.weight
                if taken > room or frame.marks.weight > MAX_NODES:
                    raise _BoundError(f"more than {MAX_NODES:,} values once merge keys are expanded")
    return taken


def _plain(text: str) -> Any:
    """The value of an unquoted scalar, by the core rules plus yes/no/on/off."""
    if len(text) <= 5 and text.lower() in _CORE:
        return _CORE[text.lower()]
    if _INTEGER.match(text):
        return int(text)
    return float(text) if _FLOAT.match(text) else text


def _events(text: str) -> Iterator[Any]:
    loader = _PARSER(text)
    try:
        while loader.check_event():
            yield loader.get_event()
    finally:
        loader.dispose()


def read_yaml(text: str) -> YamlFile:
    """Every document in `text`. Total: broken, hostile or oversized text gives a `problem`."""
    if len(text) > MAX_CHARACTERS:
        return YamlFile((), f"longer than {MAX_CHARACTERS:,} characters")
    text = text.removeprefix("\ufeff").encode("utf-8", "replace").decode()
    documents: list[YamlDocument] = []
    builder = _Builder()
    try:
        for event in _events(text):
            document = builder.feed(event)
            if document is not None:
                documents.append(document)
                if len(documents) > MAX_DOCUMENTS:
                    raise _BoundError(f"more than {MAX_DOCUMENTS:,} documents")
    except _BoundError as bound:
        return YamlFile(tuple(documents), str(bound))
    except yaml.MarkedYAMLError as wrong:
        line = wrong.problem_mark.line + 1 if wrong.problem_mark else 0
        return YamlFile(tuple(documents), f"broken syntax at line {line}: {wrong.problem or wrong.context}")
    except (yaml.YAMLError, ValueError) as wrong:
        return YamlFile(tuple(documents), f"not readable as YAML: {str(wrong).splitlines()[0][:200]}")
    return YamlFile(tuple(documents))
