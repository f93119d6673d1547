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
_SIGN = re.compile(r"[^\w\s]|[\d_]")
_NO_LETTER = re.compile(r"[\W\d_]")
_PROSE = 0.8
"""Share of letters and spaces; program text has less."""


def known_share(text: str) -> float:
    """Share of the Latin letters of `text` that stand in common English words of two letters and more."""
    words = text.encode("latin-1", "replace").translate(_TABLE).split()
    total = sum(map(len, words))
    return 1 - sum(map(len, [w for w in words if w not in _KNOWN])) / total if total else 0.0


def stretches(text: str) -> tuple[tuple[int, int], ...]:
    """Spans of sentences in which few words are known; neighbours become one."""
    if known_share(text) >= 0.97:
        return ()
    found: list[tuple[int, int]] = []
    for match in _LINE.finditer(text):
        start, end = match.span()
        if known_share(match.group()) > _FEW:
            continue
        if found and found[-1][1] == start:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return tuple((a, b) for a, b in found if b - a >= _SHORTEST and _latin(text[a : min(b, a + _SAMPLE)]))


def _latin(run: str) -> bool:
    run = run[:_SAMPLE]
    words = _WORD.findall(run)
    count = sum(map(len, words))
    if len(words) < _FEWEST_WORDS or count < _FEWEST_LETTERS:
        return False
    prose = len(run) - len(_SIGN.findall(run)) >= _PROSE * len(run)
    return prose and count * 2 > len(run) - len(_NO_LETTER.findall(run))
