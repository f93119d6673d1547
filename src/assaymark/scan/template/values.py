"""Which strings an expression can give, as far as the template itself says so."""

import re
from collections.abc import Callable, Iterable, Mapping

from jinja2 import nodes

from assaymark.scan.template.parse import subtree

__all__ = ["Value", "Values", "fold", "names_set", "spelled"]

Value = str | int | tuple["Value", ...]
Values = tuple[Value, ...]
"""Every value that is known to be possible; empty if none is known."""

MAX_OPTIONS = 8
MAX_STRING = 1024
"""Longer strings are cut: enough for a name that is put together, and for the sense of a text."""
MAX_DEPTH = 48
_SIMPLE = re.compile(r"%[sdci]|\{\d?\}")


def names_set(template: nodes.Template) -> dict[str, Values]:
    """What each variable may hold, whatever its scope: `name` or `namespace.attribute` → values."""
    found: dict[str, Values] = {}
    everything = subtree(template)
    for _ in range(3):  # names made of names made of names
        before = dict(found)
        for node in everything:
            for name, values in _set_by(node, found):
                merged = tuple(dict.fromkeys((*found.get(name, ()), *values)))[:MAX_OPTIONS]
                if merged:
                    found[name] = merged
        if found == before:
            break
    return found


def _set_by(node: nodes.Node, known: Mapping[str, Values]) -> Iterable[tuple[str, Values]]:
    match node:
        case nodes.Assign():
            yield from _targets(node.target, node.node, known)
        case nodes.AssignBlock(target=nodes.Name(name=name)):
            text = "".join(
                p.data for n in node.body for p in n.iter_child_nodes() if isinstance(p, nodes.TemplateData)
            )
            yield name, (text[:MAX_STRING],)
        case nodes.For(target=nodes.Name(name=name)):
            yield name, tuple(v for one in fold(node.iter, known) if isinstance(one, tuple) for v in one)
        case nodes.With():
            for target, value in zip(node.targets, node.values, strict=False):
                yield from _targets(target, value, known)
        case nodes.Macro():
            for target, value in zip(reversed(node.args), reversed(node.defaults), strict=False):
                yield from _targets(target, value, known)


def _targets(
    target: nodes.Node, value: nodes.Node, known: Mapping[str, Values]
) -> Iterable[tuple[str, Values]]:
    match target, value:
        case nodes.NSRef(), _:
            yield f"{target.name}.{target.attr}", fold(value, known)
        case nodes.Name(), nodes.Call(node=nodes.Name(name="namespace")):
            for pair in value.kwargs:
                yield f"{target.name}.{pair.key}", fold(pair.value, known)
        case nodes.Name(), _:
            yield target.name, fold(value, known)
        case nodes.Tuple(), nodes.Tuple() | nodes.List():
            for one, its in zip(target.items, value.items, strict=False):
                yield from _targets(one, its, known)


def fold(node: nodes.Node | None, known: Mapping[str, Values], depth: int = 0) -> Values:
    """The values that `node` may have, given those of variables."""
    if node is None or depth > MAX_DEPTH:
        return ()
    rule = _RULES.get(type(node))
    if rule is None:
        return ()
    kept: dict[Value, None] = {}
    for value in rule(node, lambda n: fold(n, known, depth + 1), known):
        kept[value if isinstance(value, int) else value[:MAX_STRING]] = None
        if len(kept) >= MAX_OPTIONS:
            break
    return tuple(kept)


Fold = Callable[[nodes.Node | None], Values]


def _const(node: nodes.Const, into: Fold, known: Mapping[str, Values]) -> Iterable[Value]:
    if isinstance(node.value, str | int) and not isinstance(node.value, bool):
        if isinstance(node.value, int) and abs(node.value) > 1 << 62:
            return
        yield node.value


def _items(node: nodes.List, into: Fold, known: Mapping[str, Values]) -> Iterable[Value]:
    singles = [into(item)[:1] for item in node.items[: MAX_OPTIONS * 4]]
    yield tuple(v for one in singles for v in one)


def _name(node: nodes.Name, into: Fold, known: Mapping[str, Values]) -> Iterable[Value]:
    return known.get(node.name, ())


