"""skops: `schema.json` → the types and functions that `skops.io.load` would import, build and call."""

import functools
from collections.abc import Iterator
from typing import Any

from assaymark.inspection import Hazard, Level
from assaymark.scan.config.hazards import hazard
from assaymark.scan.config.json_text import Node, excerpt, nodes
from assaymark.scan.config.names import judge_name, table

__all__ = ["is_skops", "judge_skops"]

_CALLS = frozenset({"FunctionNode", "PartialNode", "OperatorFuncNode", "TypeNode", "ReduceNode"})
_GETTERS = frozenset({"attrgetter", "itemgetter"})


@functools.cache
def _safe() -> dict[str, frozenset[str]]:
    return {module: frozenset(names) for module, names in table("skops").items()}


def is_skops(value: Any) -> bool:
    """Whether a JSON value is a skops schema."""
    return (
        isinstance(value, dict) and "__class__" in value and "__module__" in value and "__loader__" in value
    )


def judge_skops(value: Any) -> Iterator[Hazard]:
    """Every type or function that is on no list, or acts, each once."""
    seen: set[tuple[str, str]] = set()
    for node in nodes(value):
        for found in _node(node):
            if (found.rule, found.subject) not in seen:
                seen.add((found.rule, found.subject))
                yield found


def _node(node: Node) -> Iterator[Hazard]:
    name, module = node.value.get("__class__"), node.value.get("__module__")
    if not isinstance(name, str) or not isinstance(module, str):
        return
    loader = str(node.value.get("__loader__", ""))[:80]
    if module == "operator":
        yield _operator(node, name)
    elif loader == "MethodNode":
        yield from _method(node, module, name)
        yield from _named(node, module, name, loader)
    else:
        yield from _named(node, module, name, loader)


def _named(node: Node, module: str, name: str, loader: str) -> Iterator[Hazard]:
    if name in _safe().get(module, ()):
        return
    dotted = f"{module}.{name}"
    use = "uses" if loader in _CALLS else "builds"
    level = judge_name(dotted) or Level.UNKNOWN
    if level is Level.DANGEROUS:
        message = f"Loading imports {dotted}, which acts outside the model, and {use} it ({loader})."
    else:
        message = f"Loading imports and {use} {dotted} ({loader}), which is on no list."
    yield _hazard(node, "skops-foreign-type", level, dotted, message)


def _operator(node: Node, name: str) -> Hazard:
    """A function of `operator`, called at once with what the file gives."""
    attrs = excerpt(node.value.get("attrs"))
    inert = name in _GETTERS and "__" not in attrs.replace("__class__", "").replace("__module__", "").replace(
        "__loader__", ""
    ).replace("__id__", "")
    level = Level.UNKNOWN if inert else Level.DANGEROUS
    message = f"Loading calls operator.{name} with values from the file."
    return _hazard(node, "skops-operator", level, f"operator.{name}", message)


def _method(node: Node, module: str, name: str) -> Iterator[Hazard]:
    """A method bound to an object of the file; what is claimed of the object must hold."""
    content = node.value.get("content")
    told = content if isinstance(content, dict) else {}
    owner = told.get("obj")
    real = (owner.get("__module__"), owner.get("__class__")) if isinstance(owner, dict) else (None, None)
    method = str(told.get("func", ""))[:200]
    if real != (module, name):
        message = f"A method is said to be of {module}.{name} and is of {real[0]}.{real[1]} (CVE-2025-54413)."
        yield _hazard(node, "skops-mismatch", Level.DANGEROUS, f"{real[0]}.{real[1]}.{method}", message)
    elif method.startswith("_"):
        message = f"Loading takes the method {method} of {module}.{name}."
        level = Level.DANGEROUS if method.startswith("__") else Level.UNKNOWN
        yield _hazard(node, "skops-foreign-type", level, f"{module}.{name}.{method}", message)


def _hazard(node: Node, rule: str, level: Level, subject: str, message: str) -> Hazard:
    return hazard(rule, level, subject, message, path=node.path, evidence=excerpt(node.value))
