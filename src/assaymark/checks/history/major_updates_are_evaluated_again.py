"""An exchange of the base model came with a new evaluation."""

import re
from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from assaymark.checks._check import Finding, check, met, not_applicable, not_met, not_observable
from assaymark.checks._findings import capped, counted
from assaymark.checks.history._trails import readable, shown
from assaymark.scan.facts import Change, History, Trail

WINDOW_DAYS = 30
"""Days around the exchange within which an evaluation counts as its own (ours)."""


@check(supports=("5.4.1-2", "5.2.3-3"))
def major_updates_are_evaluated_again(
    histories: tuple[History, ...], trails: tuple[Trail, ...]
) -> Iterator[Finding]:
    """An exchange of the base model came with a new evaluation.

    Why: Another base model is another system: refusals, leaks and weaknesses to injection all change.
    Tests of its predecessor say nothing about it.

    Fix: Treat the exchange as a new version: run the security tests and the evaluation suite against it,
    and commit the results beside the changed setting.

    Blind spots: An exchange is seen where a changed line names another model family. Evaluations kept in
    another system are not seen. Retraining of a file under the same name is another check's question.
    """
    if readable(histories) is None:
        yield not_observable("There is no readable git history.")
        return
    rated = [c.date[:10] for t in trails if t.subject == "evaluation" for c in t.changes]
    exchanges = [(t, c) for t in trails if t.subject == "model-setting" for c in _exchanges(t.changes)]
    bare = [(t, c) for t, c in exchanges if not c.touches_evaluation and not _near(c.date[:10], rated)]
    total = counted(len(exchanges), "exchange") + " of a base model"
    if not exchanges:
        yield not_applicable("History shows no exchange of a base model.")
    elif bare:
        summary = f"{len(bare)} of {total} came without a recorded evaluation."
        yield not_met(summary, *capped(shown(bare)), tentative=True)
    else:
        yield met(f"{total}, each with an evaluation within thirty days.", *capped(shown(exchanges)))


def _exchanges(changes: tuple[Change, ...]) -> Iterator[Change]:
    """Changes whose model is of another family than the one before; the list is newest first."""
    named = [c for c in changes if c.value]
    for newer, older in pairwise(named):
        if _family(newer.value) != _family(older.value):
            yield newer


def _family(name: str) -> str:
    """The name without provider, date and suffixes: `openai/gpt-4o-2024-08-06` is `gpt-4o`."""
    return re.sub(
        r"([-@:](\d{4,8}|\d{2}|latest|preview|instruct|it|chat))+\Z", "", name.lower().rpartition("/")[2]
    )


def _near(day: str, days: list[str]) -> bool:
    try:
        here = date.fromisoformat(day)
        return any(abs((date.fromisoformat(d) - here).days) <= WINDOW_DAYS for d in days)
    except ValueError:
        return False
