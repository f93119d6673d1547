"""The state of one MCP session, without I/O: what was asked, read, offered and pinned.

For each message: `prepare` says what is to be judged, `settle` what is remembered once it has passed.
"""

from collections import OrderedDict
from enum import Enum

from msgspec import Struct
from msgspec.structs import replace

from assaymark.guard.core.case import Case
from assaymark.guard.core.ports import Context, Parts, Usage
from assaymark.guard.core.taint import origins
from assaymark.guard.event import Action, Finding, Phase
from assaymark.guard.policy.model import Policy
from assaymark.guard.protocol.mcp import (
    ELICITATION,
    SAMPLING,
    Asked,
    Reading,
    asked_of,
    from_client,
    from_server,
)
from assaymark.guard.protocol.mcp_rpc import Rpc
from assaymark.guard.proxy.mcp_pins import Pins

__all__ = ["From", "Prepared", "Session"]

_PENDING = 10_000
"""Requests that may wait for an answer; of more, the oldest is forgotten (and its answer read strictly)."""
_LABELS = 50
_TEXTS = 200_000
"""Characters of untrusted text kept, to trace arguments to."""


class From(Enum):
    """Who sent a message."""

    CLIENT = "client"
    SERVER = "server"


class Prepared(Struct, frozen=True, kw_only=True):
    """A message, read, with what is to be judged in it."""

    sender: From
    rpc: Rpc
    reading: Reading
    case: Case
    answering: Asked | None = None

    @property
    def silent(self) -> bool:
        """Whether there is nothing to judge."""
        return not (self.case.segments or self.case.calls or self.case.known)


class _Memory:
    """What a session has seen."""

    def __init__(self, pins: Pins) -> None:
        self.pins = pins
        self.offered: frozenset[str] | None = None
        """Tools that passed in a complete list; None until there was one."""
        self.listed: set[str] = set()
        self.labels: tuple[str, ...] = ()
        self.untrusted: tuple[str, ...] = ()


class Session:
    """One client, one server.

    Args:
        parts: policy and what else the chain needs.
        context: of every decision.
        pins: what tools said of themselves before.
    """

    def __init__(self, parts: Parts, context: Context, pins: Pins | None = None) -> None:
        self.parts, self.context = parts, context
        self._memory = _Memory(pins or Pins())
        self._asked: dict[From, OrderedDict[str, Asked]] = {who: OrderedDict() for who in From}

    def exchange(self) -> "Session":
        """The same session for one exchange whose ids are its own (revision 2026-07-28 over HTTP)."""
        other = Session(self.parts, self.context)
        other._memory = self._memory
        return other

    @property
    def offered(self) -> frozenset[str] | None:
        """Tools that passed in a complete list; None until there was one."""
        return self._memory.offered

    @property
    def tainted(self) -> bool:
        """Whether untrusted text was passed on to the client."""
        return bool(self._memory.labels)

    def waiting(self, sender: From) -> dict[str, Asked]:
        """Requests of `sender` that have no answer yet, by the key of their id."""
        return dict(self._asked[sender])

    def remember(self, sender: From, rpc: Rpc) -> None:
        """A request is on its way to the other side."""
        asked = self._asked[sender]
        asked[rpc.id] = asked_of(rpc)
        asked.move_to_end(rpc.id)
        if len(asked) > _PENDING:
            asked.popitem(last=False)

    def prepare(self, sender: From, rpc: Rpc) -> Prepared:
        """What is to be judged in a message. Counts a tool call against the quotas."""
        other = From.SERVER if sender is From.CLIENT else From.CLIENT
        answering = self._asked[other].get(rpc.id) if rpc.kind in ("result", "error") else None
        reading = from_client(rpc, answering) if sender is From.CLIENT else from_server(rpc, answering)
        return Prepared(
            sender=sender,
            rpc=rpc,
            reading=reading,
            case=self._case(reading),
            answering=answering,
        )

    def answered(self, sender: From, rpc: Rpc) -> None:
        """An answer of `sender` has come, whatever becomes of it."""
        other = From.SERVER if sender is From.CLIENT else From.CLIENT
        self._asked[other].pop(rpc.id, None)

    def settle(self, prepared: Prepared) -> None:
        """A message passes.

        Raises:
            OSError: a new tool cannot be pinned.
        """
        rpc, reading = prepared.rpc, prepared.reading
        if rpc.kind == "request":
            self.remember(prepared.sender, rpc)
        if prepared.sender is From.CLIENT:
            return
        if reading.phase is Phase.TOOL_RESULT:
            self._taint(reading)
        elif prepared.answering is not None and prepared.answering.method == "tools/list":
            self._offer(prepared.answering, reading)

    def _taint(self, reading: Reading) -> None:
        found = origins(reading.segments, self.parts.policy)
        self._memory.labels = (self._memory.labels + found.labels)[-_LABELS:]
        texts, size = [], 0
        for text in reversed(self._memory.untrusted + found.untrusted):
            size += len(text)
            if size > _TEXTS:
                break
            texts.append(text)
        self._memory.untrusted = tuple(reversed(texts))

    def _offer(self, asked: Asked, reading: Reading) -> None:
        passed = {tool.name: tool.digest for tool in reading.declared}
        self._memory.pins.accept(passed)
        self._memory.listed = (set() if asked.first else self._memory.listed) | set(passed)
        if reading.whole_list:
            self._memory.offered = frozenset(self._memory.listed)

    def _case(self, reading: Reading) -> Case:
        parts = self.parts
        known = (*_asks(reading, parts.policy), *self._changed(reading))
        if reading.calls:
            known += parts.book.check(self.context)
            parts.book.spend(self.context, Usage(tool_calls=len(reading.calls)))
        return Case(
            phase=reading.phase,
            segments=reading.segments,
            calls=reading.calls,
            offered=self.offered,
            tools=len(reading.declared),
            tainted=self._memory.labels,
            untrusted=self._memory.untrusted,
            known=known,
            context=replace(self.context, request=parts.new_id()),
            deadline=parts.now() + parts.policy.limits.deadline_ms / 1000,
        )

    def _changed(self, reading: Reading) -> tuple[Finding, ...]:
        """Tools that say something else than before: in an earlier list, or in this one (a name twice)."""
        action = self.parts.policy.mcp.changed_tool
        seen, found = Pins(), []
        for tool in reading.declared:
            if action is not Action.ALLOW and (
                self._memory.pins.changed(tool.name, tool.digest) or seen.changed(tool.name, tool.digest)
            ):
                segment = reading.items.index(tool.item) if tool.item in reading.items else -1
                message = "The tool's declaration is not what it was when the tool was first seen."
                rule = "mcp/description_changed"
                found.append(Finding(rule=rule, message=message, action=action, segment=segment))
            seen.accept({tool.name: tool.digest})
        return tuple(found)


def _asks(reading: Reading, policy: Policy) -> tuple[Finding, ...]:
    """The server asks the client's model, or the person: an untrusted party makes a request."""
    rules = {
        SAMPLING: ("mcp/sampling", policy.mcp.sampling, "The server asks the client's model to answer."),
        ELICITATION: ("mcp/elicitation", policy.mcp.elicitation, "The server asks the person something."),
    }
    found = [rules[name] for name in reading.asks]
    return tuple(
        Finding(rule=rule, message=message, action=action)
        for rule, action, message in found
        if action is not Action.ALLOW
    )
