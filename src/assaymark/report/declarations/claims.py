"""Claims for and against each obligation, and the map that says how far each requirement is met."""

from collections.abc import Iterator
from typing import Any

from assaymark.assess.assessment import Assessment, Evidence, ObligationResult, ProvisionResult, Verdict
from assaymark.report.declarations.names import (
    SYSTEM,
    claim_ref,
    counter_ref,
    evidence_ref,
    requirement_ref,
    steps_ref,
    waiver_ref,
)
from assaymark.report.declarations.scores import (
    Score,
    awaits,
    deciding,
    of_obligation,
    of_provision,
    supporting,
)

__all__ = ["claims_of", "map_of"]


def claims_of(a: Assessment) -> list[dict[str, Any]]:
    """For each obligation that applies: what is claimed for it, and what against it."""
    entries = {e.index: e for e in a.evidence}
    return [c for r in a.results for o in _applying(r) for c in _claims(o, entries)]


def _applying(r: ProvisionResult) -> tuple[ObligationResult, ...]:
    if r.verdict is Verdict.NOT_APPLICABLE:
        return ()
    return tuple(o for o in r.obligations if o.applicability.applies)


def _claims(o: ObligationResult, entries: dict[int, Evidence]) -> Iterator[dict[str, Any]]:
    pro = [evidence_ref(e.index) for e in supporting(o, entries)]
    contra = [evidence_ref(i) for i in o.counter_evidence]
    if pro:
        yield _claim(claim_ref(o.id), o.text, o.reason, pro, contra)
    if contra:
        yield _claim(counter_ref(o.id), f"Not the case: {o.text}", o.reason, contra, pro)


def _claim(ref: str, predicate: str, reasoning: str, pro: list[str], contra: list[str]) -> dict[str, Any]:
    found = {"bom-ref": ref, "target": SYSTEM, "predicate": predicate, "reasoning": reasoning}
    sides = {"evidence": pro, "counterEvidence": contra}
    return {**found, **{name: refs for name, refs in sides.items() if refs}}


def map_of(a: Assessment) -> list[dict[str, Any]]:
    """An entry for each provision that applies, followed by one for each of its obligations that does.

    What waits for a person is claimed, but no entry adopts the claim.
    """
    entries = {e.index: e for e in a.evidence}
    return [entry for r in a.results for entry in _entries(r, entries)]


def _entries(r: ProvisionResult, entries: dict[int, Evidence]) -> Iterator[dict[str, Any]]:
    parts = _applying(r)
    if not parts:
        return
    scores = {o.id: of_obligation(o, entries) for o in parts}
    settled = [o for o in parts if not awaits(o, entries)]
    pro = [claim_ref(o.id) for o in settled if supporting(o, entries)]
    contra = [counter_ref(o.id) for o in settled if o.counter_evidence]
    whole = of_provision(r, [scores[o.id] for o in deciding(r)])
    yield _entry(r.id, whole, pro, contra, _strategies(r))
    for o in parts:
        mine = o in settled
        own = [claim_ref(o.id)] if mine and supporting(o, entries) else []
        against = [counter_ref(o.id)] if mine and o.counter_evidence else []
        yield _entry(o.id, scores[o.id], own, against, [])


def _strategies(r: ProvisionResult) -> list[str]:
    return [*([steps_ref(r.id)] if r.moves else []), *([waiver_ref(r.id)] if r.waiver is not None else [])]


def _entry(
    number: str, score: Score, pro: list[str], contra: list[str], strategies: list[str]
) -> dict[str, Any]:
    found: dict[str, Any] = {"requirement": requirement_ref(number)}
    if pro:
        found["claims"] = pro
    if contra:
        found["counterClaims"] = contra
    if score.conformance is not None:
        found["conformance"] = {"score": score.conformance, "rationale": score.rationale}
        if strategies:
            found["conformance"]["mitigationStrategies"] = strategies
    grounds = score.grounds if score.conformance is not None else f"{score.grounds} {score.rationale}".strip()
    return {**found, "confidence": {"score": score.confidence, "rationale": grounds}}
