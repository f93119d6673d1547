"""What the guard decided can be looked up."""

from tests.checks.guard.samples import DECISIONS, decisions
from tests.trees import observe, outcomes

from assaymark.observation import Outcome

MET = {"guard.yaml": "version: 1\nlog: {record_allowed: true}\nlimits: {}\n"}
EXTRA_MET = DECISIONS
NOT_MET = {"guard.yaml": "version: 1\nlog:\n  content: true\nlimits: {}\n"}
EXTRA_NOT_MET = DECISIONS
NAME = "guard_decisions_are_logged"


def test_counts_and_days_are_told() -> None:
    """From the ledger, by what was done."""
    (seen,) = observe(NAME, MET, extra=DECISIONS)

    assert seen.summary == "The ledger holds 1,000 decisions of the guard."
    assert seen.details[0].message == (
        "The ledger holds 1,000 decisions from 2026-11-01 to 2026-11-22: allow 950, ask 10, block 40."
    )


def test_a_log_that_fell_silent_is_told() -> None:
    """A month without a decision is no log in use."""
    (seen,) = observe(NAME, MET, extra=(decisions(last="2026-09-30T00:00:00Z", more=True),))

    assert seen.outcome is Outcome.NOT_MET
    assert "last decision here is of 2026-09-30" in seen.summary


def test_what_was_let_pass_belongs_to_it() -> None:
    """An investigation needs the message before the one that was blocked."""
    sparse = {"guard.yaml": "log: {record_allowed: false}\nlimits: {}\n"}

    assert outcomes(observe(NAME, sparse, extra=DECISIONS)) == {Outcome.PARTLY_MET}
    assert outcomes(observe(NAME, sparse)) == {Outcome.PARTLY_MET}


def test_decisions_without_a_policy_in_the_tree_count() -> None:
    """The ledger is the evidence."""
    assert outcomes(observe(NAME, {"a": ""}, extra=DECISIONS)) == {Outcome.MET}
