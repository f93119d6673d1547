"""URL percent-encoding, of letters that need none or of whole sentences."""

import re
from urllib.parse import unquote

from assaymark.guard.front.language import speaks
from assaymark.guard.front.mapped import Found, Run, around, merged

__all__ = ["percent"]

_TOKEN = re.compile(r"(?<![^\s%])[^\s%]*+%[0-9A-Fa-f]{2}\S*+")
_NEEDLESS = re.compile(r"%(?:[46][1-9A-Fa-f]|[57][0-9Aa]|3[0-9])")
_SHORT = 3


def percent(text: str) -> Found | None:
    """`text` with its percent escapes undone, if they hide letters or words."""
    runs = [
        Run(m.start(), m.end(), said)
        for m in _TOKEN.finditer(text)
        if (said := _undone(m.group())) is not None
    ]
    return Found(name="percent", made=around(text, runs), spans=merged(runs, 3)) if runs else None


def _undone(token: str) -> str | None:
    said = unquote(token, errors="replace")
    if _NEEDLESS.search(token) and (len(_NEEDLESS.findall(token)) >= 1):
        return said
    spaced = unquote(token.replace("+", " "), errors="replace")
    parts = re.split(r"[?&=#/]", spaced)
    longest = max(parts, key=len)
    return spaced if longest.count(" ") >= _SHORT and speaks(longest) else None
