"""Limits that are defined are enforced: what it sees, and what it must not take for it."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

NAME = "limits_that_are_defined_are_enforced"

MET: dict[str, str | bytes] = {
    "app.py": """MAX_INPUT_CHARS = 4000


def handle(text):
    if len(text) > MAX_INPUT_CHARS:
        raise ValueError
"""
}
"""A project in which it holds."""

NOT_MET: dict[str, str | bytes] = {
    "app.py": """_MAX_REQUESTS_PER_MINUTE = 20


def handle(text):
    return text
"""
}
"""A project in which it does not."""


def test_a_limit_read_in_another_file_is_enforced() -> None:
    """A public constant that another file reads is no dead limit."""
    files = {
        "settings.py": "MAX_UPLOAD_BYTES = 10\n",
        "app.py": "import settings\nif n > settings.MAX_UPLOAD_BYTES:\n    raise ValueError\n",
    }

    assert outcomes(observe(NAME, files)) == {Outcome.MET}


def test_a_public_limit_that_nothing_reads_asks_a_person() -> None:
    """A public constant may serve another repository, so a person judges."""
    seen = observe(NAME, {"settings.py": "MAX_UPLOAD_BYTES = 10\n"})

    assert seen[0].outcome is Outcome.NOT_MET
    assert seen[0].certainty is Certainty.TENTATIVE
