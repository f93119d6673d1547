"""Text that a template shows only when a message says something: the mark of a poisoned template."""

from collections.abc import Iterator, Mapping, Sequence

from jinja2 import nodes
from msgspec import Struct

from assaymark.scan.template.literals import commands, is_marker, prose
from assaymark.scan.template.names import listed
from assaymark.scan.template.parse import Refused, subtree
from assaymark.scan.template.values import Values, fold, spelled

__all__ = ["Conditional", "conditional_texts"]

MAX_GUARDED = 50
MAX_TEXT = 4_000_000
"""Characters of conditional text that are judged altogether; macros can repeat it without end."""


class _Guard(Struct, frozen=True):
    """A question to what a message says, or to the date."""

    words: tuple[str, ...]
    """Literals that are looked for."""
    positive: bool
    """It holds when they are there."""
    shown: str
    """As the template writes it."""
    weight: int
    """Words of text that may stand behind it without being named: fewer for a word than for a marker."""


class Conditional(Struct, frozen=True):
    """Literal text behind a guard."""

    line: int
    condition: str
    text: str
    rewrites: bool = False
    """It is put in place of what the message says."""


def conditional_texts(template: nodes.Template, known: Mapping[str, Values]) -> Iterator[Conditional]:
    """Texts of a few words and more that only show when a message matches a literal."""
    look = _Look(template, known)
    for count, found in enumerate(look.found()):
        if count >= MAX_GUARDED:
            return
        yield found


