"""model_changes_follow_evaluation: what meets it, what does not, and near misses."""

from tests.checks.history.changes import change, history, trail
from tests.trees import observe, outcomes

from assaymark.observation import Outcome

NAME = "model_changes_follow_evaluation"
EXTRA_MET = (history(), trail("model-setting", change("2026-02-01", value="b", touches_evaluation=True)))
EXTRA_NOT_MET = (history(), trail("model-setting", change("2026-02-01", value="b")))
MET: dict[str, str | bytes] = {"a.txt": ""}
NOT_MET: dict[str, str | bytes] = {"a.txt": ""}


def test_an_evaluation_of_the_same_month_counts() -> None:
    """Results need not be in the same commit."""
    rated = trail("evaluation", change("2026-02-20"), path="evals/results.json")
    assert outcomes(observe(NAME, {}, extra=(*EXTRA_NOT_MET, rated))) == {Outcome.MET}


def test_the_first_version_of_a_model_file_is_no_change() -> None:
    """A file that was added once was never exchanged."""
    first = trail("model", change("2026-02-01"), path="m.onnx")
    assert outcomes(observe(NAME, {}, extra=(history(), first))) == {Outcome.NOT_APPLICABLE}
