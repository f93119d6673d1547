"""How much a text looks like language: the share of its letter triples that are common.

Deliberately simple and quick: English scores about 0.95, other languages of the Latin script about 0.7,
random letters about 0.13.
"""

import re
from functools import cache

import numpy as np
from numpy.typing import NDArray

from assaymark.guard.front.trigrams import TRIGRAMS

__all__ = ["LATIN", "common", "letters", "likeness", "speaks", "triples"]

_EDGE = 26
_SIDE = 27
_WORD = r"[^\W\d_]++(?:['’][^\W\d_]++)?+"
_GAP = r"[,;:.!?\"'’”)*_\u2026-]{0,3}\s[\s\"'“(*_-]{0,3}"
_WORDS = re.compile(rf"(?<![^\W\d_]){_WORD}(?:{_GAP}{_WORD})++")
_DENSE = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3]{6}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f-\x9f\ufffd\ufffe\uffff\ud800-\udfff]")
LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
_FEWEST_LETTERS = 8
_LEAST_LIKE = 0.42
_LETTER_SHARE = 0.66
_LOOK = 4_000
"""Characters of a text at which `speaks` looks."""


def letters(text: str) -> NDArray[np.uint8]:
    """One number a code point: 0 to 25 for a letter of ASCII in either case, 26 for all else."""
    raw = np.frombuffer(text.encode("latin-1", "replace"), dtype=np.uint8)
    return _alphabet()[raw]


def triples(numbers: NDArray[np.uint8]) -> NDArray[np.int32]:
    """The triple that begins at each of the letters but the last two."""
    wide = numbers.astype(np.int32)
    return wide[:-2] * (_SIDE * _SIDE) + wide[1:-1] * _SIDE + wide[2:]


@cache
def common() -> NDArray[np.bool_]:
    """For each triple whether it is common in language."""
    table = np.zeros((_SIDE, _SIDE, _SIDE), dtype=np.bool_)
    for block in TRIGRAMS.split():
        first, second = (_EDGE if c == "_" else ord(c) - 97 for c in block[:2])
        for c in block[2:]:
            table[first, second, _EDGE if c == "_" else ord(c) - 97] = True
    return table.reshape(-1)


def likeness(text: str) -> float:
    """Share of the triples of `text` (edges of words included) that are common; 0 without letters."""
    numbers = letters(f" {text} ")
    middle = numbers[1:-1] != _EDGE
    count = int(middle.sum())
    return float(common()[triples(numbers)][middle].sum()) / count if count else 0.0


def speaks(text: str) -> bool:
    """Whether `text` could say something to a model: words, in a language, and no binary."""
    text = text[:_LOOK]
    if _CONTROL.search(text):
        return False
    runs = [m.group() for m in _WORDS.finditer(text)]
    said = sum(len(r) for r in runs)
    if not runs or said < _FEWEST_LETTERS:
        return _DENSE.search(text) is not None
    longest = max(runs, key=len)
    if len(longest) < _FEWEST_LETTERS or said < _LETTER_SHARE * len(text) / 2:
        return False
    latin = len(LATIN.findall(longest))
    return latin * 2 < len(longest) or likeness(longest) >= _LEAST_LIKE


@cache
def _alphabet() -> NDArray[np.uint8]:
    table = np.full(256, _EDGE, dtype=np.uint8)
    for n in range(26):
        table[97 + n] = table[65 + n] = n
    for n in range(0xC0, 0x100):  # accented letters count as their base: é as e
        base = _BASES.get(chr(n).lower())
        if base:
            table[n] = ord(base) - 97
    return table


_BASES = dict(zip("àáâãäåçèéêëìíîïñòóôõöøùúûüýÿ", "aaaaaaceeeeiiiinoooooouuuuyy", strict=True))
