"""A small judge of Python source that travels with a model and that something would run.

It follows imports, aliases and attribute chains by name; what a program computes at run time it cannot see.
"""

import ast
import functools
import warnings
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from assaymark.scan.blob import Blob

__all__ = ["Call", "calls_of", "dotted", "parse_source", "source_of"]

MAX_SOURCE = 1 << 20
"""Bytes of one source file that are parsed."""
DEEPEST = 40
"""Attributes in a chain that are followed; longer ones are no name."""
_WRITING = frozenset("wax+")


class Call(Struct, frozen=True):
    """A call that acts on the machine."""

    name: str
    """Dotted, as imported: `os.system`."""
    does: str
    line: int


@functools.cache
def _table() -> tuple[dict[str, str], tuple[tuple[str, str], ...]]:
    """Exact names, and prefixes that end in a dot or name a group such as `os.exec`."""
    import yaml

    told = yaml.safe_load(Path(__file__).with_name("code.yaml").read_text(encoding="utf-8"))
    exact = {name: kind for kind, names in told.items() for name in names}
    groups = tuple((n, k) for n, k in exact.items() if n.endswith(".") or n in ("os.exec", "os.spawn"))
    return exact, groups


def source_of(blob: Blob) -> bytes | None:
    """The text of a source file; None if it is longer than what is parsed."""
    data = blob.read(0, MAX_SOURCE + 1)
    return data if len(data) <= MAX_SOURCE else None


def parse_source(data: bytes) -> ast.Module | None:
    """The tree of a source text, which is not run; None if it is no Python."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(data)
        except (SyntaxError, ValueError, RecursionError, MemoryError, UnicodeError):
            return None


def dotted(node: ast.expr) -> str:
    """`a.b.c` for a chain of attributes on a name; empty for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute) and len(parts) < DEEPEST:
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def calls_of(tree: ast.Module) -> Iterator[Call]:
    """Calls that run programs or built code, open connections, load pickles, or change files."""
    nodes = list(ast.walk(tree))
    names = _imports(nodes)
    _aliases(nodes, names)
    for node in nodes:
        if isinstance(node, ast.Call):
            name = _resolved(dotted(node.func), names)
            does = _does(name) if name else _looked_up(node.func, names)
            if name in ("open", "io.open", "builtins.open") and _writes(node):
                does = "changes files"
            if does:
                yield Call(name or "getattr", does, node.lineno)


def _imports(nodes: list[ast.AST]) -> dict[str, str]:
    names: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                whole = alias.name if alias.asname else alias.name.partition(".")[0]
                names[alias.asname or whole] = whole
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def _aliases(nodes: list[ast.AST], names: dict[str, str]) -> None:
    """`run = os.system` makes `run` another name of it; a name given to two things keeps the worse."""
    for node in nodes:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            value = _resolved(dotted(node.value), names)
            if value and _does(value):
                names[node.targets[0].id] = value


def _resolved(name: str, names: dict[str, str]) -> str:
    first, dot, rest = name.partition(".")
    return names.get(first, first) + dot + rest


def _does(name: str) -> str:
    exact, groups = _table()
    if name in exact:
        return exact[name]
    return next((kind for prefix, kind in groups if name.startswith(prefix)), "")


def _looked_up(called: ast.expr, names: dict[str, str]) -> str:
    """`getattr(os, …)(…)` and `__import__(…).x(…)`: a name that is computed, on a module that acts."""
    if (
        isinstance(called, ast.Call)
        and dotted(called.func) in ("getattr", "builtins.getattr")
        and called.args
    ):
        module = _resolved(dotted(called.args[0]), names)
        if module in ("os", "builtins", "__builtins__", "sys", "importlib") or _does(f"{module}.x"):
            return f"calls a computed attribute of {module}"
    return ""


def _writes(call: ast.Call) -> bool:
    named = next((k.value for k in call.keywords if k.arg == "mode"), None)
    mode = call.args[1] if len(call.args) > 1 else named
    return isinstance(mode, ast.Constant) and isinstance(mode.value, str) and bool(_WRITING & set(mode.value))
