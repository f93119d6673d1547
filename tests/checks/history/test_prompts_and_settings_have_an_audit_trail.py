"""prompts_and_settings_have_an_audit_trail: what meets it, what does not, and near misses."""

from tests.checks.history.changes import change, history, trail
from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

NAME = "prompts_and_settings_have_an_audit_trail"
MET: dict[str, str | bytes] = {"prompts/system.md": "You are a helpful assistant of the council.\n"}
NOT_MET: dict[str, str | bytes] = MET
EXTRA_MET = (history(), trail("prompt", change("2026-01-01"), path="prompts/system.md"))
EXTRA_NOT_MET = (history(), trail("configuration", change("2026-01-01"), path="config.yaml"))


def test_without_history_it_is_not_observable() -> None:
    """A folder without git may be an export of a repository."""
    assert outcomes(observe(NAME, MET, extra=(history(available=False),))) == {Outcome.NOT_OBSERVABLE}


def test_a_shallow_history_is_partly() -> None:
    """The trail is cut off, so nothing is called untracked and nothing complete."""
    found = observe(NAME, MET, extra=(history(problem="it is shallow"), *EXTRA_NOT_MET[1:]))
    assert outcomes(found) == {Outcome.PARTLY_MET}


def test_its_fault_is_tentative() -> None:
    """A new file may be committed in a minute."""
    (seen,) = observe(NAME, NOT_MET, extra=EXTRA_NOT_MET)
    assert seen.certainty is Certainty.TENTATIVE
