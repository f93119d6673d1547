"""Tag characters: a copy of ASCII at U+E0000 that draws nothing and that models read."""

import re

from assaymark.guard.front.mapped import Found, Run, exact, listed, merged

__all__ = ["tag_characters"]

_TAGS = re.compile("[\U000e0020-\U000e007f]{2,}+")
_BLACK_FLAG = "\U0001f3f4"
_FLAG_LENGTH = 8
"""Honest: the flags of England, Scotland and Wales are a black flag and at most six tags with an end."""


def tag_characters(text: str) -> Found | None:
    """The ASCII text that tag characters spell."""
    runs = [
        Run(m.start(), m.end(), _spelt(m.group()), exact(m.start(), m.end()))
        for m in _TAGS.finditer(text)
        if not (text[m.start() - 1 : m.start()] == _BLACK_FLAG and m.end() - m.start() <= _FLAG_LENGTH)
    ]
    if not runs:
        return None
    return Found(name="tag_characters", made=listed(runs, " "), spans=merged(runs), hidden=True)


def _spelt(tags: str) -> str:
    return "".join(" " if c == "\U000e007f" else chr(ord(c) - 0xE0000) for c in tags)
