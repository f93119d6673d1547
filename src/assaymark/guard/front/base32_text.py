"""Base32 (RFC 4648), in one run or in wrapped lines."""

import base64
import binascii
import re

from assaymark.guard.front.decoded import as_text
from assaymark.guard.front.mapped import Found, Run, listed, merged

__all__ = ["base32_text"]

_RUN = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Z2-7]{16,}+|[a-z2-7]{16,}+)(?:\r?\n[A-Z2-7]{8,}+)*+={0,6}+(?![A-Za-z0-9])"
)


def base32_text(text: str) -> Found | None:
    """What the base32 in `text` says, where that is text."""
    runs = [
        Run(m.start(), m.end(), said) for m in _RUN.finditer(text) if (said := _decode(m.group())) is not None
    ]
    return Found(name="base32", made=listed(runs), spans=merged(runs)) if runs else None


def _decode(run: str) -> str | None:
    body = "".join(run.split()).rstrip("=").upper()
    try:
        data = base64.b32decode(body + "=" * (-len(body) % 8))
    except (binascii.Error, ValueError):
        return None
    return as_text(data)
