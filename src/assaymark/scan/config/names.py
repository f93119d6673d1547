"""Dotted names that a configuration would have imported and called: safe, dangerous or unknown."""

import functools
import re
from pathlib import Path
from typing import Any

from assaymark.inspection import Level
from assaymark.scan.pickle.names import danger_named

__all__ = ["judge_name", "table"]

MAX_NAME = 500
"""Characters of a name that is looked up; nobody's own name is longer."""
_CLASS = re.compile(r"_?[A-Z][A-Za-z0-9_]*\Z")
_PACKAGE = re.compile(r"[a-z_][a-z0-9_]*\Z")


@functools.cache
def table(name: str) -> dict[str, Any]:
    """A table of names beside this file, read once."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = Path(__file__).with_name(f"{name}.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.load(text, loader)  # noqa: S506 - a safe loader, the compiled one if there is one
    return found


@functools.cache
def _lists() -> tuple[frozenset[str], frozenset[str], frozenset[str], frozenset[str]]:
    told = table("names")
    effects = frozenset(told["effects"]["modules"]) | frozenset(told["effects"]["names"])
    safe = told["safe"]
    return effects, frozenset(safe["classes"]), frozenset(safe["below"]), frozenset(safe["names"])


def judge_name(dotted: str) -> Level | None:
    """What importing and calling `dotted` does: None if it is known to be safe."""
    effects, classes, below, names = _lists()
    if dotted in names:
        return None
    parts = dotted.split(".", 40)
    if any(".".join(parts[:n]) in effects for n in range(1, len(parts) + 1)):
        return Level.DANGEROUS
    module, _, name = dotted.rpartition(".")
    if _detour(parts) or (len(dotted) <= MAX_NAME and danger_named(module, name)):
        return Level.DANGEROUS
    if len(dotted) <= MAX_NAME and _CLASS.match(name) and (module in classes or _is_below(module, below)):
        return None
    return Level.UNKNOWN


def _detour(parts: list[str]) -> bool:
    """A walk through one module into another, or into an object's insides: `torch.hub.os.system`."""
    return any(p in _REEXPORTED or (p.startswith("__") and p.endswith("__")) for p in parts[1:])


_REEXPORTED = frozenset(
    {"os", "sys", "subprocess", "shutil", "builtins", "importlib", "pickle", "ctypes", "socket"}
)


def _is_below(module: str, below: frozenset[str]) -> bool:
    """Whether all of `module` are plain packages under one whose classes are taken as safe."""
    parts = module.split(".", 40)
    if not all(_PACKAGE.match(p) for p in parts):
        return False
    return any(".".join(parts[:n]) in below for n in range(1, len(parts) + 1))
