"""One parsed Python file: scopes, calls with resolved names, assignments, and the questions put to them.

Everything that extractors ask is answered from here, so that a file's tree is walked a single time.
Nothing is imported or executed; names are resolved by what the file itself says.
"""

import ast
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from assaymark.observation import Location

__all__ = ["Call", "Module", "Scope"]

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_FOLLOW = 6
"""How many assignments a name is followed through."""


@dataclass(slots=True, eq=False)
class Call:
    """A call, with the dotted name it resolves to."""

    node: ast.Call
    scope: "Scope"
    tried: bool
    """It stands in the body of a `try` that has handlers."""
    name: str = ""
    """`openai.OpenAI().chat.completions.create`; `()` stands where a call gave the object."""
    last: str = ""
    """The last component of the name."""

    @property
    def line(self) -> int:
        """First line."""
        return self.node.lineno

    def kw(self, *names: str) -> ast.expr | None:
        """The value of the first of these keywords that is given."""
        for keyword in self.node.keywords:
            if keyword.arg in names:
                return keyword.value
        return None

    def arg(self, position: int, *names: str) -> ast.expr | None:
        """The argument at `position`, or by keyword."""
        args = self.node.args
        if position < len(args) and not isinstance(args[position], ast.Starred):
            return args[position]
        return self.kw(*names)

    @property
    def splat(self) -> bool:
        """Whether keywords are passed on unseen (`**options`)."""
        return any(k.arg is None for k in self.node.keywords)

    def values(self) -> Iterator[ast.expr]:
        """All arguments, by position and keyword."""
        yield from self.node.args
        for keyword in self.node.keywords:
            yield keyword.value