class _Look:
    def __init__(self, template: nodes.Template, known: Mapping[str, Values]) -> None:
        self._nodes = subtree(template)
        self._known = known
        self._macros = {n.name: n for n in self._nodes if isinstance(n, nodes.Macro)}
        self._left = MAX_TEXT
        self._contents: set[str] = set()
        self._flags: dict[str, _Guard] = {}
        for _ in range(4):
            before = len(self._contents), len(self._flags)
            self._learn()
            if before == (len(self._contents), len(self._flags)):
                break

    def _learn(self) -> None:
        """Variables that hold what a message says, and those that hold whether it matched."""
        for node in self._nodes:
            match node:
                case nodes.Assign(target=target, node=value):
                    name = _target(target)
                    if name and self._is_content(value):
                        self._contents.add(name)
                    elif name and (guard := self._guard(value)) is not None:
                        self._flags.setdefault(name, guard)
                case nodes.For(target=nodes.Name(name=name), iter=values) if self._is_content(values):
                    self._contents.add(name)
                case nodes.If():
                    self._flag_body(node)

    def _flag_body(self, node: nodes.If) -> None:
        guard = self._guard(node.test)
        if guard is None or not guard.positive or guard.weight > _WORDS:
            return
        for inner in node.body:
            for one in subtree(inner):
                if isinstance(one, nodes.Assign) and (name := _target(one.target)):
                    self._flags.setdefault(name, guard)

    def _is_content(self, node: nodes.Node | None, depth: int = 0) -> bool:
        """Whether an expression is what somebody wrote in a message."""
        if depth > 24:
            return False
        match node:
            case nodes.Name(name=name):
                return name in self._contents
            case nodes.Getattr(node=inner, attr=key):
                if isinstance(inner, nodes.Name) and f"{inner.name}.{key}" in self._contents:
                    return True
                return key in listed("contents")
            case nodes.Getitem(node=inner, arg=nodes.Const(value=str() as key)):
                return key in listed("contents")
            case nodes.Getitem(node=inner):
                return self._is_content(inner, depth + 1)
            case nodes.Filter(name=name, node=inner):
                whole = (
                    isinstance(inner, nodes.Name)
                    and inner.name == "messages"
                    and name in ("string", "tojson")
                )
                return name in listed("passing") and (whole or self._is_content(inner, depth + 1))
            case nodes.Call(node=nodes.Getattr(attr=name, node=inner)):
                if name == "get" and node.args and isinstance(node.args[0], nodes.Const):
                    return node.args[0].value in listed("contents")
                return name in listed("passing") and self._is_content(inner, depth + 1)
            case nodes.CondExpr(expr1=a, expr2=b) | nodes.Or(left=a, right=b) | nodes.Add(left=a, right=b):
                return self._is_content(a, depth + 1) or self._is_content(b, depth + 1)
            case nodes.Concat(nodes=parts):
                return any(self._is_content(p, depth + 1) for p in parts[:64])
        return False

    def _is_date(self, node: nodes.Node | None) -> bool:
        return (
            any(isinstance(n, nodes.Name) and n.name == "strftime_now" for n in subtree(node))
            if node
            else False
        )

    def _guard(self, node: nodes.Node | None, depth: int = 0) -> _Guard | None:
        """The question that a test asks, if it asks what a message says."""
        if node is None or depth > 24:
            return None
        match node:
            case nodes.Compare():
                return self._compared(node)
            case nodes.Not(node=inner):
                found = self._guard(inner, depth + 1)
                return None if found is None else _turned(found)
            case nodes.And(left=a, right=b) | nodes.Or(left=a, right=b):
                sides = [g for g in (self._guard(a, depth + 1), self._guard(b, depth + 1)) if g is not None]
                return min(sides, key=lambda g: (not g.positive, g.weight), default=None)
            case nodes.Call(node=nodes.Getattr(attr=name, node=inner)) if name in listed("asking"):
                if self._is_content(inner):
                    return self._looking_for(node.args[:1], positive=True, shown=spelled(node))
            case nodes.Test(name="in", node=inner):
                return self._asked(inner, node.args[0] if node.args else None, "in", spelled(node))
            case nodes.Filter(name="select" | "selectattr" | "reject", args=[*_, last]) if self._is_content(
                node.node
            ):
                return self._looking_for([last], positive=True, shown=spelled(node))
            case nodes.Filter(node=inner) if inner is not None:
                return self._guard(inner, depth + 1)
            case nodes.Name(name=name):
                return self._flags.get(name)
            case nodes.Getattr(node=nodes.Name(name=name), attr=attr):
                return self._flags.get(f"{name}.{attr}")
        return None

    def _compared(self, node: nodes.Compare) -> _Guard | None:
        if len(node.ops) != 1:
            return None
        operation, other = node.ops[0].op, node.ops[0].expr
        name = _read(node.expr)
        if name in self._flags:
            guard = self._flags[name]
            return _turned(guard) if operation == "ne" else guard
        if isinstance(node.expr, nodes.Call | nodes.Filter) and operation in ("gt", "gteq", "ne", "lt", "eq"):
            inner = self._guard(node.expr)
            if inner is not None:
                gone = operation in ("eq", "lt") and any(v in (-1, 0) for v in fold(other, self._known))
                return _turned(inner) if gone else inner
        return self._asked(node.expr, other, operation, spelled(node))

    def _asked(self, left: nodes.Node, right: nodes.Node | None, operation: str, shown: str) -> _Guard | None:
        if right is None or operation not in ("in", "notin", "eq", "ne", "gt", "gteq", "lt", "lteq"):
            return None
        positive = operation not in ("notin", "ne")
        for asked, sought in ((right, left), (left, right)):
            if self._is_content(asked):
                return self._looking_for([sought], positive=positive, shown=shown)
            if self._is_date(asked) and not self._is_date(sought) and fold(sought, self._known):
                return _Guard((spelled(sought),), positive, shown, _WORDS)
        return None

    def _looking_for(self, sought: Sequence[nodes.Node], *, positive: bool, shown: str) -> _Guard | None:
        words: list[str] = []
        for node in sought:
            for value in fold(node, self._known):
                words.extend(
                    str(v) for v in (value if isinstance(value, tuple) else (value,)) if isinstance(v, str)
                )
        words = [w for w in words if w.strip()]
        if not words:
            return None
        marker = all(is_marker(w) for w in words)
        return _Guard(tuple(words), positive, shown, _MARKERS if marker else _WORDS)

    def found(self) -> Iterator[Conditional]:
        """Every text behind a guard, and every rewriting of what a message says."""
        for node in self._nodes:
            match node:
                case nodes.If():
                    yield from self._branch(node)
                case nodes.For(test=test) if test is not None:
                    yield from self._behind(self._guard(test), True, node.body, node.lineno)
                case nodes.CondExpr():
                    guard = self._guard(node.test)
                    yield from self._behind(guard, True, [node.expr1], node.lineno)
                    yield from self._behind(guard, False, [node.expr2] if node.expr2 else [], node.lineno)
                case (
                    nodes.And(left=test, right=shown)
                    | nodes.Mul(left=shown, right=test)
                    | nodes.Mul(left=test, right=shown)
                ):
                    yield from self._behind(self._guard(test), True, [shown], node.lineno)
                case nodes.Getitem(node=table, arg=test) if isinstance(
                    table, nodes.Dict | nodes.List | nodes.Tuple
                ):
                    yield from self._behind(self._guard(test), True, [table], node.lineno)
                case nodes.Filter(name="replace", node=inner, args=[old, new, *_]):
                    yield from self._rewritten(inner, old, new, node.lineno)
                case nodes.Call(node=nodes.Getattr(attr="replace", node=inner), args=[old, new, *_]):
                    yield from self._rewritten(inner, old, new, node.lineno)

    def _branch(self, node: nodes.If) -> Iterator[Conditional]:
        guard = self._guard(node.test)
        yield from self._behind(guard, True, node.body, node.lineno)
        yield from self._behind(guard, False, [*node.elif_, *node.else_], node.lineno)

    def _behind(
        self, guard: _Guard | None, holds: bool, shown: Sequence[nodes.Node], line: int
    ) -> Iterator[Conditional]:
        if guard is None or guard.positive is not holds:
            return
        text = " ".join(t for node in shown for t in self._texts(node) if t not in guard.words).strip()
        self._left -= len(text)
        if self._left < 0:
            raise Refused(f"more than {MAX_TEXT:,} characters of conditional text", bound=True)
        if prose(text) >= guard.weight or commands(text) or "://" in text:
            yield Conditional(line, guard.shown, text)

    def _texts(self, root: nodes.Node) -> Iterator[str]:
        """Literals that showing `root` would put into the prompt, through variables and macros too."""
        stack, seen = [root], set[str]()
        budget = 5_000
        while stack and budget:
            budget -= 1
            node = stack.pop()
            if isinstance(node, nodes.TemplateData):
                yield node.data
            elif isinstance(node, nodes.Const):
                yield node.value if isinstance(node.value, str) else ""
            elif (
                isinstance(node, nodes.Name | nodes.Getattr) and (name := _read(node)) and node.ctx == "load"
            ):
                yield from (v for v in self._known.get(name, ()) if isinstance(v, str))
            macro = self._macros.get(_called(node))
            if macro is not None and macro.name not in seen:
                seen.add(macro.name)
                stack.extend(reversed(macro.body))
            stack.extend(reversed(list(_shown_below(node))))

    def _rewritten(
        self, inner: nodes.Node | None, old: nodes.Expr, new: nodes.Expr, line: int
    ) -> Iterator[Conditional]:
        if not self._is_content(inner):
            return
        olds = [v for v in fold(old, self._known) if isinstance(v, str) and not is_marker(v)]
        news = [v for v in fold(new, self._known) if isinstance(v, str) and any(c.isalpha() for c in v)]
        if olds and news and (len(olds[0].strip()) > 3 or "://" in news[0]):
            yield Conditional(line, f"a message says {olds[0][:80]!r}", news[0], rewrites=True)


