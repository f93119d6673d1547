"""Letters of other scripts that look like Latin ones, put into Latin words."""

import re

from assaymark.guard.front.mapped import Found, Piece, Run, around, merged

__all__ = ["TWINS", "confusables"]

_PAIRS = (
    # Cyrillic
    (
        "авсԁеёғһіїјӏкӄмоӧрԛѕтѵуѡԝхүґзпгьиӀАВСЕЁНІЇЈКМОРЅТУХҮԌԜЬЗԚ",
        "abcdeefhiijlkkmoopqstvywwxyrenrbuIABCEEHIIJKMOPSTYXYGWbEQ",
    ),
    # Greek
    ("αβγδεζηικλμνορτυχωϲϳσςΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹ", "abydezniklmvoptuxwcjocABEZHIKMNOPTYXC"),
    # Armenian
    ("աբգզԁհյոռսցքօՕՍԼՏՀ", "wpqqdhjnnughoOUISU"),
    # Cherokee
    ("ᎪᏴᏟᎠᎬᎢᏀᎻᎥᎫᏦᏞᎷᏆᏢᏒᏚᎡᎳᏙᎩᏃᏔᏎᏋᏁ", "ABCDEiGHIJKLMIPRSRWVYZWSEn"),
)
TWINS = {other: latin for others, latins in _PAIRS for other, latin in zip(others, latins, strict=False)}
"""Letter of another script → the Latin letter that it looks like (Unicode confusables, and the loose ones
that people read without effort)."""

_OTHER = "\u0370-\u03ff\u0400-\u052f\u0531-\u058f\u13a0-\u13ff\uab70-\uabbf"
_WORD = re.compile(rf"(?<![^\W\d_])[A-Za-z]*+[{_OTHER}][A-Za-z{_OTHER}]*+")
_STRONG = 2
"""Latin letters that make a word Latin."""


def confusables(text: str) -> Found | None:
    """The text with look-alikes replaced in words that mix scripts, and in whole look-alike words amid Latin.

    Untouched: words of which any letter has no Latin twin, and texts mostly in the other script.
    """
    words = list(_WORD.finditer(text))
    if not words:
        return None
    foreign = sum(len(m.group()) for m in words if not _fits(m.group()))
    latin = len(re.findall("[A-Za-z]", text))
    runs = [
        Run(m.start(), m.end(), _twin(m.group()), (Piece(0, m.start(), m.end(), 1),))
        for m in words
        if _fits(m.group())
        and (_mixes(m.group()) or (not foreign and latin > 2 * len(m.group()) and len(m.group()) > 2))
    ]
    if not runs or (len(runs) == 1 and len(runs[0].text) < 4):
        return None
    more = [
        Run(m.start(), m.end(), _twin(m.group()), (Piece(0, m.start(), m.end(), 1),))
        for m in words
        if _fits(m.group()) and not foreign and latin
    ]
    runs = more if len(more) > len(runs) else runs
    return Found(name="confusables", made=around(text, runs), spans=merged(runs, 3))


def _fits(word: str) -> bool:
    return all(c.isascii() or c in TWINS for c in word)


def _mixes(word: str) -> bool:
    return sum(map(str.isascii, word)) >= _STRONG or (len(word) > 2 and any(map(str.isascii, word)))


def _twin(word: str) -> str:
    return "".join([TWINS.get(c, c) for c in word])
