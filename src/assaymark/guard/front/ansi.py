"""ANSI escapes: text that a terminal conceals, and words cut up by colours."""

import re

from assaymark.guard.front.language import speaks
from assaymark.guard.front.mapped import Found, Run, around, exact, listed, merged

__all__ = ["ansi", "ansi_concealed"]

_ESC = r"[\x1b\x9b]"
_CODE = re.compile(rf"{_ESC}\[?[0-9;?]{{0,40}}[A-Za-z]")
_CONCEAL = re.compile(
    rf"{_ESC}\[(?:[0-9;]{{0,20}};)?(?:8|30;40|37;47|97;107)m((?:(?!{_ESC})[^\n]){{1,4000}})"
)
_INSIDE = re.compile(rf"[A-Za-z]{_ESC}\[?[0-9;?]{{0,40}}[A-Za-z]")
_LEAST = 3


def ansi_concealed(text: str) -> Found | None:
    """Sentences that a terminal does not show."""
    runs = [
        Run(m.start(), m.end(), m.group(1), exact(*m.span(1)))
        for m in _CONCEAL.finditer(text)
        if speaks(m.group(1))
    ]
    return Found(name="ansi_concealed", made=listed(runs), spans=merged(runs), hidden=True) if runs else None


def ansi(text: str) -> Found | None:
    """`text` without escapes, if they stand within words."""
    if len(_INSIDE.findall(text)) < _LEAST:
        return None
    runs = [Run(m.start(), m.end(), "") for m in _CODE.finditer(text)]
    return Found(name="ansi", made=around(text, runs), spans=merged(runs, 40)) if runs else None