_WORDS, _MARKERS = 3, 9
"""Words of text from which on it is named, behind a word or a date and behind a marker of the format."""


def _turned(guard: _Guard) -> _Guard:
    return _Guard(guard.words, not guard.positive, guard.shown, guard.weight)


def _target(node: nodes.Node) -> str:
    match node:
        case nodes.Name(name=name):
            return str(name)
        case nodes.NSRef(name=name, attr=attr):
            return f"{name}.{attr}"
    return ""


def _read(node: nodes.Node) -> str:
    match node:
        case nodes.Name(name=name):
            return str(name)
        case nodes.Getattr(node=nodes.Name(name=name), attr=attr):
            return f"{name}.{attr}"
    return ""


def _called(node: nodes.Node) -> str:
    match node:
        case nodes.Call(node=nodes.Name(name=name)):
            return str(name)
    return ""


def _shown_below(node: nodes.Node) -> Iterator[nodes.Node]:
    """Children that may be shown: no tests, no keys, no arguments that are only looked for."""
    match node:
        case nodes.Compare() | nodes.Test():
            return
        case nodes.If():
            yield from (*node.body, *node.elif_, *node.else_)
        case nodes.CondExpr():
            yield from (n for n in (node.expr1, node.expr2) if n is not None)
        case nodes.Getitem():
            yield node.node
        case nodes.For():
            yield from (*node.body, *node.else_)
        case nodes.Call(node=nodes.Name(name="raise_exception" | "strftime_now" | "range")):
            return
        case nodes.Call(node=nodes.Getattr(attr=name)) if name in listed("sought"):
            yield node.node
        case nodes.Filter(name="replace", node=inner, args=args):
            yield from (n for n in (inner, *args[1:2]) if n is not None)
        case nodes.Filter(node=inner) if inner is not None and node.name not in ("default", "d", "join"):
            yield inner
        case nodes.Assign() | nodes.AssignBlock():
            yield from ([node.node] if isinstance(node, nodes.Assign) else node.body)
        case nodes.Macro():
            return
        case _:
            yield from node.iter_child_nodes()
