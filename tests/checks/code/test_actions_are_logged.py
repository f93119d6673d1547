"""Actions are logged: what it sees, and what it must not take for it."""

from tests.trees import observe, outcomes

from assaymark.observation import Outcome

NAME = "actions_are_logged"

MET: dict[str, str | bytes] = {
    "app.py": """from openai import OpenAI

client = OpenAI(timeout=20, max_retries=2)


import logging

logger = logging.getLogger(__name__)


def ask(q):
    logger.info("llm call for %s", len(q))
    return client.responses.create(model="m", input=q)
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


def test_printing_is_no_record() -> None:
    """A `print` beside the call leaves no record."""
    source = str(NOT_MET["app.py"]).replace("    return", "    print(q)\n    return")

    assert outcomes(observe(NAME, {"app.py": source})) == {Outcome.NOT_MET}


def test_one_of_two_files_is_partly_met() -> None:
    """A file that records does not speak for one that does not."""
    files = {"a.py": MET["app.py"], "b.py": NOT_MET["app.py"]}

    assert outcomes(observe(NAME, files)) == {Outcome.PARTLY_MET}
