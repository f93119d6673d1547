"""decommissioning_erases_data: a document that holds it, one that does not, and near misses."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

PATH = "docs/disposal.md"
MET: dict[str, str | bytes] = {
    PATH: """\
# Decommissioning

Data custodian: Grace Hopper
Approved: 2026-02-01

## Steps

When a model is retired, weights and training data are erased, then settings, API keys and configuration.

## Proof

The deletion is logged and the evidence kept.
""",
}
NOT_MET: dict[str, str | bytes] = {
    PATH: """\
# Decommissioning

Please keep the kitchen tidy.
""",
}
TEMPLATE = """# Decommissioning

Owner: [insert name]

## Part one

[describe the first part]

## Part two

TODO
"""


def test_absence_is_not_failure() -> None:
    """A document that is not in the tree may be kept elsewhere: the check says where to put it."""
    (seen,) = observe("decommissioning_erases_data", {"app.py": "x = 1\n"})

    assert seen.outcome is Outcome.NOT_OBSERVABLE
    assert seen.fix


def test_a_template_is_not_evidence() -> None:
    """Places still to be filled in are no content, and a person is asked to look."""
    (seen,) = observe("decommissioning_erases_data", {PATH: TEMPLATE})

    assert seen.outcome is Outcome.NOT_MET
    assert seen.certainty is Certainty.TENTATIVE


def test_test_material_does_not_count() -> None:
    """The same document among the tests shows nothing about the product."""
    assert outcomes(observe("decommissioning_erases_data", {f"tests/fixtures/{PATH}": MET[PATH]})) == {
        Outcome.NOT_OBSERVABLE
    }


def test_a_gap_is_named() -> None:
    """One missing point leaves the document partly as expected, and the point is named."""
    text = str(MET[PATH]).replace("The deletion is logged and the evidence kept.", "")

    (seen,) = observe("decommissioning_erases_data", {PATH: text})

    assert seen.outcome is Outcome.PARTLY_MET
    assert "proof of it" in seen.summary
