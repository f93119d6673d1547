"""Changes of prompts, models and settings go with a change of the risk record."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, check, met, not_applicable, not_met, not_observable, partly_met
from assaymark.checks._findings import capped, counted
from assaymark.checks.history._trails import OPERATION, readable, revisions, shown
from assaymark.scan.facts import History, Trail


@check("5.1.3-1.1")
def setting_changes_are_risk_assessed(
    histories: tuple[History, ...], trails: tuple[Trail, ...]
) -> Iterator[Finding]:
    """Changes of prompts, models and settings go with a change of the risk record.

    Why: A new model, tool or temperature opens ways of attack that the last threat analysis did not
    know. Unless the change itself asks for it, nobody looks again.

    Fix: Change the threat model or add a decision record (`docs/decisions/…`) in the commit that changes
    the setting, or name the ticket that holds the assessment in its message.

    Blind spots: What a ticket says is not seen, so a commit that names one counts halfway. A touched
    risk file need not treat this change. Settings changed in a console leave no trace here.
    """
    if readable(histories) is None:
        yield not_observable("There is no readable git history.")
        return
    changes = revisions(trails, OPERATION)
    bare = [(t, c) for t, c in changes if not c.touches_risk and not c.reasoned]
    linked = [(t, c) for t, c in changes if c.touches_risk]
    total = counted(len(changes), "change") + " of prompts, models or settings"
    if not changes:
        yield not_applicable("History shows no change of a prompt, model or setting.")
    elif len(linked) == len(changes):
        yield met(f"Each of {total} went with a change of the risk record.", *capped(shown(linked)))
    elif len(bare) * 2 > len(changes):
        summary = f"{len(bare)} of {total} went without a risk record, and without a reason."
        yield not_met(summary, *capped(shown(bare)), tentative=True)
    else:
        summary = f"{len(linked)} of {total} went with the risk record; {len(bare)} give no reason at all."
        yield partly_met(summary, *capped(shown(bare)))
