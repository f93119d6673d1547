"""recovery_plan_covers_ai_attacks: a document that holds it, one that does not, and near misses."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

PATH = "docs/recovery-plan.md"
MET: dict[str, str | bytes] = {
    PATH: """\
# Disaster recovery plan

Owner: Ada Byron
Last exercised: 2026-06-12

## Scenarios

Poisoning of the training data, theft of the model, and an agent taken over by prompt injection.

## Steps

Restore the last known good state: weights, prompts and index together.

## Backups

Backups lie in a second region, written once. RTO four hours, RPO one day.
""",
}
NOT_MET: dict[str, str | bytes] = {
    PATH: """\
# Disaster recovery plan

Call the landlord about the power.
""",
}
TEMPLATE = """# Disaster recovery plan

Owner: [insert name]

## Part one

[describe the first part]

## Part two

TODO
"""


def test_absence_is_not_failure() -> None:
    """A document that is not in the tree may be kept elsewhere: the check says where to put it."""
    (seen,) = observe("recovery_plan_covers_ai_attacks", {"app.py": "x = 1\n"})

    assert seen.outcome is Outcome.NOT_OBSERVABLE
    assert seen.fix


def test_a_template_is_not_evidence() -> None:
    """Places still to be filled in are no content, and a person is asked to look."""
    (seen,) = observe("recovery_plan_covers_ai_attacks", {PATH: TEMPLATE})

    assert seen.outcome is Outcome.NOT_MET
    assert seen.certainty is Certainty.TENTATIVE


def test_test_material_does_not_count() -> None:
    """The same document among the tests shows nothing about the product."""
    assert outcomes(observe("recovery_plan_covers_ai_attacks", {f"tests/fixtures/{PATH}": MET[PATH]})) == {
        Outcome.NOT_OBSERVABLE
    }


def test_a_gap_is_named() -> None:
    """One missing point leaves the document partly as expected, and the point is named."""
    text = str(MET[PATH]).replace("Last exercised: 2026-06-12\n", "")

    (seen,) = observe("recovery_plan_covers_ai_attacks", {PATH: text})

    assert seen.outcome is Outcome.PARTLY_MET
    assert "when it was last exercised" in seen.summary
