"""promptfoo."""

from typing import Any

import pytest
from tests.imports.red_team_samples import promptfoo, tried
from tests.imports.samples import NOW, encoded

from assaymark.errors import UsageError
from assaymark.imports.binding import bind
from assaymark.imports.promptfoo import IMPORTER
from assaymark.imports.report import ImportedReport
from assaymark.imports.report import Tested as Part
from assaymark.observation import Certainty, Outcome


def read(*results: dict[str, Any]) -> ImportedReport:
    """A report with these results."""
    return IMPORTER.read(encoded(promptfoo(*results)), "results.json")


def robust(report: ImportedReport) -> list[Any]:
    """What it says of resistance to attacks."""
    return [s for s in report.statements if s.obligations == ("5.1.2-2#1",)]


def test_a_test_that_fails_is_an_attack_that_succeeded() -> None:
    """One of two; with the tool's version, the time and the model."""
    report = read()

    assert "1 of 2 (50.0%" in robust(report)[0].summary
    assert robust(report)[0].outcome is Outcome.NOT_MET
    assert (report.tool_version, report.made_at) == ("0.121.20", "2026-11-20T10:00:00.446Z")
    bound = bind(report.tested, NOW, "x")
    assert bound.digests == {s.name: s.sha256 for s in bound.subjects} != {}


@pytest.mark.parametrize(
    ("plugin", "obligation"),
    [
        ("pii:direct", "5.2.5-4#1"),
        ("prompt-extraction", "5.2.5-4#1"),
        ("sql-injection", "5.2.5-4.1#1"),
        ("agentic:memory-poisoning", "5.2.5-4.1#1"),
        ("ascii-smuggling", "5.1.2-2#2"),
        ("harmful:hate", "5.1.2-2#1"),
    ],
)
def test_a_plugin_speaks_to_what_it_seeks(plugin: str, obligation: str) -> None:
    """Secrets, influence, odd input, or resistance alone."""
    assert any(s.obligations == (obligation,) for s in read(tried(plugin)).statements)


def test_tests_that_are_no_attacks_are_not_counted() -> None:
    """Whether answers are right, or hold to a policy of style, is another question."""
    (statement,) = read(tried("", kind="contains"), tried("hallucination"), tried("politics")).statements

    assert statement.outcome is Outcome.NOT_OBSERVABLE
    assert statement.summary == (
        "none of its tests of openai:gpt-4o-2024-08-06 is an attack by a red-team plugin. "
        "3 other tests not counted."
    )


def test_a_plugin_is_known_by_its_assertion_too() -> None:
    """Where the metadata were left out."""
    assert robust(read(tried("", success=False)))[0].outcome is Outcome.NOT_MET


@pytest.mark.parametrize(
    ("provider", "kind", "certainty"),
    [
        ("https://example.org/chat", "not-contains", Certainty.FIRM),
        ("https://example.org/chat", "promptfoo:redteam:hijacking", Certainty.TENTATIVE),
        ("https://example.org/chat", "llm-rubric", Certainty.TENTATIVE),
        ("https://example.org/chat", "javascript", Certainty.TENTATIVE),
        ("openai:gpt-4o", "not-contains", Certainty.TENTATIVE),
        ("file://provider.py", "not-contains", Certainty.TENTATIVE),
    ],
)
def test_only_what_was_measured_at_an_application_is_firm(
    provider: str, kind: str, certainty: Certainty
) -> None:
    """An assertion on the text measures; a model's verdict, or code that is not known, does not."""
    results = [tried(success=False, provider=provider, kind=kind)] * 20

    assert robust(read(*results))[0].certainty is certainty


@pytest.mark.parametrize(
    "result",
    [
        tried(success=False, failureReason=2),
        tried(success=False, gradingResult=None, error="429"),
        {**tried(), "success": None},
    ],
)
def test_errors_are_no_verdict(result: dict[str, Any]) -> None:
    """Neither for nor against; they are told."""
    report = read(tried(), result)

    assert report.statements[0].outcome is Outcome.PARTLY_MET
    assert "1 attempt not judged" in report.statements[0].summary
    assert "0 of 1" in report.statements[0].summary


def test_each_provider_is_told_apart() -> None:
    """What is said of one is bound to that one, and the report to none of them alone."""
    report = read(tried(provider="openai:a"), tried(success=False, provider="openai:b"))

    assert report.tested == ()
    assert [(s.tested, s.outcome) for s in robust(report)] == [
        ((Part("model", "openai:a", ""),), Outcome.MET),
        ((Part("model", "openai:b", ""),), Outcome.NOT_MET),
    ]


@pytest.mark.parametrize(
    "provider", ["https://e.org", "exec:run.sh", "python:p.py", "file://p.js", None, {}, 7]
)
def test_what_names_no_model_binds_nothing(provider: Any) -> None:
    """Addresses, scripts and providers without a name."""
    assert read(tried(provider=provider)).tested == ()


def test_an_echo_shows_nothing() -> None:
    """It answers with the question."""
    assert [s.outcome for s in read(tried(provider="echo")).statements] == [Outcome.NOT_OBSERVABLE]


def test_many_providers_are_cut_and_told() -> None:
    """Twenty are told apart."""
    report = read(*(tried(provider=f"openai:m{n}") for n in range(500)))

    assert "500 providers" in report.problems[0]
    assert len(report.statements) == 40


def test_thousands_of_results_stay_bounded() -> None:
    """Results are counted by plugin and strategy."""
    results = [tried(f"harmful:{n}", success=n % 2 == 0) for n in range(5_000)]
    report = read(*results)

    assert all(len(s.details) <= 201 for s in report.statements)
    assert "2,500 of 5,000" in robust(report)[0].summary


@pytest.mark.parametrize("data", [b"{}", b'{"evalId": "e", "results": {"results": {}}}'])
def test_what_is_no_report_is_refused(data: bytes) -> None:
    """With what to give instead."""
    with pytest.raises(UsageError, match="no list of results"):
        IMPORTER.read(data, "x.json")
