"""What the driver says of bytes under a name, in the words of tests."""

import json
from typing import Any

from assaymark.inspection import Hole, Inspection
from assaymark.scan.blob import BytesBlob
from assaymark.scan.inspect import inspect_blob

__all__ = ["holes", "looked_at", "verdict", "words"]


def looked_at(name: str, content: bytes | str | Any) -> Inspection | None:
    """The inspection of a file; values that are no text are written as JSON."""
    if not isinstance(content, bytes):
        content = (content if isinstance(content, str) else json.dumps(content)).encode()
    return inspect_blob(BytesBlob(name, content))


def verdict(name: str, content: bytes | str | Any) -> str:
    """The one word, or `nothing` for a file that is of no known format."""
    found = looked_at(name, content)
    return str(found.verdict) if found is not None else "nothing"


def words(name: str, content: bytes | str | Any) -> list[tuple[str, str, str]]:
    """Rule, level and subject of every hazard."""
    found = looked_at(name, content)
    return [(h.rule, str(h.level), h.subject) for h in found.hazards] if found else []


def holes(name: str, content: bytes | str | Any) -> tuple[Hole, ...]:
    """What was not covered."""
    found = looked_at(name, content)
    return found.holes if found else ()
