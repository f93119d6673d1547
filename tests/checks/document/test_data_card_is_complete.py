"""data_card_is_complete: a document that holds it, one that does not, and near misses."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

PATH = "docs/data-card.md"
MET: dict[str, str | bytes] = {
    PATH: """\
# Data card

| Dataset | Source | Retrieved | Licence | Use |
|---|---|---|---|---|
| Public tickets | https://data.example.org/tickets | 2026-01-05 | CC-BY-4.0 | training set of sorter 2 |

## How it was obtained

Downloaded from the portal on 2026-01-05; collected on request of the council.
Used as training data for sorter 2.
""",
}
NOT_MET: dict[str, str | bytes] = {
    PATH: """\
# Data card

Lots of text, very good text.
""",
}
TEMPLATE = """# Data card

Owner: [insert name]

## Part one

[describe the first part]

## Part two

TODO
"""


def test_absence_is_not_failure() -> None:
    """A document that is not in the tree may be kept elsewhere: the check says where to put it."""
    (seen,) = observe("data_card_is_complete", {"app.py": "x = 1\n"})

    assert seen.outcome is Outcome.NOT_OBSERVABLE
    assert seen.fix


def test_a_template_is_not_evidence() -> None:
    """Places still to be filled in are no content, and a person is asked to look."""
    (seen,) = observe("data_card_is_complete", {PATH: TEMPLATE})

    assert seen.outcome is Outcome.NOT_MET
    assert seen.certainty is Certainty.TENTATIVE


def test_test_material_does_not_count() -> None:
    """The same document among the tests shows nothing about the product."""
    assert outcomes(observe("data_card_is_complete", {f"tests/fixtures/{PATH}": MET[PATH]})) == {
        Outcome.NOT_OBSERVABLE
    }
