"""Untrusted text is not executed: what it sees, and what it must not take for it."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

NAME = "untrusted_text_is_not_executed"

MET: dict[str, str | bytes] = {
    "app.py": """from openai import OpenAI

client = OpenAI(timeout=20, max_retries=2)


import json


def ask(question):
    r = client.chat.completions.create(model="m", messages=[{"role": "user", "content": question}])
    return json.loads(r.choices[0].message.content)
"""
}
"""A project in which it holds."""

NOT_MET: dict[str, str | bytes] = {
    "app.py": """from openai import OpenAI

client = OpenAI(timeout=20, max_retries=2)


def ask(question):
    r = client.chat.completions.create(model="m", messages=[{"role": "user", "content": question}])
    return eval(r.choices[0].message.content)
"""
}
"""A project in which it does not."""


def test_flask_request_reaching_a_shell_is_firm() -> None:
    """A query parameter in a shell command is counter-evidence by itself."""
    source = """
import subprocess
from flask import Flask, request

app = Flask(__name__)

@app.route("/ping")
def ping():
    host = request.args["host"]
    return subprocess.run(f"ping {host}", shell=True)
"""
    seen = observe(NAME, {"app.py": source})

    assert seen[0].outcome is Outcome.NOT_MET
    assert seen[0].certainty is Certainty.FIRM


def test_parameters_and_constants_are_harmless() -> None:
    """Constant commands, `literal_eval`, bound SQL parameters and the method `eval` raise no alarm."""
    source = """
import ast, subprocess, sqlite3
from flask import Flask, request

app = Flask(__name__)

@app.route("/a")
def a():
    subprocess.run(["ls", "-l"])
    ast.literal_eval(request.args["x"])
    frame.eval(request.args["y"])
    conn = sqlite3.connect("a.db")
    return conn.execute("SELECT * FROM t WHERE id = ?", (request.args["id"],)).fetchall()
"""
    assert outcomes(observe(NAME, {"app.py": source})) == {Outcome.MET}


def test_a_composed_query_is_seen() -> None:
    """An f-string with a request's value in an SQL statement is run as a query."""
    source = """
import sqlite3
from flask import Flask, request

app = Flask(__name__)

@app.route("/a")
def a():
    conn = sqlite3.connect("a.db")
    return conn.execute(f"SELECT * FROM t WHERE id = {request.args['id']}").fetchall()
"""
    assert outcomes(observe(NAME, {"app.py": source})) == {Outcome.NOT_MET}


def test_text_that_a_caller_passes_is_not_called_harmless() -> None:
    """A function that evaluates its parameter is as safe as its callers, which may be in other files."""
    source = "import openai\n\n\ndef box(text):\n    return eval(text)\n"
    (seen,) = observe(NAME, {"app.py": source})

    assert seen.outcome is Outcome.PARTLY_MET
    assert "1 runs what another part of the program passes" in seen.summary


def test_where_people_are_asked_a_model_s_command_is_for_a_person() -> None:
    """A question before something runs may cover the command; without any, the fault is firm."""
    from assaymark.observation import Location
    from assaymark.scan.facts import DynamicExecution, Effect, Mechanism, Origin

    ran = DynamicExecution(
        at=Location("app/a.py", 3),
        callee="os.system(shell)",
        effect=Effect.EXECUTE,
        origin=Origin.TOOL_ARGUMENT,
    )
    asked = Mechanism(at=Location("app/b.py", 3), kind="human-approval", name="input")
    assert observe(NAME, {}, extra=(ran,))[0].certainty is Certainty.FIRM
    assert observe(NAME, {}, extra=(ran, asked))[0].certainty is Certainty.TENTATIVE
