"""Text written backwards: whole lines, or each word by itself."""

import re
from collections.abc import Sequence

from assaymark.guard.front.mapped import Found, Piece, Run, listed, merged
from assaymark.guard.front.strange import known_share

__all__ = ["reversed_lines", "reversed_words"]

_SAMPLE = 400
_LEAST_KNOWN = 0.5
_WORD = re.compile(r"\w++(?:['’]\w++)?")


def reversed_lines(text: str, strange: Sequence[tuple[int, int]]) -> Found | None:
    """The `strange` stretches of `text` that become English when read from the end."""
    runs = [Run(a, b, text[a:b][::-1], (Piece(0, a, b, -1),)) for a, b in _backward(text, strange)]
    return Found(name="reversed", made=listed(runs), spans=merged(runs)) if runs else None


def reversed_words(text: str, strange: Sequence[tuple[int, int]]) -> Found | None:
    """The same stretches with each word turned round in its place."""
    runs = [Run(a, b, _WORD.sub(lambda m: m.group()[::-1], text[a:b])) for a, b in _backward(text, strange)]
    return Found(name="reversed_words", made=listed(runs), spans=merged(runs)) if runs else None


def _backward(text: str, strange: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    return [(a, b) for a, b in strange if known_share(text[a : min(b, a + _SAMPLE)][::-1]) >= _LEAST_KNOWN]
