"""Logged messages through the real core under one policy, and what differs under two. Pure.

Quotas, deadlines and answers of humans are not replayed: they belong to the hour, not to the text. Every
message of an exchange is judged, also those that would not have come had an earlier one been blocked.
"""

from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from msgspec import Struct
from msgspec.structs import replace

from assaymark.guard.core.events import Record
from assaymark.guard.core.exchange import Exchange
from assaymark.guard.core.ports import NoBook, Parts
from assaymark.guard.event import Action, Finding, strictest
from assaymark.guard.measure.traffic import Logged

__all__ = ["Change", "Changes", "Outcome", "Replay", "changes", "replayed"]

_OPEN = 10_000
"""Exchanges that are remembered at once; the one unused for longest is forgotten first."""


class Outcome(Struct, frozen=True):
    """What a policy wants done with one message."""

    action: Action
    rules: tuple[str, ...] = ()
    """Of all findings that no exception lets pass, without repetition."""
    finding: Finding | None = None
    """The strictest of them."""


class Change(Struct, frozen=True, kw_only=True):
    """One message and what two policies want done with it."""

    logged: Logged
    before: Outcome
    after: Outcome

    @property
    def differs(self) -> bool:
        """Whether something else would be done."""
        return self.before.action is not self.after.action


class Replay:
    """One policy, and the exchanges that are open under it."""

    def __init__(self, parts: Parts) -> None:
        # A clock that stands still: a slow machine must not make a message run into its deadline.
        self._parts = replace(parts, book=NoBook(), now=_never)
        self._exchanges: OrderedDict[str, Exchange] = OrderedDict()

    def outcome(self, logged: Logged) -> Outcome:
        """What the policy wants done with a message."""
        commands = self._exchange(logged.exchange).receive(logged.event)
        decisions = [c.decision for c in commands if isinstance(c, Record)]
        live = [f for d in decisions for f in d.findings if not f.excepted_by]
        action = strictest(*(d.wanted for d in decisions))
        return Outcome(action, tuple(dict.fromkeys(f.rule for f in live)), _worst(live))

    def _exchange(self, name: str) -> Exchange:
        if not name:
            return Exchange(self._parts)
        exchange = self._exchanges.setdefault(name, Exchange(self._parts))
        self._exchanges.move_to_end(name)
        if len(self._exchanges) > _OPEN:
            self._exchanges.popitem(last=False)
        return exchange


def replayed(traffic: Iterable[Logged], new: Parts, old: Parts | None = None) -> Iterator[Change]:
    """Each message under both policies.

    Args:
        traffic: in the order of the log.
        new: the policy to be tried.
        old: the one to compare with; None takes what the log says was wanted, and the new policy itself
            where it says nothing.
    """
    after, before = Replay(new), Replay(old) if old is not None else None
    for logged in traffic:
        outcome = after.outcome(logged)
        if before is not None:
            earlier = before.outcome(logged)
        else:
            earlier = Outcome(logged.action) if logged.action is not None else outcome
        yield Change(logged=logged, before=earlier, after=outcome)


@dataclass
class Changes:
    """Counts over a whole log."""

    messages: int
    pairs: Counter[tuple[Action, Action]]
    appeared: Counter[str]
    """Rules that speak under the new policy alone."""
    vanished: Counter[str]


def changes(found: Iterable[Change]) -> Changes:
    """Count what differs."""
    counts = Changes(0, Counter(), Counter(), Counter())
    for one in found:
        counts.messages += 1
        counts.pairs[one.before.action, one.after.action] += 1
        counts.appeared.update(set(one.after.rules) - set(one.before.rules))
        counts.vanished.update(set(one.before.rules) - set(one.after.rules))
    return counts


def _worst(live: list[Finding]) -> Finding | None:
    action = strictest(*(f.action for f in live))
    return next((f for f in live if f.action is action), None)


def _never() -> float:
    return 0.0
