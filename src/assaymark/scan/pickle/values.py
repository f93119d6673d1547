"""What the machine knows of the objects that loading would make: short literals, and shapes of the rest.

Literals (`None`, `bool`, `int`, `float`, `str`, `bytes`) stand for themselves. Everything else is one of the
classes below; they are plain slotted classes because one is made for each object of the stream, and because
Python takes chains of them apart without recursion.
"""

from collections.abc import Iterator
from typing import Any

__all__ = [
    "Box", "Computed", "Imported", "Made", "Opaque", "Persistent", "Run", "Value", "kind_of", "walk",
]  # fmt: skip

Value = Any
"""A literal or one of the classes of this module."""

SAMPLE = 128
"""Items of one container that are kept."""
DEPTH = 64
"""Containers in containers that are kept; what is deeper is `Opaque`."""


class Opaque:
    """A literal too long to keep, or one that need not be known."""

    __slots__ = ("head", "kind", "length", "offset")

    def __init__(self, kind: str, length: int, offset: int = -1, head: bytes = b"") -> None:
        self.kind = kind
        """`str`, `bytes`, `bytearray`, `int`, `float`, `buffer`, `nested`."""
        self.length = length
        self.offset = offset
        """Where its bytes begin in the blob; -1 if they are not there as they are."""
        self.head = head


class Run:
    """Consecutive scalars on the stack, as one item; `start:end` of the blob are their opcodes."""

    __slots__ = ("end", "kinds", "start")

    def __init__(self, start: int, end: int, kinds: frozenset[str]) -> None:
        self.start = start
        self.end = end
        self.kinds = kinds


class Box:
    """A list, tuple, set, frozenset or dict that the stream builds."""

    __slots__ = ("count", "depth", "items", "kind", "kinds")

    def __init__(self, kind: str, items: list[Value], count: int | None = None) -> None:
        self.kind = kind
        self.items = items
        """The first items; keys and values in turn for a dict."""
        self.count = len(items) if count is None else count
        """All items, where that is known exactly; at least as many otherwise."""
        self.kinds: set[str] = set()
        """Kinds of the items that are not kept."""
        self.depth = 1

    @property
    def whole(self) -> bool:
        """Whether every item is kept."""
        return not self.kinds and self.count == len(self.items)


class Imported:
    """What importing a module and looking up a name in it gives."""

    __slots__ = ("full", "module", "name", "offset")

    def __init__(self, module: str, name: str, offset: int) -> None:
        self.module = module
        self.name = name
        self.full = f"{module}.{name}"
        self.offset = offset


class Made:
    """The result of a call."""

    __slots__ = ("args", "function", "how", "keywords", "offset", "standing", "state")

    def __init__(self, function: Value, args: Value, keywords: Value, how: str, offset: int) -> None:
        self.function = function
        self.args = args
        self.keywords = keywords
        self.how = how
        """The opcode: REDUCE, NEWOBJ, NEWOBJ_EX, OBJ, INST."""
        self.offset = offset
        self.standing = ""
        """What the judge said of the call: safe, unknown, dangerous."""
        self.state: Value = None
        """What the last BUILD gave it."""


class Persistent:
    """What the loading program makes of a persistent id."""

    __slots__ = ("id", "offset")

    def __init__(self, persistent_id: Value, offset: int) -> None:
        self.id = persistent_id
        self.offset = offset


class Computed:
    """Something that cannot be told without running: a name that was computed, an entry of a full memo."""

    __slots__ = ("offset", "why")

    def __init__(self, why: str, offset: int) -> None:
        self.why = why
        self.offset = offset


_LITERALS = {type(None): "none", bool: "bool", int: "int", float: "float", str: "str", bytes: "bytes"}
_CLASSES = {Imported: "imported", Made: "made", Persistent: "persistent", Computed: "computed", Run: "run"}


def kind_of(value: Value) -> str:
    """One word for what a value is."""
    found = _LITERALS.get(type(value)) or _CLASSES.get(type(value))
    return found or str(value.kind)


def walk(value: Value, limit: int = 2000) -> Iterator[Value]:
    """A value and what it holds, at any depth, as far as it is kept; ends with a `Computed` at the limit."""
    waiting = [value]
    seen: set[int] = set()
    while waiting:
        found = waiting.pop()
        if isinstance(found, Box):
            if id(found) in seen:
                continue
            seen.add(id(found))
            waiting.extend(found.items)
        limit -= 1
        if limit < 0:
            yield Computed("more values than are followed", -1)
            return
        yield found
