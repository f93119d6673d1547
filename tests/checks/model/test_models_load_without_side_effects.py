"""models_load_without_side_effects: what meets it, what does not, and near misses."""

import pickle

from tests.scan.artefact.samples import safetensors
from tests.trees import observe, outcomes

from assaymark.observation import Outcome

NAME = "models_load_without_side_effects"


class Payload:
    """Pickles into a call of `os.system`; it is only ever dumped."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        import os

        return os.system, ("true",)


UNKNOWN = b"cacme.models\nScorer\n)R."
"""A pickle of protocol 0 that calls a class of nobody's."""
MET: dict[str, str | bytes] = {
    "w/m.safetensors": safetensors(),
    "w/words.pkl": pickle.dumps({"os.system": 1, "eval": 2}),
}
NOT_MET: dict[str, str | bytes] = {"w/m.pkl": pickle.dumps(Payload())}


def test_what_loading_would_call_is_said() -> None:
    """With the name and the place."""
    (seen,) = observe(NAME, NOT_MET)

    assert "system" in seen.details[0].message
    assert seen.details[0].at is not None
    assert seen.details[0].at.path == "w/m.pkl"


def test_an_unknown_name_is_neither_fault_nor_proof() -> None:
    """A person settles it."""
    (seen,) = observe(NAME, {**MET, "w/own.pkl": UNKNOWN})

    assert seen.outcome is Outcome.PARTLY_MET
    assert "acme.models.Scorer" in seen.details[0].message


def test_a_file_that_cannot_be_covered_is_no_proof() -> None:
    """It ends in the middle."""
    cut = pickle.dumps([1.5] * 50)[:-40]

    assert outcomes(observe(NAME, {"w/m.pkl": cut})) == {Outcome.NOT_OBSERVABLE}


def test_samples_in_tests_are_not_the_product() -> None:
    """A scanner's own tests hold what it must find."""
    assert outcomes(observe(NAME, {"tests/m.pkl": pickle.dumps(Payload())})) == {Outcome.NOT_APPLICABLE}
