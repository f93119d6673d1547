"""threats_are_analysed: a document that holds it, one that does not, and near misses."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

PATH = "docs/threat-model.md"
MET: dict[str, str | bytes] = {
    PATH: """\
# Threat model

Owner: Ada Byron

## Assets

The weights and the tickets are what we protect.

## Attackers

An outsider with an account, and a malicious contributor.

## Threats

| Risk | Likelihood | Impact | Treatment | Owner |
|---|---|---|---|---|
| Prompt injection in a ticket | high | medium | tools only read | Ada Byron |
""",
}
NOT_MET: dict[str, str | bytes] = {
    PATH: """\
# Threat model

We thought about this for a while and found nothing worth writing.
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
    (seen,) = observe("threats_are_analysed", {"app.py": "x = 1\n"})

    assert seen.outcome is Outcome.NOT_OBSERVABLE
    assert seen.fix


def test_a_template_is_not_evidence() -> None:
    """Places still to be filled in are no content, and a person is asked to look."""
    (seen,) = observe("threats_are_analysed", {PATH: TEMPLATE})

    assert seen.outcome is Outcome.NOT_MET
    assert seen.certainty is Certainty.TENTATIVE


def test_test_material_does_not_count() -> None:
    """The same document among the tests shows nothing about the product."""
    assert outcomes(observe("threats_are_analysed", {f"tests/fixtures/{PATH}": MET[PATH]})) == {
        Outcome.NOT_OBSERVABLE
    }


def test_a_gap_is_named() -> None:
    """One missing point leaves the document partly as expected, and the point is named."""
    text = str(MET[PATH]).replace("An outsider with an account, and a malicious contributor.", "")

    (seen,) = observe("threats_are_analysed", {PATH: text})

    assert seen.outcome is Outcome.PARTLY_MET
    assert "who attacks" in seen.summary
