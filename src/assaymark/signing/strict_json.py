"""JSON from strangers: bounded, without duplicate keys, so that no two readers see different things in it."""

import json
from typing import Any

from assaymark.signing.problems import DoesNotVerify

__all__ = ["MAX_BYTES", "member", "parse", "parse_any"]

MAX_BYTES = 64 << 20
"""Three hundred thousand files make about that."""
_MAX_VALUES = 2_000_000
"""Objects and arrays, and commas by four: each costs memory many times its length."""


def parse(data: bytes, what: str) -> dict[str, Any]:
    """The object that `data` holds.

    Args:
        data: UTF-8 text.
        what: what it should be, for messages: "the signature file".

    Raises:
        DoesNotVerify: it is too long, no JSON, no object, or holds a key twice.
    """
    value = parse_any(data, what)
    if not isinstance(value, dict):
        raise DoesNotVerify(f"{what} is no JSON object.")
    return value


def parse_any(data: bytes, what: str) -> Any:
    """The value that `data` holds, whatever its type.

    Raises:
        DoesNotVerify: it is too long, no JSON, or holds a key twice.
    """
    if len(data) > MAX_BYTES:
        raise DoesNotVerify(f"{what} is longer than {MAX_BYTES:,} bytes.")
    if data.count(b"{") + data.count(b"[") > _MAX_VALUES or data.count(b",") > 4 * _MAX_VALUES:
        raise DoesNotVerify(f"{what} holds more than {_MAX_VALUES:,} values.")
    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=_once, parse_constant=_refused)
    except UnicodeDecodeError as error:
        raise DoesNotVerify(f"{what} is not UTF-8 text.") from error
    except (ValueError, RecursionError) as error:
        raise DoesNotVerify(f"{what} is no valid JSON: {str(error)[:200]}.") from error


def member(value: Any, key: str, kind: type, what: str) -> Any:
    """`value[key]`, which has to be of type `kind`.

    Raises:
        DoesNotVerify: it is missing or of another type.
    """
    found = value.get(key) if isinstance(value, dict) else None
    # A boolean is an int to Python, and nowhere else.
    if not isinstance(found, kind) or (isinstance(found, bool) and kind is not bool):
        raise DoesNotVerify(f"{what} has no valid {key!r}.")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _refused(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
