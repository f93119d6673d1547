"""CycloneDX with the standard and the declarations: valid for others, and saying no more than was seen."""

import json
from functools import cache
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from msgspec.structs import replace

from assaymark.assess.assessment import Evidence, Freshness, ObligationResult, ProvisionResult, Verdict
from assaymark.observation import Subject
from assaymark.report.declarations.document import Signatory, declared, render_declarations
from assaymark.report.declarations.scores import CONFIDENCE, PARTLY, Score, of_provision
from assaymark.report.integrity.check import problems_of
from assaymark.report.integrity.known import known_of
from tests.report.bom.sample import full
from tests.report.exports import exported, judged

VALIDATORS = {"1.6": JsonStrictValidator(SchemaVersion.V1_6), "1.7": JsonStrictValidator(SchemaVersion.V1_7)}
SIGNED = Signatory(
    name="Ada Example",
    role="Developer",
    organisation="Example Ltd",
    statement="I answer for the training data.",
    url="sign-offs/0123456789abcdef.dsse.json",
    sha256="ab" * 32,
)


@cache
def document() -> dict[str, Any]:
    """The judged sample as CycloneDX 1.7."""
    made: dict[str, Any] = json.loads(exported("cyclonedx-1.7"))
    return made


def mapped() -> dict[str, dict[str, Any]]:
    """Map entries by requirement number."""
    (attestation,) = document()["declarations"]["attestations"]
    return {m["requirement"].removeprefix("requirement:"): m for m in attestation["map"]}


def results(verdict: Verdict) -> list[ProvisionResult]:
    """Provisions of the sample with this verdict."""
    return [r for r in judged().results if r.verdict is verdict]


@pytest.mark.parametrize("spec", ["1.6", "1.7"])
def test_owasps_own_schema_accepts_it(spec: str) -> None:
    """In both versions, strictly, with hostile names in it and with and without signatures."""
    unsigned = exported(f"cyclonedx-{spec}").decode("ascii")
    signed = render_declarations(judged(), full(), spec=spec, signed=[SIGNED]).decode("ascii")

    assert VALIDATORS[spec].validate_str(unsigned) is None
    assert VALIDATORS[spec].validate_str(signed) is None


@pytest.mark.parametrize("spec", ["1.6", "1.7"])
def test_the_schema_does_refuse_what_breaks_it(spec: str) -> None:
    """So that the test above can fail: a score of 5 and an unknown member are seen."""
    for damage in ({"score": 5}, {"score": 1, "why": "x"}):
        twin = json.loads(exported(f"cyclonedx-{spec}"))
        twin["declarations"]["attestations"][0]["map"][0]["confidence"] = damage
        assert VALIDATORS[spec].validate_str(json.dumps(twin)) is not None


def test_the_same_assessment_gives_the_same_bytes_and_another_one_another_number() -> None:
    """The serial number follows from what the document says."""
    again = render_declarations(judged(), full(), spec="1.7")
    other = declared(replace(judged(), results=judged().results[::-1]), full(), spec="1.7")

    assert again == exported("cyclonedx-1.7")
    assert other["serialNumber"] != document()["serialNumber"]


def test_one_file_holds_the_bill_and_the_claims() -> None:
    """The parts that the bill lists are still there, and every claim is about the system as a whole."""
    assert {"components", "dependencies", "definitions", "declarations"} <= set(document())
    assert {c["target"] for c in document()["declarations"]["claims"]} == {"system"}
    assert document()["metadata"]["component"]["bom-ref"] == "system"


def test_the_standard_has_every_provision_and_obligation_in_our_own_words() -> None:
    """72 provisions and 115 obligations, each part under its provision, sub-provisions under theirs."""
    (standard,) = document()["definitions"]["standards"]
    numbers = [r["identifier"] for r in standard["requirements"]]
    by_number = {r["identifier"]: r for r in standard["requirements"]}

    assert sum("#" not in n for n in numbers) == 72
    assert sum("#" in n for n in numbers) == 115
    assert by_number["5.2.3-1#1"]["parent"] == "requirement:5.2.3-1"
    assert all(by_number[p.id]["text"] == p.summary for p in judged().provisions)
    assert (standard["owner"], standard["version"]) == ("ETSI", "V2.1.1")


