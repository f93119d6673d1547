"""Which texts bear characters that draw nothing and have no honest use where they stand.

Honest uses, and left alone: joiners and selectors of emoji, joiners of Arabic, Persian and Indic scripts,
directional marks in texts with Hebrew or Arabic, spaces of Thai, Khmer and Han, a byte order mark at the
beginning, flags made of tags, ideographic variants. Soft hyphens between letters are counted apart.
"""

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.fields import LONGEST, blocks
from assaymark.dataset.engines.invisible_spaces import SPACES
from assaymark.guard.front.characters import BIDI, INVISIBLE, LOOKALIKE, SELECTOR, TAG, flags
from assaymark.guard.front.confusables import TWINS, confusables

__all__ = ["HOMOGLYPHS", "SOFT_HYPHEN", "Stray", "kind_name", "stray"]

HOMOGLYPHS = 1
"""Kind of a text whose words mix scripts; other kinds are code points."""
SOFT_HYPHEN = 0xAD
_TAGS, _SELECTORS = 0xE0001, 0xE0100
"""Code points that stand for all tags, and for all selectors past the sixteenth."""
_BOM, _ZWSP, _ZWNJ, _ZWJ, _FLAG = 0xFEFF, 0x200B, 0x200C, 0x200D, 0x1F3F4
_KEYS = np.array([ord(c) for c in "0123456789#*©®"], dtype=np.uint32)
_SCIENCE = frozenset("αβγδεζηικλμνπρστυχωΑΒΕΚΜΡΧςϲ") - frozenset("ονΟρυ")
"""Greek letters that stand before Latin ones in honest words: β-blocker, μg, λx."""


class Stray(NamedTuple):
    """One text with at least one such character."""

    n: int
    """Number of the text."""
    kinds: frozenset[int]
    dense: bool
    """Whether it has so many that they may spell something."""


def stray(texts: Sequence[str]) -> list[Stray]:
    """Those of `texts` that bear such characters."""
    wide = [n for n, text in enumerate(texts) if not text.isascii()]
    found: list[Stray] = []
    for block in blocks([texts[n] for n in wide]):
        points = np.frombuffer(block.joined.encode("utf-32-le", "surrogatepass"), dtype="<u4")
        bits = flags(points)
        kinds = _invisible(points, bits, block.starts)
        for n in _mixed(points, bits, block.starts):
            if _homoglyphs(texts[wide[block.first + n]][:LONGEST]):
                kinds.setdefault(n, []).append(HOMOGLYPHS)
        for n in sorted(kinds):
            number = wide[block.first + n]
            found.append(Stray(number, frozenset(kinds[n]), len(kinds[n]) >= 3))
    return found


def kind_name(kind: int) -> str:
    """What it is called."""
    if kind == HOMOGLYPHS:
        return "words that mix look-alike letters of several scripts"
    if kind in SPACES:
        return SPACES[kind]
    if kind in (_TAGS, _SELECTORS):
        return "tag characters" if kind == _TAGS else "variation selectors"
    return f"{unicodedata.name(chr(kind), 'character').lower()} (U+{kind:04X})"


def _invisible(
    points: NDArray[np.uint32], bits: NDArray[np.uint8], starts: NDArray[np.int64]
) -> dict[int, list[int]]:
    """Text → kinds of its stray characters, one for each."""
    hidden = (bits & INVISIBLE) != 0
    at = np.flatnonzero(hidden)
    if not len(at):
        return {}
    text = np.searchsorted(starts, at, side="right") - 1
    at, text = at[~(first := _honest(points, bits, at, text, starts))], text[~first]
    kinds: dict[int, list[int]] = {}
    tags, selectors = (bits[at] & TAG) != 0, ((bits[at] & SELECTOR) != 0) & (points[at] > 0xFFFF)
    named = np.where(tags, _TAGS, np.where(selectors, _SELECTORS, points[at]))
    for n, kind in zip(text.tolist(), named.tolist(), strict=True):
        kinds.setdefault(n, []).append(kind)
    return kinds


