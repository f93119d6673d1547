"""infrastructure_is_reviewed: a document that holds it, one that does not, and near misses."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

PATH = "docs/monitoring.md"
MET: dict[str, str | bytes] = {
    PATH: """\
# Monitoring plan

Owner: Ada Byron
Last reviewed: 2026-08-01

## What is watched

Dashboards show queue length and error rates; alerts page whoever is on call.

## Review

The hosts, queues and stores are reviewed every quarter.

## What is left

The residual risk of a provider outage is within our risk appetite.
""",
}
NOT_MET: dict[str, str | bytes] = {
    PATH: """\
# Monitoring plan

We like graphs very much indeed.
""",
}
TEMPLATE = """# Monitoring plan

Owner: [insert name]

## Part one

[describe the first part]

## Part two

TODO
"""


def test_absence_is_not_failure() -> None:
    """A document that is not in the tree may be kept elsewhere: the check says where to put it."""
    (seen,) = observe("infrastructure_is_reviewed", {"app.py": "x = 1\n"})

    assert seen.outcome is Outcome.NOT_OBSERVABLE
    assert seen.fix


def test_a_template_is_not_evidence() -> None:
    """Places still to be filled in are no content, and a person is asked to look."""
    (seen,) = observe("infrastructure_is_reviewed", {PATH: TEMPLATE})

    assert seen.outcome is Outcome.NOT_MET
    assert seen.certainty is Certainty.TENTATIVE


def test_test_material_does_not_count() -> None:
    """The same document among the tests shows nothing about the product."""
    assert outcomes(observe("infrastructure_is_reviewed", {f"tests/fixtures/{PATH}": MET[PATH]})) == {
        Outcome.NOT_OBSERVABLE
    }


def test_a_gap_is_named() -> None:
    """One missing point leaves the document partly as expected, and the point is named."""
    text = str(MET[PATH]).replace("The residual risk of a provider outage is within our risk appetite.", "")

    (seen,) = observe("infrastructure_is_reviewed", {PATH: text})

    assert seen.outcome is Outcome.PARTLY_MET
    assert "the risk that is tolerated" in seen.summary
