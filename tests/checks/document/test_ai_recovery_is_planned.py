"""ai_recovery_is_planned: a document that holds it, one that does not, and near misses."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

PATH = "docs/recovery-plan.md"
MET: dict[str, str | bytes] = {
    PATH: """\
# Recovery plan

Owner: Ada Byron
Last exercised: 2026-06-12

## Steps

Roll back to the previous model and prompt. Restore the index from the nightly backup.

## Meanwhile

The fallback answers from the rule-based menu.
""",
}
NOT_MET: dict[str, str | bytes] = {
    PATH: """\
# Recovery plan

Hope is not a plan, but it is what we have.
""",
}
TEMPLATE = """# Recovery plan

Owner: [insert name]

## Part one

[describe the first part]

## Part two

TODO
"""


def test_absence_is_not_failure() -> None:
    """A document that is not in the tree may be kept elsewhere: the check says where to put it."""
    (seen,) = observe("ai_recovery_is_planned", {"app.py": "x = 1\n"})

    assert seen.outcome is Outcome.NOT_OBSERVABLE
    assert seen.fix


def test_a_template_is_not_evidence() -> None:
    """Places still to be filled in are no content, and a person is asked to look."""
    (seen,) = observe("ai_recovery_is_planned", {PATH: TEMPLATE})

    assert seen.outcome is Outcome.NOT_MET
    assert seen.certainty is Certainty.TENTATIVE


def test_test_material_does_not_count() -> None:
    """The same document among the tests shows nothing about the product."""
    assert outcomes(observe("ai_recovery_is_planned", {f"tests/fixtures/{PATH}": MET[PATH]})) == {
        Outcome.NOT_OBSERVABLE
    }


def test_a_gap_is_named() -> None:
    """One missing point leaves the document partly as expected, and the point is named."""
    text = str(MET[PATH]).replace("The fallback answers from the rule-based menu.", "")

    (seen,) = observe("ai_recovery_is_planned", {PATH: text})

    assert seen.outcome is Outcome.PARTLY_MET
    assert "what runs meanwhile" in seen.summary
