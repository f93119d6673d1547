"""Check: logs are analysed."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_observable, partly_met
from assaymark.checks._findings import capped, in_product
from assaymark.scan.facts import CodeFile, Mechanism

__all__ = ["logs_are_analysed"]

_WATCHING = ("metric", "drift-detection", "canary")


@check(supports=("5.4.2-2",))
def logs_are_analysed(mechanisms: tuple[Mechanism, ...], files: tuple[CodeFile, ...]) -> Iterator[Finding]:
    """Something looks at what the system records, and raises an alarm when it changes.

    Why: records that nobody reads tell the story only after the damage. Spikes in refusals, cost,
    length or topic, and slow drift of inputs or answers, show poisoning and abuse early.

    Fix: compute a few figures from the log (refusals, errors, injection patterns, tokens per user, share
    of flagged answers), compare each with a baseline, and send an alert to a named person. Test the
    alert with made-up events.

    Blind spots: analysis in a log platform, security operations centre or provider's dashboard. Evidence
    of that belongs in `assurance/`: the alert rules and the last report.
    """
    own = in_product(mechanisms, files)
    alerts = [m for m in own if m.kind == "alert"]
    watching = [m for m in own if m.kind in _WATCHING]
    details = capped([at(f"`{m.name}` ({m.kind}).", m) for m in (*alerts, *watching)])
    if alerts and watching:
        yield met(
            f"Places that compute figures: {len(watching)}; places that raise an alert: {len(alerts)}.",
            *details,
        )
    elif alerts or watching:
        missing = "nothing that raises an alert" if watching else "nothing that computes figures"
        yield partly_met(
            f"Places that watch the system: {len(alerts) + len(watching)}; {missing} was seen.",
            *details,
        )
    else:
        yield not_observable(
            "No code that analyses records or raises alerts was found.",
            fix="If logs are analysed elsewhere, put the alert rules and a report into `assurance/`.",
        )
