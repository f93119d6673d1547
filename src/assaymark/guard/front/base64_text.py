"""Base64, standard and URL-safe, with or without padding, in wrapped lines and in several joined chunks."""

import binascii
import re
from collections.abc import Iterator
from string import ascii_letters, ascii_lowercase, ascii_uppercase

from assaymark.guard.front.decoded import as_text
from assaymark.guard.front.language import speaks
from assaymark.guard.front.mapped import Found, Run, listed, merged

__all__ = ["base64_text"]

_TOKEN = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{2,}+={0,2}+")
_GLUE = re.compile(r"""[ \t]*+["'`]?[ \t]*+[,+.\\]?[ \t]*+(?:\r?\n[ \t>#*|]*+)?["'`]?\Z""")
_WORD = re.compile(r"(?:[A-Z]?[a-z]+|[A-Z]+|[0-9]+|[+/_-]+)\Z")
_SHORTEST = 12
_LONG = 24
_ROT13 = str.maketrans(ascii_letters, "".join(a[13:] + a[:13] for a in (ascii_lowercase, ascii_uppercase)))
_URL_SAFE = str.maketrans("-_", "+/")
_LONGEST_GLUE = 24


def base64_text(text: str) -> Found | None:
    """What the base64 in `text` says, where that is text."""
    runs = list(_runs(text))
    return Found(name="base64", made=listed(runs), spans=merged(runs)) if runs else None


def _runs(text: str) -> Iterator[Run]:
    for group in _groups(text):
        if (run := _read(text, group)) is not None:
            yield run
        elif len(group) > 1:
            yield from filter(None, (_read(text, [token]) for token in group))


def _groups(text: str) -> Iterator[list[tuple[int, int]]]:
    group: list[tuple[int, int]] = []
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        if _WORD.match(match.group()) and not (group and end - start == group[-1][1] - group[-1][0]):
            if group and start - group[-1][1] <= 2 and text[start - 1] == "\n":
                group.append((start, end))  # the last line of a wrapped run may look like a word
            continue
        gap = text[group[-1][1] : start] if group and start - group[-1][1] <= _LONGEST_GLUE else None
        if gap is not None and gap and _GLUE.match(gap) and text[group[-1][1] - 1] != "=":
            group.append((start, end))
            continue
        if group:
            yield group
        group = [(start, end)]
    if group:
        yield group


def _read(text: str, group: list[tuple[int, int]]) -> Run | None:
    joined = "".join([text[a:b] for a, b in group])
    if len(joined) < _SHORTEST:
        return None
    said = _decode(joined) or (_turned(joined) if len(joined) >= _LONG else None)
    start = group[0][0]
    if said is None and "/" in joined and len(group) == 1:  # the last part of a path or of a URL
        tail = joined.rsplit("/", 1)[1]
        said = _decode(tail) if len(tail) >= _SHORTEST else None
        start = group[0][1] - len(tail)
    return Run(start, group[-1][1], said) if said else None


def _decode(joined: str) -> str | None:
    body = joined.rstrip("=").translate(_URL_SAFE)
    body = body[: len(body) - (len(body) % 4 == 1)]
    try:
        data = binascii.a2b_base64(body + "=" * (-len(body) % 4))
    except (binascii.Error, ValueError):
        return None
    return as_text(data)


def _turned(joined: str) -> str | None:
    """What base64 says whose letters were moved by thirteen places."""
    said = _decode(joined.translate(_ROT13))
    return said if said and speaks(said) else None