def _attribute(node: nodes.Getattr, into: Fold, known: Mapping[str, Values]) -> Iterable[Value]:
    return known.get(f"{node.node.name}.{node.attr}", ()) if isinstance(node.node, nodes.Name) else ()


def _text(value: Value) -> str:
    return value if isinstance(value, str) else str(value) if isinstance(value, int) else ""


def _concat(node: nodes.Concat, into: Fold, known: Mapping[str, Values]) -> Iterable[Value]:
    partial: list[str] = [""]
    for part in node.nodes[:256]:
        partial = [(a + _text(b))[:MAX_STRING] for a in partial for b in into(part)][:MAX_OPTIONS]
    return partial


def _add(node: nodes.Add, into: Fold, known: Mapping[str, Values]) -> Iterable[Value]:
    for a in into(node.left):
        for b in into(node.right):
            yield from _sum(a, b)


def _sum(a: Value, b: Value) -> Iterable[Value]:
    match a, b:
        case (str(), str()) | (int(), int()) | (tuple(), tuple()):
            yield a + b  # type: ignore[operator]  # the pattern pairs them by type


def _negative(node: nodes.Neg, into: Fold, known: Mapping[str, Values]) -> Iterable[Value]:
    return tuple(-v for v in into(node.node) if isinstance(v, int))


def _times(node: nodes.Mul, into: Fold, known: Mapping[str, Values]) -> Iterable[Value]:
    for a in into(node.left):
        for b in into(node.right):
            if isinstance(a, int):
                a, b = b, a
            if isinstance(a, str) and isinstance(b, int) and 0 <= b * len(a) <= MAX_STRING:
                yield a * b


def _percent(node: nodes.Mod, into: Fold, known: Mapping[str, Values]) -> Iterable[Value]:
    for a in into(node.left):
        for b in into(node.right):
            if isinstance(a, str):
                yield from _formatted(a, b if isinstance(b, tuple) else (b,))


def _formatted(text: str, values: tuple[Value, ...]) -> Iterable[str]:
    left = list(values)

    def put(match: re.Match[str]) -> str:
        value = left.pop(0) if left else ""
        return (
            chr(value)
            if match[0] == "%c" and isinstance(value, int) and 0 < value < 0x110000
            else _text(value)
        )

    yield _SIMPLE.sub(put, text)


def _either(
    node: nodes.CondExpr | nodes.Or | nodes.And, into: Fold, known: Mapping[str, Values]
) -> Iterable[Value]:
    if isinstance(node, nodes.CondExpr):
        return (*into(node.expr1), *into(node.expr2))
    return (*into(node.left), *into(node.right))


def _item(node: nodes.Getitem, into: Fold, known: Mapping[str, Values]) -> Iterable[Value]:
    if isinstance(node.node, nodes.Dict):
        wanted = into(node.arg)
        for pair in node.node.items:
            if not wanted or set(wanted) & set(into(pair.key)):
                yield from into(pair.value)
        return
    for value in into(node.node):
        if isinstance(value, int):
            continue
        if isinstance(node.arg, nodes.Slice):
            yield from _sliced(value, node.arg, into)
        else:
            yield from (
                value[i] for i in into(node.arg) if isinstance(i, int) and -len(value) <= i < len(value)
            )


def _sliced(value: str | tuple[Value, ...], cut: nodes.Slice, into: Fold) -> Iterable[Value]:
    parts: list[int | None] = []
    for part in (cut.start, cut.stop, cut.step):
        known = [v for v in into(part) if isinstance(v, int)]
        if part is not None and not known:
            return
        parts.append(known[0] if known else None)
    if parts[2] != 0:
        yield value[slice(*parts)]


def _filter(node: nodes.Filter, into: Fold, known: Mapping[str, Values]) -> Iterable[Value]:
    arguments = [into(a)[:1] for a in node.args[:4]]
    for value in into(node.node):
        yield from _applied(node.name, value, [a[0] for a in arguments if a])


