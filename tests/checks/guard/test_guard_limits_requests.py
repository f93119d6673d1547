"""How much one caller may ask of the model."""

from tests.checks.guard.samples import DECISIONS
from tests.trees import observe, outcomes

from assaymark.observation import Outcome

QUOTA = "quotas:\n  - {what: requests, amount: 600, seconds: 60, per: key}\n"
MET = {"guard.yaml": f"version: 1\n{QUOTA}"}
EXTRA_MET = DECISIONS
NOT_MET = {"guard.yaml": f"version: 1\nmode: shadow\n{QUOTA}"}
NAME = "guard_limits_requests"


def test_a_quota_is_told_with_its_figures() -> None:
    """So that a person can judge whether it is low enough."""
    (seen,) = observe(NAME, MET, extra=DECISIONS)

    assert seen.details[0].message == "At most 600 requests in 60 s per key."


def test_a_quota_for_all_together_limits_no_caller() -> None:
    """One of them could use it all up; what other layers limit is not seen."""
    shared = QUOTA.replace("per: key", "per: all")

    assert outcomes(observe(NAME, {"guard.yaml": shared})) == {Outcome.NOT_OBSERVABLE}


def test_without_decisions_it_is_a_plan() -> None:
    """A policy shows what would be done."""
    assert outcomes(observe(NAME, MET)) == {Outcome.PARTLY_MET}
