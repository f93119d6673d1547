"""Arguments of calls: do they look like source text, functions, or objects from elsewhere?"""

import re

from assaymark.scan.pickle.names import danger_named, safe_named
from assaymark.scan.pickle.values import Box, Computed, Imported, Made, Persistent, Value, walk

__all__ = ["hostile", "instance_class", "source_code", "source_like"]

_SOURCE = re.compile(
    r"\bimport\b|\bexec\b|\beval\b|\bos\.|__\w+__|\blambda\b|\bdef\b|=|;|\n|https?://|ftp://|file:|/bin/|\.\./|"
    r"\bcurl\b|\bwget\b|\|\s*\w|&&|\$\(|`|\w\("
)


_CODE = re.compile(
    r"\bimport\s+\w|\b__\w+__\b|\b(?:exec|eval|compile|open|system|popen|Popen|getattr)\s?\(|\bos\.\w+|"
    r"\bsubprocess\b|\bdef\s+\w+\s?\(|\blambda\b[^:]{0,80}:|\bclass\s+\w+\s?[(:]"
)
"""Stricter than `_SOURCE`: for texts of names that may well be given paths or sentences."""
_TEXTUAL = frozenset(
    {"_codecs.encode", "re._compile", "builtins.str", "builtins.bytes", "builtins.bytearray"}
)
"""Names that are given whatever text the object holds."""


def source_code(name: str, made: Made) -> bool:
    """Whether a known name is handed source text: what the name means may have been replaced."""
    if name in _TEXTUAL or name.endswith(("Error", "Exception", "Warning")) or not isinstance(made.args, Box):
        return False
    return any(isinstance(item, str) and (_CODE.search(item) or "\n" in item) for item in made.args.items)


def source_like(value: Value) -> bool:
    """Whether a text in it looks like source code, a command, a path or an address."""
    return any(
        isinstance(part, str | bytes)
        and _SOURCE.search(part if isinstance(part, str) else part.decode("latin-1"))
        for part in walk(value)
    )


def hostile(made: Made) -> bool:
    """Whether arguments outside a name's contract are such as an attack would have."""
    for part in walk(made.args):
        if isinstance(part, Computed | Persistent):
            return True
        if isinstance(part, Made) and part.standing == "dangerous":
            return True
        if isinstance(part, Imported):
            safe = safe_named(part.full)
            if safe is None and danger_named(part.module, part.name) is not None:
                return True
            if safe is not None and safe.kind == "function":
                return True
    return source_like(made.args) or not isinstance(made.args, Box)


def instance_class(made: Made) -> Imported | None:
    """The class in front of the arguments of `_reconstructor` and its like."""
    if isinstance(made.args, Box) and made.args.items and isinstance(made.args.items[0], Imported):
        return made.args.items[0]
    return None
