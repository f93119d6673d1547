"""One line of a lock written in TOML → the inline tables and texts on it, without parsing the whole file."""

import re
from collections.abc import Iterator

__all__ = ["Table", "first_string", "items"]

Table = dict[str, str]
"""Keys of one inline table → texts; those of a table within it as `hashes.sha256`."""

_STRING = re.compile(r"\"([^\"]{0,2000})\"|'([^']{0,2000})'")
_TOKEN = re.compile(
    r"(?:(?<![\w\-])([\w\-]{1,40}) ?= ?)?(?:(\{)|\"([^\"]{0,2000})\"|'([^']{0,2000})')|(\})", re.ASCII
)
_FILE = re.compile(r"\s{0,40}\{ ?(url|file) ?= ?\"([^\"\\]{1,2000})\", ?hash ?= ?\"([^\"\\]{1,200})\"")
"""How uv, Poetry and PDM begin nearly every line of a long lock; read without looking at its tokens."""


def first_string(text: str) -> str:
    """The first quoted text."""
    found = _STRING.search(text)
    return (found[1] or found[2] or "") if found else ""


def items(text: str) -> Iterator[Table | str]:
    """The tables and texts of a list, or of the part of it that stands on one line."""
    quick = _FILE.match(text)
    if quick is not None and text.count("{") == 1:
        yield {quick[1]: quick[2], "hash": quick[3]}
        return
    table: Table | None = None
    within: list[str] = []
    for found in _TOKEN.finditer(text):
        key, opens, double, single, closes = found.groups()
        if opens and table is None:
            table = {}
        elif opens:
            within.append(key or "")
        elif closes and within:
            within.pop()
        elif closes and table is not None:
            yield table
            table = None
        elif not closes and table is None:
            yield double or single or ""
        elif key and table is not None:
            table.setdefault(".".join((*within[:3], key)), double or single or "")
    if table is not None:
        yield table
