"""Base85: Adobe's ascii85 between `<~` and `~>`, bare ascii85, and the alphabet of RFC 1924."""

import base64
import re

from assaymark.guard.front.decoded import as_text
from assaymark.guard.front.language import speaks
from assaymark.guard.front.mapped import Found, Run, listed, merged

__all__ = ["base85_text"]

_FRAMED = re.compile(r"<~([!-uz\s]++)~>")
_BARE = re.compile(r"(?<!\S)[!-~]{20,}+(?!\S)")
_PLAIN = re.compile(r"[A-Za-z0-9_.:/@-]*\Z")
_LONGEST = 100_000
"""The standard library's decoder is slow; longer runs are data."""


def base85_text(text: str) -> Found | None:
    """What the base85 in `text` says, where that is text."""
    runs = [Run(m.start(), m.end(), said) for m in _FRAMED.finditer(text) if (said := _adobe(m.group(1)))]
    if not runs:
        runs = [Run(m.start(), m.end(), said) for m in _BARE.finditer(text) if (said := _bare(m.group()))]
    return Found(name="base85", made=listed(runs), spans=merged(runs)) if runs else None


def _adobe(body: str) -> str | None:
    try:
        return as_text(base64.a85decode(body[:_LONGEST]))
    except ValueError:
        return None


def _bare(body: str) -> str | None:
    if _PLAIN.match(body) or len(body) > _LONGEST:
        return None
    for decode in (base64.b85decode, base64.a85decode):
        try:
            said = as_text(decode(body))
        except ValueError:
            continue
        if said and speaks(said):
            return said
    return None
