"""Ledger entries of decisions → one fact that checks read. Pure."""

from collections import Counter
from collections.abc import Iterable

from assaymark.guard.event import Action
from assaymark.guard.evidence.decided import TYPE, Decided, Found
from assaymark.ledger.entry import InvalidEntryError, body_of
from assaymark.ledger.ledger import Recorded
from assaymark.observation import Location
from assaymark.scan.facts import GuardDecisions

__all__ = ["NEWEST", "tally"]

NEWEST = 5_000
"""Entries of the ledger that are looked at."""
_POLICIES = 20


def tally(entries: Iterable[Recorded], more: bool) -> tuple[GuardDecisions, ...]:
    """One fact, or none if nothing was decided.

    Args:
        entries: of any type, oldest first.
        more: the ledger holds older ones.
    """
    found = [(r.time, body) for r in entries if r.entry.type == TYPE and (body := _body(r)) is not None]
    if not found:
        return ()
    bodies = [body for _, body in found]
    rules = Counter(rule for b in bodies for rule in {f.rule.partition("/")[0] for f in b.findings})
    return (
        GuardDecisions(
            at=Location("the ledger"),
            total=len(found),
            more=more,
            first=found[0][0],
            last=found[-1][0],
            actions=_sorted(Counter(b.action.value for b in bodies)),
            shadowed=sum(b.action is not b.wanted for b in bodies),
            asked=sum(b.action is Action.ASK for b in bodies),
            answered=sum(bool(b.by) for b in bodies),
            rules=_sorted(rules),
            opened=sum(any(map(_opened, b.findings)) for b in bodies),
            policies=tuple(sorted({b.policy for b in bodies}))[:_POLICIES],
        ),
    )


def _opened(finding: Found) -> bool:
    late = finding.rule.startswith("error/") or finding.rule == "limit/deadline"
    return finding.action is Action.ALLOW and late


def _sorted(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items()))


def _body(recorded: Recorded) -> Decided | None:
    try:
        return body_of(recorded.entry, Decided)
    except InvalidEntryError:
        return None  # of a later version; nothing is said of it
