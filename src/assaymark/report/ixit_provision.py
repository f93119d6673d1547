"""What a tester of one provision is given, and what is still to be asked for. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from assaymark.assess.assessment import Evidence, Freshness, ObligationResult, Verdict
from assaymark.asset import Asset
from assaymark.observation import CheckInfo, Location, Outcome
from assaymark.report import ixit_format as v1
from assaymark.report.json_v1_format import PlaceV1, SubjectV1
from assaymark.report.view import Row, is_open_counter
from assaymark.standard.provision import Force

__all__ = ["place_of", "provision_information"]

_MOST = 20
"""Places and subjects shown of one fact; the ledger entry holds them all."""


def provision_information(
    row: Row, assets: Mapping[str, Sequence[Asset]], checks: Mapping[str, CheckInfo]
) -> v1.IxitProvisionV1:
    """The information for one provision.

    Args:
        row: the provision with its result and evidence.
        assets: path → the assets that lie there.
        checks: check id → what it says of itself.
    """
    p, r = row.provision, row.result
    entries = tuple(sorted((*row.against, *row.support, *row.other), key=lambda e: e.index))
    looking = tuple(c.id for c in checks.values() if p.id in (*c.provisions, *c.supports))
    paths = dict.fromkeys(path for e in entries for path in _paths(e))
    return v1.IxitProvisionV1(
        id=p.id,
        applies=r.applicability.applies,
        level=p.level,
        observable=p.observable,
        facts=tuple(map(_fact, entries)),
        assets=tuple(dict.fromkeys(a.id for path in paths for a in assets.get(path, ()))),
        checks=looking,
        accepted=p.evidence,
        ask=tuple(_asks(row, {e.index: e for e in entries}, checks)),
    )


def place_of(at: Location) -> PlaceV1:
    """A place as published."""
    return PlaceV1(path=at.path, line=at.line, end_line=at.end_line or at.line)


def _paths(e: Evidence) -> Iterator[str]:
    yield from (d.at.path for d in e.observation.details if d.at is not None)
    yield from (s.name for s in e.observation.subjects)


def _fact(e: Evidence) -> v1.FactV1:
    o = e.observation
    places = [d.at for d in o.details if d.at is not None]
    return v1.FactV1(
        entry=e.index,
        leaf=e.leaf,
        source=o.check,
        by=o.by,
        statement=o.summary,
        outcome=o.outcome.value,
        freshness=e.freshness.value,
        places=tuple(map(place_of, dict.fromkeys(places[:_MOST]))),
        subjects=tuple(SubjectV1(name=s.name, sha256=s.sha256) for s in o.subjects[:_MOST]),
    )


def _asks(row: Row, entries: Mapping[int, Evidence], checks: Mapping[str, CheckInfo]) -> Iterator[v1.AskV1]:
    """Open points, obligation by obligation; then what the checks relied upon cannot see."""
    p, applicability = row.provision, row.result.applicability
    if applicability.contradicted:
        what = f"Whether it applies: it was declared out of scope, but {applicability.contradicted}"
        yield v1.AskV1(obligation="", what=what, whom=p.actors)
    if not applicability.applies:
        what = f"What shows that it does not apply: {applicability.reason}"
        yield v1.AskV1(obligation="", what=what, whom=p.actors)
        return
    for o in row.result.obligations:
        if o.applicability.applies and o.force != Force.MAY.value:
            used = [entries[i] for i in (*o.counter_evidence, *o.evidence) if i in entries]
            for what in dict.fromkeys(_open(o, used)):
                yield v1.AskV1(obligation=o.id, what=what, whom=o.actors)
    relied = dict.fromkeys(e.observation.check for e in row.support if e.observation.outcome is Outcome.MET)
    for check in relied:
        if check in checks and checks[check].blind_spots:
            what = f"What {check} cannot see: {checks[check].blind_spots}"
            yield v1.AskV1(obligation="", what=what, whom=p.actors)


def _open(o: ObligationResult, used: Sequence[Evidence]) -> Iterator[str]:
    """What is open on one obligation that applies."""
    for e in used:
        if e.freshness in (Freshness.STALE, Freshness.EXPIRED):
            yield f"Renewed evidence in place of entry {e.index}: {e.stale_because or e.freshness.value}"
        elif is_open_counter(e):
            yield f"A person's judgement on entry {e.index}: {e.observation.summary}"
    if o.verdict is Verdict.FAIL:
        yield f"What was done about: {o.reason}"
    elif o.verdict is Verdict.INCONCLUSIVE:
        yield f"Evidence that decides “{o.text}”"
