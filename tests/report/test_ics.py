"""The implementation conformance statement."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from msgspec.structs import replace

import assaymark.report
from assaymark.assess.assessment import Assessment, Freshness, Verdict
from assaymark.report.ics import conformance_statement, render_ics_json
from assaymark.report.ics_format import IcsRowV1, IcsV1
from assaymark.standard.catalogue import obligation_ids
from tests.examples.examples import assessed
from tests.report.sample import HOSTILE, sample

SAMPLE = sample()
SCHEMA_PATH = Path(assaymark.report.__file__).with_name("schemas") / "ics-v1.schema.json"
SCHEMA: dict[str, Any] = json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))


@pytest.fixture(scope="module", params=["written by hand", "agent"])
def assessment(request: pytest.FixtureRequest) -> Assessment:
    """One written by hand with hostile text, and one of a real example."""
    return SAMPLE if request.param == "written by hand" else assessed("agent")


def by_id(statement: IcsV1) -> dict[str, IcsRowV1]:
    """Rows by provision or obligation id."""
    return {row.id: row for row in statement.rows}


def test_the_statement_follows_its_schema(assessment: Assessment) -> None:
    """An independent validator accepts what is written, and the schema itself is sound."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(json.loads(render_ics_json(assessment)), SCHEMA)


def test_the_published_schema_is_that_of_the_types() -> None:
    """A change to the frozen types shows as a change to a published file."""
    generated = msgspec.json.schema(IcsV1)
    assert {k: v for k, v in SCHEMA.items() if k not in ("$schema", "title")} == generated


@pytest.mark.parametrize(
    ("member", "value"), [("assaymark_ics", 2), ("rows", {}), ("assessed_at", None), ("obligations", 115)]
)
def test_the_schema_refuses_what_is_wrong(member: str, value: object) -> None:
    """The schema can fail: another version, a wrong type."""
    document = json.loads(render_ics_json(SAMPLE)) | {member: value}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, SCHEMA)


def test_every_provision_and_obligation_has_a_row(assessment: Assessment) -> None:
    """72 and 115, each obligation after its provision, none left out and none twice."""
    rows = conformance_statement(assessment).rows
    assert [r.id for r in rows if r.kind == "provision"] == [p.id for p in assessment.provisions]
    assert [r.id for r in rows if r.kind == "obligation"] == list(obligation_ids())
    assert len(rows) == len({r.id for r in rows}) == 72 + 115


def test_counts_add_up(assessment: Assessment) -> None:
    """Every row is counted once, so that no share has a hidden denominator."""
    statement = conformance_statement(assessment)
    for counts, total in ((statement.provisions, 72), (statement.obligations, 115)):
        parts = counts.supported + counts.not_supported + counts.not_determined + counts.not_applicable
        assert parts == counts.total == total
        assert counts.applicable == total - counts.not_applicable


def test_every_reference_resolves(assessment: Assessment) -> None:
    """What a row cites is listed with its leaf hash, and with a check, a tool or a person."""
    statement = conformance_statement(assessment)
    known = {r.index: r for r in statement.references}
    for row in statement.rows:
        assert known.keys() >= {*row.evidence, *row.counter_evidence}
    assert all(len(r.leaf) == 64 and r.source for r in known.values())
    assert [r.index for r in statement.references] == sorted(known)


def test_support_is_claimed_only_on_fresh_evidence(assessment: Assessment) -> None:
    """Whoever reads Y finds an entry that saw it hold, still fresh, and nothing else decided."""
    statement = conformance_statement(assessment)
    known = {r.index: r for r in statement.references}
    claimed = [row for row in statement.rows if row.support == "Y"]
    assert claimed
    for row in claimed:
        assert row.verdict == "pass"
        assert any(known[i].outcome == "met" and known[i].freshness == "fresh" for i in row.evidence)


def test_support_follows_the_verdict(assessment: Assessment) -> None:
    """Fail is N, out of scope is N/A with a reason and a decider, and the rest is not determined."""
    for row in conformance_statement(assessment).rows:
        if row.verdict == "fail":
            assert row.support == "N"
        if row.verdict == "inconclusive":
            assert row.support == "not determined"
        if row.support == "N/A" and not row.applies:
            assert row.reason
            assert row.decided_by


def _without_evidence(assessment: Assessment) -> Assessment:
    results = tuple(
        replace(r, obligations=tuple(replace(o, evidence=()) for o in r.obligations))
        for r in assessment.results
    )
    return replace(assessment, results=results)


def test_a_pass_without_evidence_is_not_claimed() -> None:
    """Even an assessment that says pass gets no Y where no entry shows it."""
    assert any(r.verdict is Verdict.PASS for r in SAMPLE.results)
    rows = conformance_statement(_without_evidence(SAMPLE)).rows
    assert not [r.id for r in rows if r.support == "Y"]


def test_a_pass_on_stale_evidence_is_not_claimed() -> None:
    """Evidence that no longer describes the system supports no claim."""
    stale = tuple(replace(e, freshness=Freshness.STALE) for e in SAMPLE.evidence)
    rows = conformance_statement(replace(SAMPLE, evidence=stale)).rows
    assert not [r.id for r in rows if r.support == "Y"]


def test_a_reference_that_leads_nowhere_is_left_out() -> None:
    """An index without an entry is not cited and supports nothing."""
    statement = conformance_statement(replace(SAMPLE, evidence=SAMPLE.evidence[:1]))
    cited = {i for r in statement.rows for i in (*r.evidence, *r.counter_evidence)}
    assert cited == {0}
    assert not [r.id for r in statement.rows if r.support == "Y"]


def test_status_says_force_and_condition() -> None:
    """Mandatory, recommended or optional, with C exactly where a circumstance decides."""
    rows = by_id(conformance_statement(assessed("agent")))
    assert rows["5.1.2-5"].status == "M"
    assert rows["5.4.2-3"].status == "R C"
    assert rows["5.2.4-3#2"].status == "O"
    assert {r.status for r in rows.values()} >= {"M", "R", "M C", "R C", "O"}
    for row in rows.values():
        assert row.status.endswith(" C") == bool(row.circumstances)
        assert row.condition


def test_waivers_and_contradictions_stay_in_sight() -> None:
    """A waiver changes no support, and an exclusion that was not followed says why."""
    rows = by_id(conformance_statement(SAMPLE))
    waived = rows["5.2.1-4"]
    assert waived.waiver is not None
    assert waived.support == "N"
    assert rows["5.4.1-3"].contradicted


def test_it_says_what_it_is() -> None:
    """A self-assessment says so."""
    assert "self-assessment" in conformance_statement(SAMPLE).statement


def test_the_same_assessment_gives_the_same_bytes() -> None:
    """Nothing but the assessment goes in, and hostile text comes out exactly."""
    document = render_ics_json(SAMPLE)
    assert document == render_ics_json(sample())
    assert json.loads(document)["system"]["name"].endswith(HOSTILE)
    assert "\u202e".encode() not in document


def test_names_that_are_not_utf8_do_not_stop_it() -> None:
    """Lone surrogates, which strict readers refuse, are spelt out."""
    document = render_ics_json(replace(SAMPLE, root="caf\udce9"))
    assert json.loads(document.decode("utf-8"))["system"]["folder"] == "caf\\udce9"
