"""What a column's values look like. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from assaymark.dataset.reading.chat import is_conversation, transcript
from assaymark.dataset.record import Column

__all__ = ["IMAGE_STARTS", "Look", "as_columns", "look_at", "looks_of"]

IMAGE_STARTS = (
    b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"BM", b"II*\0", b"MM\0*", b"RIFF",
)  # fmt: skip
"""How the images that are read begin."""
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*")
_INTEGER = re.compile(r"\s*[+-]?\d{1,18}\s*")
_TIME = re.compile(
    r"\s*\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?)?\s*(Z|[+-]\d\d:?\d\d)?\s*|\d\d?[/.]\d\d?[/.]\d{4}"
)
_NONE = frozenset({"", "?", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None"})


class Look(Struct, frozen=True, kw_only=True):
    """What a sample of a column says."""

    name: str
    type: str
    """As in `Column`, or `image`, `conversation`, `vector`."""
    filled: int
    distinct: int
    characters: float
    """Mean length of what is a string."""
    words: float
    """Mean number of blanks in what is a string."""
    wordy: float
    """Share of strings with at least three words."""
    transcripts: float
    """Share of strings that are whole conversations."""


def looks_of(names: Sequence[str], sample: Sequence[Mapping[str, Any]]) -> dict[str, Look]:
    """The look of each column."""
    return {name: look_at(name, [record.get(name) for record in sample]) for name in names}


def look_at(name: str, values: Sequence[Any]) -> Look:
    """The look of one column."""
    there = [v for v in values if v is not None and not (isinstance(v, str) and v.strip() in _NONE)]
    texts = [v for v in there if isinstance(v, str)]
    distinct = len({v if isinstance(v, str | int | float | bool) else str(v)[:200] for v in there})
    blanks = [v.strip().count(" ") for v in texts]
    return Look(
        name=name,
        type=_type(there, texts, distinct),
        filled=len(there),
        distinct=distinct,
        characters=sum(map(len, texts)) / max(1, len(texts)),
        words=sum(blanks) / max(1, len(texts)),
        wordy=sum(b >= 2 for b in blanks) / max(1, len(texts)),
        transcripts=sum(transcript(v[:20_000]) is not None for v in texts) / max(1, len(texts)),
    )


def _type(there: Sequence[Any], texts: Sequence[str], distinct: int) -> str:
    if not there:
        return "category"
    if len(texts) * 2 > len(there):
        return _text_type(texts, distinct)
    kinds = [_kind(v) for v in there]
    first = max(set(kinds), key=lambda k: (kinds.count(k), k))
    if first == "integer" and "number" in kinds:
        return "number"
    return first


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    if hasattr(value, "isoformat"):
        return "time"
    if isinstance(value, bytes):
        return "image" if value.startswith(IMAGE_STARTS) else "other"
    if isinstance(value, dict) and "bytes" in value and "path" in value:
        return "image"
    if hasattr(value, "dtype") and hasattr(value, "ndim"):
        return "image"
    if is_conversation(value):
        return "conversation"
    if isinstance(value, list) and len(value) >= 8 and all(isinstance(v, float | int) for v in value):
        return "vector"
    return "other"


def _text_type(texts: Sequence[str], distinct: int) -> str:
    for kind, form in (("integer", _INTEGER), ("number", _NUMBER), ("time", _TIME)):
        if sum(form.fullmatch(t[:80]) is not None for t in texts) >= 0.95 * len(texts):
            return kind
    mean = sum(map(len, texts)) / len(texts)
    wordy = sum(t.strip().count(" ") >= 2 for t in texts) / len(texts)
    if mean >= 60 or (wordy >= 0.4 and mean >= 16 and distinct > max(3, len(texts) // 5)):
        return "text"
    return "category"


def as_columns(looks: Mapping[str, Look]) -> tuple[Column, ...]:
    """The columns as the layout names them."""
    plain = {"number", "integer", "category", "text", "time", "boolean"}
    return tuple(Column(n, k.type if k.type in plain else "other") for n, k in looks.items())
