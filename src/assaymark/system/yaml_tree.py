"""YAML text → plain values with the line of each, within bounds and without YAML's surprises.

Built from the parser's events rather than by a constructor, so that nothing is ever instantiated, expanded
or nested without limit: no aliases (and so no YAML bombs), no tags, no duplicate keys, no dates or octal
numbers made of plain text.
"""

import re
from typing import TypeAlias

import yaml
from msgspec import Struct

__all__ = ["MAX_CHARACTERS", "MAX_DEPTH", "MAX_NODES", "Line", "Path", "Problem", "Tree", "read_tree"]

MAX_CHARACTERS = 200_000
MAX_DEPTH = 12
MAX_NODES = 20_000

Value: TypeAlias = "bool | int | str | list[Value] | dict[str, Value] | None"
Path: TypeAlias = tuple[str | int, ...]
"""Keys and indices from the top."""
Line: TypeAlias = int
"""Counted from 1."""

_INTEGER = re.compile(r"^-?[0-9]{1,15}$")


class Problem(Struct, frozen=True, order=True):
    """Something wrong at a line."""

    line: Line
    message: str


class Tree(Struct, frozen=True):
    """What a text holds."""

    value: Value
    lines: dict[Path, Line]
    """Line of each key or item, by path; `()` is the first line."""
    problems: tuple[Problem, ...]
    complete: bool
    """Whether everything was read, so that only the keys given twice are among the problems."""


class _Frame:
    """A mapping or list that is being filled."""

    def __init__(self, container: "list[Value] | dict[str, Value]", path: Path) -> None:
        self.container = container
        self.path = path
        self.key: str | None = None


class _Builder:
    """Fills values from events; stops at the first thing that makes the rest unreliable."""

    def __init__(self) -> None:
        self.value: Value = None
        self.lines: dict[Path, Line] = {}
        self.problems: list[Problem] = []
        self._stack: list[_Frame] = []
        self._nodes = 0
        self._documents = 0

    def take(self, event: yaml.Event, loader: yaml.SafeLoader) -> bool:
        """Work one event in; False means stop."""
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            return self._documents == 1 or self._stop(line, "a second document begins; keep one, without ---")
        if isinstance(event, yaml.CollectionEndEvent):
            self._stack.pop()
            return True
        if not isinstance(event, yaml.NodeEvent):
            return True
        refused = self._refused(event)
        if refused:
            return self._stop(line, refused)
        return self._node(event, line, loader)

    def _refused(self, event: yaml.NodeEvent) -> str:
        self._nodes += 1
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            return "anchors and aliases (& and *) are not used here; write the value out"
        tag = getattr(event, "tag", None)
        if tag is not None:
            return f"tags such as {tag[:40]!r} are not used here; write the plain value"
        if self._nodes > MAX_NODES:
            return f"more than {MAX_NODES:,} values"
        if len(self._stack) >= MAX_DEPTH:
            return f"nested more than {MAX_DEPTH} deep"
        return ""

    def _node(self, event: yaml.NodeEvent, line: Line, loader: yaml.SafeLoader) -> bool:
        top = self._stack[-1] if self._stack else None
        if top is not None and isinstance(top.container, dict) and top.key is None:
            return self._key(top, event, line)
        if isinstance(event, yaml.ScalarEvent):
            self._place(top, _scalar(event, loader), line)
        else:
            empty: list[Value] | dict[str, Value] = {} if isinstance(event, yaml.MappingStartEvent) else []
            self._stack.append(_Frame(empty, self._place(top, empty, line)))
        return True

    def _key(self, top: _Frame, event: yaml.NodeEvent, line: Line) -> bool:
        if not isinstance(event, yaml.ScalarEvent):
            return self._stop(line, "a key has to be plain text")
        top.key = event.value
        path = (*top.path, event.value)
        if path in self.lines:
            self.problems.append(
                Problem(
                    line, f"{event.value[:60]!r} is given twice; it stands on line {self.lines[path]} already"
                )
            )
        self.lines.setdefault(path, line)
        return True

    def _place(self, top: _Frame | None, value: Value, line: Line) -> Path:
        if top is None:
            self.value = value
            self.lines[()] = line
            return ()
        if isinstance(top.container, list):
            top.container.append(value)
            path: Path = (*top.path, len(top.container) - 1)
            self.lines[path] = line
            return path
        key, top.key = top.key or "", None
        top.container[key] = value
        return (*top.path, key)

    def _stop(self, line: Line, message: str) -> bool:
        self.problems.append(Problem(line, message))
        return False


def read_tree(text: str) -> Tree:
    """Parse `text`; whatever is wrong is among the problems, never an exception."""
    if len(text) > MAX_CHARACTERS:
        return Tree(None, {}, (Problem(1, f"longer than {MAX_CHARACTERS:,} characters"),), False)
    builder = _Builder()
    complete = False
    try:
        loader = yaml.SafeLoader(text)
        while loader.check_event():
            if not builder.take(loader.get_event(), loader):  # type: ignore[no-untyped-call]
                break
        else:
            complete = True
    except yaml.reader.ReaderError as error:
        builder.problems.append(Problem(_line_of(text, error.position), _unreadable(error)))
    except yaml.MarkedYAMLError as error:
        builder.problems.append(_marked(error))
    return Tree(builder.value, builder.lines, tuple(builder.problems), complete)


def _scalar(event: yaml.ScalarEvent, loader: yaml.SafeLoader) -> Value:
    text: str = event.value
    tag: str = loader.resolve(yaml.ScalarNode, text, event.implicit)  # type: ignore[no-untyped-call]
    kind = tag.rpartition(":")[2]
    if kind == "null":
        return None
    if kind == "bool":
        return text.casefold() in ("true", "yes", "on")
    if kind == "int" and _INTEGER.match(text):
        return int(text)
    return text


def _line_of(text: str, position: int) -> Line:
    return text.count("\n", 0, position) + 1


def _unreadable(error: yaml.reader.ReaderError) -> str:
    return f"a character that YAML does not allow (U+{_code(error.character):04X}); remove it"


def _code(character: "int | str | bytes") -> int:
    return character if isinstance(character, int) else ord(character)


def _marked(error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 1
    what = error.problem or "not readable as YAML"
    if "'\\t'" in what:
        what = "a tab; indent with spaces"
    elif "mapping values are not allowed" in what:
        what = "a colon where none is expected; put text that holds ': ' in quotes, and check the indentation"
    return Problem(line, what)
