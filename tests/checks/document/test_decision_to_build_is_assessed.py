"""decision_to_build_is_assessed: a dated assessment, an empty one, and one written after the fact."""

from tests.trees import observe

from assaymark.observation import Location, Outcome
from assaymark.scan.facts import History

NAME = "decision_to_build_is_assessed"
PATH = "docs/ai-assessment.md"
MET: dict[str, str | bytes] = {
    PATH: """\
# Risk assessment before building

Decided: 2025-02-03
Approved by: Ada Byron

## Business need

Case workers spend a third of their day on sorting tickets.

## Risks

Prompt injection and poisoning of the training data.

## Mitigation

Tools only read; contributors are checked.
""",
}
NOT_MET: dict[str, str | bytes] = {PATH: "# Risk assessment\n\nLet us just start.\n"}


def _history(first_tag: str) -> History:
    return History(at=Location(".git"), available=True, commits=9, tags=(("v1", first_tag),))


def test_an_assessment_before_the_first_release_meets_it() -> None:
    """The decision of February lies before the release of June."""
    (seen,) = observe("decision_to_build_is_assessed", MET, extra=(_history("2025-06-01T10:00:00+00:00"),))

    assert seen.outcome is Outcome.MET


def test_an_assessment_after_the_first_release_is_not_enough() -> None:
    """A decision dated after the first tag was not one before building."""
    (seen,) = observe("decision_to_build_is_assessed", MET, extra=(_history("2024-06-01T10:00:00+00:00"),))

    assert seen.outcome is Outcome.PARTLY_MET
    assert "2024-06-01" in seen.summary


def test_absence_is_not_failure() -> None:
    """The assessment may be kept elsewhere."""
    (seen,) = observe("decision_to_build_is_assessed", {"app.py": "x = 1\n"})

    assert seen.outcome is Outcome.NOT_OBSERVABLE


RECORD = """\
# 1. Use a hosted model

Date: 2026-02-03. Approved by: Helen Marsh, go decision 2026-02-10.

## Business need

Forty per cent of calls ask about bins and parking; a search page did not reduce them.

## Risks considered

Prompt injection and leaks of data; mitigations are in docs/threat-model.md.
"""


def test_a_decision_record_on_the_need_and_the_decision_counts() -> None:
    """The first record of many projects is their assessment."""
    (seen,) = observe(NAME, {"docs/decisions/0001-hosted-model.md": RECORD})
    assert seen.outcome is Outcome.MET


def test_a_record_on_another_decision_does_not_count() -> None:
    """Choosing a database is no assessment of whether to build."""
    record = "# 2. PostgreSQL\n\nDate: 2026-02-03.\n\nWe use PostgreSQL because the team knows it.\n"
    (seen,) = observe(NAME, {"docs/decisions/0002-database.md": record})
    assert seen.outcome is Outcome.NOT_OBSERVABLE
