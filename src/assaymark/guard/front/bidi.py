"""Directional overrides: what a person sees runs backwards, what a model reads runs forwards."""

import re

from assaymark.guard.front.mapped import Found, Piece, Run, in_place, merged

__all__ = ["bidi"]

_OVERRIDE = re.compile("[\u202e\u202d]([^\u202a-\u202e\u2066-\u2069\n\u2029]*+)\u202c?")
_LETTERS = re.compile("[A-Za-z]{2}")
"""Overrides have no honest use around Latin letters; embeddings and isolates have, and marks too."""


def bidi(text: str) -> Found | None:
    """The text as a person sees it, with each overridden run in the order in which it is drawn."""
    runs = [
        Run(m.start(), m.end(), m.group(1)[::-1], (Piece(0, *m.span(1), -1),))
        for m in _OVERRIDE.finditer(text)
        if m.group()[0] == "\u202e" and _LETTERS.search(m.group(1))
    ]
    if not runs:
        return None
    return Found(name="bidi", made=in_place(text, runs), spans=merged(runs), hidden=True)
