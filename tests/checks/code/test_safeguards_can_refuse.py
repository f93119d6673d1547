"""Safeguards can refuse: what it sees, and what it must not take for it."""

from tests.trees import observe, outcomes

from assaymark.observation import Outcome

NAME = "safeguards_can_refuse"

MET: dict[str, str | bytes] = {
    "app.py": """def validate_input(text):
    if len(text) > 100:
        raise ValueError
    return text


validate_input("x")
"""
}
"""A project in which it holds."""

NOT_MET: dict[str, str | bytes] = {
    "app.py": """def is_safe_prompt(text):
    'Check the prompt.'
    return True
"""
}
"""A project in which it does not."""


def test_an_abstract_method_is_no_placeholder() -> None:
    """A body that raises `NotImplementedError` lets nothing pass."""
    source = "def validate_input(text):\n    raise NotImplementedError\n"

    assert Outcome.NOT_MET not in outcomes(observe(NAME, {"app.py": source}))
