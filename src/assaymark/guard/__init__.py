"""Request or response → `Decision`: an ordered chain of small steps around a core without I/O.

`event` holds the nouns, `front` undoes disguises, `detector` scores text, `policy` is what the operator
wrote, `rules` are the deterministic checks, `core` puts them in order, `protocol` reads and writes the
wire formats, `proxy` alone touches sockets, `library` and `adapters` are for programs that call the guard
themselves. `from assaymark.guard import Guard` loads nothing heavy until the first check.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assaymark.guard.library import Blocked, Guard, Session, Verdict

__all__ = ["Blocked", "Guard", "Session", "Verdict"]


def __getattr__(name: str) -> Any:
    """Import the library when one of its names is asked for."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module("assaymark.guard.library"), name)
