"""incident_support_is_described: a document that holds it, one that does not, and near misses."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

PATH = "docs/incident-response.md"
MET: dict[str, str | bytes] = {
    PATH: """\
# Incident response

## Help for users

We support affected users in containing the harm and notify them; write to help@council.example.

## Afterwards

Lessons learned are shared within a month. The contract with each customer says so.
""",
}
NOT_MET: dict[str, str | bytes] = {
    PATH: """\
# Incident response

Stay calm and drink water.
""",
}
TEMPLATE = """# Incident response

Owner: [insert name]

## Part one

[describe the first part]

## Part two

TODO
"""
NOT_MET_OUTCOME = Outcome.NOT_OBSERVABLE


def test_absence_is_not_failure() -> None:
    """A document that is not in the tree may be kept elsewhere: the check says where to put it."""
    (seen,) = observe("incident_support_is_described", {"app.py": "x = 1\n"})

    assert seen.outcome is Outcome.NOT_OBSERVABLE
    assert seen.fix


def test_a_template_is_not_evidence() -> None:
    """Places still to be filled in are no content, and a person is asked to look."""
    (seen,) = observe("incident_support_is_described", {PATH: TEMPLATE})

    assert seen.outcome is Outcome.NOT_MET
    assert seen.certainty is Certainty.TENTATIVE


def test_test_material_does_not_count() -> None:
    """The same document among the tests shows nothing about the product."""
    assert outcomes(observe("incident_support_is_described", {f"tests/fixtures/{PATH}": MET[PATH]})) == {
        Outcome.NOT_OBSERVABLE
    }


def test_a_gap_is_named() -> None:
    """One missing point leaves the document partly as expected, and the point is named."""
    text = str(MET[PATH]).replace("The contract with each customer says so.", "")

    (seen,) = observe("incident_support_is_described", {PATH: text})

    assert seen.outcome is Outcome.PARTLY_MET
    assert "a contract" in seen.summary