def _method(node: nodes.Call, into: Fold, known: Mapping[str, Values]) -> Iterable[Value]:
    if not isinstance(node.node, nodes.Getattr):
        if isinstance(node.node, nodes.Name) and node.node.name == "dict":
            yield tuple(pair.key for pair in node.kwargs)
        return
    arguments = [into(a)[:1] for a in node.args[:16]]
    for value in into(node.node.node):
        yield from _applied("." + node.node.attr, value, [a[0] for a in arguments if a])


def _applied(name: str, value: Value, given: list[Value]) -> Iterable[Value]:
    """A filter (`name`) or a method (`.name`) on known values; those that only reshape strings."""
    if isinstance(value, str):
        yield from _reshaped(name, value, given)
    elif isinstance(value, tuple):
        if name in ("join", "list"):
            sep = _text(given[0]) if given else ""
            yield sep.join(map(_text, value)) if name == "join" else value
        elif name in ("first", "last") and value:
            yield value[0 if name == "first" else -1]
        elif name == "reverse":
            yield value[::-1]


_PLAIN: dict[str, Callable[[str], Value]] = {
    "lower": str.lower, "casefold": str.lower, "upper": str.upper, "string": str, "safe": str, "e": str,
    "escape": str, "reverse": lambda s: s[::-1], "list": tuple,
}  # fmt: skip


def _reshaped(name: str, value: str, given: list[Value]) -> Iterable[Value]:
    words = [_text(g) for g in given]
    plain = name.removeprefix(".")
    if plain in _PLAIN:
        yield _PLAIN[plain](value)
    match plain:
        case "trim" | "strip" | "lstrip" | "rstrip":
            yield value.strip(words[0]) if words else value.strip()
        case "replace" if len(words) >= 2 and len(value) * (len(words[1]) + 1) < 1 << 20:
            yield value.replace(words[0], words[1])
        case "split" if not words or words[0]:
            yield tuple(value.split(words[0] if words else None))
        case "join":
            items = given[0] if given and name[0] == "." else ()
            yield value.join(map(_text, items)) if isinstance(items, tuple) and items else value
        case "format":
            yield from _formatted(value, tuple(given))
        case "first" | "last" if value:
            yield value[0 if name == "first" else -1]


_RULES: dict[type[nodes.Node], Callable[..., Iterable[Value]]] = {
    nodes.Const: _const,
    nodes.List: _items,
    nodes.Tuple: _items,
    nodes.Name: _name,
    nodes.Getattr: _attribute,
    nodes.Concat: _concat,
    nodes.Add: _add,
    nodes.Mul: _times,
    nodes.Neg: _negative,
    nodes.Mod: _percent,
    nodes.CondExpr: _either,
    nodes.Or: _either,
    nodes.And: _either,
    nodes.Getitem: _item,
    nodes.Filter: _filter,
    nodes.Call: _method,
}


def spelled(node: nodes.Node | None, depth: int = 0) -> str:
    """An expression much as the template writes it, shortened."""
    if node is None or depth > 12:
        return "…"
    match node:
        case nodes.Name(name=name):
            return str(name)
        case nodes.Const(value=value):
            return repr(value)[:60]
        case nodes.Neg():
            return f"-{spelled(node.node, depth + 1)}"
        case nodes.Getattr(attr=attr):
            return f"{spelled(node.node, depth + 1)}.{attr}"[-200:]
        case nodes.Getitem(arg=arg):
            return f"{spelled(node.node, depth + 1)}[{spelled(arg, depth + 1)}]"[-200:]
        case nodes.Call():
            return f"{spelled(node.node, depth + 1)}(…)"[-200:]
        case nodes.Filter(name=name):
            inner = ", ".join(spelled(a, depth + 1) for a in node.args[:3])
            return f"{spelled(node.node, depth + 1)}|{name}({inner})"[-200:]
        case nodes.Concat():
            return " ~ ".join(spelled(n, depth + 1) for n in node.nodes[:6])[:200]
        case nodes.Add():
            return f"{spelled(node.left, depth + 1)} + {spelled(node.right, depth + 1)}"[:200]
        case nodes.Compare():
            ops = " ".join(f"{o.op} {spelled(o.expr, depth + 1)}" for o in node.ops[:3])
            return f"{spelled(node.expr, depth + 1)} {ops}"[:200]
    return type(node).__name__.lower()
