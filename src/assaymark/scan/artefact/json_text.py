"""JSON of unknown origin: bounded by its caller, never deeper than the decoder's own limit."""

from typing import Any

import msgspec

__all__ = ["parse_json"]


def parse_json(text: bytes) -> Any:
    """The parsed value, or None if `text` is not JSON or is nested too deeply."""
    try:
        return msgspec.json.decode(text.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, RecursionError, ValueError):
        return None
