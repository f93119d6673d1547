"""Data is looked at before a model learns from it."""

from tests.trees import observe, outcomes

from assaymark.observation import Location, Outcome
from assaymark.scan.facts import Mechanism

_FLOW = (
    "on: push\njobs:\n  train:\n    steps:\n"
    "      - run: python scripts/validate_data.py data/\n      - run: python train.py\n"
)
MET = {".github/workflows/train.yml": _FLOW}
NOT_MET = {".github/workflows/train.yml": _FLOW.replace("scripts/validate_data.py data/", "-V")}
NAME = "data_is_validated_before_training"


def test_checks_in_code_are_part_of_it() -> None:
    """They exist; that they run before each training is not seen."""
    found = Mechanism(
        at=Location("pipeline/data.py", 4), kind="data-validation", name="pandera.DataFrameSchema"
    )
    assert outcomes(observe(NAME, NOT_MET, extra=(found,))) == {Outcome.PARTLY_MET}


def test_no_training_is_nothing_to_see() -> None:
    """A chatbot's pipeline trains nothing."""
    files = {".github/workflows/ci.yml": "on: push\njobs:\n  t:\n    steps: [{run: pytest}]\n"}
    assert outcomes(observe(NAME, files)) == {Outcome.NOT_OBSERVABLE}
