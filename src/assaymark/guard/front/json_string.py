r"""JSON text as a string within JSON text: `"{\"note\": \"…\"}"`."""

import json
import re

from assaymark.guard.front.mapped import Found, Run, listed, merged

__all__ = ["json_string"]

_STRING = re.compile(r'(?<!\\)"((?:[^"\\]|\\.)*+)"')
_INNER = re.compile(r'\s*+\\*["{\[]')
_LONGEST = 200_000


def json_string(text: str) -> Found | None:
    r"""The strings in `text` that hold JSON again; their inner quotes are written `\"`."""
    if '\\"' not in text:
        return None
    runs = [Run(m.start(), m.end(), said) for m in _STRING.finditer(text) if (said := _inner(m.group()))]
    return Found(name="json_string", made=listed(runs), spans=merged(runs)) if runs else None


def _inner(quoted: str) -> str | None:
    if '\\"' not in quoted or not _INNER.match(quoted, 1) or len(quoted) > _LONGEST:
        return None
    try:
        said = json.loads(quoted, strict=False)
        json.loads(said, strict=False)
    except (ValueError, TypeError, RecursionError):
        return None
    return said if isinstance(said, str) else None
