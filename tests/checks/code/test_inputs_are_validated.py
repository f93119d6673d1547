"""Inputs are validated: what it sees, and what it must not take for it."""

from tests.trees import observe, outcomes

from assaymark.observation import Outcome

NAME = "inputs_are_validated"

MET: dict[str, str | bytes] = {
    "app.py": """from fastapi import FastAPI
from openai import OpenAI
from pydantic import BaseModel, Field

app = FastAPI()
client = OpenAI()


class Ask(BaseModel):
    question: str = Field(max_length=2000)


@app.post("/ask")
def ask(body: Ask):
    return client.responses.create(model="m", input=body.question)
"""
}
"""A project in which it holds."""

NOT_MET: dict[str, str | bytes] = {
    "app.py": """from flask import Flask, request
from openai import OpenAI

app = Flask(__name__)
client = OpenAI()


@app.route("/ask", methods=["POST"])
def ask():
    data = request.get_json()
    return client.responses.create(model="m", input=data["question"])
"""
}
"""A project in which it does not."""


def test_an_unbounded_field_is_partly_met() -> None:
    """A typed body without a bound on its size is half of it."""
    source = str(MET["app.py"]).replace(" = Field(max_length=2000)", "")

    assert outcomes(observe(NAME, {"app.py": source})) == {Outcome.PARTLY_MET}
