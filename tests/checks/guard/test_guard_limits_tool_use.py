"""What untrusted text may not cause through tools."""

import pytest
from tests.checks.guard.samples import DECISIONS
from tests.trees import observe, outcomes

from assaymark.observation import Outcome

MET = {
    "guard.yaml": "version: 1\ntools:\n  - name: send_email\n    effects: [send]\n"
    "    arguments:\n      - {path: /to, allow: ['*@example.org']}\n"
}
EXTRA_MET = DECISIONS
NOT_MET = {"guard.yaml": "version: 1\nflow: {action: allow}\n"}
NAME = "guard_limits_tool_use"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("version: 1\nflow:\n  effects: [send]\n", 2),
        ("version: 1\nflow:\n  untrusted: [document]\n", 3),
        ("version: 1\nflow:\n  unknown_tools: allow\n", 3),
        ("version: 1\nflow:\n  undeclared_tools: allow\n", 3),
        ("version: 1\nmode: shadow\nflow: {}\n", 2),
        ("tools:\n  - name: pay\n    effects: [pay]\n    after_untrusted: allow\n", 2),
    ],
)
def test_each_freedom_has_its_line(text: str, line: int) -> None:
    """Whatever lets a stranger's text act unasked."""
    (seen,) = observe(NAME, {"guard.yaml": text})

    assert seen.outcome is Outcome.NOT_MET
    assert seen.details[0].at is not None
    assert seen.details[0].at.line == line


def test_without_decisions_it_is_a_plan() -> None:
    """A policy shows what would be done."""
    (seen,) = observe(NAME, MET)

    assert seen.outcome is Outcome.PARTLY_MET
    assert "1 tool named, 1 with limits on arguments" in seen.summary


def test_a_project_without_a_guard_is_not_judged() -> None:
    """Other checks look at its tools."""
    assert outcomes(observe(NAME, {"a.py": ""})) == {Outcome.NOT_APPLICABLE}
