r"""Hexadecimal bytes: plain, `\x..`, `0x..`, with spaces, colons or commas between."""

import re

from assaymark.guard.front.decoded import as_text
from assaymark.guard.front.mapped import Found, Run, listed, merged

__all__ = ["hexadecimal"]

_RUN = re.compile(
    r"(?<![0-9A-Za-z.])(?:0[xX])?(?:[0-9A-Fa-f]{2}){8,}+(?:\r?\n(?:[0-9A-Fa-f]{2}){4,}+)*+(?![0-9A-Za-z])"
    r"|(?<![0-9A-Za-z.])(?:(?:0x|0X|\\x|x)?[0-9A-Fa-f]{2}[ \t\r\n,:;-]{1,3}+){6,}+"
    r"(?:(?:0x|0X|\\x)?[0-9A-Fa-f]{2}(?![0-9A-Za-z]))?"
    r"|(?:\\x[0-9A-Fa-f]{2}){6,}+"
)
_BYTE = re.compile(r"(?:0[xX]|\\?x)?([0-9A-Fa-f]{2})")


def hexadecimal(text: str) -> Found | None:
    """What the hexadecimal bytes in `text` say, where that is text."""
    runs = [Run(m.start(), m.end(), said) for m in _RUN.finditer(text) if (said := _decode(m.group()))]
    return Found(name="hex", made=listed(runs), spans=merged(runs)) if runs else None


def _decode(run: str) -> str | None:
    return as_text(bytes.fromhex("".join(_BYTE.findall(run))))
