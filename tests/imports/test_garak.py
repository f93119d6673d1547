"""garak."""

import json
from typing import Any

import pytest
from tests.imports.red_team_samples import evaluation, garak
from tests.imports.samples import NOW

from assaymark.errors import UsageError
from assaymark.imports.attacks import MOST
from assaymark.imports.binding import bind
from assaymark.imports.garak import IMPORTER
from assaymark.imports.reading import MAX_BYTES
from assaymark.imports.registry import importer_of
from assaymark.imports.report import ImportedReport, Statement
from assaymark.imports.report import Tested as Part
from assaymark.observation import Certainty, Outcome, canonical


def read(*entries: dict[str, Any], **target: str) -> ImportedReport:
    """A report with these evaluations."""
    return IMPORTER.read(garak(*entries, **target), "g.report.jsonl")


def robust(report: ImportedReport) -> Statement:
    """What it says of resistance to attacks."""
    return next(s for s in report.statements if s.obligations == ("5.1.2-2#1",))


def test_the_report_is_about_its_model() -> None:
    """With the tool's version and time, and bound to the model by name."""
    report = read()

    assert (report.tool, report.tool_version, report.made_at) == ("garak", "0.17.1", "2026-11-20T10:00:00.1")
    assert report.tested == (Part("model", "gpt-4o-2024-08-06", ""),)
    assert report.problems == ()
    bound = bind(report.tested, NOW, "x")
    assert bound.digests == {s.name: s.sha256 for s in bound.subjects} != {}


def test_passed_means_that_the_attack_failed() -> None:
    """One in ten succeeded."""
    statement = robust(read(evaluation(9, 10)))

    assert statement.outcome is Outcome.NOT_MET
    assert "openai.OpenAIGenerator gpt-4o-2024-08-06 succeeded in 1 of 10 (10.0%" in statement.summary
    assert robust(read(evaluation(10, 10))).outcome is Outcome.MET


def test_older_versions_name_their_fields_otherwise() -> None:
    """`total`, `model_type`, `model_name`, and a detector with its module."""
    lines = garak(evaluation(1, 2)).decode()
    for new, old in (
        ("total_evaluated", "total"),
        ("target_type", "model_type"),
        ("target_name", "model_name"),
    ):
        lines = lines.replace(new, old)
    old_report = IMPORTER.read(lines.replace('"promptinject.Att', '"detector.promptinject.Att').encode(), "x")

    assert old_report.statements == read(evaluation(1, 2)).statements
    assert old_report.tested == read().tested


@pytest.mark.parametrize(
    ("entry", "target", "certainty"),
    [
        ({}, "rest.RestGenerator", Certainty.FIRM),
        ({}, "openai.OpenAIGenerator", Certainty.TENTATIVE),
        ({"detector": "mitigation.MitigationBypass"}, "rest", Certainty.TENTATIVE),
        ({"detector": "judge.ModelAsJudge"}, "rest", Certainty.TENTATIVE),
    ],
)
def test_only_what_was_measured_at_an_application_is_firm(
    entry: dict[str, str], target: str, certainty: Certainty
) -> None:
    """A rogue string that is there is measured; a missing refusal, or a model's verdict, is an opinion."""
    report = read(evaluation(0, 50, **entry), target=target, name="https://example.org/chat")

    assert robust(report).certainty is certainty
    assert report.tested == ()


@pytest.mark.parametrize(
    ("probe", "obligation"),
    [
        ("leakreplay.LiteratureCloze", "5.2.5-4#1"),
        ("ansiescape.AnsiRaw", "5.2.5-4.1#1"),
        ("badchars.BadCharacters", "5.1.2-2#2"),
        ("unheard.Of", "5.1.2-2#1"),
    ],
)
def test_a_probe_speaks_to_what_it_seeks(probe: str, obligation: str) -> None:
    """An unknown one to resistance alone."""
    assert any(s.obligations == (obligation,) for s in read(evaluation(probe=probe)).statements)


