"""Facts about the prompt-injection guard: its policy, its calibration, what it decided."""

from typing import Literal

from assaymark.scan.facts._base import Fact

__all__ = ["GuardDecisions", "GuardFile"]


class GuardFile(Fact, frozen=True, kw_only=True):
    """A file that configures the guard, as it stands; whoever judges it reads it with the guard's reader."""

    kind: Literal["policy", "calibration"]
    sha256: str
    """Of the file; decisions name the policy that made them by it."""
    text: str


class GuardDecisions(Fact, frozen=True, kw_only=True):
    """What the newest decisions in this machine's ledger say; `at` is the ledger."""

    total: int
    """Decisions that were looked at."""
    more: bool
    """There may be older ones."""
    first: str
    """Time of the oldest that was looked at, ISO 8601, UTC."""
    last: str
    actions: tuple[tuple[str, int], ...]
    """What was done → how often."""
    shadowed: int
    """Decisions that would have done something else than they did: shadow mode."""
    asked: int
    """Decisions that asked a human."""
    answered: int
    """Decisions that a named person made."""
    rules: tuple[tuple[str, int], ...]
    """Families of rules that found something → decisions."""
    opened: int
    """Decisions in which something passed because a step failed or was late: fail-open."""
    policies: tuple[str, ...]
    """SHA-256 of the policies that decided."""
