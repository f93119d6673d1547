"""SARIF of any tool."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.imports.samples import COMMIT, DIGEST, encoded, finding, sarif

from assaymark.errors import UsageError
from assaymark.imports.registry import importer_of
from assaymark.imports.report import ImportedReport, Statement
from assaymark.imports.report import Tested as Part
from assaymark.imports.sarif import IMPORTER
from assaymark.observation import Certainty, Location, Outcome


def read(log: dict[str, Any]) -> ImportedReport:
    """The report in a log."""
    return IMPORTER.read(encoded(log), "report.sarif")


def said(log: dict[str, Any]) -> Statement:
    """Its one statement."""
    return read(log).statements[0]


def test_a_finding_asks_a_person_to_judge() -> None:
    """It is tentative counter-evidence, at its place."""
    statement = said(sarif([finding()]))

    assert (statement.outcome, statement.certainty) == (Outcome.NOT_MET, Certainty.TENTATIVE)
    assert statement.summary == "1 open security finding, 1 of level error."
    assert statement.details[0].at == Location("app.py", 3)
    assert statement.details[0].message == "py/eval: It is evaluated."


def test_a_report_without_findings_supports() -> None:
    """With the tool, its version, the time and the commit."""
    report = read(sarif())

    assert report.statements[0].outcome is Outcome.MET
    assert (report.tool, report.tool_version, report.made_at) == ("CodeQL", "2.1", "2026-11-20T10:00:00Z")
    assert report.tested == (Part("commit", "", COMMIT),)


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        (finding(level="note"), Outcome.PARTLY_MET),
        (finding(level="none"), Outcome.MET),
        (finding(kind="pass", level="none"), Outcome.MET),
        (finding(kind="notApplicable", level="none"), Outcome.MET),
        (finding(kind="informational", level="none"), Outcome.MET),
        (finding(kind="review", level="none"), Outcome.NOT_MET),
        (finding(kind="open", level="none"), Outcome.NOT_MET),
        (finding(suppressions=[{"kind": "inSource"}]), Outcome.MET),
        (finding(suppressions=[{"kind": "external", "status": "accepted"}]), Outcome.MET),
        (finding(suppressions=[{"kind": "external", "status": "underReview"}]), Outcome.NOT_MET),
        (finding(suppressions=[{"kind": "external", "status": "rejected"}]), Outcome.NOT_MET),
        (finding(suppressions=[]), Outcome.NOT_MET),
    ],
)
def test_kinds_levels_and_suppressions_decide_what_counts(result: dict[str, Any], outcome: Outcome) -> None:
    """By sections 3.27.9, 3.27.10 and 3.35 of the standard."""
    assert said(sarif([result])).outcome is outcome


def test_what_is_suppressed_is_counted() -> None:
    """Nobody hides findings by accepting them unseen."""
    assert "1 suppressed finding not counted" in said(sarif([finding(suppressions=[{}])])).summary


def test_the_default_level_of_a_rule_counts() -> None:
    """A result without a level has its rule's."""
    rule = {"id": "q", "properties": {"security-severity": "9.0"}, "defaultConfiguration": {"level": "note"}}
    bare = {"ruleId": "q", "message": {"text": "x"}}

    assert said(sarif([bare], rules=[rule])).outcome is Outcome.PARTLY_MET


def test_a_linter_is_no_security_test() -> None:
    """Findings of rules that are not about security are counted and not weighed."""
    statement = said(sarif([finding("style")], tool="Linter", rules=[{"id": "style"}]))

    assert statement.outcome is Outcome.NOT_OBSERVABLE
    assert "1 finding by rules that are not about security not counted" in statement.summary


def test_rules_by_index_and_in_extensions_are_found() -> None:
    """A result may name its rule by number, or one of an extension by id."""
    log = sarif([{"ruleIndex": 0, "message": {"text": "x"}}, finding("pack/x")])
    log["runs"][0]["tool"]["extensions"] = [
        {"name": "pack", "rules": [{"id": "pack/x", "properties": {"tags": ["security"]}}]}
    ]

    assert [d.message.partition(":")[0] for d in said(log).details] == ["pack/x", "py/eval"]


def test_a_cwe_makes_a_rule_one_about_security() -> None:
    """By its relationship to that taxonomy."""
    rule = {"id": "q", "relationships": [{"target": {"id": "79", "toolComponent": {"name": "CWE"}}}]}

    assert said(sarif([finding("q")], tool="Any", rules=[rule])).outcome is Outcome.NOT_MET


def test_an_unfinished_run_says_nothing() -> None:
    """No findings of a tool that broke off are no absence of findings."""
    statement = said(sarif(invocations=[{"executionSuccessful": False}]))

    assert statement.outcome is Outcome.NOT_OBSERVABLE


def test_several_runs_are_one_report() -> None:
    """Their findings are put together, and all tools are named."""
    log = sarif([finding()])
    log["runs"] += sarif([finding(level="note")], tool="Semgrep")["runs"]
    report = read(log)

    assert report.tool == "CodeQL 2.1, Semgrep 2.1"
    assert report.statements[0].summary.startswith("2 open security findings, 1 of level error")


def test_digests_of_files_bind_where_there_is_no_commit() -> None:
    """SARIF holds them in its artifacts."""
    artifacts = [{"location": {"uri": "./app%2Epy"}, "hashes": {"sha-256": DIGEST.upper()}}]

    assert read(sarif(commit="", artifacts=artifacts)).tested == (Part("file", "app.py", DIGEST),)


def test_another_version_of_the_format_is_told() -> None:
    """It is read as far as it goes."""
    report = read({**sarif(), "version": "2.2.0"})

    assert "2.1.0 is read" in report.problems[0]


def test_what_is_no_object_is_refused() -> None:
    """With what to do."""
    with pytest.raises(UsageError, match="no JSON object"):
        IMPORTER.read(b"[]", "report.sarif")


def test_what_ruff_writes_is_read(tmp_path: Path) -> None:
    """Its security rules are weighed, its others are not: a report by a real tool."""
    (tmp_path / "bad.py").write_text("import subprocess\nx = 1\nsubprocess.call('ls', shell=True)\nl = 2\n")
    ruff = Path(sys.executable).with_name("ruff")
    options = ["check", "--isolated", "--no-cache", "--select", "S602,E741", "--output-format", "sarif"]
    made = subprocess.run(
        [ruff, *options, "bad.py"], cwd=tmp_path, capture_output=True, check=False, timeout=60
    ).stdout
    importer = importer_of(made, "ruff.json")
    report = importer.read(made, "ruff.json")

    assert (importer.format, report.tool) == ("sarif", "ruff")
    assert report.tool_version
    assert [d.message.partition(":")[0] for d in report.statements[0].details] == ["S602"]
    assert "1 finding by rules that are not about security" in report.statements[0].summary
