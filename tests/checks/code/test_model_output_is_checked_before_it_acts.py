"""Model output is checked before it acts: what it sees, and what it must not take for it."""

from tests.trees import observe, outcomes

from assaymark.observation import Outcome

NAME = "model_output_is_checked_before_it_acts"

MET: dict[str, str | bytes] = {
    "app.py": """from openai import OpenAI

client = OpenAI(timeout=20, max_retries=2)


import subprocess

ALLOWED = ("status", "stop")


def act(question):
    r = client.chat.completions.create(model="m", messages=[{"role": "user", "content": question}])
    command = r.choices[0].message.content
    if command not in ALLOWED:
        raise ValueError(command)
    subprocess.run(command, shell=True)
"""
}
"""A project in which it holds."""

NOT_MET: dict[str, str | bytes] = {
    "app.py": """from openai import OpenAI

client = OpenAI(timeout=20, max_retries=2)


import subprocess


def act(question):
    r = client.chat.completions.create(model="m", messages=[{"role": "user", "content": question}])
    subprocess.run(r.choices[0].message.content, shell=True)
"""
}
"""A project in which it does not."""


def test_a_tool_argument_is_a_models_word() -> None:
    """SQL that a tool receives from a model and runs whole is reported."""
    source = """
import sqlite3
from langchain_core.tools import tool

@tool
def query(sql: str) -> list:
    "Run a query."
    return sqlite3.connect("a.db").execute(sql).fetchall()
"""
    assert outcomes(observe(NAME, {"app.py": source})) == {Outcome.NOT_MET}


def test_printing_an_answer_is_harmless() -> None:
    """An answer that is only returned or printed acts nowhere."""
    source = str(NOT_MET["app.py"]).replace("subprocess.run(", "print(").replace(", shell=True", "")

    assert outcomes(observe(NAME, {"app.py": source})) == {Outcome.PARTLY_MET}


def test_a_helper_in_between_does_not_hide_it() -> None:
    """Text that a function of the same file got from the model stays the model's text."""
    source = (
        str(NOT_MET["app.py"])
        .replace("    subprocess.run(r.choices", "    return (r.choices")
        .replace(", shell=True", "")
    )
    source += "\n\ndef go():\n    eval(act('hello'))\n"

    assert outcomes(observe(NAME, {"app.py": source})) == {Outcome.NOT_MET}


def test_a_tool_that_runs_code_is_never_called_checked() -> None:
    """An agent whose tool runs what the model writes acts on its words, whatever else is escaped."""
    tool = (
        'TOOL = {"name": "execute", "description": "Executes code on the machine", '
        '"parameters": {"type": "object", "properties": {"code": {"type": "string"}}}}\n'
    )
    assert outcomes(observe(NAME, {**MET, "app/tools.py": tool})) == {Outcome.PARTLY_MET}
