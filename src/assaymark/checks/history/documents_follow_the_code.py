"""Design, risk and model documents change when prompts, models and settings do."""

from collections.abc import Iterator
from datetime import date

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_met, not_observable
from assaymark.checks._findings import capped, counted
from assaymark.checks.history._trails import OPERATION, readable, revisions
from assaymark.scan.facts import Document, History, Trail

LAG_DAYS = 180
"""Days that a document may lie behind what it describes (ours)."""
LAG_CHANGES = 3
"""Changes it may lie behind (ours)."""
_KINDS = ("architecture", "threat-model", "risk-register", "risk-assessment", "model-card", "data-card",
          "maintenance-plan", "monitoring-plan")  # fmt: skip


@check(supports=("5.2.4-1", "5.2.4-1.1"))
def documents_follow_the_code(
    histories: tuple[History, ...], trails: tuple[Trail, ...], documents: tuple[Document, ...]
) -> Iterator[Finding]:
    """Design, risk and model documents change when prompts, models and settings do.

    Why: A threat model of the system before last misleads those who rely on it more than none would.

    Fix: Read the named document against the changes since, correct it, and note the day of review. Ask
    for the document in the pull-request template for prompts, models and settings.

    Blind spots: It compares dates, not contents: a document may rightly need no change. The periods are
    ours: 180 days and three changes. Documents outside the repository are not seen.
    """
    if readable(histories) is None:
        yield not_observable("There is no readable git history.")
        return
    kinds = {d.at.path: d.kind for d in documents if d.kind in _KINDS}
    kept = [t for t in trails if t.at.path in kinds]
    changes = [c.date[:10] for _, c in revisions(trails, OPERATION)]
    behind = [(t, n) for t in kept if (n := _behind(t.last[:10], changes)) >= LAG_CHANGES]
    total = counted(len(kept), "design, risk or model document")
    if not kept:
        yield not_applicable("The history holds no design, risk or model document.")
    elif behind:
        details = [
            at(f"This {kinds[t.at.path]} last changed on {t.last[:10]}; {n} changes came later.", t)
            for t, n in behind
        ]
        yield not_met(
            f"{len(behind)} of {total} lie behind what they describe.", *capped(details), tentative=True
        )
    else:
        yield met(f"{total}: none lies behind the prompts, models and settings.")


def _behind(last: str, changes: list[str]) -> int:
    """Changes after `last`, if the newest came later than the lag allows."""
    later = [day for day in changes if day > last]
    try:
        lag = (date.fromisoformat(max(later)) - date.fromisoformat(last)).days if later else 0
    except ValueError:
        return 0
    return len(later) if lag > LAG_DAYS else 0
