"""What the chain judges, and what it has found so far."""

from collections.abc import Mapping

from msgspec import Struct

from assaymark.guard.core.meter import Meter
from assaymark.guard.core.ports import Context, EgressStream, Revealed
from assaymark.guard.event import Channel, Finding, Phase, Segment, ToolCall

__all__ = ["Case", "Draft"]


class Case(Struct, frozen=True, kw_only=True):
    """One message, one window of a stream, or one call."""

    phase: Phase
    segments: tuple[Segment, ...] = ()
    calls: tuple[ToolCall, ...] = ()
    offered: frozenset[str] | None = None
    """Names of the tools offered in the request; None if not known."""
    tools: int = 0
    """How many tools are declared."""
    tainted: bool | tuple[str, ...] = False
    """Untrusted text was read in this conversation; which segments, if that is known."""
    untrusted: tuple[str, ...] = ()
    """Those texts, to trace arguments to."""
    trusted: tuple[str, ...] = ()
    """Texts of people and operator, in which a value may stand too."""
    system: tuple[str, ...] = ()
    """System prompts of the conversation, which must not reappear."""
    canary: str = ""
    """Mark put into the system prompt; empty if none was."""
    known: tuple[Finding, ...] = ()
    """Findings of whoever read the message, made before the chain."""
    context: Context = Context()
    meter: Meter | None = None
    """Of the exchange that this request begins; None counts the request alone."""
    deadline: float | None = None
    """Monotonic second at which judging must be over."""
    fresh: int = 0
    """In a stream: first code point of the one segment that has not been scored before."""
    stream: EgressStream | None = None
    """In a stream: what follows its text for the egress rules."""
    news: str = ""
    """What is new since it was asked last."""
    base: int = 0
    """Where in the stream the segment begins."""
    pointers: bool = True
    """Segments without a pointer cannot be edited; False for library calls, where all can be."""

    def channels(self) -> frozenset[Channel]:
        """Who speaks in it."""
        return frozenset(segment.channel for segment in self.segments)


class Draft(Struct, frozen=True):
    """Findings so far; each step gives a new one."""

    findings: tuple[Finding, ...] = ()
    revealed: Mapping[int, Revealed] = {}
    """By index of the segment."""
    scored: bool = False
    """Some text was scored, so the detector had a part in the decision."""

    def plus(self, *findings: Finding) -> "Draft":
        """With more findings."""
        return Draft((*self.findings, *findings), self.revealed, self.scored)
