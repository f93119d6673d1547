"""oversight_is_planned: a document that holds it, one that does not, and near misses."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

PATH = "docs/human-oversight.md"
MET: dict[str, str | bytes] = {
    PATH: """\
# Human oversight

Owner: Ada Byron
Last reviewed: 2026-08-01

## Decisions

A case worker approves each refund; manual review follows every refusal.

## Stopping

The case worker can override the proposal, and the duty lead can pause the assistant with the kill switch.

## Practice

The kill switch is exercised each quarter.
""",
}
NOT_MET: dict[str, str | bytes] = {
    PATH: """\
# Human oversight

People matter to us.
""",
}
TEMPLATE = """# Human oversight

Owner: [insert name]

## Part one

[describe the first part]

## Part two

TODO
"""


def test_absence_is_not_failure() -> None:
    """A document that is not in the tree may be kept elsewhere: the check says where to put it."""
    (seen,) = observe("oversight_is_planned", {"app.py": "x = 1\n"})

    assert seen.outcome is Outcome.NOT_OBSERVABLE
    assert seen.fix


def test_a_template_is_not_evidence() -> None:
    """Places still to be filled in are no content, and a person is asked to look."""
    (seen,) = observe("oversight_is_planned", {PATH: TEMPLATE})

    assert seen.outcome is Outcome.NOT_MET
    assert seen.certainty is Certainty.TENTATIVE


def test_test_material_does_not_count() -> None:
    """The same document among the tests shows nothing about the product."""
    assert outcomes(observe("oversight_is_planned", {f"tests/fixtures/{PATH}": MET[PATH]})) == {
        Outcome.NOT_OBSERVABLE
    }
