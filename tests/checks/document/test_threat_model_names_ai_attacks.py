"""threat_model_names_ai_attacks: a document that holds it, one that does not, and near misses."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

PATH = "docs/threat-model.md"
MET: dict[str, str | bytes] = {
    PATH: """\
# Threat model

Last reviewed: 2026-09-01

## Training

An insider could poison the labelled tickets. We compare label counts per contributor.

## Inference

Model inversion could rebuild customer letters from scores; membership inference could show who is a customer.
Answers carry no scores.

## Input

Prompt injection in a ticket is met by delimiters and by tools that only read.
""",
}
NOT_MET: dict[str, str | bytes] = {
    PATH: """\
# Threat model

Last reviewed: 2026-09-01

## Network

Cross-site scripting and stolen sessions are met by the usual headers.
""",
}
TEMPLATE = """# Threat model

Owner: [insert name]

## Part one

[describe the first part]

## Part two

TODO
"""


def test_absence_is_not_failure() -> None:
    """A document that is not in the tree may be kept elsewhere: the check says where to put it."""
    (seen,) = observe("threat_model_names_ai_attacks", {"app.py": "x = 1\n"})

    assert seen.outcome is Outcome.NOT_OBSERVABLE
    assert seen.fix


def test_a_template_is_not_evidence() -> None:
    """Places still to be filled in are no content, and a person is asked to look."""
    (seen,) = observe("threat_model_names_ai_attacks", {PATH: TEMPLATE})

    assert seen.outcome is Outcome.NOT_MET
    assert seen.certainty is Certainty.TENTATIVE


def test_test_material_does_not_count() -> None:
    """The same document among the tests shows nothing about the product."""
    assert outcomes(observe("threat_model_names_ai_attacks", {f"tests/fixtures/{PATH}": MET[PATH]})) == {
        Outcome.NOT_OBSERVABLE
    }


def test_a_gap_is_named() -> None:
    """One missing point leaves the document partly as expected, and the point is named."""
    text = str(MET[PATH]).replace("; membership inference could show who is a customer", "")

    (seen,) = observe("threat_model_names_ai_attacks", {PATH: text})

    assert seen.outcome is Outcome.PARTLY_MET
    assert "membership inference" in seen.summary
