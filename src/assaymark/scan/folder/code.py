"""Python source that a loader would import: what runs when it is imported, and what may run later."""

import ast
import bisect
from collections.abc import Iterator

from assaymark.inspection import Hazard, Hole, HoleKind, Level
from assaymark.scan.config.hazards import hazard
from assaymark.scan.container.code import Call, calls_of, dotted, parse_source

__all__ = ["MAX_SOURCE", "judge_source", "relative_imports"]

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
_INSIDES = frozenset({"__subclasses__", "__globals__", "__builtins__"})
MAX_HAZARDS = 50
MAX_SOURCE = 1 << 18
"""Bytes of one file that are parsed; the longest model of transformers has 200 thousand."""


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
    nodes = list(ast.walk(tree))
    functions = _Functions(nodes)
    early = _early(nodes, functions)
    mains = _guarded_lines(tree)
    seen: set[tuple[str, Level]] = set()
    for call in (*calls_of(tree), *_insides(nodes)):
        level = _level(call, functions, early, mains, loaded)
        if level is not None and (call.name, level) not in seen and len(seen) < MAX_HAZARDS:
            seen.add((call.name, level))
            yield _hazard(call, level, loaded, lines)


class _Functions:
    """Which function a line is in."""

    def __init__(self, nodes: list[ast.AST]) -> None:
        """Bodies only: decorators and defaults run where the function is defined."""
        found = [
            (n.body[0].lineno, n.end_lineno or n.lineno, n.name)
            for n in nodes
            if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
        ]
        self._lines: list[int] = [0]
        self._names: list[str] = [""]
        open_: list[tuple[int, str]] = []
        for first, last, name in sorted(found, key=lambda f: (f[0], -f[1])):
            self._close(open_, first)
            open_.append((last, name))
            self._mark(first, name)
        self._close(open_, 1 << 62)

    def _close(self, open_: list[tuple[int, str]], line: int) -> None:
        """End the functions that end before a line; what they stand in goes on after them."""
        while open_ and open_[-1][0] < line:
            last, _ = open_.pop()
            self._mark(last + 1, open_[-1][1] if open_ else "")

    def _mark(self, line: int, name: str) -> None:
        self._lines.append(line)
        self._names.append(name)

    def around(self, line: int) -> str:
        """The innermost function, or nothing."""
        return self._names[bisect.bisect_right(self._lines, line) - 1]


def _early(nodes: list[ast.AST], functions: _Functions) -> frozenset[str]:
    """Functions that run on import or when an object is built, and all that they call by name."""
    calls: dict[str, set[str]] = {}
    for node in nodes:
        if isinstance(node, ast.Call):
            name = dotted(node.func).rpartition(".")[2]
            calls.setdefault(functions.around(node.lineno), set()).add(name)
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


def _insides(nodes: list[ast.AST]) -> Iterator[Call]:
    """Attributes through which code gets hold of what it did not import."""
    for node in nodes:
        if isinstance(node, ast.Attribute) and node.attr in _INSIDES and not _plain(node):
            yield Call(node.attr, "reaches into the interpreter's own attributes", node.lineno)
        elif isinstance(node, ast.Name) and node.id == "__builtins__":
            yield Call("__builtins__", "reaches into the interpreter's own attributes", node.lineno)


def _plain(node: ast.Attribute) -> bool:
    """`function.__globals__` and `Class.__subclasses__` by name, as registries of classes use them."""
    return bool(dotted(node)) and node.attr != "__builtins__"


def _level(
    call: Call,
    functions: _Functions,
    early: frozenset[str],
    mains: tuple[tuple[int, int], ...],
    loaded: bool,
) -> Level | None:
    """How a call counts, by when it runs; None if it does not matter."""
    if call.name.startswith(_HARMLESS):
        return None
    if any(first <= call.line <= last for first, last in mains):
        return Level.NOTE
    function = functions.around(call.line)
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
    message = f"{when} {call.does}: {call.name}."
    return hazard(rule, level, call.name, message, line=call.line, evidence=shown)


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
