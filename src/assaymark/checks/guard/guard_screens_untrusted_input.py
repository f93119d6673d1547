"""The guard stands between strangers' text and the model, and closed."""

from collections.abc import Iterator
from datetime import date

from assaymark.checks._check import Finding, check, met, not_met, partly_met
from assaymark.checks._findings import capped, counted
from assaymark.checks.guard._policies import NOTHING, policies, refused, traffic
from assaymark.scan.facts import GuardDecisions, GuardFile


@check(supports=("5.1.2-2#1", "5.1.2-2#2", "5.2.1-4.1#1"))
def guard_screens_untrusted_input(
    files: tuple[GuardFile, ...], decisions: tuple[GuardDecisions, ...], today: date
) -> Iterator[Finding]:
    """The guard judges every channel on which strangers' text reaches the model, stops what it finds, and
    fails closed.

    Why: A model obeys text wherever it stands. A guard in shadow mode, one that skips a channel, or one that
    lets pass what it could not judge is a wall with a door in it, and the door is what an attacker uses.

    Fix: In the guard's policy write `mode: enforce`, score `user`, `tool_description`, `tool_result` and
    `document`, leave `on_error` and `on_deadline` at `deny`, and remove exceptions that have ended.

    Blind spots: A policy in the tree does not show that traffic passes through the gateway; only decisions in
    this system's ledger do. How much the guard catches is not seen here: measure it with
    `assaymark guard test`, and expect it to miss adaptive attackers.
    """
    from assaymark.guard.evidence.configured import holes

    found = policies(files, today)
    seen = traffic(decisions, found)
    open_places = [hole for one in found if not one.fault for hole in holes(one, today)]
    opened = sum(d.opened for d in decisions)
    if fault := refused(found):
        yield fault
    if open_places:
        yield not_met(
            f"The guard is open at {counted(len(open_places), 'place')} of {counted(len(found), 'policy')}.",
            *capped([*open_places, *seen]),
            tentative=True,
        )
    elif opened:
        yield not_met(f"The guard let {counted(opened, 'message')} pass unjudged.", *seen)
    elif decisions and found and not fault:
        yield met(
            f"The guard screens strangers' text ({counted(len(found), 'policy')}), and it decided on "
            f"{counted(sum(d.total for d in decisions), 'message')}.",
            *capped([*(one.at("No channel is left out, and it fails closed.") for one in found), *seen]),
        )
    elif decisions and not found:
        yield partly_met("The guard decides on traffic; its policy does not lie in the tree.", *seen)
    elif found and not fault:
        yield partly_met(
            f"{counted(len(found), 'policy')} would have the guard screen strangers' text; no decision in "
            "this ledger shows that traffic passes through it.",
            *(one.at("No channel is left out, and it fails closed.") for one in found),
        )
    elif not found:
        yield NOTHING
