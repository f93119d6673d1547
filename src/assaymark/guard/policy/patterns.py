"""Patterns that match in linear time, whoever wrote them: RE2, of the `guard` extra.

Imported when used: a policy without patterns can be read, and assessed, where the extra is not installed.
"""

from functools import lru_cache
from typing import Any

__all__ = ["byte_pattern", "fits", "pattern_fault"]


def _re2() -> Any:
    import re2  # type: ignore[import-untyped]

    return re2


def _options(latin1: bool = False) -> Any:
    re2 = _re2()
    options = re2.Options()
    options.log_errors = False
    if latin1:
        options.encoding = re2.Options.Encoding.LATIN1
    return options


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> Any:
    return _re2().compile(pattern, _options())


def pattern_fault(pattern: str) -> str:
    """Why `pattern` is no RE2 pattern; empty if it is one."""
    try:
        _compiled(pattern)
    except _re2().error as error:
        first = error.args[0] if error.args else error
        return first.decode("utf-8", "replace") if isinstance(first, bytes) else str(first)
    except UnicodeEncodeError:
        return "it holds a lone surrogate"
    return ""


def fits(pattern: str, text: str) -> bool:
    """Whether the whole of `text` fits `pattern`; a lone surrogate fits nothing but what replaces it."""
    clean = text.encode("utf-8", "replace").decode("utf-8")
    return _compiled(pattern).fullmatch(clean) is not None


@lru_cache(maxsize=256)
def byte_pattern(pattern: bytes) -> Any:
    """A compiled pattern over bytes, each of which is one character; offsets are those of the bytes."""
    return _re2().compile(pattern, _options(latin1=True))
