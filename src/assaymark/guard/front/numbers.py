"""Lists of character codes: decimal, octal or binary."""

import re

from assaymark.guard.front.language import speaks
from assaymark.guard.front.mapped import Found, Run, listed, merged

__all__ = ["numbers"]

_LIST = re.compile(
    r"(?<![\w.])(?:[01]{7,8}[\s,;|/-]{0,3}+){4,}+"
    r"|(?<![\w.])(?:(?:0?o)?[0-9]{1,3}(?:[\s,;|/-]{1,3}+|(?![\w.]))){8,}+"
)
_PACKED = 16
_WRITTEN = 0.4
"""Characters, and the share of letters, digits and spaces, of what may be another encoding."""
_BITS = re.compile(r"[01]{7,8}")
_NUMBER = re.compile(r"[0-9]{1,3}")


def numbers(text: str) -> Found | None:
    """What the lists of numbers in `text` spell, if that is language."""
    runs = [Run(m.start(), m.end(), said) for m in _LIST.finditer(text) if (said := _spelt(m.group()))]
    return Found(name="code_list", made=listed(runs), spans=merged(runs)) if runs else None


def _spelt(run: str) -> str | None:
    if not set(run) & set("23456789"):
        packed = re.sub(r"[^01]", "", run)
        words = re.findall("[01]+", run)
        sizes = {len(w) for w in words}
        size = 7 if sizes == {7} else 8
        return _text([int(packed[n : n + size], 2) for n in range(0, len(packed) - size + 1, size)])
    tokens = _NUMBER.findall(run)
    decimal = [int(t) for t in tokens]
    if (said := _text(decimal)) is not None:
        return said
    if all(set(t) <= set("01234567") for t in tokens) and (said := _text([int(t, 8) for t in tokens])):
        return said
    return None


def _text(codes: list[int]) -> str | None:
    if not all(c in (9, 10, 13) or 32 <= c < 256 for c in codes):
        return None
    raw = bytes(codes)
    try:
        said = raw.decode()
    except UnicodeDecodeError:
        return None
    written = sum(c.isalnum() or c == " " for c in said)
    packed = (
        len(said) >= _PACKED
        and said.isascii()
        and all(c.isprintable() or c.isspace() for c in said)
        and written >= _WRITTEN * len(said)
    )
    return said if packed or speaks(said) else None
