"""Combining marks stacked on Latin letters, or struck through each letter, so that words drown in ink."""

import re

from assaymark.guard.front.mapped import Found, Run, around, merged

__all__ = ["marks"]

_MARK = "\u0300-\u034e\u0350-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_STACK = re.compile(f"(?<=[A-Za-z])[{_MARK}]++")
_OVERLAYS = frozenset(
    "\u0305\u0332\u0333\u0334\u0335\u0336\u0337\u0338\u033f\u0346\u0489\u20d0\u20d2\u20d8\u20dd\u20de\u20e0\u20e3\u20e5\u20e6\u20eb"
)
_TALL = 3
"""Marks on one letter; the languages of the world do with two."""
_OFTEN = 4
"""Letters struck through, underlined or boxed, one by one."""


def marks(text: str) -> Found | None:
    """The text without them, if they are stacked or laid over; accents in their usual number stay."""
    runs = [Run(m.start(), m.end(), "") for m in _STACK.finditer(text)]
    tall = any(r.end - r.start >= _TALL for r in runs)
    if not tall and sum(text[r.start] in _OVERLAYS for r in runs) < _OFTEN:
        return None
    return Found(name="marks", made=around(text, runs), spans=merged(runs, 40))
