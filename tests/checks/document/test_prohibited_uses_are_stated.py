"""prohibited_uses_are_stated: a policy, a section, a mention, nothing."""

from tests.trees import observe

from assaymark.observation import Outcome

MET: dict[str, str | bytes] = {
    "docs/acceptable-use.md": "# Acceptable use\n\nIt is forbidden to use the scores for hiring.\n",
}
NOT_MET: dict[str, str | bytes] = {
    "docs/acceptable-use.md": "# Acceptable use\n\nWe love it when people use our product.\n",
}


def test_a_section_of_the_model_card_meets_it() -> None:
    """Where it stands does not matter, as long as it has a heading users find."""
    card = "# Model card\n\n## Out-of-scope use\n\nDecisions about people without review.\n"

    (seen,) = observe("prohibited_uses_are_stated", {"MODEL_CARD.md": card})

    assert seen.outcome is Outcome.MET
    assert seen.details[0].at is not None
    assert seen.details[0].at.line == 3


def test_a_placeholder_is_not_a_statement() -> None:
    """The hub's card template ships this heading with nothing under it."""
    card = "# Model card\n\nA sorter of tickets.\n\n## Out-of-Scope Use\n\n[More Information Needed]\n"

    (seen,) = observe("prohibited_uses_are_stated", {"MODEL_CARD.md": card})

    assert seen.outcome is Outcome.NOT_OBSERVABLE


def test_a_mention_in_passing_counts_partly() -> None:
    """Users find headings, not half-sentences."""
    readme = "# Bot\n\n## Start\n\nRunning it on mail of others is forbidden by law.\n"

    (seen,) = observe("prohibited_uses_are_stated", {"README.md": readme})

    assert seen.outcome is Outcome.PARTLY_MET
