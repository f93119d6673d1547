"""Limits, authentication, guards, tests and scans that history knew are still there."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_met, not_observable, partly_met
from assaymark.checks._findings import capped, counted
from assaymark.checks.history._trails import readable
from assaymark.scan.facts import History, RemovedSafeguard

_ORDER = (
    "authentication",
    "approval",
    "rate-limit",
    "guard",
    "validation",
    "scan",
    "pinning",
    "test",
    "limit",
)


@check(supports=("5.1.3-1.1", "5.2.2-2", "5.4.1-2"))
def safeguards_stay_in_place(
    histories: tuple[History, ...], removed: tuple[RemovedSafeguard, ...]
) -> Iterator[Finding]:
    """Limits, authentication, guards, tests and scans that history knew are still there.

    Why: Safeguards are seldom left out; they are taken out, in a hurry, to make something work, and
    nobody comes back. The system then differs from what was assessed.

    Fix: Put the safeguard back, or record in a decision file why it is not needed and what replaces it.

    Blind spots: Removed lines are judged by well-known names, and a replacement under another name looks
    like a loss: a person has to judge each one. Only the commits that were read are covered.
    """
    history = readable(histories)
    ordered = sorted(removed, key=lambda r: (_ORDER.index(r.kind) if r.kind in _ORDER else 99, r.at))
    details = [at(_said(r), r) for r in ordered]
    if history is None:
        yield not_observable("There is no readable git history.")
    elif removed:
        summary = f"{counted(len(removed), 'safeguard')} that history removed did not come back."
        yield not_met(summary, *capped(details), tentative=True)
    elif history.problem:
        yield partly_met(f"No removed safeguard in {counted(history.commits, 'commit')}; {history.problem}.")
    else:
        yield met(f"No removed safeguard in {counted(history.commits, 'commit')}.")


def _said(removed: RemovedSafeguard) -> str:
    change = removed.change
    when = f"{removed.kind} removed on {change.date[:10]} by {change.author} ({change.subject[:80]})"
    return f"{when}: {removed.text[:120]}"
