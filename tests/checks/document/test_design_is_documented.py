"""design_is_documented: a description with and without a trail, and an empty one."""

from tests.trees import observe

from assaymark.observation import Location, Outcome
from assaymark.scan.facts import History

PATH = "docs/architecture.md"
MET: dict[str, str | bytes] = {
    PATH: """\
# Architecture

## Components

An API in front, a queue, and the sorter component.

## Models

One machine learning model, stored in the registry.

## Trust

The trust boundary lies at the API; tickets are stored in the database.
""",
}
NOT_MET: dict[str, str | bytes] = {PATH: "# Architecture\n\nIt just grew.\n"}
EXTRA_MET = (History(at=Location(".git"), available=True, commits=12),)
EXTRA_NOT_MET = EXTRA_MET


def test_without_a_trail_it_is_half() -> None:
    """The obligation asks for the trail of changes too."""
    (seen,) = observe("design_is_documented", MET)

    assert seen.outcome is Outcome.PARTLY_MET
    assert "trail" in seen.summary


def test_dated_decision_records_are_a_trail() -> None:
    """Decisions with dates tell when and why the design changed."""
    files = {**MET, "docs/adr/0001-queue.md": "# Use a queue\n\nDecided: 2026-01-02\n\nBecause of bursts.\n"}

    (seen,) = observe("design_is_documented", files)

    assert seen.outcome is Outcome.MET


def test_absence_is_not_failure() -> None:
    """The description may be kept elsewhere."""
    (seen,) = observe("design_is_documented", {"a.py": ""}, extra=EXTRA_MET)

    assert seen.outcome is Outcome.NOT_OBSERVABLE
