"""Quoted-printable, as in mail: `=49=67=6E`, soft line ends, and `=?utf-8?Q?…?=` or `…?B?…` words."""

import binascii
import quopri
import re

from assaymark.guard.front.decoded import as_text
from assaymark.guard.front.mapped import Found, Run, around, merged

__all__ = ["quoted_printable"]

_RUN = re.compile(
    r"(?<![^\s=])[^\s=]*+(?:=(?:[0-9A-F]{2}|[0-9a-f]{2}|\r?\n)[^\s=]*+)++"
    r"(?:[ \t](?:[^\s=]*+(?:=(?:[0-9A-Fa-f]{2}|\r?\n)[^\s=]*+)++))*+"
)
_WORD = re.compile(r"=\?[A-Za-z0-9_-]{1,40}\?([QqBb])\?([^?\s]*+)\?=")
_NEEDLESS = re.compile(r"=(?:4[1-9A-Fa-f]|5[0-9Aa]|6[1-9A-Fa-f]|7[0-9Aa])")
_LEAST = 3


def quoted_printable(text: str) -> Found | None:
    """`text` with encoded words, and escapes of plain letters, undone."""
    runs = [Run(m.start(), m.end(), said) for m in _WORD.finditer(text) if (said := _word(*m.groups()))]
    if not runs:
        runs = [
            Run(m.start(), m.end(), said)
            for m in _RUN.finditer(text)
            if len(_NEEDLESS.findall(m.group())) >= _LEAST and (said := _escaped(m.group()))
        ]
    return Found(name="quoted_printable", made=around(text, runs), spans=merged(runs, 3)) if runs else None


def _word(kind: str, body: str) -> str | None:
    if kind in "Qq":
        return _escaped(body.replace("_", " "))
    try:
        return as_text(binascii.a2b_base64(body + "=="))
    except (binascii.Error, ValueError):
        return None


def _escaped(body: str) -> str | None:
    return as_text(quopri.decodestring(body.encode("utf-8", "surrogatepass")))
