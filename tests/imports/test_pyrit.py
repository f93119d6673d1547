"""PyRIT."""

import json
from typing import Any

import pytest
from tests.imports.red_team_samples import attack, pyrit, scenario
from tests.imports.samples import NOW, encoded

from assaymark.errors import UsageError
from assaymark.imports.binding import bind
from assaymark.imports.pyrit import IMPORTER
from assaymark.imports.registry import importer_of
from assaymark.imports.report import ImportedReport, Statement
from assaymark.imports.report import Tested as Part
from assaymark.observation import Certainty, Outcome


def read(value: Any) -> ImportedReport:
    """A report as JSON."""
    return IMPORTER.read(encoded(value), "pyrit.json")


def robust(report: ImportedReport) -> Statement:
    """What it says of resistance to attacks."""
    return next(s for s in report.statements if s.obligations == ("5.1.2-2#1",))


def test_a_scenario_is_about_its_target_model() -> None:
    """With the tool's version and the time of its end."""
    report = read(scenario())

    assert report.tested == (Part("model", "gpt-4o-2024-08-06", ""),)
    assert (report.tool, report.tool_version, report.made_at) == ("PyRIT", "1.1.0", "2026-11-20T10:05:00Z")
    assert "OpenAIChatTarget gpt-4o-2024-08-06 succeeded in 1 of 2" in robust(report).summary
    bound = bind(report.tested, NOW, "x")
    assert bound.digests == {s.name: s.sha256 for s in bound.subjects} != {}


def test_every_form_says_the_same() -> None:
    """A scenario, a list of results, one result a line."""
    results = [attack(), attack("failure")]
    lines = b"\n".join(json.dumps(r).encode() for r in results)

    assert read(scenario(*results)).statements == read(results).statements
    assert read(results).statements == IMPORTER.read(lines, "x.jsonl").statements


@pytest.mark.parametrize(
    ("outcome", "judged"), [("undetermined", 0), ("error", 0), ("success", 1), ("??", 0)]
)
def test_only_success_and_failure_are_verdicts(outcome: str, judged: int) -> None:
    """An error of the infrastructure is no defence."""
    report = read([attack("failure"), attack(outcome)])

    assert f"of {1 + judged} (" in report.statements[0].summary
    assert report.statements[0].outcome is Outcome.PARTLY_MET


@pytest.mark.parametrize(
    ("scorer", "target", "certainty"),
    [
        ("SubStringScorer", "HTTPTarget", Certainty.FIRM),
        ("ShellCommandOutputScorer", "PlaywrightTarget", Certainty.FIRM),
        ("SelfAskTrueFalseScorer", "HTTPTarget", Certainty.TENTATIVE),
        ("MethKeywordScorer", "HTTPTarget", Certainty.TENTATIVE),
        ("SubStringScorer", "OpenAIChatTarget", Certainty.TENTATIVE),
    ],
)
def test_only_what_was_measured_at_an_application_is_firm(
    scorer: str, target: str, certainty: Certainty
) -> None:
    """Scorers of substrings and patterns measure; models and lists of words do not."""
    report = read([attack(scorer=scorer, target=target)] * 10)

    assert robust(report).certainty is certainty


@pytest.mark.parametrize(
    ("more", "obligation"),
    [
        ({"harms": ("privacy",)}, "5.2.5-4#1"),
        ({"scorer": "SystemPromptExtractionScorer"}, "5.2.5-4#1"),
        ({"scorer": "InsecureCodeScorer"}, "5.2.5-4.1#1"),
    ],
)
def test_an_attack_speaks_to_what_it_seeks(more: dict[str, Any], obligation: str) -> None:
    """By harm category or scorer."""
    assert any(s.obligations == (obligation,) for s in read([attack(**more)]).statements)


@pytest.mark.parametrize(
    ("score", "outcome"),
    [
        ({}, Outcome.NOT_MET),
        ({"score_value": "False"}, Outcome.MET),
        ({"scorer_class_identifier": {"__type__": "SelfAskRefusalScorer"}}, Outcome.MET),
        (
            {"score_value": "false", "scorer_class_identifier": {"__type__": "SelfAskRefusalScorer"}},
            Outcome.NOT_MET,
        ),
    ],
)
def test_scores_in_an_export_are_verdicts(score: dict[str, Any], outcome: Outcome) -> None:
    """True means that it succeeded, except where what was looked for is a refusal."""
    assert robust(read(pyrit(score))).outcome is outcome


@pytest.mark.parametrize(
    "value",
    [
        pyrit({"score_type": "float_scale", "score_value": "0.9"}),
        pyrit({}, role="user"),
        pyrit(),
    ],
)
def test_without_a_verdict_nothing_is_shown(value: Any) -> None:
    """A score on a scale, on a prompt, or none at all."""
    (statement,) = read(value).statements

    assert statement.outcome is Outcome.NOT_OBSERVABLE


def test_a_rehearsal_shows_nothing() -> None:
    """A target that writes prompts to the screen is no system."""
    report = read([attack(target="TextTarget", model="")])

    assert [s.outcome for s in report.statements] == [Outcome.NOT_OBSERVABLE]
    assert report.tested == ()


def test_each_form_is_recognised() -> None:
    """By content."""
    for value in (scenario(), [attack()], pyrit({})):
        assert importer_of(encoded(value), "x").format == "pyrit"


def test_a_cut_line_is_told_and_the_rest_is_read() -> None:
    """Unless there is no rest to speak of."""
    line = json.dumps(attack("failure")).encode()
    report = IMPORTER.read(b"\n".join([line, line, line[:50]]), "x.jsonl")

    assert "0 of 2" in robust(report).summary
    assert "line 3" in report.problems[0]
    with pytest.raises(UsageError):
        IMPORTER.read(b"\n".join([line, line[:50]]), "x.jsonl")


def test_a_scenario_without_results_shows_nothing() -> None:
    """It broke off before the first attack."""
    (statement,) = read({**scenario(), "attack_results": {}}).statements

    assert statement.outcome is Outcome.NOT_OBSERVABLE


def test_thousands_of_results_stay_bounded() -> None:
    """They are counted by attack and scorer."""
    report = read([attack(scorer=f"S{n}Scorer") for n in range(3_000)])

    assert "3,000 of 3,000" in robust(report).summary
    assert all(len(s.details) <= 201 for s in report.statements)


@pytest.mark.parametrize("data", [b"[]", b"{}", b'[{"a": 1}]', b'{"a": 1}\n{"b": 2}\n', b"7", b'["x"]'])
def test_what_is_no_report_is_refused(data: bytes) -> None:
    """With what to give instead."""
    with pytest.raises(UsageError):
        IMPORTER.read(data, "x.json")
