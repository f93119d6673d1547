"""threat_model_is_current: dates within the period, past it, ambiguous, absent."""

from datetime import date

import pytest
from tests.trees import observe

from assaymark.observation import Certainty, Location, Outcome
from assaymark.scan.facts import Trail
from assaymark.system.system import System

PATH = "docs/threat-model.md"
TEXT = "# Threat model\n\nLast reviewed: {}\n\nPoisoning of tickets is watched for.\n"
MET: dict[str, str | bytes] = {PATH: TEXT.format("12 May 2026")}
NOT_MET: dict[str, str | bytes] = {PATH: TEXT.format("2024-05-12")}


@pytest.mark.parametrize("written", ["2026-05-12", "May 12, 2026", "12th May 2026", "25/05/2026", "May 2026"])
def test_dates_are_read_as_people_write_them(written: str) -> None:
    """Each of these is a day within the last twelve months."""
    (seen,) = observe("threat_model_is_current", {PATH: TEXT.format(written)})

    assert seen.outcome is Outcome.MET


def test_an_ambiguous_date_is_no_date() -> None:
    """`05/06/2026` is a day in May or in June; a wrong date is worse than none."""
    (seen,) = observe("threat_model_is_current", {PATH: TEXT.format("05/06/2026")})

    assert seen.outcome is Outcome.PARTLY_MET


def test_a_date_in_the_future_does_not_count() -> None:
    """Nobody has reviewed anything tomorrow."""
    (seen,) = observe("threat_model_is_current", {PATH: TEXT.format("2031-01-01")})

    assert seen.outcome is Outcome.PARTLY_MET


def test_an_old_review_asks_for_judgement() -> None:
    """Our period is not the standard's, so its passing is never firm."""
    (seen,) = observe("threat_model_is_current", NOT_MET)

    assert seen.certainty is Certainty.TENTATIVE


def test_a_missed_review_is_noticed() -> None:
    """The document itself says when it was due."""
    text = "# Threat model\n\nLast reviewed: 2026-02-01\nNext review: 2026-08-01\n\nPoisoning is watched.\n"

    (seen,) = observe("threat_model_is_current", {PATH: text})

    assert seen.outcome is Outcome.NOT_MET
    assert "2026-08-01" in seen.summary


def test_the_manifest_sets_the_period() -> None:
    """An owner who reviews every three years says so, and the check follows."""
    system = System(name="x", review_months={"threat-model": 36})

    (seen,) = observe("threat_model_is_current", NOT_MET, system=system, today=date(2026, 11, 23))

    assert seen.outcome is Outcome.MET


def test_git_dates_are_named_but_are_no_review() -> None:
    """A commit shows a change, not that somebody reviewed the whole."""
    trail = Trail(
        at=Location(PATH), subject="document", first="2025-01-01", last="2026-10-01", changes=(), total=3
    )

    (seen,) = observe("threat_model_is_current", {PATH: "# Threat model\n\nPoisoning.\n"}, extra=(trail,))

    assert seen.outcome is Outcome.PARTLY_MET
    assert "2026-10-01" in seen.summary
