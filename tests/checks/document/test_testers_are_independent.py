"""testers_are_independent: a document that holds it, one that does not, and near misses."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

PATH = "docs/security-test-report.md"
MET: dict[str, str | bytes] = {
    PATH: """\
# Security test report

Tested by: Hopper Labs
Completed: 2026-08-03

## Team

An independent outside firm, not involved in the building, with five years of machine learning security.
""",
}
NOT_MET: dict[str, str | bytes] = {
    PATH: """\
# Security test report

Completed: 2026-08-03

We poked at it for an afternoon.
""",
}
TEMPLATE = """# Security test report

Owner: [insert name]

## Part one

[describe the first part]

## Part two

TODO
"""


def test_absence_is_not_failure() -> None:
    """A document that is not in the tree may be kept elsewhere: the check says where to put it."""
    (seen,) = observe("testers_are_independent", {"app.py": "x = 1\n"})

    assert seen.outcome is Outcome.NOT_OBSERVABLE
    assert seen.fix


def test_a_template_is_not_evidence() -> None:
    """Places still to be filled in are no content, and a person is asked to look."""
    (seen,) = observe("testers_are_independent", {PATH: TEMPLATE})

    assert seen.outcome is Outcome.NOT_MET
    assert seen.certainty is Certainty.TENTATIVE


def test_test_material_does_not_count() -> None:
    """The same document among the tests shows nothing about the product."""
    assert outcomes(observe("testers_are_independent", {f"tests/fixtures/{PATH}": MET[PATH]})) == {
        Outcome.NOT_OBSERVABLE
    }


def test_a_gap_is_named() -> None:
    """One missing point leaves the document partly as expected, and the point is named."""
    text = str(MET[PATH]).replace("Tested by: Hopper Labs\n", "")

    (seen,) = observe("testers_are_independent", {PATH: text})

    assert seen.outcome is Outcome.PARTLY_MET
    assert "who they are" in seen.summary
