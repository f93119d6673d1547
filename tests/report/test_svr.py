"""The Simple Verification Result names what passes, and nothing else."""

import json
from typing import Any

import pytest
from google.protobuf import json_format
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement
from msgspec.structs import replace

from assaymark import pipeline
from assaymark.assess.assessment import Assessment, Verdict
from assaymark.observation import Subject
from assaymark.report.svr import COMMIT, property_of, render_svr
from tests.report.sample import HOSTILE, sample

SUBJECTS = (Subject("report.json", "ab" * 32), Subject(COMMIT, "0123456789" * 4))


def statement(assessment: Assessment | None = None) -> dict[str, Any]:
    """The document as read back."""
    made: dict[str, Any] = json.loads(render_svr(assessment or sample(), SUBJECTS))
    return made


def test_the_in_toto_package_accepts_it() -> None:
    """It is a Statement v1 as in-toto's own library has it, with every required field of the predicate."""
    made = statement()
    Statement.copy_from_pb(json_format.ParseDict(made, statement_pb2.Statement())).validate()

    assert made["predicateType"] == "https://in-toto.io/attestation/svr/v0.2"
    assert set(made["predicate"]) == {"verifier", "timeCreated", "properties"}
    assert made["predicate"]["verifier"] == {
        "id": "urn:assaymark:assess:0.1.0",
        "policies": [{"name": "EN 304 223 V2.1.1 catalogue", "digest": {"sha256": "99" * 32}}],
    }


def test_only_passing_provisions_are_properties() -> None:
    """A provision that fails, is open or does not apply leaves no trace in it."""
    passing = [r.id for r in sample().results if r.verdict is Verdict.PASS]

    assert statement()["predicate"]["properties"] == [property_of("EN 304 223 V2.1.1", p) for p in passing]
    assert 0 < len(passing) < 72


def test_every_provision_has_a_property_of_its_own() -> None:
    """The spelling is documented and tells all 72 apart."""
    a = sample()
    spelt = {property_of(a.edition, p.id) for p in a.provisions}

    assert len(spelt) == 72
    assert {"EN_304_223_5_2_4_1_2", "EN_304_223_5_1_1_1"} <= spelt


def test_a_system_that_passes_nothing_has_an_empty_list() -> None:
    """Nothing passing is said as an empty list, never by leaving the list out."""
    none = tuple(replace(r, verdict=Verdict.INCONCLUSIVE) for r in sample().results)

    assert statement(replace(sample(), results=none))["predicate"]["properties"] == []


def test_a_commit_is_a_digest_of_its_own_kind() -> None:
    """A commit's id stands as `gitCommit`; the name is the one that the pipeline gives it."""
    digests = [s["digest"] for s in statement()["subject"]]

    assert digests == [{"sha256": "ab" * 32}, {"gitCommit": "0123456789" * 4}]
    assert COMMIT == pipeline.COMMIT


@pytest.mark.parametrize("name", [HOSTILE, "\ud800.bin", "a\nb"])
def test_any_name_can_be_a_subject(name: str) -> None:
    """A hostile file name gives a readable ASCII document, and always the same one."""
    first = render_svr(sample(), [Subject(name, "cd" * 32)])

    assert first == render_svr(sample(), [Subject(name, "cd" * 32)])
    assert first.isascii()
    assert json.loads(first)["subject"][0]["digest"] == {"sha256": "cd" * 32}
