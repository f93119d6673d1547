"""NFKC and its kin: letters in costume (full width, mathematical, circled …) as plain ones."""

import re
import unicodedata
from functools import cache

import numpy as np

from assaymark.guard.front.characters import STYLED, code_points, flags
from assaymark.guard.front.mapped import Found, Piece, Run, around, merged
from assaymark.guard.front.words import WORDS

__all__ = ["styled"]

_SMALL = dict(
    zip(
        "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢɑɡɩɯʋɐɔǝɟɥʞɹʇʌʍʎ",
        "abcdefghijklmnoprstuvwyzagiwvacefhkrtvwy",
        strict=True,
    )
)
_RUN = re.compile(r"\S++")
_HONEST = frozenset("ﬀﬁﬂﬃﬄﬅﬆ™℠℡№℮ℓ")
"""Found in type-set text, in names of products and in units."""
_FEWEST, _MANY, _FEW_WORDS = 6, 24, 3
"""Letters in costume that a text must have before words made of nothing else count."""
_FULL_WIDTH = range(0xFF01, 0xFF5F)
_REGIONAL = range(0x1F1E6, 0x1F200)


def styled(text: str) -> Found | None:
    """The text in plain letters, where a word mixes both kinds or many words are in costume.

    Untouched: ligatures, single symbols, superscripts of numbers, flags, and the few full-width words of a
    Japanese or Chinese text.
    """
    where = np.flatnonzero(flags(code_points(text)) & STYLED)
    runs = [run for start, end in _words(text, where.tolist()) if (run := _plain(text[start:end], start))]
    runs = _without_flags(text, runs)
    odd = [c for r in runs for c in text[r.start : r.end] if _letter(c)]
    if not any(_mixed(text[r.start : r.end]) for r in runs):
        asian = any(
            c > "\u2e7f" and c.isalpha() and not _letter(c) for r in runs for c in text[r.start : r.end]
        )
        wide = asian or len(runs) < _FEW_WORDS
        enough = _MANY if wide and all(ord(c) in _FULL_WIDTH for c in odd) else _FEWEST
        if len(odd) < enough:
            return None
    return Found(name="nfkc", made=around(text, runs), spans=merged(runs, 3))


def _without_flags(text: str, runs: list[Run]) -> list[Run]:
    """Regional indicators are letters where half of their runs are words; else they are flags."""
    regional = [r for r in runs if any(ord(c) in _REGIONAL for c in text[r.start : r.end])]
    known = sum(r.text.lower().strip(".,;:!?'\"") in WORDS for r in regional)
    return runs if known * 2 >= len(regional) else [r for r in runs if r not in regional]


def _words(text: str, where: list[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for n in where:
        if found and n < found[-1][1]:
            continue
        start = n
        while start > (found[-1][1] if found else 0) and not text[start - 1].isspace():
            start -= 1
        match = _RUN.match(text, n)
        found.append((start, match.end() if match else n + 1))
    return found


def _plain(word: str, start: int) -> Run | None:
    said = "".join([_one(c) for c in word])
    if said == word or not re.search("[A-Za-z]{1}", said):
        return None
    if all(c in _HONEST or c.isascii() for c in word) or not any(_letter(c) for c in word):
        return None
    lengths = [len(_one(c)) for c in word]
    if max(lengths) == min(lengths) == 1:
        return Run(start, start + len(word), said, (Piece(0, start, start + len(word), 1),))
    at, pieces = 0, []
    for n, length in enumerate(lengths):
        if length:
            pieces.append(Piece(at, start + n, start + n + 1))
        at += length
    return Run(start, start + len(word), said, tuple(pieces))


def _letter(c: str) -> bool:
    return not c.isascii() and len(said := _one(c)) <= 3 and said.isascii() and any(map(str.isalpha, said))


def _mixed(word: str) -> bool:
    odd = sum(1 for c in word if _letter(c) and c not in _HONEST and not _raised(c))
    plain = sum(1 for c in word if c.isascii() and c.isalpha())
    return odd > 0 and plain > 0


def _raised(c: str) -> bool:
    return unicodedata.decomposition(c).startswith(("<super>", "<sub>"))


@cache
def _one(c: str) -> str:
    if c in _SMALL:
        return _SMALL[c]
    point = ord(c)
    if point in _REGIONAL:
        return chr(point - 0x1F1E6 + 97)
    for first in (0x1F130, 0x1F150, 0x1F170):  # squared, negative circled, negative squared capitals
        if first <= point < first + 26:
            return chr(point - first + 65)
    if 0x1F110 <= point < 0x1F12A or 0x249C <= point < 0x24B6:  # in parentheses
        return chr((point - 0x1F110) % 26 + 65 if point >= 0x1F110 else point - 0x249C + 97)
    said = unicodedata.normalize("NFKC", c)
    return said if len(said) <= 4 else c
