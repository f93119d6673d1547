"""Questions of the guard to a person, and who does not answer."""

from collections.abc import Iterator
from datetime import date

from assaymark.checks._check import Finding, check, met, not_applicable, not_met, partly_met
from assaymark.checks._findings import capped, counted
from assaymark.checks.guard._policies import NOTHING, policies, refused
from assaymark.guard.event import Action, Channel
from assaymark.guard.policy.model import Mode, Policy
from assaymark.observation import Detail
from assaymark.scan.facts import GuardDecisions, GuardFile

LEAST_SECONDS = 15
"""Below this nobody reads a question, let alone judges it (ours)."""


@check(supports=("5.1.4-3#1",))
def guard_asks_a_human(
    files: tuple[GuardFile, ...], decisions: tuple[GuardDecisions, ...], today: date
) -> Iterator[Finding]:
    """Where the guard leaves a decision to a person, that person can make it: there is time, and silence is
    a no.

    Why: A question that nobody can answer in time, or that a shadow mode answers itself, is oversight on
    paper. The guard treats silence as a refusal; the time must still be one in which a person can look.

    Fix: Give `approvals.timeout_seconds` a time in which your people really answer, name a `store` so that
    questions can be answered with `assaymark guard approvals`, and leave `mode` at `enforce`.

    Blind spots: Whether anybody watches the queue, understands the questions and may say no is for a person
    to state. Questions outside the guard are not seen.
    """
    found = policies(files, today)
    sound = [one for one in found if not one.fault]
    asking = [one for one in sound if _asks(one.policy)]
    faults: list[Detail] = []
    for one in asking:
        approvals = one.policy.approvals
        if one.policy.mode is Mode.SHADOW:
            faults.append(one.at("Shadow mode: nobody is asked.", "mode"))
        if approvals.timeout_seconds < LEAST_SECONDS:
            told = f"A person has {approvals.timeout_seconds:g} seconds to answer."
            faults.append(one.at(told, "approvals", "timeout_seconds"))
    asked = sum(d.asked for d in decisions)
    if fault := refused(found):
        yield fault
    if faults:
        yield not_met("Questions of the guard cannot be answered.", *capped(faults), tentative=True)
    elif asking:
        details = [
            one.at(
                f"A question waits {one.policy.approvals.timeout_seconds:g} s; silence is a no.", "approvals"
            )
            for one in asking
        ]
        answered = sum(d.answered for d in decisions)
        if answered:
            yield met(
                f"The guard asked {counted(asked, 'time')}, and named people answered "
                f"{counted(answered, 'time')}.",
                *capped(details),
            )
        elif asked:
            told = f"The guard asked {counted(asked, 'time')}; no named person answered in this ledger."
            yield partly_met(told, *capped(details))
        else:
            yield partly_met("The guard asks a person; this ledger holds no question yet.", *capped(details))
    elif sound:
        yield not_applicable("The guard's policy leaves no decision to a person.")
    elif not found:
        yield NOTHING


def _asks(policy: Policy) -> bool:
    flow = policy.flow
    actions = [flow.action, flow.unknown_tools, flow.undeclared_tools, policy.mcp.sampling]
    actions += [t.action for t in policy.tools] + [t.on_violation for t in policy.tools]
    for channel in (policy.channel(c) for c in Channel):
        actions += [channel.action, *(s.action for s in channel.steps)]
    return Action.ASK in actions
