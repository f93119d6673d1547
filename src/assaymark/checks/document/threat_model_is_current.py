"""The threat model was reviewed within the period."""

from collections.abc import Iterator
from datetime import date

from assaymark.checks._check import Finding, at, check, met, not_met, not_observable, partly_met
from assaymark.checks._findings import capped
from assaymark.checks.document._documents import (
    age_in_months,
    filled,
    latest_date,
    months_allowed,
    overdue,
    pick,
)
from assaymark.scan.facts import Document, Trail
from assaymark.system.system import System

_KINDS = ("threat-model",)
_MONTHS = 12


@check(supports=("5.1.3-1#2",))
def threat_model_is_current(
    documents: tuple[Document, ...], trails: tuple[Trail, ...], system: System, today: date
) -> Iterator[Finding]:
    """The threat model was reviewed within the period.

    Why: Attacks on AI change by the month, and so does the system; an old threat model describes
    neither.

    Fix: Review docs/threat-model.md against what changed since, and write `Last reviewed:` with the
    day into it. Set another period in the manifest under `review_months` if twelve months do not suit.

    Blind spots: A date can be changed without a review, and a review can leave no date. Without a
    date in the text, the last change in the git history is named but does not count as a review.
    """
    models = filled(pick(documents, _KINDS, system))
    if not models:
        yield not_observable(
            "A threat model is not in the tree; it may be kept elsewhere.",
            fix="Put it at docs/threat-model.md, or name its place in the manifest under `documents`.",
        )
        return
    months = months_allowed(_KINDS, system, _MONTHS)
    problem = overdue(models, months, today)
    dated = [(d, m) for m in models if (d := latest_date(m, today)) is not None]
    if not dated:
        yield _undated(models, trails, today)
    elif problem:
        details = capped([at(f"Last dated {day}.", model) for day, model in dated])
        yield not_met(f"The threat model {problem}.", *details, tentative=True)
    else:
        day, model = max(dated, key=lambda pair: pair[0])
        age = age_in_months(day, today)
        yield met(
            f"The threat model was last dated {day}, {age} months ago (our period is {months} months).",
            at(f"Dated {day}.", model),
        )


def _undated(models: tuple[Document, ...], trails: tuple[Trail, ...], today: date) -> Finding:
    paths = {m.at.path for m in models}
    changes = sorted(t.last[:10] for t in trails if t.at.path in paths and t.last)
    git = f"; git last saw it change on {changes[-1]}" if changes else ""
    return partly_met(
        f"The threat model carries no date of review{git}.",
        *capped([at("No labelled date, such as `Last reviewed: 2026-05-01`.", m) for m in models]),
        fix=f"Review it and write `Last reviewed: {today}` into it.",
    )
