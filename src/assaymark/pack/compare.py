"""What a pack states, held against what its evidence gives: verdict by verdict, then byte by byte."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from assaymark import __version__
from assaymark.assess.assessment import Assessment, ProvisionResult, Verdict
from assaymark.observation import Subject
from assaymark.pack.format import (
    BOM,
    GATE,
    ICS,
    IXIT,
    REPORT,
    REPORT_HTML,
    STATEMENT,
    PackPredicate,
    ResultV1,
)
from assaymark.pack.read import OpenPack
from assaymark.pack.statement import predicate_of
from assaymark.pack.verification import Problem
from assaymark.signing.problems import DoesNotVerify
from assaymark.signing.strict_json import parse

__all__ = ["bill", "gate", "predicate", "rendered", "report"]

_DERIVED = ("results", "attestations", "documents", "redacted", "assessment", "assessments")
"""Members of the predicate that are compared on their own."""


def predicate(stated: PackPredicate, found: Assessment) -> Iterator[Problem]:
    """Where the signed statement says something else than the evidence gives."""
    keys = bytes.fromhex(stated.ledger_key), bytes.fromhex(stated.public_key)
    ours = predicate_of(found, origin=found.ledger_origin, ledger_key=keys[0], public_key=keys[1])
    for field in stated.__struct_fields__:
        if field not in _DERIVED and getattr(stated, field) != getattr(ours, field):
            values = (
                f"{_told(getattr(stated, field))}, where the evidence gives {_told(getattr(ours, field))}"
            )
            yield Problem(STATEMENT, f"states {field.replace('_', ' ')} as {values}.")
    if [r.requirement for r in stated.results] != [r.requirement for r in ours.results]:
        yield Problem(STATEMENT, "does not list every provision of the standard once, in its order.")
        return
    for said, result in zip(stated.results, ours.results, strict=True):
        if said != result:
            yield Problem(STATEMENT, _result(said, result))


def report(data: bytes, found: Assessment) -> Iterator[Problem]:
    """Where the JSON report states other verdicts than the evidence gives."""
    try:
        value = parse(data, REPORT)
    except DoesNotVerify as error:
        yield Problem(REPORT, f"cannot be read: {error.message}")
        return
    if value.get("assaymark_report") != 1:
        told = f"has the format version {_told(value.get('assaymark_report'))}; this release reads version 1."
        yield Problem(REPORT, told)
        return
    rows = value.get("results")
    stated = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    if [row.get("id") for row in stated] != [r.id for r in found.results]:
        yield Problem(REPORT, "does not list every provision of the standard once, in its order.")
        return
    for row, result in zip(stated, found.results, strict=True):
        yield from _row(row, result)
    yield from _same_numbers(value, found)


def gate(data: bytes, found: Assessment, report_sha256: str) -> Iterator[Problem]:
    """Where the statement for gates says that something passes that does not, or of something else."""
    from assaymark.report.svr import SVR, property_of

    try:
        value = parse(data, GATE)
    except DoesNotVerify as error:
        yield Problem(GATE, f"cannot be read: {error.message}")
        return
    said = value.get("predicate")
    properties = said.get("properties") if isinstance(said, dict) else None
    if value.get("predicateType") != SVR or not isinstance(said, dict) or not isinstance(properties, list):
        yield Problem(GATE, "is no Simple Verification Result of version 0.2.")
        return
    passed = {property_of(found.edition, r.id) for r in found.results if r.verdict is Verdict.PASS}
    for name in properties:
        if not isinstance(name, str) or name not in passed:
            yield Problem(GATE, f"says that {_told(name)} passes; the evidence does not give that.")
    if said.get("timeCreated") != found.assessed_at:
        yield Problem(GATE, "names another time than the rest of the pack.")
    subjects = value.get("subject")
    known = _subjects(found, report_sha256)
    for subject in subjects if isinstance(subjects, list) else [None]:
        if subject not in known:
            yield Problem(GATE, f"is about {_told(subject)}, which was not assessed.")


def _subjects(found: Assessment, report_sha256: str) -> list[dict[str, Any]]:
    """What a gate may know the system by, as in-toto has it: report, commit, assets."""
    from assaymark.report.bom.text import clean
    from assaymark.report.svr import COMMIT, descriptor

    named = [Subject(REPORT, report_sha256), Subject(COMMIT, found.commit)]
    named += [Subject(a.location or a.name, a.sha256) for a in found.assets]
    cleaned: list[dict[str, Any]] = clean([descriptor(subject) for subject in named if subject.sha256])
    return cleaned


def bill(data: bytes) -> Iterator[Problem]:
    """References and digests in the bill of materials that do not resolve."""
    from assaymark.report.bom.integrity import problems_of

    try:
        value = parse(data, BOM)
        found = problems_of(value)
    except DoesNotVerify as error:
        found = (f"cannot be read: {error.message}",)
    except (TypeError, AttributeError, KeyError, ValueError):
        found = ("does not have the form of a CycloneDX bill.",)
    yield from (Problem(BOM, told) for told in found[:10])


def rendered(pack: OpenPack, digests: Mapping[str, str], found: Assessment) -> Iterator[Problem]:
    """Members that are not byte for byte what this release makes of the evidence.

    To be asked only of a pack that this very release wrote: another words some things otherwise.
    """
    from assaymark.report.html import render_html
    from assaymark.report.ics import render_ics_json
    from assaymark.report.ixit import render_ixit_json
    from assaymark.report.json_v1 import render_json

    assert found.tool_version == __version__
    makers: dict[str, Any] = {
        REPORT: render_json,
        REPORT_HTML: render_html,
        ICS: render_ics_json,
        IXIT: render_ixit_json,
    }
    for name, render in makers.items():
        if name in pack and hashlib.sha256(render(found)).hexdigest() != digests[name]:
            yield Problem(name, "is not what this release of Assaymark makes of the pack's evidence.")


def _row(row: Mapping[str, Any], result: ProvisionResult) -> Iterator[Problem]:
    ours: dict[str, Any] = {
        "verdict": result.verdict.value,
        "freshness": result.freshness.value,
        "unmet": result.unmet,
    }
    for key, value in ours.items():
        if row.get(key) != value:
            told = f"states {key} of {result.id} as {_told(row.get(key))}; the evidence gives {_told(value)}."
            yield Problem(REPORT, told)
    parts = row.get("obligations")
    rows = [o for o in parts if isinstance(o, dict)] if isinstance(parts, list) else []
    said = {str(o.get("id")): o for o in rows}
    for o in result.obligations:
        one = said.get(o.id, {})
        mine = (o.verdict.value, list(o.evidence), list(o.counter_evidence))
        if (one.get("verdict"), one.get("evidence"), one.get("counter_evidence")) != mine:
            told = f"states {_told(one.get('verdict'))} for {o.id}; the evidence gives {_told(mine[0])}"
            yield Problem(
                REPORT, f"{told}, on other entries." if one.get("verdict") == mine[0] else f"{told}."
            )
    if (row.get("waiver") is None) != (result.waiver is None):
        yield Problem(REPORT, f"states another waiver of {result.id} than the manifest.")


def _same_numbers(value: Mapping[str, Any], found: Assessment) -> Iterator[Problem]:
    """The report has to name the same ledger, catalogue, time and tool as everything else."""
    ledger, tool = value.get("ledger"), value.get("tool")
    pairs = {
        "edition": (value.get("edition"), found.edition),
        "catalogue": (value.get("catalogue_sha256"), found.catalogue_sha256),
        "time": (value.get("assessed_at"), found.assessed_at),
        "tool version": (tool.get("version") if isinstance(tool, dict) else None, found.tool_version),
        "ledger": (
            (ledger.get("size"), ledger.get("root")) if isinstance(ledger, dict) else None,
            (found.ledger_size, found.ledger_root),
        ),
    }
    for name, (said, ours) in pairs.items():
        if said != ours:
            yield Problem(REPORT, f"names another {name} than the rest of the pack.")


def _result(said: ResultV1, ours: ResultV1) -> str:
    if (said.verdict, said.freshness) != (ours.verdict, ours.freshness):
        stated, gives = f"{said.verdict} ({said.freshness})", f"{ours.verdict} ({ours.freshness})"
        return f"states {_told(stated)} for {ours.requirement}; the evidence gives {_told(gives)}."
    return f"rests {ours.requirement} on other entries than those that speak to it."


def _told(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"
