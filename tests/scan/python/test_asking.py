"""Questions put to a person at the terminal."""

import pytest
from tests.scan.python.reading import found

from assaymark.scan.facts import Mechanism

ASKS = (
    'def run(command):\n    print(f"Do you want to execute this command?\\n{command}")\n'
    '    if input("yes to proceed: ").lower() != "yes":\n        return\n    go(command)\n'
)


def approvals(source: str) -> list[int]:
    """Lines at which a person is asked."""
    return [m.at.line for m in found(Mechanism, source) if m.kind == "human-approval"]


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (ASKS, 3),
        ('def f(code):\n    a = input("Run this code? (y/n)")\n    if a == "y":\n        go(code)\n', 2),
        ('import click\ndef f(q):\n    if click.confirm("Execute the query?"):\n        go(q)\n', 3),
    ],
)
def test_a_question_before_something_runs_is_an_approval(source: str, line: int) -> None:
    """Code, a command or a query that waits for a yes waits for a person."""
    assert approvals(source) == [line]


@pytest.mark.parametrize(
    "source",
    [
        'def f():\n    a = input("Reset the settings? (y/n)")\n    if a == "y":\n        go()\n',
        'def f(code):\n    a = input("Run this code? (y/n)")\n    go(code, a)\n',
        'def f():\n    print("You can run code.")\n    name = input("Your name? ")\n    save(name)\n',
    ],
)
def test_other_questions_approve_nothing(source: str) -> None:
    """A question about settings, an answer nobody weighs, and a name are no approvals."""
    assert approvals(source) == []
