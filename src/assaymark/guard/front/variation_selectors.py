"""Variation selectors as bytes: 256 of them, any number may follow one visible character."""

import re

from assaymark.guard.front.mapped import Found, Run, listed, merged

__all__ = ["variation_selectors"]

_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]{3,}+")
_FIRST, _SECOND = 0xFE00, 0xE0100


def variation_selectors(text: str) -> Found | None:
    """The bytes that runs of variation selectors spell, if they are text; a run alone is odd enough."""
    runs = [Run(m.start(), m.end(), _bytes(m.group())) for m in _SELECTORS.finditer(text)]
    if not runs:
        return None
    return Found(name="variation_selectors", made=listed(runs, " "), spans=merged(runs), hidden=True)


def _bytes(selectors: str) -> str:
    points = [ord(c) for c in selectors]
    data = bytes(p - _FIRST if p < _SECOND else p - _SECOND + 16 for p in points)
    return data.decode("utf-8", "replace")
