"""custodian_controls_are_verified: a document that holds it, one that does not, and near misses."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

PATH = "docs/data-custodian-controls.md"
MET: dict[str, str | bytes] = {
    PATH: """\
# Data custodian

Data custodian: Grace Hopper
Last reviewed: 2026-08-01

## Controls

Retention of tickets ends after ninety days; access control by role; erasure on request.

## Verification

Each control was evaluated on the staging system; evidence is linked.
""",
}
NOT_MET: dict[str, str | bytes] = {
    PATH: """\
# Data custodian

We have one and she is kind.
""",
}
TEMPLATE = """# Data custodian

Owner: [insert name]

## Part one

[describe the first part]

## Part two

TODO
"""


def test_absence_is_not_failure() -> None:
    """A document that is not in the tree may be kept elsewhere: the check says where to put it."""
    (seen,) = observe("custodian_controls_are_verified", {"app.py": "x = 1\n"})

    assert seen.outcome is Outcome.NOT_OBSERVABLE
    assert seen.fix


def test_a_template_is_not_evidence() -> None:
    """Places still to be filled in are no content, and a person is asked to look."""
    (seen,) = observe("custodian_controls_are_verified", {PATH: TEMPLATE})

    assert seen.outcome is Outcome.NOT_MET
    assert seen.certainty is Certainty.TENTATIVE


def test_test_material_does_not_count() -> None:
    """The same document among the tests shows nothing about the product."""
    assert outcomes(observe("custodian_controls_are_verified", {f"tests/fixtures/{PATH}": MET[PATH]})) == {
        Outcome.NOT_OBSERVABLE
    }


def test_a_gap_is_named() -> None:
    """One missing point leaves the document partly as expected, and the point is named."""
    text = str(MET[PATH]).replace("Data custodian: Grace Hopper\n", "")

    (seen,) = observe("custodian_controls_are_verified", {PATH: text})

    assert seen.outcome is Outcome.PARTLY_MET
    assert "the custodian by name" in seen.summary
