"""documents_follow_the_code: what meets it, what does not, and near misses."""

from tests.checks.history.changes import change, history, trail
from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

NAME = "documents_follow_the_code"
THREATS = "# Threat model\n\n## Threats\n\nPrompt injection through retrieved pages.\n"
MET: dict[str, str | bytes] = {"docs/threat-model.md": THREATS}
NOT_MET: dict[str, str | bytes] = MET
MONTHS = [change(f"2026-0{m}-01", value="m") for m in (9, 8, 7)]
OLD = trail("document", change("2025-01-01"), path="docs/threat-model.md")
NEW = trail("document", change("2026-08-15"), path="docs/threat-model.md")
EXTRA_MET = (history(), trail("model-setting", *MONTHS), NEW)
EXTRA_NOT_MET = (history(), trail("model-setting", *MONTHS), OLD)


def test_an_old_document_of_a_quiet_system_is_fine() -> None:
    """Nothing changed since, so nothing is behind."""
    quiet = trail("model-setting", change("2024-12-01", value="m"))
    assert outcomes(observe(NAME, MET, extra=(history(), quiet, OLD))) == {Outcome.MET}


def test_its_fault_is_tentative() -> None:
    """The document may need no change."""
    (seen,) = observe(NAME, NOT_MET, extra=EXTRA_NOT_MET)
    assert seen.certainty is Certainty.TENTATIVE
