"""One obligation and all that speaks to it → one verdict."""

from collections.abc import Iterable

from msgspec import Struct

from assaymark.assess.assessment import Applicability, Evidence, Freshness, ObligationResult, Verdict
from assaymark.ledger.attestation import judged_subject
from assaymark.observation import Certainty, Observation, Outcome
from assaymark.standard.provision import Force, Obligation

__all__ = ["Weighed", "is_attested", "judge_obligation", "weigh", "worst"]


class Weighed(Struct, frozen=True, kw_only=True):
    """Evidence on one obligation, sorted by what it can do, oldest first within each field."""

    against: tuple[Evidence, ...]
    """Firm and fresh counter-evidence: fails it."""
    doubts: tuple[Evidence, ...]
    """Tentative and fresh counter-evidence that nobody has judged: keeps it from passing."""
    once_against: tuple[Evidence, ...]
    """Counter-evidence that is no longer fresh: keeps it from passing until looked at again."""
    settling: tuple[Evidence, ...]
    """Firm, fresh, decisive evidence for it: passes it."""
    once_settling: tuple[Evidence, ...]
    """The same, no longer fresh."""
    broken: tuple[Evidence, ...]
    """Checks that could not do their work."""
    partly: tuple[Evidence, ...]
    favouring: tuple[Evidence, ...]
    """Evidence for it that is not enough by itself."""
    unseen: tuple[Evidence, ...]
    """Checks that found nothing to see."""
    absent: tuple[Evidence, ...]
    """Checks whose question did not arise."""

    def all(self) -> tuple[Evidence, ...]:
        """Everything, counter-evidence first, then by weight."""
        fields = self.__struct_fields__
        return tuple(e for field in fields for e in getattr(self, field))


def weigh(obligation: Obligation, evidence: Iterable[Evidence]) -> Weighed:
    """Sort the evidence that speaks to `obligation`."""
    mine = sorted((e for e in evidence if obligation.id in e.observation.obligations), key=lambda e: e.index)
    fields: dict[str, list[Evidence]] = {name: [] for name in Weighed.__struct_fields__}
    for one in mine:
        fields[_field(obligation, one)].append(one)
    judged = {s for e in fields["settling"] if is_attested(e.observation) for s in e.observation.subjects}
    for doubt in fields["doubts"][:]:
        if judged_subject(doubt.observation) in judged:
            fields["doubts"].remove(doubt)
            fields["unseen"].append(doubt)
    return Weighed(**{name: tuple(found) for name, found in fields.items()})


def judge_obligation(
    obligation: Obligation, applicability: Applicability, weighed: Weighed
) -> tuple[ObligationResult, Freshness]:
    """The verdict on one obligation, and how fresh what it rests on is."""
    verdict, reason, fresh = _verdict(weighed)
    if not applicability.applies:
        verdict, reason, fresh = Verdict.NOT_APPLICABLE, applicability.reason, Freshness.NONE
    elif obligation.force is Force.MAY and verdict is Verdict.FAIL:
        # A permission that is not used is no fault.
        verdict, reason = Verdict.INCONCLUSIVE, f"A permission, which decides nothing. {reason}"
    everything = weighed.all()
    result = ObligationResult(
        id=obligation.id,
        force=obligation.force,
        actors=obligation.actors,
        text=obligation.text,
        applicability=applicability,
        verdict=verdict,
        basis=_basis(everything),
        reason=reason,
        evidence=tuple(e.index for e in everything if e.observation.outcome is not Outcome.NOT_MET),
        counter_evidence=tuple(e.index for e in everything if e.observation.outcome is Outcome.NOT_MET),
    )
    return result, fresh


def is_attested(observation: Observation) -> bool:
    """Whether a person said it."""
    return observation.check == "attestation"


