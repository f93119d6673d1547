"""JSON as the loaders of models read it, bounded, and a walk over its objects without recursion."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct

from assaymark.inspection import HoleKind

__all__ = ["MAX_JSON", "JsonText", "Node", "TooManyValues", "excerpt", "json_end", "nodes", "read_json"]

MAX_JSON = 16 << 20
"""Bytes of one JSON text."""
MAX_NODES = 2_000_000
"""Values that one walk visits."""
MAX_REPEATED = 100
_SHOWN = 400


class TooManyValues(ValueError):
    """A text holds more values than are walked."""

    def __init__(self) -> None:
        super().__init__(f"more than {MAX_NODES:,} values")


class JsonText(Struct, frozen=True):
    """What a text says, or why it cannot be said."""

    value: Any
    problem: str = ""
    kind: HoleKind = HoleKind.BROKEN
    repeated: tuple[str, ...] = ()
    """Keys that stand twice in one object: readers differ on which of them counts."""
    first: Any = None
    """If keys are repeated, the value as readers have it that keep the first."""


class Node(Struct, frozen=True):
    """A JSON object and where it stands."""

    path: str
    """`config.layers[3]`, empty for the whole; cut at 200 characters."""
    value: dict[str, Any]


def read_json(data: bytes) -> JsonText:
    """The value of a JSON text; `NaN` and `Infinity` are taken, as Python's reader takes them."""
    if len(data) > MAX_JSON:
        return JsonText(None, f"JSON of more than {MAX_JSON:,} bytes", HoleKind.BOUND)
    data = data.removeprefix(b"\xef\xbb\xbf")
    repeated: list[str] = []
    try:
        value = json.loads(data, object_pairs_hook=_last_wins(repeated))
        first = json.loads(data, object_pairs_hook=_first_wins) if repeated else None
    except RecursionError:
        return JsonText(None, "JSON that is nested too deeply", HoleKind.BOUND)
    except ValueError as problem:
        return JsonText(None, f"it is no JSON: {str(problem)[:100]}")
    return JsonText(value, repeated=tuple(dict.fromkeys(repeated)), first=first)


def json_end(data: bytes) -> int:
    """Where the JSON value at the beginning of `data` ends, whatever follows; 0 if there is none."""
    text = data.decode("latin-1").lstrip()
    try:
        return json.JSONDecoder().raw_decode(text)[1] + len(data) - len(text)
    except (ValueError, RecursionError):
        return 0


def _last_wins(repeated: list[str]) -> Callable[[list[tuple[str, Any]]], dict[str, Any]]:
    """Objects as Python's reader has them; keys that stand twice are noted."""

    def hook(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        if len(value) != len(pairs) and len(repeated) < MAX_REPEATED:
            counts = Counter(key for key, _ in pairs)
            repeated.extend(key[:80] for key, count in counts.items() if count > 1)
        return value

    return hook


def _first_wins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Objects as readers have them that keep the first of two keys."""
    return dict(reversed(pairs))


def nodes(value: Any, path: str = "") -> Iterator[Node]:
    """Every object inside `value`, outermost first; `TooManyValues` past the bound."""
    waiting: list[tuple[str, Any]] = [(path, value)]
    left = MAX_NODES
    while waiting:
        path, value = waiting.pop()
        if not isinstance(value, dict | list):
            continue
        left -= 1 + len(value)
        if left < 0:
            raise TooManyValues
        if isinstance(value, dict):
            yield Node(path, value)
            inner = [(_joined(path, k), v) for k, v in value.items() if isinstance(v, dict | list)]
        else:
            inner = [(f"{path}[{i}]"[:200], v) for i, v in enumerate(value) if isinstance(v, dict | list)]
        waiting.extend(reversed(inner))


def _joined(path: str, key: Any) -> str:
    return f"{path}.{key}"[:200] if path else str(key)[:200]


def excerpt(value: Any) -> str:
    """A value as short JSON text, control characters escaped."""
    try:
        text = json.dumps(value, ensure_ascii=True)
    except (TypeError, ValueError, RecursionError):
        text = type(value).__name__
    return text if len(text) <= _SHOWN else text[:_SHOWN] + " …"
