"""model_updates_are_announced_first: notices before, on and without the day."""

from tests.trees import observe

from assaymark.observation import Outcome

PATH = "docs/update-notices.md"
TEXT = """\
# Model updates

Announced: {}
Effective: {}

The model is updated to sorter 3; scores will be lower.
"""
MET: dict[str, str | bytes] = {PATH: TEXT.format("2026-05-01", "2026-06-01")}
NOT_MET: dict[str, str | bytes] = {PATH: TEXT.format("2026-06-02", "2026-06-01")}


def test_a_promise_of_notice_counts_partly() -> None:
    """A plan to give notice is not yet a notice."""
    text = "# Model updates\n\nUsers get thirty days notice in advance of each model update.\n"

    (seen,) = observe("model_updates_are_announced_first", {PATH: text})

    assert seen.outcome is Outcome.PARTLY_MET


def test_absence_is_not_failure() -> None:
    """Notices are often sent by mail."""
    (seen,) = observe("model_updates_are_announced_first", {"a.py": ""})

    assert seen.outcome is Outcome.NOT_OBSERVABLE
