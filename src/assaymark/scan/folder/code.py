"""Python source that a loader would import: what runs when it is imported, and what may run later."""

import ast
from collections.abc import Iterator

from msgspec import Struct

from assaymark.inspection import Hazard, Hole, HoleKind, Level
from assaymark.scan.container.code import MAX_SOURCE, Call, calls_of, dotted, parse_source

__all__ = ["judge_source", "relative_imports"]

_CONSTRUCTORS = frozenset({
    "__init__", "__new__", "__init_subclass__", "__setstate__", "__reduce__", "__post_init__",
    "__class_getitem__", "__set_name__", "__getattr__", "from_pretrained", "from_config", "_from_config",
    "register_for_auto_class",
    "post_init", "setup", "initialize", "load_context", "_load_pyfunc", "load",
})  # fmt: skip
"""Methods that building an object calls, so that they run when the model is loaded."""
_ONLY_LATER = frozenset({"opens a connection", "changes files"})
_UNCLEAR = frozenset(
    {"importlib.import_module", "__import__", "builtins.__import__", "compile", "builtins.compile"}
)
_HARMLESS = (
    "ctypes.c_",
    "ctypes.sizeof",
    "ctypes.POINTER",
    "ctypes.Structure",
    "ctypes.byref",
    "ctypes.cast",
)
_INSIDES = frozenset({"__subclasses__", "__globals__", "__builtins__", "__code__", "__closure__", "__mro__"})
MAX_HAZARDS = 50


class _Function(Struct, frozen=True):
    """A function's body, by lines."""

    name: str
    first: int
    last: int


def judge_source(text: str, *, loaded: bool = True) -> Iterator[Hazard | Hole]:
    """What importing the source does, and what its functions could do.

    Args:
        text: Python source.
        loaded: whether a loader would import it; if not, nothing in it is called dangerous.

    Calls are known by name through imports and plain aliases; what is computed cannot be seen. A function
    counts as run on import if the module's own statements call it, however indirectly.
    """
    data = text.encode("utf-8", "replace")
    if len(data) > MAX_SOURCE:
        yield Hole(kind=HoleKind.BOUND, reason=f"Python of more than {MAX_SOURCE:,} bytes", size=len(data))
        return
    tree = parse_source(data)
    if tree is None:
        yield Hole(kind=HoleKind.BROKEN, reason="it cannot be parsed as Python", size=len(data))
        return
    lines = text.splitlines()
    functions = _functions(tree)
    early = _early(tree, functions)
    mains = _guarded_lines(tree)
    seen: set[tuple[str, Level]] = set()
    for call in (*calls_of(tree), *_insides(tree)):
        level = _level(call, functions, early, mains, loaded)
        if level is not None and (call.name, level) not in seen and len(seen) < MAX_HAZARDS:
            seen.add((call.name, level))
            yield _hazard(call, level, loaded, lines)


def _functions(tree: ast.Module) -> tuple[_Function, ...]:
    """Bodies of all functions; decorators and defaults run where the function is defined, so they are out."""
    return tuple(
        _Function(n.name, n.body[0].lineno, n.end_lineno or n.lineno)
        for n in ast.walk(tree)
        if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def _around(line: int, functions: tuple[_Function, ...]) -> str:
    """The innermost function that a line is in, or nothing."""
    inside = [f for f in functions if f.first <= line <= f.last]
    return max(inside, key=lambda f: f.first).name if inside else ""


def _early(tree: ast.Module, functions: tuple[_Function, ...]) -> frozenset[str]:
    """Functions that run on import or when an object is built, and all that they call by name."""
    calls: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = dotted(node.func).rpartition(".")[2]
            calls.setdefault(_around(node.lineno, functions), set()).add(name)
    waiting, reached = ["", *_CONSTRUCTORS], set(_CONSTRUCTORS)
    while waiting:
        for name in calls.get(waiting.pop(), ()):
            if name and name not in reached:
                reached.add(name)
                waiting.append(name)
    return frozenset(reached)


def _guarded_lines(tree: ast.Module) -> tuple[tuple[int, int], ...]:
    """Lines under `if __name__ == "__main__"`, which no import runs."""
    return tuple(
        (n.body[0].lineno, n.body[-1].end_lineno or n.body[-1].lineno)
        for n in tree.body
        if isinstance(n, ast.If)
        and isinstance(n.test, ast.Compare)
        and isinstance(n.test.ops[0], ast.Eq)
        and dotted(n.test.left) == "__name__"
    )


def _insides(tree: ast.Module) -> Iterator[Call]:
    """Attributes through which code gets hold of what it did not import."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in _INSIDES and not dotted(node).startswith("cls."):
            if node.attr in ("__code__", "__mro__", "__closure__", "__globals__") and dotted(node):
                continue
            yield Call(node.attr, "reaches into the interpreter's own attributes", node.lineno)
        elif isinstance(node, ast.Name) and node.id == "__builtins__":
            yield Call("__builtins__", "reaches into the interpreter's own attributes", node.lineno)


def _level(
    call: Call,
    functions: tuple[_Function, ...],
    early: frozenset[str],
    mains: tuple[tuple[int, int], ...],
    loaded: bool,
) -> Level | None:
    """How a call counts, by when it runs; None if it does not matter."""
    if call.name.startswith(_HARMLESS):
        return None
    if any(first <= call.line <= last for first, last in mains):
        return Level.NOTE
    function = _around(call.line, functions)
    later = bool(function) and function not in early
    if later:
        return Level.NOTE if call.does in _ONLY_LATER or not loaded else Level.UNKNOWN
    if not loaded or call.name in _UNCLEAR:
        return Level.UNKNOWN
    return Level.DANGEROUS


def _hazard(call: Call, level: Level, loaded: bool, lines: list[str]) -> Hazard:
    when = {
        Level.DANGEROUS: "Importing or building it",
        Level.UNKNOWN: "Running it" if loaded else "Importing it, which nothing here asks for,",
        Level.NOTE: "One of its functions",
    }[level]
    shown = lines[call.line - 1].strip()[:300] if 0 < call.line <= len(lines) else ""
    rule = "code-acts-on-load" if level is Level.DANGEROUS else "code-may-act"
    return Hazard(
        rule=rule,
        level=level,
        message=f"{when} {call.does}: {call.name}.",
        subject=call.name[:200],
        line=call.line,
        evidence=shown.encode("unicode_escape").decode() if not shown.isprintable() else shown,
    )


def relative_imports(text: str) -> tuple[str, ...]:
    """Modules beside this one that it imports with a leading dot, as transformers follows them."""
    data = text.encode("utf-8", "replace")
    tree = parse_source(data) if len(data) <= MAX_SOURCE else None
    found: dict[str, None] = {}
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            for name in [node.module] if node.module else [a.name for a in node.names]:
                found.setdefault(name.partition(".")[0])
    return tuple(found)
