"""A syntax tree → the module's model: what it imports, binds, defines and calls. One walk, no recursion."""

import re
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["Attempt", "Binding", "Call", "Function", "Module", "line_of", "required", "text", "unwrap"]


class Binding(Struct):
    """A name and what it is given; `path` is the property taken from it by destructuring."""

    value: "Node"
    path: str = ""


class Function(Struct, eq=False):
    """A function, method or arrow function; the module itself is one without a node."""

    name: str
    node: "Node | None"
    parent: "Function | None"
    parameters: tuple[str, ...]
    exported: bool = False
    bindings: dict[str, list[Binding]] = {}
    calls: "list[Call]" = []
    inner: "list[Function]" = []

    @property
    def qualified(self) -> str:
        """Dotted name with the named functions around it."""
        names: list[str] = []
        here: Function | None = self
        while here is not None and here.node is not None:
            if here.name:
                names.append(here.name)
            here = here.parent
        return ".".join(reversed(names[:5]))


class Call(Struct, eq=False):
    """A call, `new` expression or tagged template."""

    node: "Node"
    function: Function
    target: "Node"
    arguments: "tuple[Node, ...]"
    new: bool = False
    tagged: bool = False
    attempted: bool = False
    """It stands in a try block."""
    name: str = ""
    """Name under which the result is kept: a variable, property or field."""

    @property
    def line(self) -> int:
        """1-based line."""
        return line_of(self.node)


class Attempt(Struct, eq=False):
    """A try statement."""

    node: "Node"
    function: Function


class Module(Struct, eq=False):
    """What the walk gathered."""

    path: str
    source: bytes
    top: Function
    imports: dict[str, str] = {}
    """Local name → `specifier::exported name` (nothing after `::` for a default or namespace)."""
    import_lines: dict[str, int] = {}
    """Specifier → line."""
    functions: list[Function] = []
    by_node: dict[int, Function] = {}
    calls: list[Call] = []
    fields: dict[str, Binding] = {}
    """`this.name` → value."""
    attempts: list[Attempt] = []
    assignments: "list[tuple[Node, Node, Function]]" = []
    """Target, value, function."""
    objects: "list[tuple[Node, Function, str]]" = []
    """Object literals, with the name they are kept under."""
    attributes: "list[tuple[Node, Function]]" = []
    """JSX attributes."""
    names: dict[str, int] = {}
    """Identifier → how often it occurs."""
    exports: dict[str, int] = {}
    """Exported names → line."""
    errors: int = 0
    """Bytes in ERROR nodes."""
    cut: str = ""
    """The bound that ended the walk early."""

    def named(self, name: str) -> Function | None:
        """The first function of that name."""
        return next((f for f in self.functions if f.name == name), None)


_DYNAMIC_IMPORT = re.compile(r"^(?:await\s+)?(?:require|import)\(\s*['\"]([^'\"]{1,200})['\"]\s*\)$")
WRAPPERS = frozenset(
    {
        "await_expression",
        "parenthesized_expression",
        "as_expression",
        "satisfies_expression",
        "non_null_expression",
        "spread_element",
        "type_assertion",
    }
)


def text(node: "Node | None", limit: int = 2_000) -> str:
    """Source text of `node`, at most `limit` characters; empty for None."""
    raw = node.text if node is not None else None
    return raw[: limit * 4].decode("utf-8", "replace")[:limit] if raw else ""


def line_of(node: "Node") -> int:
    """1-based line on which `node` starts."""
    return int(node.start_point[0]) + 1


def unwrap(node: "Node | None") -> "Node | None":
    """The expression inside await, parentheses, casts and spreads."""
    for _ in range(20):
        if node is None or node.type not in WRAPPERS or not node.named_children:
            return node
        node = node.named_children[0]
    return node


def required(node: "Node | None") -> str:
    """The specifier in `require("x")` or `await import("x")`; empty for anything else."""
    if node is None or node.end_byte - node.start_byte > 240:
        return ""
    found = _DYNAMIC_IMPORT.match(text(node))
    return found.group(1) if found else ""
