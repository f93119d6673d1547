"""Conformance and confidence as numbers from 0 to 1, because CycloneDX asks for numbers. All are ours.

Conformance is 1 for what passes, 0 for what fails, and in between only where a part was seen. Confidence
ranks the grounds of a verdict; it is no probability and was measured on nothing. `docs/evidence/exports.md`
has the same table.
"""

from collections.abc import Sequence

from msgspec import Struct

from assaymark.assess.assessment import Evidence, Freshness, ObligationResult, ProvisionResult, Verdict
from assaymark.observation import Certainty, Outcome
from assaymark.standard.provision import Force

__all__ = [
    "CONFIDENCE",
    "PARTLY",
    "Score",
    "awaits",
    "deciding",
    "of_obligation",
    "of_provision",
    "supporting",
]

PARTLY = 0.5
"""Conformance of an obligation that was seen in part: a sign for `between`, not a measurement."""
CONFIDENCE = {
    "observed and attested": 0.9,
    "observed": 0.8,
    "attested": 0.6,
    "seen in part": 0.4,
    "awaits a person": 0.2,
    "none": 0.0,
}
"""Confidence by what a verdict rests on."""
_SUPPORT = (Outcome.MET, Outcome.PARTLY_MET)


class Score(Struct, frozen=True, kw_only=True):
    """What a map entry says of one requirement."""

    conformance: float | None
    """None where nothing was seen that could be scored."""
    rationale: str
    """Why, in the assessment's words."""
    confidence: float
    grounds: str
    """What the confidence rests on."""


def supporting(o: ObligationResult, entries: dict[int, Evidence]) -> tuple[Evidence, ...]:
    """Entries that speak for it; those that found nothing to see are left out."""
    return tuple(entries[i] for i in o.evidence if entries[i].observation.outcome in _SUPPORT)


def awaits(o: ObligationResult, entries: dict[int, Evidence]) -> bool:
    """Whether only tentative or old counter-evidence stands against it, which a person has to judge."""
    return o.verdict is Verdict.INCONCLUSIVE and any(
        entries[i].observation.certainty is Certainty.TENTATIVE or entries[i].freshness is not Freshness.FRESH
        for i in o.counter_evidence
    )


def deciding(r: ProvisionResult) -> tuple[ObligationResult, ...]:
    """The obligations that its verdict hangs on: those that apply and are no mere permissions."""
    return tuple(o for o in r.obligations if o.applicability.applies and o.force != Force.MAY.value)


def of_obligation(o: ObligationResult, entries: dict[int, Evidence]) -> Score:
    """Score of one obligation that applies."""
    fresh = [e for e in supporting(o, entries) if e.freshness is Freshness.FRESH]
    if o.verdict is Verdict.PASS:
        return _score(1.0, o.reason, o.basis)
    if o.verdict is Verdict.FAIL:
        return _score(0.0, o.reason, o.basis)
    if awaits(o, entries):
        return _score(None, o.reason, "awaits a person")
    return _score(PARTLY, o.reason, "seen in part") if fresh else _score(None, o.reason, "none")


def of_provision(r: ProvisionResult, parts: Sequence[Score]) -> Score:
    """Score of a provision from the scores of `deciding(r)`.

    One sure failure is enough to fail, so the surest sets its confidence; everything else is as sure as its
    least sure part that was scored.
    """
    told = [p for p in parts if p.conformance is not None]
    sure = max if r.verdict is Verdict.FAIL or not told else min
    among = [p for p in told if p.conformance == 0.0] if r.verdict is Verdict.FAIL else told or parts
    chosen = sure(among, key=lambda p: p.confidence, default=_score(None, "", "none"))
    open_ = len(parts) - len(told)
    grounds = (
        f"{chosen.grounds} {open_} of {len(parts)} parts have no score." if told and open_ else chosen.grounds
    )
    return Score(
        conformance=_conformance(r.verdict, parts),
        rationale=r.reason,
        confidence=chosen.confidence,
        grounds=grounds,
    )


def _conformance(verdict: Verdict, parts: Sequence[Score]) -> float | None:
    if verdict in (Verdict.PASS, Verdict.FAIL):
        return 1.0 if verdict is Verdict.PASS else 0.0
    # A part that nothing speaks to counts as 0, so that what is open can never reach 1.
    mean = sum(p.conformance or 0.0 for p in parts) / len(parts) if parts else 0.0
    return min(0.99, round(mean, 2)) if mean else None


def _score(conformance: float | None, reason: str, basis: str) -> Score:
    grounds = {
        "seen in part": "Something speaks for it and nothing was seen against it; that decides nothing.",
        "awaits a person": "Something speaks against it that a person has to judge or look at again.",
        "none": "No evidence.",
    }
    return Score(
        conformance=conformance,
        rationale=reason,
        confidence=CONFIDENCE.get(basis, 0.0),
        grounds=grounds.get(basis, f"Rests on what was {basis}."),
    )
