"""JSON of the pack's own: canonical or refused, so that no two readers see different things in it."""

from typing import Any, TypeVar

import msgspec

from assaymark.observation import canonical
from assaymark.pack.refused import Refused

__all__ = ["canonical_object", "decoded", "key_bytes"]

T = TypeVar("T")
_MAX_VALUES = 2_000_000
"""Brackets and commas: each costs memory many times its length."""


def canonical_object(data: bytes, place: str) -> Any:
    """The value that `data` holds.

    Raises:
        Refused: it is no JSON, or not the one encoding of its value: keys out of order or given twice,
            spaces, numbers or escapes written otherwise.
    """
    if sum(map(data.count, (b"{", b"[", b","))) > _MAX_VALUES:
        raise Refused(place, f"holds more than {_MAX_VALUES:,} values.")
    try:
        value = msgspec.json.decode(data)
        again = canonical(value)
    except (msgspec.MsgspecError, UnicodeError, RecursionError, OverflowError) as error:
        raise Refused(place, f"is no valid JSON: {_short(error)}.") from error
    if again != data:
        raise Refused(place, "is not in canonical form (sorted keys, no spaces, nothing given twice).")
    return value


def decoded(data: bytes, kind: type[T], place: str) -> T:
    """`data` as a `kind`, canonical.

    Raises:
        Refused: it is not canonical, or no `kind`.
    """
    canonical_object(data, place)
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, UnicodeError, RecursionError, OverflowError) as error:
        raise Refused(place, f"does not have the form that it should have: {_short(error)}.") from error


def _short(error: BaseException) -> str:
    return str(error)[:300] or type(error).__name__


def key_bytes(text: str, place: str) -> bytes:
    """The 32 bytes of a key given as hexadecimal digits, in lower case.

    Raises:
        Refused: it is none.
    """
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != 32 or key.hex() != text:
        raise Refused(place, "names no Ed25519 key in hexadecimal digits.")
    return key
