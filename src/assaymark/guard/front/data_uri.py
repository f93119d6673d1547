"""`data:` URIs of text types."""

import binascii
import re
from urllib.parse import unquote_to_bytes

from assaymark.guard.front.decoded import as_text
from assaymark.guard.front.mapped import Found, Run, listed, merged

__all__ = ["data_uri"]

_URI = re.compile(
    r"data:(?:text/[a-z.+-]{1,40}|application/(?:json|xml|javascript|xhtml\+xml)|image/svg\+xml)?"
    r"(?:;[a-z-]{1,20}=[\w-]{1,40})*(;base64)?,([^\s\"'<>)]{8,}+)",
    re.IGNORECASE,
)


def data_uri(text: str) -> Found | None:
    """What the `data:` URIs in `text` hold, if it is text."""
    runs = [
        Run(m.start(), m.end(), said)
        for m in _URI.finditer(text)
        if (said := _held(m.group(2), packed=m.group(1) is not None))
    ]
    return Found(name="data_uri", made=listed(runs), spans=merged(runs)) if runs else None


def _held(body: str, *, packed: bool) -> str | None:
    if "${" in body:
        return None  # a template of a program
    data = unquote_to_bytes(body.encode("utf-8", "surrogatepass"))
    if packed:
        try:
            data = binascii.a2b_base64(data.translate(bytes.maketrans(b"-_", b"+/")) + b"==")
        except binascii.Error:
            return None
    return as_text(data)
