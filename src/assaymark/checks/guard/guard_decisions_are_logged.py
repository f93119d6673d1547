"""What the guard decided can be looked up."""

from collections.abc import Iterator
from datetime import date, timedelta

from assaymark.checks._check import Finding, check, met, not_met, partly_met
from assaymark.checks._findings import capped, counted
from assaymark.checks.guard._policies import NOTHING, policies, refused, traffic
from assaymark.observation import Detail
from assaymark.scan.facts import GuardDecisions, GuardFile

RECENT_DAYS = 30
"""A guard that recorded nothing for longer is not in use, or does not record (ours)."""


@check(supports=("5.4.2-1#1",))
def guard_decisions_are_logged(
    files: tuple[GuardFile, ...], decisions: tuple[GuardDecisions, ...], today: date
) -> Iterator[Finding]:
    """Each decision of the guard is an entry in this system's ledger, without the text.

    Why: An attack is understood from the decisions around it: which caller, which channel, which rule, how
    sure. A log that cannot be changed afterwards, and holds no conversation, can be kept and shown.

    Fix: Run the gateway with this system's ledger and this machine's key, leave `log.record_allowed` at
    `true`, and leave `log.content` at `false`.

    Blind spots: Decisions in another ledger, or of another machine's key, are not counted. That every
    message passes through the guard is not shown. Actions of users outside the guard are not in it.
    """
    found = policies(files, today)
    sound = [one for one in found if not one.fault]
    loud: list[Detail] = [
        one.at("The text of messages goes into traces, beside the log.", "log", "content")
        for one in sound
        if one.policy.log.content
    ]
    sparse = [
        one.at("What was let pass is not recorded.", "log", "record_allowed")
        for one in sound
        if not one.policy.log.record_allowed
    ]
    last = max((d.last[:10] for d in decisions), default="")
    old = last < (today - timedelta(days=RECENT_DAYS)).isoformat()
    seen = traffic(decisions, found)
    if fault := refused(found):
        yield fault
    if loud:
        yield not_met("Texts of messages are written down.", *capped([*loud, *seen]), tentative=True)
    elif decisions and old:
        yield not_met(f"The guard's last decision here is of {last}.", *seen, tentative=True)
    elif decisions and not sparse:
        total = sum(d.total for d in decisions)
        yield met(f"The ledger holds {counted(total, 'decision')} of the guard.", *capped(seen))
    elif decisions:
        yield partly_met("Only what the guard found is recorded.", *capped([*sparse, *seen]))
    elif sound:
        yield partly_met("The guard has a policy; this ledger holds none of its decisions.", *capped(sparse))
    elif not found:
        yield NOTHING
