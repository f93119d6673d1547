"""Text of JSON records → canonical form; what cannot be read, or not by every reader alike, keeps its bytes.

Pure.
"""

import json
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from assaymark.dataset.provenance.canonical import canonical_raw, canonical_record, value_bytes

__all__ = ["Block", "json_block"]

_FIRST = 100
_MEMBERS = 50


class Block(Struct, frozen=True):
    """Some records."""

    canonical: list[bytes]
    values: list[Any]
    """What each record holds; None if it could not be read."""
    unreadable: tuple[int, ...]

    @property
    def names(self) -> list[str]:
        """Columns, and members of columns, in the first records."""
        names: dict[str, None] = {}
        for value in self.values[:_FIRST]:
            for key, inner in value.items() if isinstance(value, dict) else ():
                names[key] = None
                if isinstance(inner, dict):
                    names.update(dict.fromkeys(f"{key}.{k}" for k in list(inner)[:_MEMBERS]))
        return list(names)

    def column(self, name: str) -> list[str] | None:
        """The column, or member, of each record as text; None if `name` is empty."""
        return [_text(value, name) for value in self.values] if name else None


def json_block(texts: Sequence[bytes]) -> Block:
    """Records from their texts."""
    canonical, values, unreadable = [], [], []
    for at, text in enumerate(texts):
        value = _decoded(text)
        form = _canonical(value)
        if form is None:
            unreadable.append(at)
            form, value = canonical_raw(text.strip()), None
        canonical.append(form)
        values.append(value)
    return Block(canonical, values, tuple(unreadable))


def _text(record: Any, name: str) -> str:
    if not isinstance(record, dict):
        return ""
    found = record.get(name)
    if found is None:
        outer, dot, inner = name.partition(".")
        member = record.get(outer) if dot else None
        found = member.get(inner) if isinstance(member, dict) else None
    return value_bytes(found).decode("utf-8", "replace").strip()


def _decoded(text: bytes) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _canonical(value: Any) -> bytes | None:
    if not isinstance(value, dict):
        return None
    try:
        return canonical_record(value)
    except (ValueError, RecursionError):
        return None
