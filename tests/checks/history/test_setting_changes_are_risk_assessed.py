"""setting_changes_are_risk_assessed: what meets it, what does not, and near misses."""

from tests.checks.history.changes import change, history, trail
from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

NAME = "setting_changes_are_risk_assessed"
MET: dict[str, str | bytes] = {"a.txt": ""}
NOT_MET: dict[str, str | bytes] = {"a.txt": ""}
EXTRA_MET = (history(), trail("model-setting", change("2026-02-01", value="m", touches_risk=True)))
EXTRA_NOT_MET = (history(), trail("model-setting", change("2026-02-01", value="m")))


def test_a_reason_without_a_risk_record_is_partly() -> None:
    """The ticket may hold the assessment, or not."""
    extra = (history(), trail("model-setting", change("2026-02-01", value="m", reasoned=True)))
    assert outcomes(observe(NAME, {}, extra=extra)) == {Outcome.PARTLY_MET}


def test_documents_are_no_settings() -> None:
    """A changed readme asks for no threat model."""
    extra = (history(), trail("document", change("2026-02-01"), change("2026-01-01")))
    assert outcomes(observe(NAME, {}, extra=extra)) == {Outcome.NOT_APPLICABLE}


def test_its_fault_is_tentative() -> None:
    """The record may lie outside the repository."""
    (seen,) = observe(NAME, {}, extra=EXTRA_NOT_MET)
    assert seen.certainty is Certainty.TENTATIVE
