"""HTML character references: decimal, hexadecimal and named."""

import html
import re

from assaymark.guard.front.mapped import Found, Piece, Run, around, merged

__all__ = ["entities"]

_REFERENCE = re.compile(r"&(?:#[0-9]{1,9}|#[xX][0-9A-Fa-f]{1,8}|[A-Za-z][A-Za-z0-9]{1,31});?")
_TELLING = 12
"""Letters beyond ASCII, by number, that make a text encoded (a name has one or two)."""


def entities(text: str) -> Found | None:
    """`text` with its references undone, if they hide letters; `&amp;`, `&nbsp;`, `&eacute;` are honest."""
    runs = []
    plain = foreign = 0
    for match in _REFERENCE.finditer(text):
        said = html.unescape(match.group())
        if said == match.group():
            continue
        numeric = match.group()[1] == "#"
        plain += said.isascii() and said.isalnum()
        foreign += numeric and said.isalpha() and not said.isascii()
        runs.append(Run(match.start(), match.end(), said, (Piece(0, match.start(), match.end()),)))
    if not plain and foreign < _TELLING:
        return None
    return Found(name="html_entities", made=around(text, runs), spans=merged(runs, 40))
