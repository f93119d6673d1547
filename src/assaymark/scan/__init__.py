"""Bytes → facts. Nothing here knows a provision or judges.

For use as a library::

    from assaymark.scan import open_checked, scan

    report = scan("models/")                      # what loading each file would do; nothing is loaded
    with open_checked("model.pkl") as file:       # refused unless it was read whole and is known to be safe
        model = joblib.load(file)
"""

from typing import Any

__all__ = ["Options", "RefusedError", "open_checked", "scan"]

_HOMES = {"Options": "run", "RefusedError": "guarded", "open_checked": "guarded", "scan": "run"}


def __getattr__(name: str) -> Any:
    """Import what is asked for, so that importing one parser does not import them all."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"assaymark.scan.{_HOMES[name]}"), name)
