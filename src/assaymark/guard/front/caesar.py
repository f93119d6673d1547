"""rot13, every other shift of the alphabet, and Atbash."""

import string
from collections.abc import Sequence

from assaymark.guard.front.language import likeness
from assaymark.guard.front.mapped import Found, Piece, Run, listed, merged
from assaymark.guard.front.strange import known_share

__all__ = ["caesar", "shifted"]

_SAMPLE = 240
_LEAST_KNOWN, _LEAST_LIKE, _MOST_LIKE = 0.5, 0.75, 0.7
_LOWER = string.ascii_lowercase
_TABLES = [
    str.maketrans(_LOWER + _LOWER.upper(), to + to.upper())
    for to in [_LOWER[n:] + _LOWER[:n] for n in range(1, 26)] + [_LOWER[::-1]]
]


def shifted(text: str, by: int) -> str:
    """`text` with each letter of ASCII moved `by` places (1 to 25) up the alphabet."""
    return text.translate(_TABLES[by - 1])


def caesar(text: str, strange: Sequence[tuple[int, int]]) -> Found | None:
    """The `strange` stretches of `text` that become English when all letters move by the same number."""
    runs = [
        Run(a, b, said, (Piece(0, a, b, 1),))
        for a, b in strange
        if (said := _unshifted(text, a, b)) is not None
    ]
    return Found(name="caesar", made=listed(runs), spans=merged(runs)) if runs else None


def _unshifted(text: str, start: int, end: int) -> str | None:
    sample = text[start : min(end, start + _SAMPLE)]
    if likeness(sample) > _MOST_LIKE:
        return None
    table = max(_TABLES, key=lambda t: known_share(sample.translate(t)))
    said = sample.translate(table)
    if known_share(said) < _LEAST_KNOWN or likeness(said) < _LEAST_LIKE:
        return None
    return text[start:end].translate(table)
