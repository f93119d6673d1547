"""data_use_is_explained: a document that holds it, one that does not, and near misses."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

PATH = "docs/privacy-notice.md"
MET: dict[str, str | bytes] = {
    PATH: """\
# Privacy notice

Last reviewed: 2026-03-01

## What we use

We use your questions to answer them. They are not used for retraining.

## Where

They are stored in the EU and kept for thirty days (retention).

## Who

Two support engineers have access; a human review happens when you report an answer.
""",
}
NOT_MET: dict[str, str | bytes] = {
    PATH: """\
# Privacy notice

Privacy is important.
""",
}
TEMPLATE = """# Privacy notice

Owner: [insert name]

## Part one

[describe the first part]

## Part two

TODO
"""


def test_absence_is_not_failure() -> None:
    """A document that is not in the tree may be kept elsewhere: the check says where to put it."""
    (seen,) = observe("data_use_is_explained", {"app.py": "x = 1\n"})

    assert seen.outcome is Outcome.NOT_OBSERVABLE
    assert seen.fix


def test_a_template_is_not_evidence() -> None:
    """Places still to be filled in are no content, and a person is asked to look."""
    (seen,) = observe("data_use_is_explained", {PATH: TEMPLATE})

    assert seen.outcome is Outcome.NOT_MET
    assert seen.certainty is Certainty.TENTATIVE


def test_test_material_does_not_count() -> None:
    """The same document among the tests shows nothing about the product."""
    assert outcomes(observe("data_use_is_explained", {f"tests/fixtures/{PATH}": MET[PATH]})) == {
        Outcome.NOT_OBSERVABLE
    }


def test_a_gap_is_named() -> None:
    """One missing point leaves the document partly as expected, and the point is named."""
    text = str(MET[PATH]).replace("They are not used for retraining.", "")

    (seen,) = observe("data_use_is_explained", {PATH: text})

    assert seen.outcome is Outcome.PARTLY_MET
    assert "whether it is used for retraining" in seen.summary
