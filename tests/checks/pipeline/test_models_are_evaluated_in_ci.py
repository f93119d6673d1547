"""A change of model or prompt is evaluated."""

from tests.trees import observe, outcomes

from assaymark.observation import Location, Outcome
from assaymark.scan.facts import LibraryUse

_FLOW = "on: {on}\njobs:\n  eval:\n    steps: [{run: 'promptfoo eval -c evals/chat.yaml{tail}'}]\n"
MET = {".github/workflows/eval.yml": _FLOW.replace("{on}", "pull_request").replace("{tail}", "")}
NOT_MET = {".github/workflows/eval.yml": _FLOW.replace("{on}", "pull_request").replace("{tail}", " || true")}
NAME = "models_are_evaluated_in_ci"


def test_a_scheduled_evaluation_is_part_of_it() -> None:
    """It notices, but does not stop a change."""
    files = {".github/workflows/eval.yml": _FLOW.replace("{on}", "schedule").replace("{tail}", "")}
    assert outcomes(observe(NAME, files)) == {Outcome.PARTLY_MET}


def test_evaluation_code_that_nothing_runs_is_part_of_it() -> None:
    """The library is there, the job is not."""
    use = LibraryUse(at=Location("evals/run.py", 1), library="deepeval", category="evaluation")
    assert outcomes(observe(NAME, {"a.txt": "x"}, extra=(use,))) == {Outcome.PARTLY_MET}


def test_installing_an_evaluator_is_no_evaluation() -> None:
    """Only running it counts."""
    files = {".github/workflows/a.yml": "on: push\njobs:\n  a:\n    steps: [{run: pip install garak}]\n"}
    assert Outcome.MET not in outcomes(observe(NAME, files))


def test_a_folder_of_evaluations_under_pytest_counts() -> None:
    """Plain pytest over an evaluation folder is an evaluation."""
    files = {".github/workflows/a.yml": "on: push\njobs:\n  a:\n    steps: [{run: pytest tests/evals}]\n"}
    assert outcomes(observe(NAME, files)) == {Outcome.MET}
