"""An exchange that can be taken up again: what a conversation knows, from one call of the library to the
next.
"""

from msgspec import Struct
from msgspec.structs import replace

from assaymark.guard.core.case import Case
from assaymark.guard.core.edits import canary, canary_edit
from assaymark.guard.core.events import Command
from assaymark.guard.core.exchange import Exchange
from assaymark.guard.core.ports import Context, Parts
from assaymark.guard.core.taint import Origins, origins
from assaymark.guard.event import Channel, Phase, Segment, ToolCall
from assaymark.guard.policy.model import Mode

__all__ = ["Known", "Talk"]

_MOST_TEXTS = 500
"""Texts of one kind that are kept to trace the origin of values; the taint itself is never forgotten."""


class Known(Struct, frozen=True, kw_only=True):
    """What the next judgement must know of what went before."""

    system: tuple[str, ...] = ()
    canary: str = ""
    origins: Origins = Origins()
    unseen: bool = False
    """Some of the conversation is kept elsewhere and may have held untrusted text."""
    offered: frozenset[str] | None = None
    context: Context = Context()

    def plus(self, segments: tuple[Segment, ...], parts: Parts) -> "Known":
        """With texts that the model has read or written."""
        new, old = origins(segments, parts.policy), self.origins
        merged = Origins(
            tuple(dict.fromkeys(old.labels + new.labels))[-_MOST_TEXTS:],
            (old.untrusted + new.untrusted)[-_MOST_TEXTS:],
            (old.trusted + new.trusted)[-_MOST_TEXTS:],
        )
        return replace(self, origins=merged)

    def told(self, system: str, parts: Parts) -> tuple["Known", str]:
        """With a system prompt; and that prompt as it should be sent, with the session's canary in it."""
        texts = (system,)
        known = replace(self, system=texts)
        policy = parts.policy
        if policy.egress.canary is None or policy.mode is Mode.SHADOW or not system.strip():
            return known, system
        mark = canary(texts, self.context.key + self.context.request, parts.secret)
        edit = canary_edit((Segment(text=system, channel=Channel.SYSTEM, at="/"),), mark)
        return replace(known, canary=mark), system + (edit.replacement if edit else "")


class Talk(Exchange):
    """One exchange of a conversation of which something is known."""

    def __init__(self, parts: Parts, known: Known | None = None) -> None:
        super().__init__(parts)
        known = known or Known()
        self.context = known.context
        self.canary = known.canary
        self._system = known.system
        self._origins = known.origins
        self._tainted = known.origins.labels or known.unseen
        self._offered = known.offered

    def known(self) -> Known:
        """What the next exchange must know."""
        return Known(
            system=self._system,
            canary=self.canary,
            origins=self._origins,
            unseen=self._tainted is True,
            offered=self._offered,
            context=self.context,
        )

    def case(self, phase: Phase, segments: tuple[Segment, ...], calls: tuple[ToolCall, ...] = ()) -> Case:
        """What the chain judges."""
        return self._case(phase, segments, calls)

    def deferred(self) -> tuple[Command, ...]:
        """What waits for a human, let go because somebody else asks him before it has any effect."""
        if self._pending is None:
            return ()
        _, then = self._pending
        self._pending = None
        return (then,)
