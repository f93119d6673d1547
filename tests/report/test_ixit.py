"""The implementation extra information for testing."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from msgspec.structs import replace

import assaymark.report
from assaymark.assess.assessment import Assessment
from assaymark.asset import AssetKind
from assaymark.report.ixit import extra_information, render_ixit_json
from assaymark.report.ixit_format import IxitV1
from assaymark.system.system import Condition, DeclaredAsset, Statement
from tests.examples.examples import assessed
from tests.report.sample import HOSTILE, sample

SAMPLE = sample()
SCHEMA_PATH = Path(assaymark.report.__file__).with_name("schemas") / "ixit-v1.schema.json"
SCHEMA: dict[str, Any] = json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))


@pytest.fixture(scope="module", params=["written by hand", "agent"])
def assessment(request: pytest.FixtureRequest) -> Assessment:
    """One written by hand with hostile text, and one of a real example."""
    return SAMPLE if request.param == "written by hand" else assessed("agent")


def test_the_information_follows_its_schema(assessment: Assessment) -> None:
    """An independent validator accepts what is written, and the schema itself is sound."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(json.loads(render_ixit_json(assessment)), SCHEMA)


def test_the_published_schema_is_that_of_the_types() -> None:
    """A change to the frozen types shows as a change to a published file."""
    generated = msgspec.json.schema(IxitV1)
    assert {k: v for k, v in SCHEMA.items() if k not in ("$schema", "title")} == generated


@pytest.mark.parametrize(("member", "value"), [("assaymark_ixit", 2), ("kinds", {}), ("people", None)])
def test_the_schema_refuses_what_is_wrong(member: str, value: object) -> None:
    """The schema can fail: another version, a wrong type."""
    document = json.loads(render_ixit_json(SAMPLE)) | {member: value}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, SCHEMA)


def test_every_provision_is_there_and_what_is_open_is_asked_for(assessment: Assessment) -> None:
    """72, and a provision that does not pass never comes without a question."""
    information = extra_information(assessment)
    results = {r.id: r for r in assessment.results}
    assert [p.id for p in information.provisions] == list(results)
    for p in information.provisions:
        if results[p.id].verdict.value != "pass":
            assert p.ask, p.id
        assert all(a.what and a.whom for a in p.ask)


def test_every_asset_is_there_under_its_kind(assessment: Assessment) -> None:
    """Nothing found is lost, and a kind of which nothing was found is an empty row."""
    information = extra_information(assessment)
    assert [k.kind for k in information.kinds[: len(AssetKind)]] == [k.value for k in AssetKind]
    listed = [a.id for k in information.kinds for a in k.assets if a.found]
    assert sorted(listed) == sorted(a.id for a in assessment.assets)


def test_references_resolve(assessment: Assessment) -> None:
    """Entries, assets and checks that a provision names exist."""
    information = extra_information(assessment)
    entries = {e.index: e.leaf for e in assessment.evidence}
    assets = {a.id for k in information.kinds for a in k.assets}
    checks = {c.id for c in information.checks}
    for p in information.provisions:
        assert all(entries[f.entry] == f.leaf for f in p.facts)
        assert assets >= {*p.assets}
        assert checks >= {*p.checks}
    assert any(p.assets for p in information.provisions)


def test_whom_to_ask_is_named() -> None:
    """Attesters, owners and whoever grants a waiver are people; the tool behind an import is none."""
    imported = replace(SAMPLE.evidence[0].observation, check="import_sarif", by="bandit 1.8", role="tool")
    evidence = (replace(SAMPLE.evidence[0], observation=imported), *SAMPLE.evidence[1:])
    people = {p.name: p.answers_for for p in extra_information(replace(SAMPLE, evidence=evidence)).people}
    assert "the manifest" in people["Ada Example"]
    assert any(what.startswith("entry 7, as Organisation") for what in people["Grace H."])
    assert "bandit 1.8" not in people


def test_the_register_adds_owner_and_class_and_what_was_not_found() -> None:
    """A line of the register meets its asset by place; a line without an asset stays in sight."""
    register = (
        DeclaredAsset(
            kind="model",
            name="ranker",
            location="weights/ranker.pkl",
            owner="Grace H.",
            classification="secret",
        ),
        DeclaredAsset(kind="model", name="ghost", sha256="00" * 32),
        DeclaredAsset(kind="robot", name="arm"),
    )
    system = replace(SAMPLE.system, assets=register)
    kinds = {k.kind: k.assets for k in extra_information(replace(SAMPLE, system=system)).kinds}
    ranker = next(a for a in kinds["model"] if a.id == "model:ranker.pkl")
    assert (ranker.owner, ranker.classification, ranker.declared, ranker.found) == (
        "Grace H.",
        "secret",
        True,
        True,
    )
    assert [(a.name, a.found) for a in kinds["model"]][-1] == ("ghost", False)
    assert [(a.name, a.found) for a in kinds["robot"]] == [("arm", False)]


def test_every_circumstance_says_what_is_known() -> None:
    """What the owner states stands beside what was seen, and silence stays null."""
    statement = Statement(holds=False, reason="nothing is retired", by="")
    system = replace(SAMPLE.system, conditions={Condition.DECOMMISSIONS: statement})
    found = {c.id: c for c in extra_information(replace(SAMPLE, system=system)).circumstances}
    assert list(found) == [c.value for c in Condition]
    assert (found["decommissions"].stated, found["decommissions"].by) == (False, "Ada Example")
    assert found["cloud"].stated is None


def test_a_real_example_says_where_circumstances_were_seen() -> None:
    """What discovery found comes with places."""
    found = {c.id: c for c in extra_information(assessed("agent")).circumstances}
    assert found["agent-tools"].seen_at


def test_what_was_not_looked_at_is_said() -> None:
    """Limits are part of the information: files that were not read, blind spots, thresholds."""
    information = extra_information(SAMPLE)
    assert len(information.not_looked_at) == 3
    assert len(information.thresholds) == 2
    assert all(c.blind_spots for c in information.checks)
    asked = [a.what for p in information.provisions for a in p.ask]
    assert any(what.startswith("What prompts_keep_their_history cannot see") for what in asked)


def test_the_same_assessment_gives_the_same_bytes() -> None:
    """Nothing but the assessment goes in, and hostile text comes out exactly."""
    document = render_ixit_json(SAMPLE)
    assert document == render_ixit_json(sample())
    assert json.loads(document)["system"]["purpose"].endswith(HOSTILE)