def worst(each: Iterable[Freshness]) -> Freshness:
    """The least fresh of `each`: stale, then expired, then fresh; `no evidence` if there is nothing else."""
    found = set(each)
    order = (Freshness.STALE, Freshness.EXPIRED, Freshness.FRESH)
    return next((f for f in order if f in found), Freshness.NONE)


_PLAIN = {
    Outcome.PARTLY_MET: "partly",
    Outcome.NOT_OBSERVABLE: "unseen",
    Outcome.NOT_APPLICABLE: "absent",
    Outcome.ERROR: "broken",
}


def _field(obligation: Obligation, one: Evidence) -> str:
    seen, fresh = one.observation, one.freshness is Freshness.FRESH
    if seen.outcome is Outcome.NOT_MET:
        firm = seen.certainty is Certainty.FIRM
        return ("against" if firm else "doubts") if fresh else "once_against"
    if seen.outcome is Outcome.MET:
        if not _decides(obligation, seen):
            return "favouring"
        return "settling" if fresh else "once_settling"
    return _PLAIN[seen.outcome]


def _decides(obligation: Obligation, seen: Observation) -> bool:
    """Whether a `met` is enough by itself; a person's only if the obligation is addressed to their role."""
    entitled = not is_attested(seen) or seen.role in obligation.actors
    return entitled and seen.certainty is Certainty.FIRM and obligation.id in seen.decisive


def _verdict(w: Weighed) -> tuple[Verdict, str, Freshness]:
    """The first rule that applies decides; the order is the rule."""
    if w.against:
        return Verdict.FAIL, _against(w), Freshness.FRESH
    if w.doubts:
        return Verdict.INCONCLUSIVE, f"A person has to judge: {_said(w.doubts)}", Freshness.FRESH
    if w.once_against:
        old = w.once_against[-1]
        reason = f"What spoke against it has to be looked at again ({old.stale_because}) {_said((old,))}"
        return Verdict.INCONCLUSIVE, reason, old.freshness
    if w.settling:
        return Verdict.PASS, _said(w.settling), Freshness.FRESH
    if w.once_settling:
        old = w.once_settling[-1]
        reason = f"What spoke for it no longer counts ({old.stale_because}) {_said((old,))}"
        return Verdict.INCONCLUSIVE, reason, old.freshness
    return Verdict.INCONCLUSIVE, _missing(w), worst(e.freshness for e in w.all())


def _missing(w: Weighed) -> str:
    """Why nothing decides, most telling first."""
    if w.broken:
        return f"A check could not do its work: {_said(w.broken)}"
    if w.partly:
        return f"Only partly seen: {_said(w.partly)}"
    if w.favouring:
        return f"Something speaks for it, but not enough by itself: {_said(w.favouring)}"
    if w.unseen:
        return f"It cannot be seen here: {_said(w.unseen)}"
    if w.absent:
        return (
            f"None of its kind was found, but absence from the tree does not prove absence: {_said(w.absent)}"
        )
    return "No check and no person has spoken to it."


def _against(w: Weighed) -> str:
    others = len(w.settling)
    despite = (
        f" It outweighs {others} {'statement' if others == 1 else 'statements'} for it." if others else ""
    )
    return _said(w.against) + despite


def _said(evidence: tuple[Evidence, ...]) -> str:
    """What the first one says, and how many more there are."""
    seen = evidence[0].observation
    said = seen.summary.strip().rstrip(".")
    who = f" ({seen.by}, {seen.role})" if is_attested(seen) else ""
    more = f" (and {len(evidence) - 1} more)" if len(evidence) > 1 else ""
    return f"{said}{who}{more}."


def _basis(evidence: tuple[Evidence, ...]) -> str:
    telling = (Outcome.MET, Outcome.NOT_MET, Outcome.PARTLY_MET)
    attested = {is_attested(e.observation) for e in evidence if e.observation.outcome in telling}
    words = [word for word, holds in (("observed", False), ("attested", True)) if holds in attested]
    return " and ".join(words) or "none"
