"""What a caller gets back: the decision, and the text as it may be used."""

from typing import Any

from msgspec import Struct

from assaymark.errors import AssaymarkError
from assaymark.guard.event import Action, Decision, Finding, Segment
from assaymark.guard.protocol.errors import said

__all__ = ["Blocked", "NotRecorded", "Verdict"]

_PASSES = (Action.ALLOW, Action.ANNOTATE, Action.REDACT)


class Verdict(Struct, frozen=True, kw_only=True):
    """A decision about one text or message. True in a condition only if it may be used."""

    decision: Decision
    text: str = ""
    """The text to use: marked or with spans removed where the policy says so; empty unless allowed."""
    body: Any = None
    """For a whole message: the body to send, of the type that was given; None unless allowed."""
    segments: tuple[Segment, ...] = ()
    """What was judged, for `explain` to name places in."""

    @property
    def allowed(self) -> bool:
        """Whether it may be used (as `text` or `body` say)."""
        return self.decision.action in _PASSES

    @property
    def needs_human(self) -> bool:
        """Whether a human may still let it pass."""
        return self.decision.action is Action.ASK

    @property
    def action(self) -> Action:
        """What was done."""
        return self.decision.action

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was seen."""
        return self.decision.findings

    @property
    def id(self) -> str:
        """Of the decision, as in the ledger."""
        return self.decision.id

    def raise_if_blocked(self) -> "Verdict":
        """Itself, if allowed.

        Raises:
            Blocked: it may not be used.
        """
        if not self.allowed:
            raise Blocked(self)
        return self

    def __bool__(self) -> bool:
        return self.allowed

    def __repr__(self) -> str:
        """Without text, so that logs hold none."""
        rules = ", ".join(dict.fromkeys(f.rule for f in self.findings)) or "nothing found"
        return f"<Verdict {self.action} {self.id}: {rules}>"


class Blocked(AssaymarkError):
    """The guard did not let something pass."""

    def __init__(self, verdict: Verdict) -> None:
        waits = "It waits for a human: ask one, then go on. " if verdict.needs_human else ""
        advice = f"{waits}`Guard.explain` says what was found and which rule of the policy decided."
        super().__init__(_sentence(verdict.decision), advice)
        self.verdict = verdict


class NotRecorded(AssaymarkError):
    """A decision could not be written down, so nothing passes."""


def _sentence(decision: Decision) -> str:
    if decision.action is not Action.ASK:
        return said(decision)
    rules = ", ".join(dict.fromkeys(f.rule for f in decision.findings if f.action is Action.ASK))
    return f"Held for a human by the Assaymark guard ({rules or 'the policy'}). Decision {decision.id}."
