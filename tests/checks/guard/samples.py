"""Decisions as the ledger would tell them."""

from assaymark.observation import Location
from assaymark.scan.facts import GuardDecisions

__all__ = ["DECISIONS", "decisions"]


def decisions(**changes: object) -> GuardDecisions:
    """A thousand of the last weeks."""
    fields: dict[str, object] = {
        "at": Location("the ledger"),
        "total": 1_000,
        "more": False,
        "first": "2026-11-01T08:00:00Z",
        "last": "2026-11-22T17:00:00Z",
        "actions": (("allow", 950), ("ask", 10), ("block", 40)),
        "shadowed": 0,
        "asked": 10,
        "answered": 8,
        "rules": (("detector", 40), ("flow", 10)),
        "opened": 0,
        "policies": ("a" * 64,),
    }
    return GuardDecisions(**(fields | changes))  # type: ignore[arg-type]


DECISIONS = (decisions(),)
