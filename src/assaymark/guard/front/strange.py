"""Stretches of Latin words that no English text has: where substitution and reversal are looked for."""

import re

from assaymark.guard.front.words import WORDS

__all__ = ["known_share", "stretches"]

_KNOWN = frozenset(w.encode() for w in WORDS if len(w) > 1)
_TABLE = bytes(n if 97 <= n <= 122 else n + 32 if 65 <= n <= 90 else 32 for n in range(256))
_LINE = re.compile(r"[^\n.!?;:]++[.!?;:\n]*+|[.!?;:\n]++")
_FEW = 0.3
"""Share of its letters in known words below which a stretch is strange."""
_SHORTEST = 10
_WORD = re.compile("[A-Za-z]{2,}+")
_SAMPLE = 400
_FEWEST_WORDS = 3
_FEWEST_LETTERS = 14
_PROSE = 0.8
"""Share of letters and spaces; program text has less."""


def known_share(text: str) -> float:
    """Share of the Latin letters of `text` that stand in common English words of two letters and more."""
    words = text.encode("latin-1", "replace").translate(_TABLE).split()
    total = sum(map(len, words))
    return 1 - sum(map(len, [w for w in words if w not in _KNOWN])) / total if total else 0.0


def stretches(text: str) -> list[tuple[int, int]]:
    """Spans of sentences in which few words are known; neighbours become one."""
    if known_share(text) >= 0.97:
        return []
    found: list[tuple[int, int]] = []
    for match in _LINE.finditer(text):
        start, end = match.span()
        if known_share(match.group()) > _FEW:
            continue
        if found and found[-1][1] == start:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return [(a, b) for a, b in found if b - a >= _SHORTEST and _latin(text[a:b])]


def _latin(run: str) -> bool:
    words = _WORD.findall(run[:_SAMPLE])
    count = sum(map(len, words))
    prose = sum(c.isalpha() or c.isspace() for c in run[:_SAMPLE]) / len(run[:_SAMPLE])
    many = len(words) >= _FEWEST_WORDS and count >= _FEWEST_LETTERS
    return many and prose >= _PROSE and count * 2 > sum(map(str.isalpha, run[:_SAMPLE]))
