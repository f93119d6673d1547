"""Whether evidence still describes the system: subjects, check versions and dates."""

from collections.abc import Mapping
from datetime import date

from assaymark.assess.assessment import Freshness
from assaymark.ledger.attestation import JUDGED
from assaymark.observation import Observation

__all__ = ["freshness"]


def freshness(
    observation: Observation, *, digests: Mapping[str, str], versions: Mapping[str, int], today: date
) -> tuple[Freshness, str]:
    """How fresh `observation` is, and what ended its freshness.

    Args:
        observation: the evidence.
        digests: subject name → its SHA-256 now; a name that is missing no longer exists.
        versions: check id → version now, for the checks that exist.
        today: the day of the assessment.

    Returns:
        The freshness, and one sentence on why it is not fresh (empty if it is). Evidence that is both
        out of date and about something that changed is stale: the change says more.
    """
    known = versions.get(observation.check)
    if observation.check != "attestation" and known != observation.check_version:
        change = "no longer exists" if known is None else f"is now version {known}"
        return Freshness.STALE, f"The check {observation.check} {change}."
    # A judged finding binds the judgement alone: another finding is simply not the one that was judged.
    subjects = [s for s in observation.subjects if not s.name.startswith(JUDGED)]
    gone = [s.name for s in subjects if s.name not in digests]
    changed = [s.name for s in subjects if digests.get(s.name, s.sha256) != s.sha256]
    if gone or changed:
        return Freshness.STALE, _because(gone, changed)
    return _dated(observation, today)


def _because(gone: list[str], changed: list[str]) -> str:
    names, what = (gone, "is gone") if gone else (changed, "changed since")
    more = len(gone) + len(changed) - 1
    return f"{names[0]} {what}{f' (and {more} more)' if more else ''}."


def _dated(observation: Observation, today: date) -> tuple[Freshness, str]:
    try:
        made_on = date.fromisoformat(observation.made_on or today.isoformat())
        until = date.fromisoformat(observation.valid_until or today.isoformat())
    except ValueError:
        return Freshness.EXPIRED, "One of its dates is none."
    if made_on > today:
        return Freshness.EXPIRED, f"It is dated {made_on.isoformat()}, which is still to come."
    if until < today:
        return Freshness.EXPIRED, f"It was valid until {until.isoformat()}."
    return Freshness.FRESH, ""
