"""maintenance_is_planned: a document that holds it, one that does not, and near misses."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

PATH = "docs/maintenance.md"
MET: dict[str, str | bytes] = {
    PATH: """\
# Maintenance plan

Owner: Ada Byron
Last reviewed: 2026-05-01

## Updates

Patches are released within a week; the model is retrained and reviewed every quarter.

## Watching

Drift of the score distribution is monitored.

## End

Version 2 is supported until 2028; then it is decommissioned.
""",
}
NOT_MET: dict[str, str | bytes] = {
    PATH: """\
# Maintenance plan

The janitor comes on Fridays.
""",
}
TEMPLATE = """# Maintenance plan

Owner: [insert name]

## Part one

[describe the first part]

## Part two

TODO
"""


def test_absence_is_not_failure() -> None:
    """A document that is not in the tree may be kept elsewhere: the check says where to put it."""
    (seen,) = observe("maintenance_is_planned", {"app.py": "x = 1\n"})

    assert seen.outcome is Outcome.NOT_OBSERVABLE
    assert seen.fix


def test_a_template_is_not_evidence() -> None:
    """Places still to be filled in are no content, and a person is asked to look."""
    (seen,) = observe("maintenance_is_planned", {PATH: TEMPLATE})

    assert seen.outcome is Outcome.NOT_MET
    assert seen.certainty is Certainty.TENTATIVE


def test_test_material_does_not_count() -> None:
    """The same document among the tests shows nothing about the product."""
    assert outcomes(observe("maintenance_is_planned", {f"tests/fixtures/{PATH}": MET[PATH]})) == {
        Outcome.NOT_OBSERVABLE
    }


def test_a_gap_is_named() -> None:
    """One missing point leaves the document partly as expected, and the point is named."""
    text = str(MET[PATH]).replace("Version 2 is supported until 2028; then it is decommissioned.", "")

    (seen,) = observe("maintenance_is_planned", {PATH: text})

    assert seen.outcome is Outcome.PARTLY_MET
    assert "how and when support ends" in seen.summary