def test_levels_are_roles() -> None:
    """Each role has the requirements addressed to it."""
    levels = {x["identifier"]: x["requirements"] for x in document()["definitions"]["standards"][0]["levels"]}
    ours = {p.id for p in judged().provisions if "Data Custodian" in p.actors}

    assert set(levels) == {"Developer", "System Operator", "Data Custodian", "Organisation"}
    assert {x.removeprefix("requirement:") for x in levels["Data Custodian"] if "#" not in x} == ours


def test_what_passes_scores_one_on_claims_with_evidence() -> None:
    """A pass is a claim with evidence, and confidence follows from who saw it."""
    for r in results(Verdict.PASS):
        found = mapped()[r.id]
        assert found["conformance"]["score"] == 1
        assert found["claims"]
        assert found["confidence"]["score"] in CONFIDENCE.values()
        assert found["confidence"]["score"] > 0


def test_what_fails_scores_nought_on_a_counter_claim_with_next_steps() -> None:
    """A failure names the counter-claim, and what would move it."""
    failed = results(Verdict.FAIL)
    assert failed
    for r in failed:
        found = mapped()[r.id]
        assert found["conformance"]["score"] == 0
        assert found["counterClaims"]
        assert f"steps:{r.id}" in found["conformance"]["mitigationStrategies"]


def test_a_waiver_is_told_and_changes_no_score() -> None:
    """The waived failure still scores 0; the waiver is a strategy with an owner and an end."""
    found = mapped()["5.2.1-4"]
    (waiver,) = [e for e in document()["declarations"]["evidence"] if e["bom-ref"] == "waiver:5.2.1-4"]

    assert found["conformance"]["score"] == 0
    assert "waiver:5.2.1-4" in found["conformance"]["mitigationStrategies"]
    assert (waiver["author"]["name"], waiver["expires"]) == ("Ada Example", "2027-01-31T23:59:59Z")


def test_without_evidence_there_is_no_conformance_and_no_confidence() -> None:
    """Silence is scored by leaving the score out, with the reason."""
    bare = [
        o
        for r in results(Verdict.INCONCLUSIVE)
        for o in r.obligations
        if o.applicability.applies and not o.evidence and not o.counter_evidence
    ]
    assert len(bare) > 50
    for o in bare:
        found = mapped()[o.id]
        assert "conformance" not in found
        assert found["confidence"]["score"] == 0
        assert o.reason in found["confidence"]["rationale"]


def test_what_does_not_apply_has_a_reason_and_no_entry() -> None:
    """No map entry; the requirement says why, and who decided."""
    requirements = {r["identifier"]: r for r in document()["definitions"]["standards"][0]["requirements"]}
    (excluded, shared) = (requirements[n] for n in ("5.2.4-2.1", "5.3.1-3"))
    said = {p["value"] for p in shared["properties"] if p["name"] == "assaymark:not-applicable"}

    assert said == {"no model is shared (rule: shares-model)"}
    assert any("no public data is used (Ada " in p["value"] for p in excluded["properties"])
    assert not {"5.2.4-2.1", "5.3.1-3", "5.3.1-3#1"} & set(mapped())


def test_permissions_alone_ask_for_nothing_and_are_not_mapped() -> None:
    """A provision whose obligations that apply are all permissions is out with its parts, for one reason."""
    first = judged().results[0]
    allowed = replace(
        first,
        verdict=Verdict.NOT_APPLICABLE,
        reason="It holds permissions only, which ask for nothing.",
        obligations=tuple(replace(o, force="may") for o in first.obligations),
    )
    a = replace(judged(), results=(allowed, *judged().results[1:]))

    assert problems_of("cyclonedx-1.7", render_declarations(a, full(), spec="1.7"), known_of(a)) == ()


def test_what_a_person_has_to_judge_is_claimed_but_not_adopted() -> None:
    """A tentative finding is a counter-claim that no map entry refers to."""
    claims = {c["bom-ref"] for c in document()["declarations"]["claims"]}
    adopted = {c for m in mapped().values() for c in m.get("counterClaims", ())}

    assert "counter-claim:5.2.2-1#1" in claims - adopted
    assert "conformance" not in mapped()["5.2.2-1#1"]
    assert mapped()["5.2.2-1#1"]["confidence"]["score"] == CONFIDENCE["awaits a person"]


