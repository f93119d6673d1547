"""access_is_reviewed: a document that holds it, one that does not, and near misses."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

PATH = "docs/access-review.md"
MET: dict[str, str | bytes] = {
    PATH: """\
# Access review

Reviewed: 2026-07-01

## Findings

| What | Who | How |
|---|---|---|
| Training pipeline | release team | role-based permission in CI |
| Training data | two custodians | bucket policy, least privilege |
| Models | release team | registry role |
| API | customers | authentication by key |
""",
}
NOT_MET: dict[str, str | bytes] = {
    PATH: """\
# Access review

Everybody is nice, so nobody looks.
""",
}
TEMPLATE = """# Access review

Owner: [insert name]

## Part one

[describe the first part]

## Part two

TODO
"""


def test_absence_is_not_failure() -> None:
    """A document that is not in the tree may be kept elsewhere: the check says where to put it."""
    (seen,) = observe("access_is_reviewed", {"app.py": "x = 1\n"})

    assert seen.outcome is Outcome.NOT_OBSERVABLE
    assert seen.fix


def test_a_template_is_not_evidence() -> None:
    """Places still to be filled in are no content, and a person is asked to look."""
    (seen,) = observe("access_is_reviewed", {PATH: TEMPLATE})

    assert seen.outcome is Outcome.NOT_MET
    assert seen.certainty is Certainty.TENTATIVE


def test_test_material_does_not_count() -> None:
    """The same document among the tests shows nothing about the product."""
    assert outcomes(observe("access_is_reviewed", {f"tests/fixtures/{PATH}": MET[PATH]})) == {
        Outcome.NOT_OBSERVABLE
    }


def test_a_gap_is_named() -> None:
    """One missing point leaves the document partly as expected, and the point is named."""
    text = str(MET[PATH]).replace("| API | customers | authentication by key |\n", "")

    (seen,) = observe("access_is_reviewed", {PATH: text})

    assert seen.outcome is Outcome.PARTLY_MET
    assert "APIs" in seen.summary
