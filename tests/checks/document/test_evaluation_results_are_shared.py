"""evaluation_results_are_shared: a document that holds it, one that does not, and near misses."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

PATH = "docs/evaluation.md"
MET: dict[str, str | bytes] = {
    PATH: """\
# Evaluation report

Completed: 2026-08-03

## Method

We evaluated version 2 on a held-out test set of 4,000 tickets from the same source.

## Results

Accuracy 0.93, recall 0.88; attack success rate of the red team 2 %.
""",
}
NOT_MET: dict[str, str | bytes] = {
    PATH: """\
# Evaluation report

It went rather well.
""",
}
TEMPLATE = """# Evaluation report

Owner: [insert name]

## Part one

[describe the first part]

## Part two

TODO
"""


def test_absence_is_not_failure() -> None:
    """A document that is not in the tree may be kept elsewhere: the check says where to put it."""
    (seen,) = observe("evaluation_results_are_shared", {"app.py": "x = 1\n"})

    assert seen.outcome is Outcome.NOT_OBSERVABLE
    assert seen.fix


def test_a_template_is_not_evidence() -> None:
    """Places still to be filled in are no content, and a person is asked to look."""
    (seen,) = observe("evaluation_results_are_shared", {PATH: TEMPLATE})

    assert seen.outcome is Outcome.NOT_MET
    assert seen.certainty is Certainty.TENTATIVE


def test_test_material_does_not_count() -> None:
    """The same document among the tests shows nothing about the product."""
    assert outcomes(observe("evaluation_results_are_shared", {f"tests/fixtures/{PATH}": MET[PATH]})) == {
        Outcome.NOT_OBSERVABLE
    }


def test_a_gap_is_named() -> None:
    """One missing point leaves the document partly as expected, and the point is named."""
    text = str(MET[PATH]).replace("Completed: 2026-08-03\n", "")

    (seen,) = observe("evaluation_results_are_shared", {PATH: text})

    assert seen.outcome is Outcome.PARTLY_MET
    assert "the day" in seen.summary