def _honest(
    points: NDArray[np.uint32],
    bits: NDArray[np.uint8],
    at: NDArray[np.int64],
    text: NDArray[np.int64],
    starts: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Which of the invisible characters at `at` have their use there."""
    left, right = _neighbours(points, bits, at)
    this = points[at]
    emoji = (left >= 0x203C) & (left < 0x2E80) | (left >= 0x1F000)
    emoji_after = (right >= 0x203C) & (right < 0x2E80) | (right >= 0x1F000)
    joining = _joining(left) | _joining(right)
    unspaced = _unspaced(left) | _unspaced(right)
    rtl = np.isin(text, np.unique(np.searchsorted(starts, np.flatnonzero(_rtl(points)), side="right") - 1))
    alone = (bits[np.maximum(at - 1, 0)] & INVISIBLE) == 0
    honest: NDArray[np.bool_] = ((this == 0xFE0F) | (this == 0xFE0E)) & (
        emoji | np.isin(left, _KEYS) | unspaced
    )
    honest |= (this == _ZWJ) & (emoji | emoji_after | joining)
    honest |= (this == _ZWNJ) & joining
    honest |= (this == _ZWSP) & unspaced
    honest |= ((bits[at] & BIDI) != 0) & rtl
    honest |= (this == _BOM) & (at == starts[text])
    honest |= ((bits[at] & TAG) != 0) & (left == _FLAG)
    honest |= ((bits[at] & SELECTOR) != 0) & alone & ((left >= 0x2200) & (left < 0x2300) | _han(left))
    honest |= np.isin(this, _FILLERS) & (unspaced | joining)
    honest |= (this >= 0x1D173) & (this <= 0x1D17A)
    return honest


_FILLERS = np.array([0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180E, 0x3164, 0xFFA0])


def _neighbours(
    points: NDArray[np.uint32], bits: NDArray[np.uint8], at: NDArray[np.int64]
) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """The nearest characters that are drawn, before and after; 10 (a line end) where there is none."""
    drawn = np.flatnonzero((bits & INVISIBLE) == 0)
    seen = np.concatenate([[10], points[drawn], [10]]).astype(np.uint32)
    after = np.searchsorted(drawn, at)
    return seen[after], seen[after + 1]


def _joining(points: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Arabic, Syriac, Indic, South-East Asian, Mongolian."""
    return (
        ((points >= 0x0590) & (points < 0x1100))
        | ((points >= 0x1780) & (points < 0x18B0))
        | ((points >= 0x1A00) & (points < 0x1CD0))
        | ((points >= 0xA800) & (points < 0xABC0))
        | _rtl(points)
    )


def _rtl(points: NDArray[np.uint32]) -> NDArray[np.bool_]:
    return (
        ((points >= 0x0590) & (points < 0x0900))
        | ((points >= 0xFB1D) & (points < 0xFE00))
        | ((points >= 0xFE70) & (points < 0xFEFD))
    )


def _unspaced(points: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Thai, Lao, Tibetan, Myanmar, Khmer, Hangul, kana, Han."""
    return (
        ((points >= 0x0E00) & (points < 0x1200))
        | ((points >= 0x1780) & (points < 0x1800))
        | ((points >= 0x2E80) & (points < 0xD800))
        | ((points >= 0xFF00) & (points < 0xFFF0))
        | (points >= 0x20000)
    )


def _han(points: NDArray[np.uint32]) -> NDArray[np.bool_]:
    return (
        ((points >= 0x3400) & (points < 0xA000))
        | ((points >= 0xF900) & (points < 0xFB00))
        | ((points >= 0x20000) & (points < 0x40000))
    )


def _mixed(points: NDArray[np.uint32], bits: NDArray[np.uint8], starts: NDArray[np.int64]) -> list[int]:
    """Texts in which a Latin letter stands next to a look-alike."""
    other = (bits & LOOKALIKE) != 0
    if not other.any():
        return []
    low = points | np.uint32(32)
    latin = (low >= ord("a")) & (low <= ord("z")) & (points < 128)
    border = np.flatnonzero((other[1:] & latin[:-1]) | (latin[1:] & other[:-1]))
    texts: list[int] = np.unique(np.searchsorted(starts, border, side="right") - 1).tolist()
    return texts


def _homoglyphs(text: str) -> bool:
    found = confusables(text)
    if found is None:
        return False
    used = {c for start, end in found.spans for c in text[start:end] if c in TWINS}
    return bool(used - _SCIENCE)
