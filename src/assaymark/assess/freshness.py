"""Whether evidence still describes the system: subjects, check versions and dates."""

from collections.abc import Mapping
from datetime import date

from assaymark.assess.assessment import Freshness
from assaymark.assess.obligation import is_attested
from assaymark.ledger.attestation import JUDGED
from assaymark.observation import Observation, Subject

__all__ = ["freshness"]

_WHOLE_INPUT = "all "
"""How the runner names the subject that is the whole of one input of a check."""


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
    if not is_attested(observation) and known != observation.check_version:
        change = "no longer exists" if known is None else f"is now version {known}"
        return Freshness.STALE, f"The check {observation.check} {change}."
    subjects = _binding(observation)
    gone = [s.name for s in subjects if s.name not in digests]
    changed = [s.name for s in subjects if digests.get(s.name, s.sha256) != s.sha256]
    if gone or changed:
        return Freshness.STALE, _because(gone, changed)
    return _dated(observation, today)


def _binding(observation: Observation) -> list[Subject]:
    """The subjects whose change ends the evidence."""
    whole = [s for s in observation.subjects if s.name.startswith(_WHOLE_INPUT)]
    if whole and not is_attested(observation):
        # A file that changed without changing any fact (a comment, say) leaves what was seen as it was.
        return whole
    # A judged finding binds the judgement alone: another finding is simply not the one that was judged.
    return [s for s in observation.subjects if not s.name.startswith(JUDGED)]


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