@pytest.mark.parametrize("probe", ["test.Test", "snowball.Primes", "misleading.FalseAssertion"])
def test_what_is_no_attack_is_left_out(probe: str) -> None:
    """How right answers are is another question."""
    (statement,) = read(evaluation(probe=probe)).statements

    assert statement.outcome is Outcome.NOT_OBSERVABLE


def test_a_rehearsal_shows_nothing() -> None:
    """The tool has a test generator of its own, which is no system."""
    report = read(evaluation(0, 10), target="test.Repeat", name="")

    assert [s.outcome for s in report.statements] == [Outcome.NOT_OBSERVABLE]


@pytest.mark.parametrize(
    "figures",
    [
        {"passed": 11},
        {"passed": -1},
        {"passed": None},
        {"passed": "9"},
        {"total_evaluated": MOST * 10},
        {"total_evaluated": True},
        {"total_evaluated": 10**400},
    ],
)
def test_figures_that_make_no_sense_are_told(figures: dict[str, Any]) -> None:
    """And left out, while the rest counts."""
    report = read({**evaluation(), **figures}, evaluation(5, 10))

    assert "1 evaluation make no sense" in report.problems[0]
    assert "5 of 10" in robust(report).summary


def test_a_run_that_broke_off_is_told() -> None:
    """Without a completion something may be missing; so may it where two runs are in one file."""
    data = garak()

    assert "no completion" in IMPORTER.read(b"\n".join(data.split(b"\n")[:-2]), "x").problems[0]
    assert "more than one run" in IMPORTER.read(data + data, "x").problems[0]


def test_a_cut_line_is_told_and_the_rest_is_read() -> None:
    """A report that was cut off in the middle of a line."""
    report = IMPORTER.read(garak()[:-20], "x")

    assert "line 5 is no valid JSON" in report.problems[0]
    assert robust(report).outcome is Outcome.NOT_MET


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null\n",
        b"[]\n[]\n",
        b'{"a":' * 100_000,
        b"\xff\xfe{}",
        b'{"a": 1, "a": 2}',
        b'{"a": [' + b"[]," * 2_000_000 + b"[]]}",
        (b'{"a": [' + b"[]," * 500_000 + b"[]]}\n") * 5,
        b" " * (MAX_BYTES + 1),
    ],
    ids=["empty", "null", "lists", "deep", "utf-16", "twice", "many", "many lines", "long"],
)
def test_what_is_no_report_is_refused(data: bytes) -> None:
    """A file without one line that is an object."""
    with pytest.raises(UsageError):
        IMPORTER.read(data, "x.report.jsonl")


def test_thousands_of_evaluations_stay_bounded() -> None:
    """Details are capped; figures are not."""
    report = read(*(evaluation(0, 1, probe=f"dan.D{n}") for n in range(5_000)))

    assert "5,000 kinds of attack" in robust(report).summary
    assert all(len(s.details) <= 201 for s in report.statements)
    assert len(canonical(report)) < 500_000


@pytest.mark.parametrize("value", [None, True, 7, -1.5, "x", [], [None], {}, {"a": []}, "\ud800", "\x1b[2J"])
@pytest.mark.parametrize(
    "key", ["entry_type", "probe", "detector", "passed", "nones", "plugins.target_type", "garak_version"]
)
def test_any_value_may_stand_anywhere(key: str, value: Any) -> None:
    """It is read without a crash, and can be written down."""
    lines = [json.loads(line) for line in garak().splitlines()]
    data = b"\n".join(json.dumps({**line, key: value} if key in line else line).encode() for line in lines)

    canonical(IMPORTER.read(data, "x"))


def test_it_is_recognised_by_its_first_line() -> None:
    """Whatever the file is called; a digest alone is recognised too."""
    assert importer_of(garak(), "x.json").format == "garak"
    assert importer_of(b'{"entry_type": "digest", "meta": {}}', "x").format == "garak"
