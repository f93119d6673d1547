"""When a model or its setting changes, an evaluation changes with it."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, check, met, not_applicable, not_met, not_observable, partly_met
from assaymark.checks._findings import capped, counted
from assaymark.observation import Detail
from assaymark.scan.facts import Change, History, Trail

_WINDOW_DAYS = 30


@check(supports=("5.2.3-3", "5.4.1-2"))
def model_changes_follow_evaluation(
    histories: tuple[History, ...], trails: tuple[Trail, ...]
) -> Iterator[Finding]:
    """When a model or its setting changes, an evaluation changes with it.

    Why: Released models behave differently from their predecessors, in what they refuse as in what they
    leak. A model that was exchanged without a new evaluation is in use untested.

    Fix: Run the evaluation suite against the new model before the change, and commit its results
    (`evals/results/<model>.json`) together with the setting.

    Blind spots: Results kept in an experiment tracker or a ticket are not seen, and a changed test file
    need not be an evaluation of this model. It looks thirty days either way for an evaluation.
    """
    if not any(h.available for h in histories):
        yield not_observable("There is no readable git history.")
        return
    rated = sorted(c.date[:10] for t in trails if t.subject == "evaluation" for c in t.changes)
    changes = [(t, c) for t in trails if t.subject in ("model", "model-setting") for c in _changes(t)]
    bare = [(t, c) for t, c in changes if not c.touches_evaluation and not _near(c.date[:10], rated)]
    total = counted(len(changes), "change") + " of a model"
    details = [
        Detail(f"{c.date[:10]} {c.subject[:80]}{f' (to {c.value})' if c.value else ''}", t.at)
        for t, c in bare
    ]
    if not changes:
        yield not_applicable("History shows no change of a model or model setting.")
    elif not bare:
        yield met(f"Each {total.removeprefix('1 ')} came with an evaluation or within thirty days of one.")
    elif len(bare) * 2 <= len(changes):
        yield partly_met(f"{len(bare)} of {total} came without a recorded evaluation.", *capped(details))
    else:
        summary = f"{len(bare)} of {total} came without a recorded evaluation."
        yield not_met(summary, *capped(details), tentative=True)


def _changes(trail: Trail) -> tuple[Change, ...]:
    """All but the first commit of the file, which introduces rather than changes."""
    whole = trail.subject == "model" and trail.total == len(trail.changes)
    return (
        trail.changes[:-1]
        if whole
        else tuple(c for c in trail.changes if c.value or trail.subject == "model")
    )


def _near(day: str, days: list[str]) -> bool:
    from datetime import date

    try:
        here = date.fromisoformat(day)
        return any(abs((date.fromisoformat(d) - here).days) <= _WINDOW_DAYS for d in days)
    except ValueError:
        return False
