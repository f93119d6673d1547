"""Expressions of a template by which rendering would leave the template: attribute walks, calls, includes."""

import re
from collections.abc import Iterator, Mapping

from jinja2 import nodes

from assaymark.inspection import Level
from assaymark.scan.template.names import is_dunder, leaves_sandbox, listed
from assaymark.scan.template.parse import subtree
from assaymark.scan.template.values import Values, fold, spelled

__all__ = ["escapes"]

Found = tuple[str, Level, str, str]
"""Rule, level, subject, message."""
_ATTRIBUTE_FILTERS = {
    "map": -1, "selectattr": 0, "rejectattr": 0, "groupby": 0, "sum": 0, "join": 1, "sort": 2, "unique": 1,
    "min": 1, "max": 1,
}  # fmt: skip
"""Filters that take the name of an attribute, and its place among their positional arguments."""
_FIELD = re.compile(r"\{[^{}]{0,200}[.\[][^{}]{0,200}\}")
_INSIDE = frozenset({
    "base", "bases", "builtins", "class", "closure", "code", "dict", "func", "getattr", "getattribute",
    "globals", "import", "init", "loader", "mro", "reduce", "reduce_ex", "self", "spec", "subclasses",
})  # fmt: skip
"""Attributes of Python's own that no text of a chat holds as a whole, their underscores aside."""
MAX_REPEAT = 1_000_000
"""Repetitions by a literal number that no chat template needs."""
MAX_POWER = 64
MAX_NESTED = 10_000_000
"""Repetitions of loops in loops together."""


def escapes(template: nodes.Template, known: Mapping[str, Values]) -> Iterator[tuple[nodes.Node, Found]]:
    """Every node that reaches for more than the messages, with what it reaches for."""
    everything = subtree(template)
    macros = frozenset(n.name for n in everything if isinstance(n, nodes.Macro))
    own = frozenset(n.name for n in everything if isinstance(n, nodes.Name) and n.ctx != "load")
    look = _Look(known, macros, own, _called(everything))
    for node in everything:
        for found in look.at(node):
            yield node, found
    yield from _endless(template, known)


def _endless(template: nodes.Template, known: Mapping[str, Values]) -> Iterator[tuple[nodes.Node, Found]]:
    """Loops in loops that multiply, and macros that call themselves whatever happens."""
    stack: list[tuple[nodes.Node, int]] = [(template, 1)]
    while stack:
        node, times = stack.pop()
        if isinstance(node, nodes.For):
            times *= _times(node.iter, known)
            if times > MAX_NESTED:
                yield node, _large("loops in loops")
                continue
        elif isinstance(node, nodes.Macro) and _calls_itself(node):
            yield node, _large(f"{node.name} calls itself")
        stack.extend((child, times) for child in node.iter_child_nodes())


def _times(node: nodes.Node, known: Mapping[str, Values]) -> int:
    match node:
        case nodes.Call(node=nodes.Name(name="range"), args=args):
            sizes = [abs(v) for a in args for v in fold(a, known) if isinstance(v, int)]
            return max(1, min(max(sizes, default=1), MAX_REPEAT))
    return 1


def _calls_itself(macro: nodes.Macro) -> bool:
    stack: list[nodes.Node] = list(macro.body)
    while stack:
        node = stack.pop()
        match node:
            case nodes.Call(node=nodes.Name(name=name)) if name == macro.name:
                return True
            case nodes.If() | nodes.For() | nodes.CondExpr() | nodes.And() | nodes.Or() | nodes.Macro():
                continue
        stack.extend(node.iter_child_nodes())
    return False


def _called(everything: list[nodes.Node]) -> frozenset[int]:
    """Names that stand where a function may: called, or tested for being there."""
    return frozenset(id(n.node) for n in everything if isinstance(n, nodes.Call | nodes.Test))


