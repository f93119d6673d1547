"""NFKC and its kin: letters in costume (full width, mathematical, circled …) as plain ones."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

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
    plain = cache(_said)  # for this call: it holds words of the text
    runs = []
    for start, end in _words(text, where):
        said = plain(text[start:end])
        if said:
            runs.append(Run(start, end, said[0], _pieces(start, said[1])))
    runs = _without_flags(text, runs)
    odd = _odd(text, runs)
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


def _odd(text: str, runs: list[Run]) -> list[str]:
    """The letters in costume, but for single ones that stand apart, as those of mathematics do."""
    odd: list[str] = []
    last = -2
    for run in runs:
        found = [c for c in text[run.start : run.end] if _letter(c)]
        alone = len(found) == 1 and (run.end - run.start > 1 or run.start - last > 1)
        last = run.end
        odd += [] if alone else found
    return odd


def _words(text: str, where: NDArray[np.intp]) -> Iterator[tuple[int, int]]:
    """Spans without white space that hold one of the places `where`."""
    edges = np.array([m.span() for m in _RUN.finditer(text)]).reshape(-1, 2)
    which = np.unique(np.searchsorted(edges[:, 0], where, "right") - 1)
    yield from edges[which[which >= 0]].tolist()


def _pieces(start: int, lengths: tuple[int, ...]) -> tuple[Piece, ...]:
    if max(lengths) == min(lengths) == 1:
        return (Piece(0, start, start + len(lengths), 1),)
    at, pieces = 0, []
    for n, length in enumerate(lengths):
        if length:
            pieces.append(Piece(at, start + n, start + n + 1))
        at += length
    return tuple(pieces)


def _said(word: str) -> tuple[str, tuple[int, ...]] | None:
    """`word` in plain letters, and how many each of its characters gives."""
    said = "".join([_one(c) for c in word])
    if said == word or not re.search("[A-Za-z]{1}", said):
        return None
    if all(c in _HONEST or c.isascii() for c in word) or not any(_letter(c) for c in word):
        return None
    return said, tuple([len(_one(c)) for c in word])


@cache
def _letter(c: str) -> bool:
    return not c.isascii() and len(said := _one(c)) <= 3 and said.isascii() and any(map(str.isalpha, said))


def _mixed(word: str) -> bool:
    """Whether a letter in costume stands next to a plain one."""
    odd = [_letter(c) and c not in _HONEST and not _raised(c) for c in word]
    plain = [c.isascii() and c.isalpha() for c in word]
    return any(a and b for a, b in zip(odd, plain[1:], strict=False)) or any(
        a and b for a, b in zip(plain, odd[1:], strict=False)
    )


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
