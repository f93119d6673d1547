"""Where a value in a call's arguments comes from: people and operator, or untrusted text alone.

An address that stands in a fetched page and in nothing that a person wrote was chosen by whoever wrote the
page. Pure; time grows with the length of the texts times the number of telling values, which is bounded.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from msgspec import Struct

__all__ = ["Foreign", "foreign_values", "strings_of"]

LEAST = 6
"""Characters below which a value occurs by chance."""
_VALUES = 64
"""Telling values looked for in one call."""
_STRINGS = 2_000
_LONGEST = 4_096
"""Characters of one string in which values are looked for."""

_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
_URL = re.compile(r"(?i)\b[a-z][a-z0-9+.-]{1,20}://[^\s\"'<>)\]]{2,2000}")
_IBAN = re.compile(r"\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{1,4}){3,8}\b")
_PATH = re.compile(r"(?:(?<![\w:/.])(?:~|\.{1,2})?/|\b[A-Za-z]:\\)[^\s\"'<>|]{4,400}")
_DIGITS = re.compile(r"\b[0-9](?:[ .-]?[0-9]){7,24}\b")
_TELLING = (("address", _EMAIL), ("URL", _URL), ("account", _IBAN), ("path", _PATH), ("number", _DIGITS))
_DROPPED = re.compile(r"[\s\u200b-\u200f\u2060\ufeff-]+")


class Foreign(Struct, frozen=True):
    """A value that stands in untrusted text and in nothing trusted."""

    kind: str
    """`address`, `URL`, `account`, `path`, `number` or `value` (a whole argument)."""
    pointer: str
    """JSON pointer of the argument."""
    value: str


def strings_of(value: Any) -> list[tuple[str, str]]:
    """(JSON pointer, string) for each string in parsed arguments, in order; bounded in number."""
    found: list[tuple[str, str]] = []
    todo: list[tuple[str, Any]] = [("", value)]
    while todo and len(found) < _STRINGS:
        pointer, node = todo.pop()
        if isinstance(node, str):
            found.append((pointer, node))
        elif isinstance(node, int | float) and not isinstance(node, bool):
            found.append((pointer, repr(node)))
        elif isinstance(node, dict):
            children = [(f"{pointer}/{_escaped(key)}", child) for key, child in node.items()]
            todo.extend(reversed(children))
        elif isinstance(node, list):
            todo.extend((f"{pointer}/{n}", node[n]) for n in range(len(node) - 1, -1, -1))
    return found


def foreign_values(
    strings: Iterable[tuple[str, str]], *, untrusted: Sequence[str], trusted: Sequence[str]
) -> tuple[Foreign, ...]:
    """Telling values among `strings` that occur in an untrusted text and in no trusted one.

    Spaces, hyphens, case and invisible characters make no difference. A whole argument counts as a value
    too (a command), if it is at least six characters long and not found in parts already.
    """
    theirs, ours = _plain("\n".join(untrusted)), _plain("\n".join(trusted))
    found: dict[tuple[str, str], Foreign] = {}
    for n, (kind, pointer, value) in enumerate(_telling(strings)):
        if n >= _VALUES:
            break
        plain = _plain(value)
        if len(plain) >= LEAST and plain in theirs and plain not in ours:
            found.setdefault((pointer, plain), Foreign(kind, pointer, value))
    return tuple(found.values())


def _telling(strings: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    for pointer, text in strings:
        text = text[:_LONGEST]
        any_part = False
        for kind, pattern in _TELLING:
            for match in pattern.finditer(text):
                any_part = True
                yield kind, pointer, match.group().rstrip(".,;:!?")
        if not any_part and len(text.strip()) >= LEAST:
            yield "value", pointer, text.strip()


def _plain(text: str) -> str:
    return _DROPPED.sub("", text).casefold()


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
