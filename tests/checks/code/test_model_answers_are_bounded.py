"""Model answers are bounded: what it sees, and what it must not take for it."""

from tests.trees import observe, outcomes

from assaymark.observation import Outcome

NAME = "model_answers_are_bounded"

MET: dict[str, str | bytes] = {
    "app.py": """from openai import OpenAI

client = OpenAI(timeout=20, max_retries=2)


def ask(q):
    return client.responses.create(model="m", input=q, max_output_tokens=200)
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


def test_a_schema_bounds_an_answer() -> None:
    """LangChain's structured output counts as a bound."""
    source = """
from langchain_openai import ChatOpenAI

llm = ChatOpenAI(model="m").with_structured_output(Schema)

def ask(q):
    return llm.invoke(q)
"""
    assert outcomes(observe(NAME, {"app.py": source})) == {Outcome.MET}
