"""Weights are used only if every byte is the one that the manifest names."""

import json
import sys
from pathlib import Path

import pytest

from assaymark.errors import AssaymarkError
from assaymark.guard.detector.detector import Detector
from assaymark.guard.detector.encoder import Encoder
from assaymark.guard.detector.weights import load_weights
from tests.guard.detector.tiny import HEADS, write_manifest, write_tiny


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Weights that a test may damage."""
    return write_tiny(tmp_path)


def test_complete_weights_load(folder: Path) -> None:
    """Manifest, models and vocabulary are there, and the digest names them all."""
    weights = load_weights(folder)
    assert weights.manifest.heads == HEADS
    assert len(weights.digest) == 64


@pytest.mark.parametrize("name", ["linear.safetensors", "encoder.onnx", "vocab.txt"])
def test_a_changed_file_is_refused(folder: Path, name: str) -> None:
    """One byte more, and the file is named together with both digests."""
    with (folder / name).open("ab") as file:
        file.write(b"\n")
    with pytest.raises(AssaymarkError, match=rf"{name} has SHA-256 .* the manifest names"):
        load_weights(folder)


@pytest.mark.parametrize("name", ["manifest.json", "encoder.onnx"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    """Without a file there is no detector."""
    (folder / name).unlink()
    with pytest.raises(AssaymarkError, match=f"{name} cannot be read"):
        load_weights(folder)


def test_an_enormous_file_is_refused(folder: Path) -> None:
    """Reading stops at the bound."""
    with (folder / "manifest.json").open("ab") as file:
        file.truncate(2 << 20)
    with pytest.raises(AssaymarkError, match="is over"):
        load_weights(folder)


@pytest.mark.parametrize(
    "changes",
    [
        {"heads": []},
        {"heads": ["user"]},
        {"heads": [*HEADS, "other"]},
        {"threshold": dict.fromkeys(HEADS, 1.5)},
        {"max_tokens": 4000},
        {"window_words": dict.fromkeys(HEADS, 0)},
        {"surprise": 1},
        {"version": 3},
    ],
)
def test_a_wrong_manifest_is_refused(folder: Path, changes: dict[str, object]) -> None:
    """Heads, operating points and sizes must make sense together."""
    write_manifest(folder, **changes)
    with pytest.raises(AssaymarkError, match="cannot be used"):
        load_weights(folder)


def test_a_manifest_that_is_no_json_is_refused(folder: Path) -> None:
    """Half a manifest is none."""
    (folder / "manifest.json").write_text('{"version": "1')
    with pytest.raises(AssaymarkError, match="cannot be used"):
        load_weights(folder)


def test_an_encoder_that_is_no_onnx_is_refused() -> None:
    """Bytes that are not a model are named as such."""
    with pytest.raises(AssaymarkError, match="cannot be loaded"):
        Encoder(b"not a model", 3)


def test_an_encoder_for_other_heads_is_refused(folder: Path) -> None:
    """A model with another number of logits is not this detector's."""
    with pytest.raises(AssaymarkError, match="not those of the detector"):
        Encoder((folder / "encoder.onnx").read_bytes(), 2)


def test_a_missing_extra_is_named(tiny_weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without ONNX Runtime the message is the line that installs it."""
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(AssaymarkError, match=r"pip install 'assaymark\[guard\]'"):
        Detector.load(tiny_weights)


def test_the_shipped_vocabulary_is_the_one_named() -> None:
    """Where the package has weights, they load; the vocabulary is always there."""
    folder = Path(load_weights.__code__.co_filename).parent / "weights"
    assert (folder / "vocab.txt").read_text("utf-8").count("\n") == 30_522
    if (folder / "manifest.json").exists():
        assert load_weights().manifest.heads == tuple(
            json.loads((folder / "manifest.json").read_text())["heads"]
        )