@dataclass(slots=True, eq=False)
class Scope:
    """A module, class or function body."""

    name: str
    qualname: str
    node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    parent: "Scope | None" = None
    params: dict[str, ast.expr | None] = field(default_factory=dict)
    """Parameter → annotation."""
    defaults: list[ast.expr] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    assigns: dict[str, list[ast.expr]] = field(default_factory=dict)
    returns: list[ast.expr] = field(default_factory=list)
    tests: list[ast.expr] = field(default_factory=list)
    """Conditions of if, while, assert and comprehensions."""
    raises: list[ast.Raise] = field(default_factory=list)
    tries: list[ast.Try] = field(default_factory=list)
    notes: dict[str, Any] = field(default_factory=dict)
    """What extractors worked out about it once."""

    @property
    def is_function(self) -> bool:
        """Whether it is a function or method."""
        return isinstance(self.node, _FUNCTIONS)

    @property
    def line(self) -> int:
        """First line; 1 for the module."""
        return getattr(self.node, "lineno", 1)

    @property
    def decorators(self) -> list[ast.expr]:
        """Decorators as written; none for the module."""
        return getattr(self.node, "decorator_list", [])

    @property
    def doc(self) -> str:
        """Docstring, or nothing."""
        body = self.node.body
        if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
            return body[0].value.value if isinstance(body[0].value.value, str) else ""
        return ""

    def up(self) -> "Iterator[Scope]":
        """Itself and the scopes around it, innermost first."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent


class Module:
    """A parsed file and the questions extractors put to it."""

    def __init__(self, path: str, tree: ast.Module, cells: tuple[int, ...] = ()) -> None:
        self.path = path
        self.cells = cells
        self.root = Scope("", "", tree)
        self.imports: dict[str, str] = {}
        self.import_lines: dict[str, int] = {}
        self.functions: list[Scope] = []
        self.classes: list[Scope] = []
        self.calls: list[Call] = []
        self.self_attributes: dict[str, list[ast.expr]] = {}
        self.item_assigns: list[tuple[ast.Subscript, ast.expr, Scope]] = []
        self.attribute_assigns: list[tuple[ast.Attribute, ast.expr, Scope]] = []
        self.dicts: list[tuple[ast.Dict, Scope]] = []
        self.references: Counter[str] = Counter()
        self.by_last: dict[str, list[Call]] = {}
        self.by_full: dict[str, list[Call]] = {}
        self.by_name: dict[str, Scope] = {}
        self.notes: dict[str, Any] = {}

    @property
    def scopes(self) -> Iterator[Scope]:
        """The module, then its classes, then its functions."""
        yield self.root
        yield from self.classes
        yield from self.functions

    def at(self, node: ast.AST | Call | Scope | int) -> Location:
        """The place of a node, call, scope or line."""
        return Location(self.path, node if isinstance(node, int) else getattr(node, "lineno", 0) or node.line)  # type: ignore[union-attr]

    def where(self, scope: Scope, line: int = 0) -> str:
        """Dotted name of the enclosing function; the cell for top-level code of a notebook."""
        if scope.qualname or not self.cells:
            return scope.qualname
        return f"cell {sum(1 for start in self.cells if start <= line)}"

    def uses(self, *roots: str) -> bool:
        """Whether the file imports any of these packages or modules."""
        return any(full == r or full.startswith(r + ".") for full in self.imports.values() for r in roots)

    def ending(self, *lasts: str) -> Iterator[Call]:
        """Calls whose name ends in one of these components."""
        for last in lasts:
            yield from self.by_last.get(last, ())

    def named(self, names: Iterable[str]) -> Iterator[Call]:
        """Calls with exactly one of these dotted names."""
        for name in names:
            yield from self.by_full.get(name, ())

    def dotted(self, node: ast.AST, scope: Scope, depth: int = 0) -> str:
        """Resolve a name, attribute chain or call to a dotted name; `?` where it starts with neither."""
        parts: list[str] = []
        while True:
            kind = type(node)
            if kind is ast.Attribute:
                parts.append(node.attr)  # type: ignore[attr-defined]
                node = node.value  # type: ignore[attr-defined]
            elif kind is ast.Name:
                name: str = node.id  # type: ignore[attr-defined]
                if parts and name in ("self", "cls") and depth < _FOLLOW:
                    base = self._attribute(parts.pop(), depth)
                else:
                    base = self._resolve(name, scope, depth)
                break
            elif kind is ast.Call:
                base = self._made_by(node.func, scope, depth) if depth < _FOLLOW else "?()"  # type: ignore[attr-defined]
                break
            elif kind is ast.Await or kind is ast.Subscript:
                node = node.value  # type: ignore[attr-defined]
            elif kind is ast.BinOp and depth < _FOLLOW:
                base = self._composed(node, scope, depth)  # type: ignore[arg-type]
                break
            else:
                base = "?"
                break
        if not parts:
            return base
        parts.append(base)
        parts.reverse()
        return ".".join(parts)

    def _made_by(self, function: ast.expr, scope: Scope, depth: int) -> str:
        """What a call gives: what the file's own function returns, or `callee()`."""
        name = self.dotted(function, scope, depth + 1)
        own = self.by_name.get(name) if "." not in name else None
        if own is not None and own.returns and isinstance(own.returns[0], ast.Call):
            return self.dotted(own.returns[0], own, depth + 1)
        return f"{name}()"

    def _composed(self, node: ast.BinOp, scope: Scope, depth: int) -> str:
        # `prompt | model | parser` is a chain: what it gives is what its first foreign part is.
        for side in (node.right, node.left):
            name = self.dotted(side, scope, depth + 1)
            if name.startswith("langchain"):
                return "langchain.chain()"
        return "?"

    def _attribute(self, attribute: str, depth: int) -> str:
        for value in self.self_attributes.get(attribute, ())[:3]:
            if isinstance(value, ast.Call | ast.BinOp | ast.Await):
                return self.dotted(value, self.root, depth + 1)
        return f"self.{attribute}"

    def _resolve(self, name: str, scope: Scope, depth: int) -> str:
        for one in scope.up():
            if name in one.params:
                annotation = one.params[name]
                return self._annotated(annotation, scope, depth) or name
            values = one.assigns.get(name)
            if values:
                for value in values[:3]:
                    if depth < _FOLLOW and isinstance(value, ast.Call | ast.BinOp | ast.Await):
                        return self.dotted(value, one, depth + 1)
                    if depth < _FOLLOW and isinstance(value, ast.Attribute):
                        return self.dotted(value, one, depth + 1)
                return self.imports.get(name, name)
        return self.imports.get(name, name)

    def _annotated(self, annotation: ast.expr | None, scope: Scope, depth: int) -> str:
        if depth >= _FOLLOW or not isinstance(annotation, ast.Name | ast.Attribute):
            return ""
        full = self.dotted(annotation, self.root, depth + 1)
        return f"{full}()" if "." in full else ""

    def value_of(self, node: ast.AST, scope: Scope) -> tuple[ast.expr, Scope] | None:
        """The first expression assigned to a name or `self` attribute, and where."""
        if isinstance(node, ast.Name):
            for one in scope.up():
                if node.id in one.params:
                    return None
                if one.assigns.get(node.id):
                    return one.assigns[node.id][0], one
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
            values = self.self_attributes.get(node.attr)
            return (values[0], self.root) if values else None
        return None

    def constant(self, node: ast.AST | None, scope: Scope, depth: int = 0) -> Any:
        """The constant that `node` is, following names; None if it is none."""
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            inner = self.constant(node.operand, scope, depth + 1) if depth < _FOLLOW else None
            return -inner if isinstance(inner, int | float) else None
        if node is None or depth >= _FOLLOW:
            return None
        if isinstance(node, ast.Name | ast.Attribute):
            found = self.value_of(node, scope)
            if found and not self._varies(node, scope):
                return self.constant(found[0], found[1], depth + 1)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left, right = (self.constant(n, scope, depth + 1) for n in (node.left, node.right))
            return left + right if isinstance(left, str) and isinstance(right, str) else None
        return None

    def _varies(self, node: ast.Name | ast.Attribute, scope: Scope) -> bool:
        if isinstance(node, ast.Attribute):
            return len(self.self_attributes.get(node.attr, ())) != 1
        return any(len(one.assigns.get(node.id, ())) > 1 for one in scope.up())

    def text(self, node: ast.AST | None, scope: Scope) -> str:
        """The constant string that `node` is, or nothing."""
        value = self.constant(node, scope)
        return value if isinstance(value, str) else ""

    def target(self, name: str, last: str) -> Scope | None:
        """The function of this file that a call reaches: plain, on `self`, or on an own class."""
        found = self.by_name.get(last)
        if found is None or name in (last, f"self.{last}"):
            return found
        owner = found.parent.name if found.parent is not None else ""
        return found if owner and name == f"{owner}().{last}" else None

    def callees(self, scope: Scope, limit: int = 40) -> list[Scope]:
        """`scope` and the functions of the same file that it reaches by calls, at most `limit`."""
        cached = scope.notes.get("callees")
        if cached is not None:
            return cached  # type: ignore[no-any-return]
        found, queue = [scope], [scope]
        seen = {id(scope)}
        while queue and len(found) < limit:
            for call in queue.pop(0).calls:
                target = self.target(call.name, call.last)
                if target is not None and id(target) not in seen and len(found) < limit:
                    seen.add(id(target))
                    found.append(target)
                    queue.append(target)
        scope.notes["callees"] = found
        return found
