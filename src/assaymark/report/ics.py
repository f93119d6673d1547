"""One assessment as an implementation conformance statement (ICS): what is claimed, and on what. Pure.

A row for each provision and each obligation, as the conformance method of ETSI (TS 103 701 and the draft
TS 104 216) asks: status, support and reference. Support is derived, never declared: `Y` needs fresh evidence
for it and a verdict of pass, `N` a verdict of fail; what nobody has shown stays `not determined`.
"""

from collections.abc import Iterable, Mapping

from assaymark.assess.assessment import (
    Assessment,
    Evidence,
    Freshness,
    ObligationResult,
    ProvisionResult,
    Verdict,
)
from assaymark.assess.obligation import judge_obligation, weigh
from assaymark.observation import Location, Outcome
from assaymark.report import ics_format as v1
from assaymark.report.json_v1 import json_document
from assaymark.report.json_v1_format import PlaceV1, ToolV1, WaiverV1
from assaymark.standard.provision import Force, Obligation, Provision
from assaymark.system.conditions import IN_WORDS

__all__ = ["SELF_ASSESSMENT", "conformance_statement", "render_ics_json"]

SELF_ASSESSMENT = (
    "A self-assessment, drawn from recorded evidence. It is no certificate and no approval by anybody; "
    "requirements are in our own words, and only the published standard is authoritative."
)

_LETTERS = {"shall": "M", "should": "R", "may": "O"}
_WORDS = {condition.value: words for condition, words in IN_WORDS.items()}

Entries = Mapping[int, Evidence]


def render_ics_json(assessment: Assessment) -> bytes:
    """The statement as an indented JSON document in UTF-8, ending with a line end."""
    return json_document(conformance_statement(assessment))


def conformance_statement(assessment: Assessment) -> v1.IcsV1:
    """The statement with a row for each provision and each obligation, in the standard's order."""
    a, entries = assessment, {e.index: e for e in assessment.evidence}
    provisions = {p.id: p for p in a.provisions}
    rows = tuple(row for r in a.results if r.id in provisions for row in _rows(provisions[r.id], r, entries))
    return v1.IcsV1(
        edition=a.edition,
        catalogue_sha256=a.catalogue_sha256,
        tool=ToolV1(version=a.tool_version),
        assessed_at=a.assessed_at,
        statement=SELF_ASSESSMENT,
        system=_system(a),
        provisions=_counts(r for r in rows if r.kind == "provision"),
        obligations=_counts(r for r in rows if r.kind == "obligation"),
        problems=a.problems,
        rows=rows,
        references=tuple(_reference(entries[index]) for index in sorted(entries)),
    )


def _system(a: Assessment) -> v1.IcsSystemV1:
    s = a.system
    return v1.IcsSystemV1(
        name=s.name,
        organisation=s.organisation,
        version=s.version,
        owner=s.owner,
        roles=tuple(r.value for r in s.roles),
        folder=a.root,
        commit=a.commit,
        manifest_sha256=s.manifest_sha256,
    )


def _counts(rows: Iterable[v1.IcsRowV1]) -> v1.IcsCountsV1:
    support = [row.support for row in rows]
    return v1.IcsCountsV1(
        total=len(support),
        applicable=len(support) - support.count("N/A"),
        supported=support.count("Y"),
        not_supported=support.count("N"),
        not_determined=support.count("not determined"),
        not_applicable=support.count("N/A"),
    )


def _rows(p: Provision, r: ProvisionResult, entries: Entries) -> tuple[v1.IcsRowV1, ...]:
    by_id = {o.id: o for o in p.obligations}
    parts = tuple(_obligation(p, by_id[o.id], o, entries) for o in r.obligations if o.id in by_id)
    return (_provision(p, r, parts, entries), *parts)


