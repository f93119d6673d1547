"""Model failure is handled: what it sees, and what it must not take for it."""

from tests.trees import observe, outcomes

from assaymark.observation import Outcome

NAME = "model_failure_is_handled"

MET: dict[str, str | bytes] = {
    "app.py": """from openai import OpenAI

client = OpenAI(timeout=20, max_retries=2)


def ask(q):
    try:
        return client.responses.create(model="m", input=q)
    except Exception:
        return "Please call us."
"""
}
"""A project in which it holds."""

NOT_MET: dict[str, str | bytes] = {
    "app.py": """from openai import OpenAI

client = OpenAI()


def ask(q):
    return client.responses.create(model="m", input=q)
"""
}
"""A project in which it does not."""


def test_a_client_made_elsewhere_is_unknown() -> None:
    """A client that another file configures may have a time-out, so nothing is held against it."""
    source = "import openai\n\ndef ask(client, q):\n    return client.responses.create(model='m', input=q)\n"

    assert outcomes(observe(NAME, {"app.py": source})) == {Outcome.PARTLY_MET}