def test_what_was_seen_in_part_scores_in_between() -> None:
    """Partial evidence scores neither 0 nor 1, at the obligation and at the provision."""
    evidence = tuple(replace(e, freshness=Freshness.FRESH) if e.index == 5 else e for e in judged().evidence)
    made = declared(replace(judged(), evidence=evidence), full(), spec="1.6")
    scores = {
        m["requirement"]: m["conformance"]["score"]
        for m in made["declarations"]["attestations"][0]["map"]
        if "conformance" in m
    }

    assert scores["requirement:5.2.2-5#1"] == PARTLY
    assert 0 < scores["requirement:5.2.2-5"] < 1


def part(conformance: float | None, confidence: float) -> Score:
    """A score of one obligation."""
    return Score(conformance=conformance, rationale="", confidence=confidence, grounds="Seen.")


def whole(verdict: Verdict, *parts: Score) -> Score:
    """The score of a provision made of these parts."""
    return of_provision(replace(judged().results[0], verdict=verdict), parts)


def test_a_provision_is_as_sure_as_its_least_sure_part_and_fails_as_surely_as_its_surest() -> None:
    """One sure failure is enough; a pass needs every part."""
    passing, doubtful, failing = part(1.0, 0.8), part(1.0, 0.6), part(0.0, 0.8)

    assert whole(Verdict.PASS, passing, doubtful).confidence == 0.6
    assert whole(Verdict.FAIL, failing, doubtful, part(0.0, 0.6)).confidence == 0.8
    assert whole(Verdict.INCONCLUSIVE, part(None, 0.0), part(None, 0.2)).confidence == 0.2


def test_what_is_open_never_scores_one() -> None:
    """A part without a score counts as nothing, and says so."""
    score = whole(Verdict.INCONCLUSIVE, *[part(1.0, 0.8)] * 400, part(None, 0.0))

    assert score.conformance == 0.99
    assert "1 of 401 parts have no score." in score.grounds
    assert whole(Verdict.INCONCLUSIVE, part(None, 0.0)).conformance is None


def test_evidence_gives_digests_dates_and_authors_and_no_content() -> None:
    """The ledger's leaf, each subject's digest, when, until when, by whom, how confidential."""
    evidence = {e["bom-ref"]: e for e in document()["declarations"]["evidence"]}
    (attested, observed) = (evidence["evidence:9"], evidence["evidence:0"])

    assert attested["author"] == {"name": "Grace H., Developer"}
    assert (attested["created"], attested["expires"]) == ("2026-09-02T00:00:00Z", "2027-09-01T23:59:59Z")
    assert attested["data"][1]["classification"] == "internal"
    assert "author" not in observed
    assert [d["contents"]["attachment"]["content"] for d in observed["data"]] == [
        f"leaf-sha256:{0:064x}",
        f"sha256:{'ab' * 32}",
        f"sha256:{'cd' * 32}",
    ]


def test_a_long_list_of_subjects_is_cut_and_says_so() -> None:
    """A hundred are listed; the leaf covers the rest, and their number is told."""
    first = judged().evidence[0]
    many = tuple(Subject(f"f{n}", "ab" * 32) for n in range(1_500))
    entry = replace(first, observation=replace(first.observation, subjects=many))
    a = replace(judged(), evidence=(entry, *judged().evidence[1:]))
    item = declared(a, full(), spec="1.6")["declarations"]["evidence"][0]

    assert len(item["data"]) == 101
    assert "1,400 further subjects are covered by the leaf." in item["description"]


@pytest.mark.parametrize("day", ["soon", "2026-13-01", "20260101", "2026-01-01T00:00"])
def test_a_date_that_is_none_is_left_out(day: str) -> None:
    """An end that is no date is no end; the document stays valid."""
    at = next(e.index for e in judged().evidence if e.observation.by)
    evidence = tuple(
        replace(e, observation=replace(e.observation, valid_until=day, made_on=day)) if e.index == at else e
        for e in judged().evidence
    )
    made = render_declarations(replace(judged(), evidence=evidence), full(), spec="1.6").decode()
    (item,) = [e for e in json.loads(made)["declarations"]["evidence"] if e["bom-ref"] == f"evidence:{at}"]

    assert "expires" not in item
    assert item["created"] == "2026-11-23T10:15:00Z"
    assert VALIDATORS["1.6"].validate_str(made) is None


