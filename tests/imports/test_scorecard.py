"""OpenSSF Scorecard."""

import pytest
from tests.imports.samples import COMMIT, encoded, scorecard

from assaymark.errors import UsageError
from assaymark.imports.report import ImportedReport, Statement
from assaymark.imports.report import Tested as Part
from assaymark.imports.scorecard import CHECKS, IMPORTER
from assaymark.observation import Certainty, Outcome


def read(**scores: int) -> ImportedReport:
    """A report with these scores."""
    return IMPORTER.read(encoded(scorecard(**scores)), "scorecard.json")


def said(**scores: int) -> Statement:
    """The statement on its one check."""
    (statement,) = read(**scores).statements
    return statement


@pytest.mark.parametrize(
    ("score", "outcome"),
    [
        (10, Outcome.MET),
        (9, Outcome.PARTLY_MET),
        (1, Outcome.PARTLY_MET),
        (0, Outcome.NOT_MET),
        (-1, Outcome.NOT_OBSERVABLE),
        (11, Outcome.NOT_OBSERVABLE),
    ],
)
def test_the_score_of_a_check_decides(score: int, outcome: Outcome) -> None:
    """Ten supports, nought speaks against, minus one says nothing."""
    assert said(Code_Review=score).outcome is outcome


def test_only_what_was_measured_is_firm() -> None:
    """That no sign of a practice was found asks a person; excessive permissions were seen."""
    assert said(Token_Permissions=0).certainty is Certainty.FIRM
    assert said(SAST=0).certainty is Certainty.TENTATIVE


def test_each_check_speaks_to_its_own_obligations() -> None:
    """And what has nothing to do with a provision is left out, the aggregate score too."""
    report = read(Security_Policy=10, License=0, Vulnerabilities=7)

    assert [s.obligations for s in report.statements] == [
        CHECKS["Security-Policy"],
        CHECKS["Vulnerabilities"],
    ]
    assert report.statements[1].summary == "Vulnerabilities 7/10: score 7."


def test_the_report_is_bound_to_its_commit() -> None:
    """With the tool's version and date."""
    report = read()

    assert report.tested == (Part("commit", "github.com/example/repo", COMMIT),)
    assert (report.tool, report.tool_version) == ("OpenSSF Scorecard", "v5.0.0")


def test_a_check_that_stands_twice_is_told() -> None:
    """Both count; somebody edited the report."""
    value = scorecard(SAST=10)
    value["checks"] *= 2

    assert "more than once" in IMPORTER.read(encoded(value), "x").problems[0]


def test_what_is_no_report_is_refused() -> None:
    """With what to give instead."""
    with pytest.raises(UsageError, match="no list of checks"):
        IMPORTER.read(b"{}", "x.json")
