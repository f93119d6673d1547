"""Files written by the real libraries (see tools/make_samples.py) are told by their content."""

from pathlib import Path

import pytest

from assaymark.scan.blob import BytesBlob
from assaymark.scan.facts import DataFile, Fact, ModelFile, ScanProblem
from assaymark.scan.registry import scan_blob

SAMPLES = Path(__file__).resolve().parents[2] / "samples"

MODELS = {
    "linear.pkl": ("pickle", True),
    "forest.joblib": ("joblib", True),
    "forest-zlib.joblib": ("joblib", True),
    "linear.skops": ("skops", False),
    "trees.json": ("xgboost-json", False),
    "trees.ubj": ("xgboost-ubj", False),
    "trees.txt": ("lightgbm", False),
    "state.pt": ("torch-zip", True),
    "legacy.bin": ("torch-legacy", True),
    "script.torchscript": ("torch-zip", True),
    "weights.safetensors": ("safetensors", False),
    "relu.onnx": ("onnx", False),
    "tiny.gguf": ("gguf", False),
    "keras.h5": ("keras-h5", False),
}
DATA = {"payments.csv": 200, "payments.jsonl": 200, "payments.parquet": 200}


def facts_of(name: str, shown: str = "") -> tuple[Fact, ...]:
    """What all parsers read in one sample, under its own or another name."""
    return scan_blob(BytesBlob(shown or name, (SAMPLES / name).read_bytes()))


@pytest.mark.parametrize("name", MODELS)
def test_each_model_format_is_recognised(name: str) -> None:
    """Format and whether loading can run code are told from real files."""
    (model,) = [f for f in facts_of(name) if isinstance(f, ModelFile)]

    assert (model.format, model.runs_code) == MODELS[name]
    assert model.size == (SAMPLES / name).stat().st_size


@pytest.mark.parametrize("name", sorted(set(MODELS) - {"relu.onnx"}))
def test_a_wrong_name_hides_no_model(name: str) -> None:
    """The content decides, not the extension; ONNX by an unknown writer has no mark of its own."""
    assert any(isinstance(f, ModelFile) for f in facts_of(name, "notes.dat"))


@pytest.mark.parametrize("name", DATA)
def test_each_data_format_is_read(name: str) -> None:
    """Rows and columns of real tables are told."""
    (data,) = [f for f in facts_of(name) if isinstance(f, DataFile)]

    assert data.rows == DATA[name]
    assert {c.name for c in data.columns} >= {"amount", "country", "email", "label"}
    assert data.labels == ("label",)


@pytest.mark.parametrize("name", [*MODELS, *DATA])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_file_breaks_no_parser(name: str, share: float) -> None:
    """Cut anywhere, a real file gives facts or a reason, never a defect."""
    data = (SAMPLES / name).read_bytes()
    facts = scan_blob(BytesBlob(name, data[: int(len(data) * share)]))

    assert not [f for f in facts if isinstance(f, ScanProblem) and "the parser broke" in f.reason]