def test_stale_evidence_says_so() -> None:
    """What no longer counts is still shown, with why."""
    evidence = {e["bom-ref"]: e for e in document()["declarations"]["evidence"]}

    assert "No longer current: the plan changed." in evidence["evidence:5"]["description"]


def test_nobody_affirms_unless_somebody_signed() -> None:
    """The tool signs nothing in anybody's name."""
    signed = declared(judged(), full(), spec="1.6", signed=[SIGNED])["declarations"]["affirmation"]

    assert "affirmation" not in document()["declarations"]
    assert signed["statement"] == "Ada Example: I answer for the training data."
    assert signed["signatories"][0]["externalReference"]["hashes"][0]["content"] == "ab" * 32


def test_citations_tell_what_people_said_from_what_checks_saw() -> None:
    """In 1.7 every piece of evidence is cited once, by the person who said it or by the assessor."""
    people = {
        c["bom-ref"]: c["name"]
        for o in document()["declarations"]["targets"]["organizations"]
        for c in o["contact"]
    }
    cited = {
        int(p.rpartition("/")[2]): c["attributedTo"]
        for c in document()["citations"]
        for p in c["pointers"]
        if p.startswith("/declarations/evidence/")
    }
    evidence = document()["declarations"]["evidence"]
    entries = [n for n, e in enumerate(evidence) if e["bom-ref"].startswith("evidence:")]

    assert sorted(cited) == entries
    for n in entries:
        author = evidence[n].get("author", {}).get("name", "")
        assert author.startswith(people[cited[n]]) if author else cited[n] == "assessor:self"
    assert "citations" not in json.loads(exported("cyclonedx-1.6"))


def test_a_tool_whose_report_was_imported_is_named_and_is_no_person() -> None:
    """The format knows persons as authors only; a tool stands in the description and in the citation."""
    first = judged().evidence[0]
    seen = replace(first.observation, check="import_garak", by="garak 0.12", role="tool")
    a = replace(judged(), evidence=(replace(first, observation=seen), *judged().evidence[1:]))
    made = declared(a, full(), spec="1.7")
    cited = [c for c in made["citations"] if "/declarations/evidence/0" in c["pointers"]]

    assert "author" not in made["declarations"]["evidence"][0]
    assert made["declarations"]["evidence"][0]["description"].endswith("Reported by garak 0.12.")
    assert [(c["attributedTo"], c["note"]) for c in cited] == [
        ("assessor:self", "reported by garak 0.12 and imported")
    ]
    assert "garak 0.12" not in json.dumps(made["declarations"]["targets"])


def test_it_says_that_it_certifies_nothing() -> None:
    """The summary has the figures and no more."""
    (attestation,) = document()["declarations"]["attestations"]

    assert "8 of 70 applicable provisions pass. It certifies nothing." in attestation["summary"]
    assert document()["declarations"]["assessors"][0]["thirdParty"] is False


def test_a_system_of_which_nothing_is_known_is_declared_too() -> None:
    """No evidence, no organisation, no manifest: still valid, still whole, and scoring nothing."""

    def emptied(o: ObligationResult) -> ObligationResult:
        return replace(o, verdict=Verdict.INCONCLUSIVE, evidence=(), counter_evidence=(), basis="none")

    nothing: tuple[Evidence, ...] = ()
    bare = tuple(
        r
        if r.verdict is Verdict.NOT_APPLICABLE
        else replace(
            r, verdict=Verdict.INCONCLUSIVE, waiver=None, obligations=tuple(map(emptied, r.obligations))
        )
        for r in judged().results
    )
    system = replace(judged().system, organisation="", owner="", assets=())
    a = replace(judged(), evidence=nothing, results=bare, system=system)
    data = render_declarations(a, full(), spec="1.6")

    assert VALIDATORS["1.6"].validate_str(data.decode()) is None
    assert problems_of("cyclonedx-1.6", data, known_of(a)) == ()
    assert b'"conformance"' not in data
