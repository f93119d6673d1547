"""Weights in several files, and in two formats."""

from typing import Any

import pytest
from tests.scan.folder.side_by_side import CONFIG, WEIGHTS, findings, rules, safetensors
from tests.scan.payloads import CLEAN

FIRST, SECOND = "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"
WHOLE: dict[str, Any] = {
    "config.json": CONFIG,
    "model.safetensors.index.json": {
        "metadata": {"total_size": 48},
        "weight_map": {"a": FIRST, "b": FIRST, "c": SECOND},
    },
    FIRST: safetensors(a=4, b=4),
    SECOND: safetensors(c=4),
}


def test_a_whole_model_raises_nothing() -> None:
    """Index, shards, tensors and sizes agree."""
    assert rules(WHOLE) == set()


def test_a_missing_shard_is_a_gap() -> None:
    """What would be loaded was not scanned."""
    files = {k: v for k, v in WHOLE.items() if k != SECOND}

    assert rules(files) == {("model.safetensors.index.json", "hole", "unreadable")}


def test_a_shard_that_nobody_mentions() -> None:
    """It looks as if it belonged to the model."""
    files = {**WHOLE, "model-00003-of-00002.safetensors": WEIGHTS}

    assert rules(files) == {("model-00003-of-00002.safetensors", "folder-shard-unmentioned", "unknown")}


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({FIRST: safetensors(a=8)}, "folder-index-wrong"),
        ({FIRST: safetensors(a=4, b=4, hidden=4)}, "folder-index-wrong"),
        ({FIRST: safetensors(a=4, b=400)}, "folder-index-size"),
    ],
)
def test_index_and_shards_disagree(change: dict[str, bytes], rule: str) -> None:
    """Tensors that are missing, hidden, or of another size."""
    assert ("model.safetensors.index.json", rule, "note") in rules({**WHOLE, **change})


def test_hostile_headers_raise_nothing_here() -> None:
    """A shard that cannot be read is the inspector's to tell."""
    for broken in (
        b"",
        b"\xff" * 8,
        (8).to_bytes(8, "little") + b"[" * 8,
        (4).to_bytes(8, "little") + b"null",
    ):
        assert all("folder" not in getattr(h, "rule", "") for _, h in findings({**WHOLE, FIRST: broken}))


def test_the_same_weights_as_a_pickle() -> None:
    """A loader may take either."""
    files = {"config.json": CONFIG, "model.safetensors": WEIGHTS, "pytorch_model.bin": CLEAN}

    assert rules(files) == {("pytorch_model.bin", "folder-two-formats", "note")}
    assert rules({"model.safetensors": WEIGHTS, "optimizer.bin": CLEAN}) == set()
