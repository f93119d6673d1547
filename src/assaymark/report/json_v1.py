"""The report as JSON, version 1, and reading an earlier one back for `--since`.

The bytes are for machines: every value is given as it is. Characters that could deceive a person who opens
the file stand in it as JSON's own escapes; whoever shows a value escapes it again.
"""

import re
from collections.abc import Iterable
from typing import Literal

import msgspec
from msgspec import Struct

from assaymark.assess.assessment import (
    Applicability,
    Assessment,
    Evidence,
    Freshness,
    ProvisionResult,
    Verdict,
)
from assaymark.asset import Asset
from assaymark.errors import UsageError
from assaymark.observation import CheckInfo, Location
from assaymark.report import json_v1_format as v1
from assaymark.report.text import escaped_json
from assaymark.report.view import tally
from assaymark.standard.provision import Provision

__all__ = ["EarlierReport", "EarlierResult", "json_document", "read_json", "render_json", "system_v1"]

_LARGEST = 256 * 1024 * 1024
"""Bytes of an earlier report that are read; a report of a large system has a few million."""

_ADVICE = "Name a report that `assaymark assess --format json` wrote."


class EarlierResult(Struct, frozen=True, kw_only=True):
    """A provision's verdict in an earlier report."""

    id: str
    verdict: Verdict
    freshness: Freshness
    unmet: str = ""
    basis: str = ""
    reason: str = ""


class EarlierReport(Struct, frozen=True, kw_only=True):
    """What `--since` needs of an earlier report."""

    assaymark_report: Literal[1]
    edition: str
    assessed_at: str
    results: tuple[EarlierResult, ...]
    catalogue_sha256: str = ""

    @property
    def by_provision(self) -> dict[str, EarlierResult]:
        """Results by EN id."""
        return {r.id: r for r in self.results}

    @property
    def verdicts(self) -> dict[str, Verdict]:
        """Verdicts by EN id."""
        return {r.id: r.verdict for r in self.results}


class _Version(Struct):
    assaymark_report: int


def render_json(assessment: Assessment) -> bytes:
    """The whole assessment as an indented JSON document in UTF-8, ending with a line end."""
    return json_document(_report(assessment))


def json_document(value: Struct) -> bytes:
    """A published noun as every JSON report is written: indented, UTF-8, deceptive characters escaped."""
    try:
        encoded = msgspec.json.encode(value)
    except UnicodeEncodeError:
        encoded = _without_surrogates(value)
    return escaped_json(msgspec.json.format(encoded, indent=1)) + b"\n"


def _without_surrogates(report: Struct) -> bytes:
    """Names that are not UTF-8 hold lone surrogates, which JSON readers refuse: spelt out instead."""
    return msgspec.json.encode(_cleaned(msgspec.to_builtins(report)))


def _cleaned(value: object) -> object:
    match value:
        case str():
            return re.sub("[\ud800-\udfff]", lambda m: f"\\u{ord(m[0]):04x}", value)
        case list() | tuple():
            return [_cleaned(x) for x in value]
        case dict():
            return {k: _cleaned(x) for k, x in value.items()}
        case _:
            return value


def read_json(data: bytes) -> EarlierReport:
    """An earlier report.

    Raises:
        UsageError: it is not such a report, of an unknown version, too large or too deeply nested.
    """
    if len(data) > _LARGEST:
        raise UsageError(f"The earlier report is larger than {_LARGEST:,} bytes.", _ADVICE)
    try:
        version = msgspec.json.decode(data, type=_Version).assaymark_report
        if version != 1:
            raise UsageError(
                f"The earlier report has format version {version}; this release reads version 1.", _ADVICE
            )
        return msgspec.json.decode(data, type=EarlierReport)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as e:
        reason = "nested too deeply" if isinstance(e, RecursionError) else str(e)
        raise UsageError(f"The earlier report cannot be read: {reason}", _ADVICE) from e


def _report(a: Assessment) -> v1.ReportV1:
    provisions = {p.id: p for p in a.provisions}
    return v1.ReportV1(
        edition=a.edition,
        catalogue_sha256=a.catalogue_sha256,
        tool=v1.ToolV1(version=a.tool_version),
        assessed_at=a.assessed_at,
        system=system_v1(a),
        counts=_counts(a),
        problems=a.problems,
        results=tuple(_provision(provisions[r.id], r) for r in a.results if r.id in provisions),
        evidence=tuple(map(_evidence, a.evidence)),
        checks=tuple(map(_check, a.checks)),
        assets=tuple(map(_asset, a.assets)),
        edges=tuple(v1.EdgeV1(source=e.source, relation=e.relation.value, target=e.target) for e in a.edges),
        not_looked_at=tuple(
            v1.NotLookedAtV1(path=n.path, reason=n.reason, files=n.files) for n in a.not_looked_at
        ),
        thresholds=tuple(v1.ThresholdV1(name=t.name, value=t.value, meaning=t.meaning) for t in a.thresholds),
        since=a.since,
        changes=None if a.changes is None else tuple(_changes(a)),
        ledger=v1.LedgerV1(size=a.ledger_size, root=a.ledger_root, public_key=a.public_key),
    )


