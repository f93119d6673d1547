"""Morse code in dots and dashes, words parted by `/`, `|` or wider gaps."""

import re

from assaymark.guard.front.mapped import Found, Piece, Run, listed, merged

__all__ = ["MORSE", "morse"]

_CODES = """
.- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..-
-.-- --.. ----- .---- ..--- ...-- ....- ..... -.... --... ---.. ----. .-.-.- --..-- ..--.. -.-.--
---... .----. -....- -..-. -.--. -.--.- .--.-. -...- .-.-. .-..-.
"""
MORSE = dict(zip("abcdefghijklmnopqrstuvwxyz0123456789.,?!:'-/()@=+\"", _CODES.split(), strict=True))
"""Letter → code."""
_LETTERS = {code: letter for letter, code in MORSE.items()}
_RUN = re.compile(
    r"(?<![\w.·•–—−-])"
    r"(?:[.·•–—−-]{1,6}(?:[ \t\n]{0,3}[/|][ \t\n]{0,3}|[ \t\n]{1,7}|(?![\w.·•–—−-]))){7,}+"
)
_SIGNS = str.maketrans("·•–—−", "..---")
_PART = re.compile(r"([.-]+)|([ \t\n]*[/|][ \t\n]*|[ \t\n]{2,})")
_READ = 0.9


def morse(text: str) -> Found | None:
    """What the Morse code in `text` says."""
    runs = [run for m in _RUN.finditer(text) if (run := _read(m.group(), m.start())) is not None]
    return Found(name="morse", made=listed(runs), spans=merged(runs)) if runs else None


def _read(run: str, start: int) -> Run | None:
    said: list[str] = []
    pieces: list[Piece] = []
    codes = 0
    for part in _PART.finditer(run.translate(_SIGNS)):
        codes += part.group(1) is not None
        letter = _LETTERS.get(part.group(1), "") if part.group(1) else " "
        if letter:
            pieces.append(Piece(len(said), start + part.start(), start + part.end()))
            said.append(letter)
    text = "".join(said)
    if sum(c != " " for c in said) < _READ * codes or len(set(text)) < 4:
        return None
    return Run(start, start + len(run), text, tuple(pieces))
