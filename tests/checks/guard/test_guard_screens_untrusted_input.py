"""The guard stands between strangers' text and the model."""

import pytest
from tests.checks.guard.samples import DECISIONS, decisions
from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

MET = {"deploy/guard.yaml": "version: 1\nname: shop\n# all defaults\nchannels:\n  system: {scan: false}\n"}
EXTRA_MET = DECISIONS
NOT_MET = {"deploy/guard.yaml": "version: 1\nmode: shadow\nchannels:\n  document: {scan: false}\n"}
NAME = "guard_screens_untrusted_input"


def test_each_hole_has_its_line() -> None:
    """Shadow mode and a channel that is not scored, tentatively: another guard may stand elsewhere."""
    (seen,) = observe(NAME, NOT_MET)

    assert (seen.outcome, seen.certainty) == (Outcome.NOT_MET, Certainty.TENTATIVE)
    assert [(d.at.line if d.at else 0, d.message[:20]) for d in seen.details] == [
        (2, "Shadow mode: what is"),
        (4, "Text on `document` i"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "channels:\n  user: {on_error: allow}\n",
        "channels:\n  tool_result: {action: allow}\n",
        "channels:\n  user: {steps: [{threshold: 0.5, action: allow}]}\n",
        "limits: {on_deadline: allow}\n",
        "exceptions:\n  - {id: a, owner: Jo, reason: r, until: 2026-01-01, phrase: 'quarterly report'}\n",
    ],
)
def test_an_open_place_is_told(text: str) -> None:
    """Fail-open, an action that lets pass, and an exception whose day is over."""
    assert outcomes(observe(NAME, {"guard.yaml": text}, extra=DECISIONS)) == {Outcome.NOT_MET}


def test_a_policy_alone_does_not_show_that_traffic_passes_through() -> None:
    """Only decisions do."""
    (seen,) = observe(NAME, MET)

    assert seen.outcome is Outcome.PARTLY_MET
    assert "no decision in this ledger" in seen.summary


def test_decisions_alone_show_a_guard_at_work() -> None:
    """Its policy may lie elsewhere."""
    assert outcomes(observe(NAME, {"a.txt": ""}, extra=DECISIONS)) == {Outcome.PARTLY_MET}


def test_messages_that_passed_unjudged_are_counter_evidence() -> None:
    """The ledger says so, and that is firm."""
    (seen,) = observe(NAME, MET, extra=(decisions(opened=3),))

    assert (seen.outcome, seen.certainty) == (Outcome.NOT_MET, Certainty.FIRM)
    assert seen.summary == "The guard let 3 messages pass unjudged."


def test_a_policy_that_would_not_start_is_told() -> None:
    """With what is wrong; an unrelated file with such headings is not taken for one."""
    broken = "channels:\n  nowhere: {}\nflow: {}\n"

    (seen,) = observe(NAME, {"guard.yaml": broken})
    assert seen.outcome is Outcome.NOT_MET
    assert "channels" in seen.details[0].message
    assert outcomes(observe(NAME, {"messaging.yaml": broken})) == {Outcome.NOT_APPLICABLE}


def test_a_policy_of_which_no_decision_is_known_is_told_apart() -> None:
    """Decisions name the policy by its digest."""
    (seen,) = observe(NAME, MET, extra=DECISIONS)

    assert seen.outcome is Outcome.MET
    assert any("None of these decisions" in d.message for d in seen.details)


def test_policies_of_tests_and_examples_do_not_count() -> None:
    """They guard nothing."""
    assert outcomes(observe(NAME, {"examples/guard.yaml": NOT_MET["deploy/guard.yaml"]})) == {
        Outcome.NOT_APPLICABLE
    }


@pytest.mark.parametrize(
    "name",
    [
        "guard_asks_a_human",
        "guard_decisions_are_logged",
        "guard_limits_requests",
        "guard_limits_tool_use",
        "guard_screens_untrusted_input",
        "guard_thresholds_are_calibrated",
    ],
)
def test_a_policy_with_an_error_counts_for_nothing(name: str) -> None:
    """The guard refuses to start with it, so no check takes it for evidence, whatever else it says."""
    broken = {"guard.yaml": "quotas:\n  - {what: cost, amount: 5, seconds: 60}\n"}
    seen = [o for o in observe(name, broken, extra=DECISIONS) if o.outcome is Outcome.NOT_MET]

    assert ["would not start" in o.summary for o in seen] == [True]
