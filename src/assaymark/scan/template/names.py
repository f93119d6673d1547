"""The names that chat templates use, and those by which Python is reached, from `names.yaml`."""

import functools
from pathlib import Path

__all__ = ["is_dunder", "leaves_sandbox", "listed"]


@functools.cache
def _tables() -> dict[str, frozenset[str]]:
    import yaml

    text = Path(__file__).with_name("names.yaml").read_text(encoding="utf-8")
    return {kind: frozenset(names) for kind, names in yaml.safe_load(text).items()}


def listed(kind: str) -> frozenset[str]:
    """The names of one kind: functions, filters, methods, objects, attributes, calls, pieces."""
    return _tables()[kind]


def is_dunder(name: str) -> bool:
    """Whether an attribute of this name belongs to Python itself."""
    return name.startswith("__") and len(name) > 2


def leaves_sandbox(name: str) -> bool:
    """Whether an attribute of this name leads from a value to the interpreter."""
    private = name.startswith("_") and "__" in name  # `_Class__name`, as Python mangles names
    return is_dunder(name) or private or name in listed("attributes")
