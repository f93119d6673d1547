"""guidance_names_limits: a document that holds it, one that does not, and near misses."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

PATH = "docs/user-guide.md"
MET: dict[str, str | bytes] = {
    PATH: """\
# User guide

## Intended use

Sorting tickets by case workers.

## Limitations

Only German and English tickets; no attachments.

## When it fails

It may fail on very short tickets, and it can hallucinate a reference number; check it.
""",
}
NOT_MET: dict[str, str | bytes] = {
    PATH: """\
# User guide

Welcome, and enjoy the journey with us!
""",
}
TEMPLATE = """# User guide

Owner: [insert name]

## Part one

[describe the first part]

## Part two

TODO
"""


def test_absence_is_not_failure() -> None:
    """A document that is not in the tree may be kept elsewhere: the check says where to put it."""
    (seen,) = observe("guidance_names_limits", {"app.py": "x = 1\n"})

    assert seen.outcome is Outcome.NOT_OBSERVABLE
    assert seen.fix


def test_a_template_is_not_evidence() -> None:
    """Places still to be filled in are no content, and a person is asked to look."""
    (seen,) = observe("guidance_names_limits", {PATH: TEMPLATE})

    assert seen.outcome is Outcome.NOT_MET
    assert seen.certainty is Certainty.TENTATIVE


def test_test_material_does_not_count() -> None:
    """The same document among the tests shows nothing about the product."""
    assert outcomes(observe("guidance_names_limits", {f"tests/fixtures/{PATH}": MET[PATH]})) == {
        Outcome.NOT_OBSERVABLE
    }


def test_a_gap_is_named() -> None:
    """One missing point leaves the document partly as expected, and the point is named."""
    text = str(MET[PATH]).replace("## Limitations\n\nOnly German and English tickets; no attachments.\n", "")

    (seen,) = observe("guidance_names_limits", {PATH: text})

    assert seen.outcome is Outcome.PARTLY_MET
    assert "limits" in seen.summary
