"""Strangers' code never meets secrets."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

_FLOW = """
on: {on}
jobs:
  check:
    env: {KEY: "${{ secrets.OPENAI_API_KEY }}"}
    steps:
      - uses: actions/checkout@v4
        with: {ref: "${{ github.event.pull_request.head.sha }}"}
      - run: npm install && npm test
"""
MET = {".github/workflows/pr.yml": _FLOW.replace("{on}", "pull_request")}
NOT_MET = {".github/workflows/pr.yml": _FLOW.replace("{on}", "pull_request_target")}
NAME = "ci_keeps_secrets_from_untrusted_code"


def test_the_fault_is_firm() -> None:
    """What is written there is enough to know."""
    (seen,) = observe(NAME, NOT_MET)
    assert seen.certainty is Certainty.FIRM
    assert "OPENAI_API_KEY" in seen.details[0].message


def test_labelling_a_pull_request_runs_none_of_it() -> None:
    """A near miss: pull_request_target without a checkout of the head."""
    files = {
        ".github/workflows/l.yml": "on: pull_request_target\njobs:\n  l:\n    steps: [{uses: "
        "actions/labeler@v5}]\n"
    }
    assert outcomes(observe(NAME, files)) == {Outcome.MET}


def test_a_comment_in_a_script_is_an_injection() -> None:
    """A fault in disguise: no checkout at all."""
    run = "echo '${{ github.event.comment.body }}'"
    files = {".github/workflows/c.yml": f'on: issue_comment\njobs:\n  c:\n    steps:\n      - run: "{run}"\n'}
    assert outcomes(observe(NAME, files)) == {Outcome.NOT_MET}


def test_other_systems_are_not_judged() -> None:
    """GitLab's rules for forks are not in the file."""
    assert outcomes(observe(NAME, {".gitlab-ci.yml": "a:\n  script: [ls]\n"})) == {Outcome.NOT_OBSERVABLE}