class _Look:
    def __init__(
        self, known: Mapping[str, Values], macros: frozenset[str], own: frozenset[str], called: frozenset[int]
    ) -> None:
        self._known = known
        self._macros = macros
        self._own = own
        self._called = called

    def at(self, node: nodes.Node) -> Iterator[Found]:
        """What one node reaches for."""
        match node:
            case nodes.Include() | nodes.Import() | nodes.FromImport() | nodes.Extends():
                kind = type(node).__name__.lower()
                subject = spelled(node.template)
                yield _found(
                    "template-include",
                    Level.DANGEROUS,
                    subject,
                    f"It loads another template ({kind} {subject}).",
                )
            case nodes.Getattr():
                yield from self._attribute(node.attr, spelled(node))
            case nodes.Getitem():
                yield from self._item(node)
            case nodes.Filter():
                yield from self._filter(node)
            case nodes.Call():
                yield from self._call(node)
            case nodes.Name(ctx="load"):
                yield from self._name(node)
            case nodes.Mul() | nodes.Pow():
                yield from self._repeat(node)
            case nodes.Const(value=str(text)) if text.strip("_").lower() in _INSIDE and is_dunder(text):
                # kept somewhere and read as a name later, by a way that is not followed
                message = f"It holds the name of an attribute by which values lead to Python: {text!r}."
                yield _found("template-escape", Level.DANGEROUS, text, message)

    def _attribute(self, name: str, path: str) -> Iterator[Found]:
        if leaves_sandbox(name):
            yield _found(
                "template-escape", Level.DANGEROUS, path, f"It walks from a value to Python itself: {path}."
            )
        elif name.startswith("_"):
            yield _found("template-escape", Level.UNKNOWN, path, f"It reads a private attribute: {path}.")

    def _item(self, node: nodes.Getitem) -> Iterator[Found]:
        options = [v for v in fold(node.arg, self._known) if isinstance(v, str)]
        path = spelled(node)
        for name in options:
            if leaves_sandbox(name):
                target = f"{spelled(node.node)}[{name!r}]"
                message = f"It walks from a value to Python itself: {target}."
                yield _found("template-escape", Level.DANGEROUS, target, message)
        if not options and _is_built(node.arg):
            yield self._computed(node.arg, path)

    def _computed(self, argument: nodes.Node, path: str) -> Found:
        """A name that is put together and that cannot be told; worse if its parts are those of a dunder."""
        parts = [
            c.value for c in subtree(argument) if isinstance(c, nodes.Const) and isinstance(c.value, str)
        ]
        bad = any(piece in part.lower() for part in parts for piece in listed("pieces"))
        level = Level.DANGEROUS if bad else Level.UNKNOWN
        return _found(
            "template-computed-name", level, path, f"It computes the name of what it reads: {path}."
        )

    def _filter(self, node: nodes.Filter) -> Iterator[Found]:
        name = node.name
        if name == "attr":
            yield from self._attr_filter(node)
        elif name not in listed("filters"):
            yield _found(
                "template-call", Level.UNKNOWN, f"|{name}", f"It applies a filter that is on no list: {name}."
            )
        if name in ("map", "select", "reject", "selectattr", "rejectattr") and node.args:
            yield from self._mapped(node)
        if name in _ATTRIBUTE_FILTERS:
            yield from self._attribute_argument(node)
        if name == "format":
            yield from self._format(node.node, spelled(node))

    def _attr_filter(self, node: nodes.Filter) -> Iterator[Found]:
        options = fold(node.args[0] if node.args else None, self._known)
        path = spelled(node)
        if not options:
            yield _found(
                "template-computed-name",
                Level.DANGEROUS,
                path,
                f"It reads an attribute whose name it computes: {path}.",
            )
        for name in options:
            yield from self._attribute(str(name), f"{spelled(node.node)}|attr({name!r})")

    def _mapped(self, node: nodes.Filter) -> Iterator[Found]:
        """`map('attr', '__class__')`: the filter to apply, and its argument, are given as strings."""
        for name in fold(node.args[0], self._known):
            if name == "attr":
                inner = nodes.Filter(node.node, "attr", node.args[1:], [], None, None)
                yield from self._attr_filter(inner)

    def _attribute_argument(self, node: nodes.Filter) -> Iterator[Found]:
        place = _ATTRIBUTE_FILTERS[node.name]
        given = [k.value for k in node.kwargs if k.key == "attribute"]
        if 0 <= place < len(node.args):
            given.append(node.args[place])
        for argument in given:
            for name in fold(argument, self._known):
                for step in str(name).split("."):
                    yield from self._attribute(step, f"{spelled(node.node)}|{node.name}({name!r})")
            if _is_built(argument) and not fold(argument, self._known):
                yield self._computed(argument, spelled(node))

    def _call(self, node: nodes.Call) -> Iterator[Found]:
        for pair in node.kwargs:
            if is_dunder(pair.key):
                yield _found(
                    "template-escape",
                    Level.DANGEROUS,
                    pair.key,
                    f"It spells {pair.key} as an argument's name.",
                )
        match node.node:
            case nodes.Name(name=name):
                yield from self._function(name, node)
            case nodes.Getattr(attr=name, node=inner):
                yield from self._method(name, node, inner)
            case nodes.Getitem() as item:
                options = [v for v in fold(item.arg, self._known) if isinstance(v, str)]
                for name in options:
                    yield from self._method(name, node, item.node)
                if not options:
                    yield _unlisted(spelled(node))
            case _:
                yield _unlisted(spelled(node))

    def _function(self, name: str, node: nodes.Call) -> Iterator[Found]:
        if name in listed("calls"):
            yield _dangerous_call(spelled(node))
        elif name in listed("objects"):
            yield _found(
                "template-object", Level.DANGEROUS, name, f"It calls {name}, which no chat template needs."
            )
        elif name not in listed("functions") and name not in self._macros:
            yield _unlisted(spelled(node))
        if name == "range":
            sizes = [v for a in node.args for v in fold(a, self._known) if isinstance(v, int)]
            if any(abs(v) > MAX_REPEAT for v in sizes):
                yield _large(spelled(node))

    def _method(self, name: str, node: nodes.Call, inner: nodes.Node) -> Iterator[Found]:
        if name in listed("calls"):
            yield _dangerous_call(spelled(node))
        elif name not in listed("methods") and name not in self._macros and not leaves_sandbox(name):
            yield _unlisted(spelled(node))
        if name in ("format", "format_map"):
            yield from self._format(inner, spelled(node))

    def _format(self, text: nodes.Node | None, path: str) -> Iterator[Found]:
        """`'{0.__class__}'.format(x)` walks attributes by itself."""
        for value in fold(text, self._known):
            for field in _FIELD.finditer(str(value)):
                if "_" in field[0]:
                    message = f"A format string walks to Python itself: {field[0][:80]}."
                    yield _found("template-escape", Level.DANGEROUS, path, message)

    def _name(self, node: nodes.Name) -> Iterator[Found]:
        name = node.name
        if is_dunder(name):
            yield _found("template-escape", Level.DANGEROUS, name, f"It reads {name}.")
        elif name == "lipsum":
            yield _found(
                "template-object", Level.DANGEROUS, name, "It uses lipsum, a way from a template to Python."
            )
        elif name in listed("objects") and id(node) not in self._called and name not in self._own:
            message = f"It reads {name}, an object of the renderer that chat templates do not use."
            yield _found("template-object", Level.UNKNOWN, name, message)
        elif (
            name in ("cycler", "joiner", "raise_exception", "namespace", "range")
            and id(node) not in self._called
        ):
            yield _found("template-object", Level.UNKNOWN, name, f"It uses the function {name} as a value.")

    def _repeat(self, node: nodes.Mul | nodes.Pow) -> Iterator[Found]:
        sides = [*fold(node.left, self._known), *fold(node.right, self._known)]
        numbers = [abs(v) for v in sides if isinstance(v, int)]
        most = MAX_POWER if isinstance(node, nodes.Pow) else MAX_REPEAT
        tower = isinstance(node, nodes.Pow) and isinstance(node.left, nodes.Pow)
        if tower or max(numbers, default=0) > most:
            yield _large(spelled(node))


def _found(rule: str, level: Level, subject: str, message: str) -> Found:
    return rule, level, subject, message


def _unlisted(path: str) -> Found:
    return _found("template-call", Level.UNKNOWN, path, f"It calls what is on no list: {path}.")


def _dangerous_call(path: str) -> Found:
    return _found("template-escape", Level.DANGEROUS, path, f"It calls what runs or loads code: {path}.")


def _large(path: str) -> Found:
    message = f"Rendering it would take very long or very much memory: {path}."
    return _found("template-large-loop", Level.UNKNOWN, path, message)


def _is_built(node: nodes.Node) -> bool:
    """Whether an expression puts a string together, rather than naming a variable or counting."""
    match node:
        case nodes.Concat():
            return True
        case nodes.Add() | nodes.Mod() | nodes.Mul():
            return any(isinstance(n, nodes.Const) and isinstance(n.value, str) for n in subtree(node))
        case nodes.Filter(name=name):
            return name in listed("shapers")
        case nodes.Call(node=nodes.Getattr(attr=name)):
            return name in listed("shapers")
        case nodes.CondExpr():
            return _is_built(node.expr1) or (node.expr2 is not None and _is_built(node.expr2))
    return False
