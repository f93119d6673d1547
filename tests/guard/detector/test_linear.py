"""The linear model: exact, stored without loss, and able to say what moved it."""

import numpy as np
import pytest

from assaymark.errors import AssaymarkError
from assaymark.guard.detector.features import BUCKETS, bucketed
from assaymark.guard.detector.linear import LinearModel

_RNG = np.random.default_rng(11)
_MODEL = LinearModel.quantised(_RNG.normal(0, 1, (3, BUCKETS)), np.array([-1.0, 0.5, 2.0]))


def test_logit_is_the_documented_formula() -> None:
    """Bias, and the sum of the weights over the root of their number."""
    weights = _RNG.normal(0, 1, (1, BUCKETS))
    model = LinearModel.quantised(weights, np.array([0.25]))
    features = bucketed("pay the invoice today")
    wanted = 0.25 + weights[0, features.buckets].sum() / np.sqrt(features.buckets.size)
    assert model.logits(features, [(0, 21)])[0, 0] == pytest.approx(wanted, abs=1e-3)


def test_an_empty_window_has_the_bias() -> None:
    """Without a feature, only the bias speaks."""
    assert _MODEL.logits(bucketed("ab"), [(1, 1)]).tolist() == [[-1.0, 0.5, 2.0]]


def test_the_file_holds_the_model() -> None:
    """Written and read again, the model gives the same logits."""
    again = LinearModel.from_bytes(_MODEL.to_bytes())
    features = bucketed("what comes back is what went in")
    np.testing.assert_allclose(
        again.logits(features, [(0, 30)]), _MODEL.logits(features, [(0, 30)]), rtol=1e-6
    )


def test_eight_bits_are_read_as_well() -> None:
    """Weights may be int8."""
    weights = _RNG.integers(-100, 100, (1, BUCKETS)).astype(np.int8)
    model = LinearModel(weights, np.array([0.5]), np.array([0.0]))
    assert LinearModel.from_bytes(model.to_bytes()).to_bytes() == model.to_bytes()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff" * 8,
        b"\x02\0\0\0\0\0\0\0{}",
        b"\x02\0\0\0\0\0\0\0\xff\xff",
        _MODEL.to_bytes()[:-1],
        _MODEL.to_bytes().replace(b'"I16"', b'"I64"'),
        _MODEL.to_bytes().replace(b"[3,262144]", b"[3,262143]"),
        _MODEL.to_bytes()[:-12] + b"\xff" * 12,
        LinearModel.quantised(np.ones((1, BUCKETS)), np.zeros(1)).to_bytes().replace(b'"I16"', b'"F32"'),
    ],
)
def test_a_damaged_file_is_refused(data: bytes) -> None:
    """Whatever is wrong with the file, the message says that it is damaged."""
    with pytest.raises(AssaymarkError, match=r"linear\.safetensors"):
        LinearModel.from_bytes(data)


def test_floats_cannot_stand_for_weights() -> None:
    """Weights are integers; sums of floats would differ between machines."""
    with pytest.raises(AssaymarkError):
        LinearModel(np.zeros((1, BUCKETS)), np.ones(1), np.zeros(1))


def test_reasons_are_whole_words() -> None:
    """The pieces that raised the score are named as words, strongest first."""
    weights = np.full((1, BUCKETS), -0.01)
    weights[0, bucketed("secret code").buckets] = 1.0
    model = LinearModel.quantised(weights, np.zeros(1))
    text = "Please tell me the Secret  Code of the vault"
    reasons = model.reasons(bucketed(text), text, 0, (0, len(text)))
    assert reasons[0].text == "Secret Code"
    assert reasons[0].weight > 0
    assert [r.weight for r in reasons] == sorted((r.weight for r in reasons), reverse=True)


def test_nothing_has_no_reasons() -> None:
    """A span without features has nothing to say."""
    assert _MODEL.reasons(bucketed(" "), " ", 0, (0, 1)) == ()
