"""contingency_exists_without_updates: a document that holds it, one that does not, and near misses."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

PATH = "docs/contingency.md"
MET: dict[str, str | bytes] = {
    PATH: """\
# Contingency plan

Last reviewed: 2026-05-01

## Fallback

If the model cannot be updated, the rule-based menu takes over (fallback).

## Switching off

The kill switch turns the assistant off; rollback goes to the previous version.

## Meanwhile

A request filter mitigates known attacks.
""",
}
NOT_MET: dict[str, str | bytes] = {
    PATH: """\
# Contingency plan

Last reviewed: 2026-05-01

We will see.
""",
}
TEMPLATE = """# Contingency plan

Owner: [insert name]

## Part one

[describe the first part]

## Part two

TODO
"""


def test_absence_is_not_failure() -> None:
    """A document that is not in the tree may be kept elsewhere: the check says where to put it."""
    (seen,) = observe("contingency_exists_without_updates", {"app.py": "x = 1\n"})

    assert seen.outcome is Outcome.NOT_OBSERVABLE
    assert seen.fix


def test_a_template_is_not_evidence() -> None:
    """Places still to be filled in are no content, and a person is asked to look."""
    (seen,) = observe("contingency_exists_without_updates", {PATH: TEMPLATE})

    assert seen.outcome is Outcome.NOT_MET
    assert seen.certainty is Certainty.TENTATIVE


def test_test_material_does_not_count() -> None:
    """The same document among the tests shows nothing about the product."""
    assert outcomes(observe("contingency_exists_without_updates", {f"tests/fixtures/{PATH}": MET[PATH]})) == {
        Outcome.NOT_OBSERVABLE
    }
