"""Accents on English words: `ïgnörë`."""

import re
import unicodedata

from assaymark.guard.front.mapped import Found, Piece, Run, around, merged
from assaymark.guard.front.strange import known_share
from assaymark.guard.front.words import WORDS

__all__ = ["accents"]

_ACCENTED = "\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff"
_WORD = re.compile(rf"(?<![^\W\d_])[A-Za-z]*+[{_ACCENTED}][A-Za-z{_ACCENTED}]*+(?![^\W\d_])")
_POINTS = [*range(0xC0, 0x250), *range(0x1E00, 0x1F00)]
_OWN = {"ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ł": "l", "Ł": "L", "ı": "i", "ŧ": "t", "Ŧ": "T", "ħ": "h"}
_BARE = {n: _OWN.get(chr(n), unicodedata.normalize("NFD", chr(n))[0]) for n in _POINTS}
_FEWEST, _LEAST_WORD = 2, 4
_ENGLISH = 0.5
"""Share of English among the accented words, and among all once the accents are gone."""


def accents(text: str) -> Found | None:
    """`text` without accents, if that makes several English words and a text that is English.

    Other languages, names and loan words keep theirs.
    """
    words = list(_WORD.finditer(text))
    if len(words) < _FEWEST:
        return None
    runs = [
        Run(m.start(), m.end(), m.group().translate(_BARE), (Piece(0, m.start(), m.end(), 1),)) for m in words
    ]
    known = [r for r in runs if r.text.lower() in WORDS]
    different = {r.text.lower() for r in known if len(r.text) >= _LEAST_WORD}
    if len(different) < _FEWEST or len(known) < _ENGLISH * len(runs):
        return None
    made = around(text, runs)
    if known_share(made.text) < _ENGLISH:
        return None
    return Found(name="accents", made=made, spans=merged(runs, 3))
