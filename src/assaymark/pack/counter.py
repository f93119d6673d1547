"""What in a pack speaks against its supplier, and what no longer counts. Pure."""

from assaymark.assess.assessment import Assessment, Freshness
from assaymark.pack.verification import Against, Aged

__all__ = ["against", "aged"]


def against(found: Assessment) -> tuple[Against, ...]:
    """Counter-evidence by provision, in the standard's order."""
    by_index = {e.index: e for e in found.evidence}
    listed = []
    for result in found.results:
        entries = tuple(dict.fromkeys(i for o in result.obligations for i in o.counter_evidence))
        if entries:
            listed.append(
                Against(
                    provision=result.id,
                    verdict=result.verdict,
                    entries=entries,
                    said=tuple(by_index[i].observation.summary for i in entries),
                    waived_by=result.waiver.owner if result.waiver else "",
                    waived_until=result.waiver.until if result.waiver else "",
                )
            )
    return tuple(listed)


def aged(found: Assessment) -> tuple[Aged, ...]:
    """Evidence that was stale or expired when the system was assessed."""
    return tuple(
        Aged(
            entry=e.index,
            by=e.observation.by or e.observation.check,
            freshness=e.freshness,
            because=e.stale_because,
            obligations=e.observation.obligations,
        )
        for e in found.evidence
        if e.freshness is not Freshness.FRESH
    )
