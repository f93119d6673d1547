"""Size of the weights against the configuration."""

from typing import Any

import pytest
from tests.scan.folder.side_by_side import CONFIG, rules, safetensors

from assaymark.scan.folder.sizes import declared_parameters

GPT2 = {"model_type": "gpt2", "n_embd": 768, "n_layer": 12, "vocab_size": 50257, "n_inner": None}
LLAMA7 = {"hidden_size": 4096, "num_hidden_layers": 32, "vocab_size": 32000, "intermediate_size": 11008}
BERT = {"hidden_size": 768, "num_hidden_layers": 12, "vocab_size": 30522, "intermediate_size": 3072}


@pytest.mark.parametrize(
    ("config", "real"), [(GPT2, 124_439_808), (LLAMA7, 6_738_415_616), (BERT, 109_482_240)]
)
def test_the_estimate_is_near(config: dict[str, Any], real: int) -> None:
    """Within half of the published counts; enough to see a model ten times as large."""
    assert 0.5 < declared_parameters(config) / real < 1.5


@pytest.mark.parametrize(
    "config", [{}, {"hidden_size": -1}, {"hidden_size": "x"}, {**LLAMA7, "num_local_experts": 8}]
)
def test_no_estimate_without_sizes(config: dict[str, Any]) -> None:
    """Sizes that are missing, absurd, or not enough for experts."""
    assert declared_parameters(config) == 0


def test_weights_far_from_the_declared_size() -> None:
    """A tiny file under a large model's configuration, and the other way round."""
    small = {**CONFIG, "hidden_size": 4, "num_hidden_layers": 1, "vocab_size": 10}

    assert rules({"config.json": {**CONFIG, **LLAMA7}, "model.safetensors": safetensors(w=100)}) == {
        ("config.json", "folder-size-differs", "note")
    }
    assert rules({"config.json": small, "model.safetensors": safetensors(w=10_000)}) == {
        ("config.json", "folder-size-differs", "note")
    }
    assert rules({"config.json": small, "model.safetensors": safetensors(w=250)}) == set()
    assert (
        rules(
            {"config.json": {**small, "quantization_config": {}}, "model.safetensors": safetensors(w=10_000)}
        )
        == set()
    )
