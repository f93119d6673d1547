"""Outputs are tested for leaks: what it sees, and what it must not take for it."""

from tests.trees import observe, outcomes

from assaymark.observation import Outcome

NAME = "outputs_are_tested_for_leaks"

MET: dict[str, str | bytes] = {
    "app.py": """from openai import OpenAI

client = OpenAI(timeout=20, max_retries=2)


import garak


def ask(q):
    return filter_output(client.responses.create(model="m", input=q))


def filter_output(answer):
    if SYSTEM in str(answer):
        raise ValueError
    return answer
"""
}
"""A project in which it holds."""

NOT_MET: dict[str, str | bytes] = {
    "app.py": """from openai import OpenAI

client = OpenAI(timeout=20, max_retries=2)


def ask(q):
    return client.responses.create(model="m", input=q)
"""
}
"""A project in which it does not."""

NOT_MET_OUTCOME = Outcome.NOT_OBSERVABLE


def test_a_filter_without_a_test_is_half_of_it() -> None:
    """A filter that nobody tried to get around is part of it."""
    source = str(MET["app.py"]).replace("import garak\n", "")

    assert outcomes(observe(NAME, {"app.py": source})) == {Outcome.PARTLY_MET}