def _provision(
    p: Provision, r: ProvisionResult, parts: tuple[v1.IcsRowV1, ...], entries: Entries
) -> v1.IcsRowV1:
    general = (*p.condition.all_of, *p.condition.any_of)
    own = [(*o.condition.all_of, *o.condition.any_of) for o in p.obligations]
    # Where every obligation has a condition of its own, the provision as a whole is conditional too.
    shared = tuple(c for each in own for c in each) if all(own) else ()
    against = _known((i for o in r.obligations for i in o.counter_evidence), entries)
    return v1.IcsRowV1(
        id=p.id,
        kind="provision",
        provision=p.id,
        principle=p.principle,
        text=p.summary,
        force=p.force,
        actors=p.actors,
        status=_status("shall" if "shall" in p.force else p.force, bool(general or shared)),
        condition=p.applies_when,
        circumstances=tuple(dict.fromkeys((*general, *shared))),
        applies=r.applicability.applies,
        reason=r.applicability.reason,
        decided_by=r.applicability.decided_by,
        contradicted=r.applicability.contradicted,
        support=_whole(r, parts),
        verdict=r.verdict.value,
        freshness=r.freshness.value,
        basis=r.basis,
        comment=r.reason,
        evidence=_known((i for o in r.obligations for i in o.evidence if i not in against), entries),
        counter_evidence=against,
        waiver=WaiverV1(reason=r.waiver.reason, owner=r.waiver.owner, until=r.waiver.until)
        if r.waiver
        else None,
        moves=r.moves,
    )


def _obligation(p: Provision, o: Obligation, r: ObligationResult, entries: Entries) -> v1.IcsRowV1:
    evidence, against = _known(r.evidence, entries), _known(r.counter_evidence, entries)
    used = [entries[i] for i in (*against, *evidence)]
    own = (*o.condition.all_of, *o.condition.any_of)
    circumstances = tuple(dict.fromkeys((*p.condition.all_of, *p.condition.any_of, *own)))
    fixes = (e.observation.fix for e in used if e.observation.outcome is not Outcome.MET)
    return v1.IcsRowV1(
        id=o.id,
        kind="obligation",
        provision=p.id,
        principle=p.principle,
        text=o.text,
        force=o.force.value,
        actors=o.actors,
        status=_status(o.force.value, bool(circumstances)),
        condition="; and where ".join((p.applies_when, *(_WORDS.get(c, c) for c in own))),
        circumstances=circumstances,
        applies=r.applicability.applies,
        reason=r.applicability.reason,
        decided_by=r.applicability.decided_by,
        contradicted=r.applicability.contradicted,
        support=_support(r, [entries[i] for i in evidence]),
        verdict=r.verdict.value,
        freshness=judge_obligation(o, r.applicability, weigh(o, used))[1].value,
        basis=r.basis,
        comment=r.reason,
        evidence=evidence,
        counter_evidence=against,
        waiver=None,
        moves=() if r.verdict is Verdict.PASS else tuple(dict.fromkeys(f for f in fixes if f)),
    )


def _status(force: str, conditional: bool) -> v1.Status:
    letter = _LETTERS[force]
    return f"{letter} C" if conditional else letter  # type: ignore[return-value]  # six combinations, all named


def _support(result: ObligationResult, evidence: Iterable[Evidence]) -> v1.Support:
    """What may honestly be claimed of one obligation."""
    if not result.applicability.applies:
        return "N/A"
    if result.verdict is Verdict.FAIL:
        return "N"
    shown = any(e.observation.outcome is Outcome.MET and e.freshness is Freshness.FRESH for e in evidence)
    return "Y" if result.verdict is Verdict.PASS and shown else "not determined"


def _whole(result: ProvisionResult, parts: tuple[v1.IcsRowV1, ...]) -> v1.Support:
    """What may honestly be claimed of a provision: no more than of its obligations, permissions aside."""
    deciding = {row.support for row in parts if row.applies and row.force != Force.MAY.value}
    if result.verdict is Verdict.NOT_APPLICABLE or not deciding:
        return "N/A"
    if result.verdict is Verdict.FAIL or "N" in deciding:
        return "N"
    return "Y" if result.verdict is Verdict.PASS and deciding == {"Y"} else "not determined"


def _known(indices: Iterable[int], entries: Entries) -> tuple[int, ...]:
    """Each index once, without those that lead nowhere: a reference always resolves."""
    return tuple(dict.fromkeys(i for i in indices if i in entries))


def _reference(e: Evidence) -> v1.ReferenceV1:
    o = e.observation
    at = next((d.at for d in o.details if d.at is not None), None)
    return v1.ReferenceV1(
        index=e.index,
        leaf=e.leaf,
        source=o.check,
        by=o.by,
        role=o.role,
        method=o.method.value,
        outcome=o.outcome.value,
        certainty=o.certainty.value,
        summary=o.summary,
        place=_place(at) if at else None,
        subjects=tuple(s.name for s in o.subjects),
        recorded_at=e.recorded_at,
        valid_until=o.valid_until,
        freshness=e.freshness.value,
    )


def _place(at: Location) -> PlaceV1:
    return PlaceV1(path=at.path, line=at.line, end_line=at.end_line or at.line)
