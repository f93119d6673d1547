"""model_card_is_complete: a document that holds it, one that does not, and near misses."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

PATH = "MODEL_CARD.md"
MET: dict[str, str | bytes] = {
    PATH: """\
# Model card: ticket sorter

## Training data

Tickets of 2024, exported from the help desk.
It was not fine-tuned from another model; fine-tuning data: none. Feedback of agents is not used.

## Intended use

Sorting tickets into queues.

## Limitations

Out of scope: anything but German and English tickets.

## Guardrails

Scores under 0.5 go to a person.

## Failure modes

It may fail on very short tickets and then guesses.

## Review

Training records are kept for two years (retention). Reviewed every quarter.
""",
}
NOT_MET: dict[str, str | bytes] = {
    PATH: """\
# Model card: ticket sorter

It is a fine piece of work.
""",
}
TEMPLATE = """# Model card: ticket sorter

Owner: [insert name]

## Part one

[describe the first part]

## Part two

TODO
"""


def test_absence_is_not_failure() -> None:
    """A document that is not in the tree may be kept elsewhere: the check says where to put it."""
    (seen,) = observe("model_card_is_complete", {"app.py": "x = 1\n"})

    assert seen.outcome is Outcome.NOT_OBSERVABLE
    assert seen.fix


def test_a_template_is_not_evidence() -> None:
    """Places still to be filled in are no content, and a person is asked to look."""
    (seen,) = observe("model_card_is_complete", {PATH: TEMPLATE})

    assert seen.outcome is Outcome.NOT_MET
    assert seen.certainty is Certainty.TENTATIVE


def test_test_material_does_not_count() -> None:
    """The same document among the tests shows nothing about the product."""
    assert outcomes(observe("model_card_is_complete", {f"tests/fixtures/{PATH}": MET[PATH]})) == {
        Outcome.NOT_OBSERVABLE
    }