def system_v1(a: Assessment) -> v1.SystemV1:
    """The system, as every document in JSON describes it."""
    s = a.system
    return v1.SystemV1(
        name=s.name,
        purpose=s.purpose,
        owner=s.owner,
        organisation=s.organisation,
        version=s.version,
        roles=tuple(r.value for r in s.roles),
        profile=s.profile.value if s.profile else "",
        manifest=s.manifest_path,
        folder=a.root,
        files=a.files,
        commit=a.commit,
    )


def _counts(a: Assessment) -> v1.CountsV1:
    t = tally(a.results)
    return v1.CountsV1(
        total=t.total,
        applicable=t.applicable,
        fail=t.failed,
        inconclusive=t.inconclusive,
        passed=t.passed,
        not_applicable=t.not_applicable,
    )


def _changes(a: Assessment) -> Iterable[v1.ChangeV1]:
    for c in a.changes or ():
        yield v1.ChangeV1(
            provision=c.provision, kind=c.kind, before=c.before, after=c.after, because=c.because
        )


def _scope(a: Applicability) -> v1.ScopeV1:
    return v1.ScopeV1(
        applies=a.applies, reason=a.reason, decided_by=a.decided_by, contradicted=a.contradicted
    )


def _provision(p: Provision, r: ProvisionResult) -> v1.ProvisionV1:
    w = r.waiver
    return v1.ProvisionV1(
        id=p.id,
        ts_id=p.ts_id,
        cop_id=p.cop_id,
        phase=p.phase.value,
        principle=p.principle,
        principle_title=p.principle_title,
        force=p.force,
        actors=p.actors,
        summary=p.summary,
        scope=_scope(r.applicability),
        verdict=r.verdict.value,
        unmet=r.unmet,
        reason=r.reason,
        basis=r.basis,
        freshness=r.freshness.value,
        moves=r.moves,
        waiver=v1.WaiverV1(reason=w.reason, owner=w.owner, until=w.until) if w else None,
        obligations=tuple(
            v1.ObligationV1(
                id=o.id,
                force=o.force,
                actors=o.actors,
                text=o.text,
                scope=_scope(o.applicability),
                verdict=o.verdict.value,
                basis=o.basis,
                reason=o.reason,
                evidence=o.evidence,
                counter_evidence=o.counter_evidence,
            )
            for o in r.obligations
        ),
    )


def _place(at: Location) -> v1.PlaceV1:
    return v1.PlaceV1(path=at.path, line=at.line, end_line=at.end_line or at.line)


def _evidence(e: Evidence) -> v1.EvidenceV1:
    o = e.observation
    return v1.EvidenceV1(
        index=e.index,
        leaf=e.leaf,
        recorded_at=e.recorded_at,
        freshness=e.freshness.value,
        stale_because=e.stale_because,
        check=o.check,
        check_version=o.check_version,
        obligations=o.obligations,
        decisive=o.decisive,
        outcome=o.outcome.value,
        certainty=o.certainty.value,
        method=o.method.value,
        summary=o.summary,
        details=tuple(
            v1.DetailV1(message=d.message, place=_place(d.at) if d.at else None) for d in o.details
        ),
        subjects=tuple(v1.SubjectV1(name=s.name, sha256=s.sha256) for s in o.subjects),
        fix=o.fix,
        by=o.by,
        role=o.role,
        made_on=o.made_on,
        valid_until=o.valid_until,
    )


def _check(c: CheckInfo) -> v1.CheckV1:
    return v1.CheckV1(
        id=c.id,
        version=c.version,
        title=c.title,
        why=c.why,
        fix=c.fix,
        blind_spots=c.blind_spots,
        provisions=c.provisions,
        supports=c.supports,
    )


def _asset(a: Asset) -> v1.AssetV1:
    return v1.AssetV1(
        id=a.id,
        kind=a.kind.value,
        name=a.name,
        location=a.location,
        sha256=a.sha256,
        size=a.size,
        version=a.version,
        pinned=a.pinned,
        note=a.note,
        declared=a.declared,
        seen_at=tuple(map(_place, a.seen_at)),
    )
