"""Letters of other scripts that look like Latin ones, put into Latin words."""

import re

from assaymark.guard.front.mapped import Found, Piece, Run, around, merged

__all__ = ["TWINS", "confusables", "mixed"]

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
_BORDER = re.compile(rf"[A-Za-z](?=[{_OTHER}])|[{_OTHER}](?=[A-Za-z])")
_FOREIGN = re.compile(rf"(?![{''.join(TWINS)}])[{_OTHER}]")
_ESCAPE = re.compile(r"(?<=\\)(?:f[BIPR]|[abfnrtv])")
_LATIN = re.compile("[A-Za-z]")
_FITTING = {ord(c): None for c in TWINS} | dict.fromkeys(range(128))
_TWINS = str.maketrans(TWINS)
_STRONG = 2
"""Latin letters that make a word Latin."""


def confusables(text: str) -> Found | None:
    """The text with look-alikes replaced in words that mix scripts, and in whole look-alike words amid Latin.

    Untouched: words of which any letter has no Latin twin, and texts mostly in the other script.
    """
    if _BORDER.search(text) is None and _FOREIGN.search(text):
        return None  # wholly in other scripts, as most texts with such letters are
    words = [(*_clear(m.group(), m.start(), text), m.end()) for m in _WORD.finditer(text)]
    fitting = [w for w in words if not w[0].translate(_FITTING)]
    if not fitting:
        return None
    foreign = len(fitting) < len(words)
    chosen = [w for w in fitting if _mixes(w[0])]
    if not foreign:
        latin = len(_LATIN.findall(text))
        chosen = [w for w in fitting if _mixes(w[0]) or (latin > 2 * len(w[0]) and len(w[0]) > 2)]
    if not chosen or (len(chosen) == 1 and len(chosen[0][0]) < 4):
        return None
    chosen = chosen if foreign else fitting
    runs = [Run(a, b, word.translate(_TWINS), (Piece(0, a, b, 1),)) for word, a, b in chosen]
    return Found(name="confusables", made=around(text, runs), spans=merged(runs, 3))


def mixed(text: str) -> int:
    """How often a Latin letter stands next to one of another script."""
    return len(_BORDER.findall(text))


def _clear(word: str, start: int, text: str) -> tuple[str, int]:
    """Without the letters of an escape at its beginning, as of a line end in JSON or a font in troff."""
    escape = _ESCAPE.match(text, start) if word[0].isascii() else None
    length = min(escape.end() - start, len(word) - 1) if escape else 0
    return word[length:], start + length


def _mixes(word: str) -> bool:
    plain = sum(map(str.isascii, word))
    return plain >= _STRONG or (len(word) > 2 and plain > 0)
