"""transfer_disposes_of_assets: a document that holds it, one that does not, and near misses."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

PATH = "docs/disposal.md"
MET: dict[str, str | bytes] = {
    PATH: """\
# Disposal policy

Data custodian: Grace Hopper
Approved: 2026-02-01

## Transfer

When ownership of a model is transferred, the custodian approves, and remaining copies are securely deleted.

## Access

Credentials and permissions of the old owner are revoked.
""",
}
NOT_MET: dict[str, str | bytes] = {
    PATH: """\
# Disposal policy

Please keep the kitchen tidy.
""",
}
TEMPLATE = """# Disposal policy

Owner: [insert name]

## Part one

[describe the first part]

## Part two

TODO
"""


def test_absence_is_not_failure() -> None:
    """A document that is not in the tree may be kept elsewhere: the check says where to put it."""
    (seen,) = observe("transfer_disposes_of_assets", {"app.py": "x = 1\n"})

    assert seen.outcome is Outcome.NOT_OBSERVABLE
    assert seen.fix


def test_a_template_is_not_evidence() -> None:
    """Places still to be filled in are no content, and a person is asked to look."""
    (seen,) = observe("transfer_disposes_of_assets", {PATH: TEMPLATE})

    assert seen.outcome is Outcome.NOT_MET
    assert seen.certainty is Certainty.TENTATIVE


def test_test_material_does_not_count() -> None:
    """The same document among the tests shows nothing about the product."""
    assert outcomes(observe("transfer_disposes_of_assets", {f"tests/fixtures/{PATH}": MET[PATH]})) == {
        Outcome.NOT_OBSERVABLE
    }
