"""major_updates_are_evaluated_again: what meets it, what does not, and near misses."""

from tests.checks.history.changes import change, history, trail
from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

NAME = "major_updates_are_evaluated_again"
MET: dict[str, str | bytes] = {"a.txt": ""}
NOT_MET: dict[str, str | bytes] = {"a.txt": ""}
OLD = change("2026-01-01", value="gpt-4o")
EXTRA_MET = (
    history(),
    trail("model-setting", change("2026-02-01", value="gpt-4.1", touches_evaluation=True), OLD),
)
EXTRA_NOT_MET = (history(), trail("model-setting", change("2026-02-01", value="gpt-4.1"), OLD))


def test_a_new_date_of_the_same_model_is_no_exchange() -> None:
    """Pinning `gpt-4o` to a date keeps the family."""
    pinned = trail("model-setting", change("2026-02-01", value="openai/gpt-4o-2024-08-06"), OLD)
    assert outcomes(observe(NAME, {}, extra=(history(), pinned))) == {Outcome.NOT_APPLICABLE}


def test_an_evaluation_of_another_year_does_not_count() -> None:
    """It was of the predecessor."""
    rated = trail("evaluation", change("2025-01-01"), path="evals/r.json")
    assert outcomes(observe(NAME, {}, extra=(*EXTRA_NOT_MET, rated))) == {Outcome.NOT_MET}


def test_its_fault_is_tentative() -> None:
    """Results may lie in a tracker."""
    (seen,) = observe(NAME, {}, extra=EXTRA_NOT_MET)
    assert seen.certainty is Certainty.TENTATIVE
