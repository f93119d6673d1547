"""Load a catalogue of provisions and look things up in it."""

import functools
import json
from pathlib import Path

__all__ = ["obligation_ids"]


@functools.cache
def obligation_ids() -> tuple[str, ...]:
    """The 115 obligation ids in the standard's order."""
    path = Path(__file__).with_name("obligation_ids.json")
    return tuple(json.loads(path.read_text(encoding="utf-8")))
