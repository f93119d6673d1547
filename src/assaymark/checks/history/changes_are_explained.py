"""Commits that change prompts, models and settings say why."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, check, met, not_applicable, not_met, not_observable, partly_met
from assaymark.checks._findings import capped, counted
from assaymark.checks.history._trails import OPERATION, readable, revisions, shown
from assaymark.scan.facts import History, Trail

ENOUGH = 0.8
"""Share of explained changes from which the condition holds (ours)."""


@check(supports=("5.2.4-3#1", "5.1.2-3#1"))
def changes_are_explained(histories: tuple[History, ...], trails: tuple[Trail, ...]) -> Iterator[Finding]:
    """Commits that change prompts, models and settings say why.

    Why: After an incident the question is not only what changed but what for, and whether it may be
    undone. "update prompt" answers neither.

    Fix: Write the reason into the message, or name the ticket or pull request that holds it, and let a
    commit check ask for it on prompt and configuration paths.

    Blind spots: A reason is recognised by its form: a ticket number, a pull request, words such as
    "because", or a body of some length. Whether it is a good one, a person has to judge.
    """
    if readable(histories) is None:
        yield not_observable("There is no readable git history.")
        return
    changes = revisions(trails, OPERATION)
    mute = [(t, c) for t, c in changes if not c.reasoned]
    explained = len(changes) - len(mute)
    summary = f"{explained} of {counted(len(changes), 'change')} of prompts, models or settings say why."
    if not changes:
        yield not_applicable("History shows no change of a prompt, model or setting.")
    elif explained >= ENOUGH * len(changes):
        yield met(summary, *capped(shown(mute)))
    elif explained * 2 >= len(changes):
        yield partly_met(summary, *capped(shown(mute)))
    else:
        yield not_met(summary, *capped(shown(mute)), tentative=True)
