"""Questions of the guard to a person."""

import pytest
from tests.checks.guard.samples import DECISIONS, decisions
from tests.trees import observe, outcomes

from assaymark.observation import Outcome

MET = {"guard.yaml": "version: 1\nflow: {action: ask}\napprovals:\n  timeout_seconds: 300\n"}
EXTRA_MET = DECISIONS
NOT_MET = {"guard.yaml": "version: 1\nflow: {action: ask}\napprovals:\n  timeout_seconds: 2\n"}
NAME = "guard_asks_a_human"


@pytest.mark.parametrize(
    ("text", "line"), [(NOT_MET["guard.yaml"], 4), ("version: 1\nmode: shadow\nflow: {action: ask}\n", 2)]
)
def test_a_question_that_nobody_can_answer_is_told(text: str, line: int) -> None:
    """Two seconds are no time to judge, and a shadow mode asks nobody."""
    (seen,) = observe(NAME, {"guard.yaml": text})

    assert seen.details[0].at is not None
    assert (seen.outcome, seen.details[0].at.line) == (Outcome.NOT_MET, line)


def test_a_question_that_was_never_asked_is_a_plan() -> None:
    """The ledger shows whether people were asked."""
    assert outcomes(observe(NAME, MET, extra=(decisions(asked=0, answered=0),))) == {Outcome.PARTLY_MET}


def test_a_question_that_nobody_answered_is_half_of_it() -> None:
    """Silence is a no, and no oversight."""
    (seen,) = observe(NAME, MET, extra=(decisions(answered=0),))

    assert seen.outcome is Outcome.PARTLY_MET
    assert "asked 10 times; no named person answered" in seen.summary


def test_a_policy_that_asks_nobody_is_stricter_not_worse() -> None:
    """It blocks instead."""
    text = "flow: {action: block, unknown_tools: block}\nmcp: {sampling: block}\n"

    assert outcomes(observe(NAME, {"guard.yaml": text})) == {Outcome.NOT_APPLICABLE}
