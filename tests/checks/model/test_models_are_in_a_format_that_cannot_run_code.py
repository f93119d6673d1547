"""models_are_in_a_format_that_cannot_run_code: what meets it, what does not, and near misses."""

import pickle

from tests.scan.artefact.samples import safetensors
from tests.trees import observe, outcomes

from assaymark.observation import Outcome

PICKLE = pickle.dumps({"coef": [0.5] * 9}, protocol=4)
MET: dict[str, str | bytes] = {"weights/model.safetensors": safetensors()}
NOT_MET: dict[str, str | bytes] = {"weights/model.pkl": PICKLE, "weights/other.safetensors": safetensors()}
NAME = "models_are_in_a_format_that_cannot_run_code"


def test_a_pickle_called_safetensors_is_seen() -> None:
    """The name does not decide."""
    assert outcomes(observe(NAME, {"weights/model.safetensors": PICKLE})) == {Outcome.NOT_MET}


def test_a_recorded_digest_softens_it() -> None:
    """A pickle whose digest is on record is partly well kept."""
    sums = "0" * 63 + "1  model.pkl\n"
    assert outcomes(observe(NAME, {"w/model.pkl": PICKLE, "w/SHA256SUMS": sums})) == {Outcome.PARTLY_MET}


def test_pickles_of_tests_do_not_count() -> None:
    """Test material is not the product."""
    assert outcomes(observe(NAME, {"tests/data/model.pkl": PICKLE})) == {Outcome.NOT_APPLICABLE}


def test_a_pointer_is_not_observable() -> None:
    """What lies behind a git-lfs pointer is unknown, and unknown is not good."""
    text = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "ab" * 32 + "\nsize 12\n"
    assert outcomes(observe(NAME, {"model.pt": text})) == {Outcome.NOT_OBSERVABLE}
