"""Who asks a human about a call: the guard's queue, or the agents library before it runs the tool."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

from assaymark.guard.core.events import AskHuman, Record
from assaymark.guard.event import Action, Channel, Phase, Segment, ToolCall
from assaymark.guard.library.drive import Done, Driver
from assaymark.guard.library.talk import Talk

__all__ = ["Questions"]

_MOST = 10_000
"""Calls that are remembered; a human is asked about one that was forgotten."""
Needs = Callable[[Any, dict[str, Any], str], Awaitable[bool]]


class Questions:
    """Remembers which calls need a human.

    Args:
        deferring: the tools were given `needs_approval`, so a call may leave the model: the library will
            interrupt the run before it makes the call.
    """

    def __init__(self, *, deferring: bool) -> None:
        self.deferring = deferring
        self._calls: OrderedDict[str, bool] = OrderedDict()

    def note(self, calls: Iterable[ToolCall]) -> None:
        """Calls that were let go; those not asked about need nobody."""
        for call in calls:
            self._set(call.id, asks=self._calls.get(call.id, False))

    async def put(self, driver: Driver, talk: Talk, command: AskHuman, tools: Sequence[Any]) -> list[Done]:
        """Let the library ask later if it surely will; else ask now."""
        question = command.question
        findings = question.decision.findings
        asking = [f for f in findings if f.action is Action.ASK and not f.excepted_by]
        by_name = {getattr(tool, "name", ""): tool for tool in tools}
        about_calls = all(f.rule.startswith(("flow/", "tool/")) for f in asking)
        sure = all(self._surely(by_name.get(call.name)) for call in question.calls)
        if not (self.deferring and question.calls and about_calls and sure):
            return await driver.asked(talk, command)
        for call in question.calls:
            segment = Segment(
                text=call.arguments, channel=Channel.TOOL_ARGUMENTS, at="/arguments", tool=call.name
            )
            decision = await driver.ajudge(talk.case(Phase.TOOL_CALL, (segment,), (call,)))
            self._set(call.id, asks=decision.action is Action.ASK)
        return [c for c in talk.deferred() if not isinstance(c, Record)]

    def wrap(self, own: bool | Needs) -> bool | Needs:
        """What a tool's `needs_approval` becomes."""
        if own is True:
            return True

        async def needs(context: Any, arguments: dict[str, Any], call_id: str) -> bool:
            asked = self._calls.get(call_id, True)
            return asked or (callable(own) and await own(context, arguments, call_id))

        needs.questions = self  # type: ignore[attr-defined]
        return needs

    def _surely(self, tool: Any) -> bool:
        needs = getattr(tool, "needs_approval", False)
        return needs is True or getattr(needs, "questions", None) is self

    def _set(self, call_id: str, *, asks: bool) -> None:
        self._calls[call_id] = asks
        self._calls.move_to_end(call_id)
        while len(self._calls) > _MOST:
            self._calls.popitem(last=False)
