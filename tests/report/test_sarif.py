"""Findings as SARIF 2.1.0: structure, limits and escapes."""

import json
import re
from typing import Any
from urllib.parse import unquote

import msgspec
import pytest
from pydantic import ValidationError
from sarif_pydantic import Sarif

from assaymark.assess.assessment import Assessment, Freshness
from assaymark.observation import Detail, Location
from assaymark.report.sarif import render_sarif
from assaymark.report.text import printable
from tests.report.sample import HOSTILE, LONG_PATH, sample

SAMPLE = sample()


def _run(assessment: Assessment = SAMPLE) -> dict[str, Any]:
    log = json.loads(render_sarif(assessment))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = log["runs"]
    assert isinstance(run, dict)
    return run


def _with_entry(index: int, **changes: Any) -> Assessment:
    """The sample with one entry of evidence changed."""
    evidence = list(SAMPLE.evidence)
    evidence[index] = msgspec.structs.replace(evidence[index], **changes)
    return msgspec.structs.replace(SAMPLE, evidence=tuple(evidence))


def test_every_index_and_id_resolves() -> None:
    """Rules, artifacts and provisions that results point to are the ones named."""
    run = _run()
    rules, taxa = run["tool"]["driver"]["rules"], run["taxonomies"][0]["taxa"]
    assert len(taxa) == 72
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        place = result["locations"][0]["physicalLocation"]["artifactLocation"]
        assert run["artifacts"][place["index"]]["location"]["uri"] == place["uri"]
        assert result["taxa"]
        assert all(taxa[t["index"]]["id"] == t["id"] for t in result["taxa"])
    for rule in rules:
        targets = [r["target"] for r in rule["relationships"]]
        assert targets
        assert all(taxa[t["index"]]["id"] == t["id"] for t in targets)


def test_levels_follow_kind_certainty_and_force() -> None:
    """A firm unmet *shall* is an error, *should* a warning; what a person has to judge is for review."""
    by_rule = {r["ruleId"]: (r["kind"], r["level"]) for r in _run()["results"]}
    assert by_rule["weights_load_without_code"] == ("fail", "error")
    assert by_rule["endpoints_check_identity"] == ("review", "none")
    should = tuple(
        msgspec.structs.replace(
            r, obligations=tuple(msgspec.structs.replace(o, force="should") for o in r.obligations)
        )
        for r in SAMPLE.results
    )
    softer = _run(msgspec.structs.replace(SAMPLE, results=should))["results"]
    assert {(r["kind"], r["level"]) for r in softer} == {("fail", "warning"), ("review", "none")}


def test_what_is_missing_stale_or_out_of_scope_is_no_alarm() -> None:
    """Only fresh counter-evidence against something that applies becomes a result."""
    assert {r["ruleId"] for r in _run()["results"]} == {
        "weights_load_without_code",
        "endpoints_check_identity",
        "secrets_stay_out_of_the_tree",
    }
    stale = _run(_with_entry(4, freshness=Freshness.STALE))
    assert "secrets_stay_out_of_the_tree" not in {r["ruleId"] for r in stale["results"]}
    observation = msgspec.structs.replace(SAMPLE.evidence[4].observation, obligations=("5.3.1-3#1",))
    excluded = _run(_with_entry(4, observation=observation))
    assert "secrets_stay_out_of_the_tree" not in {r["ruleId"] for r in excluded["results"]}


def test_rules_explain_themselves_in_words_of_the_check() -> None:
    """Title, why, fix and blind spots are in the help, with tags within GitHub's limit."""
    for rule in _run()["tool"]["driver"]["rules"]:
        for words in ("**Why.**", "**How to fix.**", "**What it cannot see.**"):
            assert words in rule["help"]["markdown"]
        assert rule["shortDescription"]["text"].endswith(".")
        assert len(rule["properties"]["tags"]) <= 10


