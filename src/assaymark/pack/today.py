"""Which verdicts the mere passing of time has changed since the assessment. Pure."""

from collections.abc import Iterable, Iterator
from datetime import date

from assaymark.assess.applicability import decide
from assaymark.assess.assessment import Assessment, Evidence, Freshness
from assaymark.assess.judge import judge
from assaymark.ledger.ledger import Recorded
from assaymark.pack.derive import circumstances_of, weighed
from assaymark.pack.format import Basis
from assaymark.pack.verification import Today

__all__ = ["as_of"]


def as_of(basis: Basis, assessment: Assessment, entries: Iterable[Recorded], day: date) -> tuple[Today, ...]:
    """What would be judged otherwise on `day`, with the same evidence."""
    evidence = weighed(basis, entries, day)
    found = circumstances_of(basis)
    scope = {p.id: decide(p, assessment.system, found) for p in assessment.provisions}
    now = judge(assessment.provisions, scope, evidence, assessment.system, day)
    changed = []
    for then, result in zip(assessment.results, now, strict=True):
        waiver_ended = then.waiver is not None and result.waiver is None
        if (then.verdict, then.freshness) == (result.verdict, result.freshness) and not waiver_ended:
            continue
        indices = {i for o in result.obligations for i in (*o.evidence, *o.counter_evidence)}
        because = next(_ended(evidence, indices), "Its waiver has ended." if waiver_ended else result.reason)
        changed.append(
            Today(
                provision=result.id,
                then=then.verdict,
                now=result.verdict,
                freshness=result.freshness,
                because=because,
            )
        )
    return tuple(changed)


def _ended(evidence: Iterable[Evidence], indices: set[int]) -> Iterator[str]:
    for one in evidence:
        if one.index in indices and one.freshness is Freshness.EXPIRED:
            yield one.stale_because
