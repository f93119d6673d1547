"""Evidence and applicability → a verdict for each provision. Fail wins; what is missing is never a pass."""

from collections.abc import Mapping, Sequence
from datetime import date

from msgspec.structs import replace

from assaymark.assess.assessment import (
    Applicability,
    Evidence,
    Freshness,
    ObligationResult,
    ProvisionResult,
    Verdict,
)
from assaymark.assess.moves import moves
from assaymark.assess.obligation import Weighed, judge_obligation, weigh, worst
from assaymark.assess.waivers import valid_waivers
from assaymark.standard.provision import Force, Provision
from assaymark.system.system import System

__all__ = ["Scope", "judge"]

Scope = Mapping[str, tuple[Applicability, Mapping[str, Applicability]]]
"""Provision id → what `applicability.decide` said of it and of each of its obligations."""


def judge(
    provisions: Sequence[Provision], scope: Scope, evidence: Sequence[Evidence], system: System, today: date
) -> tuple[ProvisionResult, ...]:
    """A verdict for each of `provisions`, in their order.

    An obligation fails on firm, fresh counter-evidence whatever else says it is met; it passes on firm,
    fresh, decisive evidence with nothing against it; anything less is inconclusive. A provision fails if
    one of its obligations does, passes if all that apply do (permissions aside), else is inconclusive.
    The order of `evidence` is of no importance.
    """
    waivers = valid_waivers(system, today)
    by_obligation: dict[str, list[Evidence]] = {}
    for one in evidence:
        for obligation in one.observation.obligations:
            by_obligation.setdefault(obligation, []).append(one)
    return tuple(
        replace(_judge(p, *scope[p.id], by_obligation, system), waiver=waivers.get(p.id)) for p in provisions
    )


def _judge(
    provision: Provision,
    whole: Applicability,
    parts: Mapping[str, Applicability],
    evidence: Mapping[str, Sequence[Evidence]],
    system: System,
) -> ProvisionResult:
    judged: list[tuple[ObligationResult, Weighed, Freshness]] = []
    for obligation in provision.obligations:
        applies = parts.get(obligation.id, whole) if whole.applies else whole
        weighed = weigh(obligation, evidence.get(obligation.id, ()))
        result, fresh = judge_obligation(obligation, applies, weighed)
        judged.append((result, weighed, fresh))
    deciding = [(o, w, f) for o, w, f in judged if o.applicability.applies and o.force != Force.MAY.value]
    verdict = _verdict([o for o, _, _ in deciding])
    open_ = [(o, w) for o, w, _ in deciding if o.verdict is not Verdict.PASS]
    return ProvisionResult(
        id=provision.id,
        verdict=verdict,
        reason=_reason(verdict, whole, [o for o, _, _ in judged], [o for o, _, _ in deciding]),
        unmet=_unmet([o for o, _, _ in deciding]),
        basis=_basis([o for o, _, _ in deciding]),
        freshness=worst(f for _, _, f in deciding),
        applicability=whole,
        obligations=tuple(o for o, _, _ in judged),
        moves=moves(provision, system, open_),
    )


def _verdict(deciding: Sequence[ObligationResult]) -> Verdict:
    verdicts = {o.verdict for o in deciding}
    if not verdicts:
        return Verdict.NOT_APPLICABLE
    if Verdict.FAIL in verdicts:
        return Verdict.FAIL
    return Verdict.PASS if verdicts == {Verdict.PASS} else Verdict.INCONCLUSIVE


def _reason(
    verdict: Verdict,
    whole: Applicability,
    obligations: Sequence[ObligationResult],
    deciding: Sequence[ObligationResult],
) -> str:
    """One or two sentences with figures."""
    passed = sum(o.verdict is Verdict.PASS for o in deciding)
    failed = [o for o in deciding if o.verdict is Verdict.FAIL]
    of = f"of {len(deciding)} applicable obligations"
    match verdict:
        case Verdict.NOT_APPLICABLE:
            return whole.reason if not whole.applies else _out_of_scope(obligations)
        case Verdict.FAIL:
            count = f" {len(failed)} {of} fail." if len(deciding) > 1 else ""
            return f"{_first(failed).reason}{count}"
        case Verdict.PASS:
            count = f" All {len(deciding)} applicable obligations are met." if len(deciding) > 1 else ""
            return f"{_first(deciding).reason}{count}"
        case _:
            count = f" {passed} {of} are met." if len(deciding) > 1 else ""
            return f"{_first([o for o in deciding if o.verdict is not Verdict.PASS]).reason}{count}"


def _first(obligations: Sequence[ObligationResult]) -> ObligationResult:
    """The one to speak of: a `shall` before a `should`, and one with evidence before one without."""
    return min(obligations, key=lambda o: (o.force != Force.SHALL.value, o.basis == "none"))


def _out_of_scope(obligations: Sequence[ObligationResult]) -> str:
    reasons = dict.fromkeys(o.applicability.reason for o in obligations if not o.applicability.applies)
    if all(o.applicability.applies for o in obligations):
        return "It holds permissions only, which ask for nothing."
    return " ".join(reasons)


def _unmet(deciding: Sequence[ObligationResult]) -> str:
    failed = {o.force for o in deciding if o.verdict is Verdict.FAIL}
    return next((f.value for f in (Force.SHALL, Force.SHOULD) if f.value in failed), "")


def _basis(deciding: Sequence[ObligationResult]) -> str:
    words = {word for o in deciding for word in o.basis.split(" and ") if word != "none"}
    return " and ".join(sorted(words, reverse=True)) or "none"