def test_uris_are_relative_percent_encoded_and_exact() -> None:
    """Any path becomes a valid relative reference from which the very path can be read back."""
    uris = [a["location"]["uri"] for a in _run()["artifacts"]]
    assert all(re.fullmatch(r"(?:[A-Za-z0-9_.~/-]|%[0-9A-F]{2})+", u) for u in uris)
    assert {f"models/{HOSTILE}.bin", LONG_PATH} <= {unquote(u) for u in uris}
    details = (Detail("A drive letter.", Location("c:caf\udce9")), Detail("Lone.", Location("\ud800")))
    observation = msgspec.structs.replace(SAMPLE.evidence[4].observation, details=details)
    odd = _run(_with_entry(4, observation=observation))
    assert "c%3Acaf%E9" in [a["location"]["uri"] for a in odd["artifacts"]]


def test_messages_carry_no_control_and_no_link() -> None:
    """Text from the tree cannot colour a log, reorder a line or become a link."""
    detail = Detail("See [here](https://example.com/phish).", Location("a.py", 1))
    observation = msgspec.structs.replace(SAMPLE.evidence[4].observation, details=(detail,))
    results = _run(_with_entry(4, observation=observation))["results"]
    texts = [r["message"]["text"] for r in results]
    assert all(printable(t) == t and "](" not in t for t in texts)
    assert any("See [here] (https://example.com/phish)." in t for t in texts)


def test_fingerprints_survive_moved_lines_and_tell_results_apart() -> None:
    """The same statement a hundred lines lower keeps its fingerprint; no two results share one."""
    prints = [r["partialFingerprints"]["assaymark/v1"] for r in _run()["results"]]
    assert len(set(prints)) == len(prints)
    observation = SAMPLE.evidence[0].observation
    moved = tuple(
        Detail(d.message, Location(d.at.path, d.at.line + 100))
        for d in observation.details
        if d.at is not None
    )
    again = _run(_with_entry(0, observation=msgspec.structs.replace(observation, details=moved)))
    assert [r["partialFingerprints"]["assaymark/v1"] for r in again["results"]] == prints


def test_the_most_important_five_thousand_are_kept() -> None:
    """Beyond the limit the less important go, and a notice says how many."""
    observation = SAMPLE.evidence[1].observation
    details = tuple(Detail(f"Place {n}.", Location("a.py", n + 1)) for n in range(6000))
    run = _run(_with_entry(1, observation=msgspec.structs.replace(observation, details=details)))
    assert len(run["results"]) == 5000
    assert run["results"][0]["level"] == "error"
    notices = [n["message"]["text"] for n in run["invocations"][0]["toolExecutionNotifications"]]
    assert "1,014 less important findings of 6,014 left out." in notices


def test_regions_begin_at_line_one_and_never_end_before_they_start() -> None:
    """A finding about a whole file points to its first line."""
    regions = [r["locations"][0]["physicalLocation"]["region"] for r in _run()["results"]]
    assert all(1 <= r["startLine"] <= r["endLine"] for r in regions)
    assert {"startLine": 41, "endLine": 43} in regions


def test_known_digests_are_given_and_problems_become_notices() -> None:
    """Artifacts carry SHA-256 where known; errors and problems are notifications, not results."""
    run = _run()
    hashes = {a["location"]["uri"]: a.get("hashes", {}).get("sha-256") for a in run["artifacts"]}
    assert hashes["weights/ranker.pkl"] == "ab" * 32
    notices = [n["message"]["text"] for n in run["invocations"][0]["toolExecutionNotifications"]]
    assert any("could not do its work" in n for n in notices)
    assert any("A waiver for 5.1.1-1 is not valid" in n for n in notices)


def test_an_outside_model_of_the_schema_accepts_it_and_can_refuse() -> None:
    """sarif-pydantic reads the log; a level that is none, or a result without a message, it refuses."""
    Sarif.model_validate_json(render_sarif(SAMPLE))

    for damage in ({"level": "high"}, {"message": None}):
        log = json.loads(render_sarif(SAMPLE))
        log["runs"][0]["results"][0] |= damage
        with pytest.raises(ValidationError):
            Sarif.model_validate(log)


def test_results_stay_within_what_code_scanning_shows() -> None:
    """What the schema leaves open and GitHub does not: one place each, and a level only on a failure."""
    run = _run()
    assert all(len(r["locations"]) == 1 for r in run["results"])
    assert all((r["kind"] == "fail") == (r["level"] != "none") for r in run["results"])
    assert run["automationDetails"]["id"].endswith("/")
    assert run["columnKind"] == "unicodeCodePoints"
