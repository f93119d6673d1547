"""How much one caller may ask of the model."""

from collections.abc import Iterator
from datetime import date

from assaymark.checks._check import Finding, check, met, not_met, not_observable, partly_met
from assaymark.checks._findings import capped, counted
from assaymark.checks.guard._policies import NOTHING, policies, refused, traffic
from assaymark.guard.policy.model import Mode
from assaymark.observation import Detail
from assaymark.scan.facts import GuardDecisions, GuardFile


@check(supports=("5.2.2-2#1",))
def guard_limits_requests(
    files: tuple[GuardFile, ...], decisions: tuple[GuardDecisions, ...], today: date
) -> Iterator[Finding]:
    """The guard limits how many requests or tokens one caller may use.

    Why: Copying a model, searching for a prompt that breaks it and running up its bill all take many
    requests. A quota for each key makes each of them slow and visible.

    Fix: Add `quotas` to the guard's policy, at least one on `requests` or `tokens` with `per: key` or
    `per: tenant`, and size it on what honest callers use.

    Blind spots: Limits in a load balancer, at the provider or in code are not seen here (see
    `endpoints_limit_rate`). Counts are kept by each process of the gateway. Whether the amount is low enough
    is a judgement.
    """
    found = policies(files, today)
    sound = [one for one in found if not one.fault]
    bare: list[Detail] = []
    limits: list[Detail] = []
    for one in sound:
        quotas = [q for q in one.policy.quotas if q.what in ("requests", "tokens") and q.per != "all"]
        if quotas and one.policy.mode is Mode.SHADOW:
            bare.append(one.at("Shadow mode: quotas are counted and not kept.", "mode"))
        limits += [
            one.at(f"At most {q.amount:g} {q.what} in {q.seconds:g} s per {q.per}.", "quotas") for q in quotas
        ]
    if fault := refused(found):
        yield fault
    if bare:
        yield not_met("The guard's quotas are not kept.", *capped([*bare, *limits]), tentative=True)
    elif limits and decisions:
        yield met(
            f"The guard keeps {counted(len(limits), 'quota')}.",
            *capped([*limits, *traffic(decisions, found)]),
        )
    elif limits:
        yield partly_met(
            f"The guard's policy has {counted(len(limits), 'quota')}; no decision in this ledger shows that "
            "traffic passes through it.",
            *capped(limits),
        )
    elif sound:
        yield not_observable("The guard's policy limits no caller; limits elsewhere are not seen here.")
    elif not found:
        yield NOTHING
