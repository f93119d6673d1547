"""Numbers are read in pieces, and held against those of the declared base."""

import io
from collections.abc import Callable
from pathlib import Path

import gguf
import numpy as np
import pytest
from safetensors.numpy import save

from assaymark.inspection import Level
from assaymark.scan.blob import BytesBlob
from assaymark.scan.weights import statistics as module
from assaymark.scan.weights.statistics import Statistics, compare, judge_statistics, statistics

RANDOM = np.random.default_rng(1)


def measured(data: bytes) -> dict[str, Statistics]:
    """Statistics by tensor."""
    return {s.name: s for s in statistics(BytesBlob("m", data))}


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "int32", "int8", "uint16", "bool"])
def test_numbers_agree_with_numpy(dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read in pieces of a kilobyte, they are what NumPy says of the whole."""
    monkeypatch.setattr(module, "CHUNK", 1000)
    values = (RANDOM.normal(size=(60, 40)) * 9).astype(dtype)
    found = measured(save({"w": values}))["w"]
    wide = values.astype(np.float64)
    assert found.shape == (60, 40)
    assert found.count == 2400
    assert (found.minimum, found.maximum) == (wide.min(), wide.max())
    assert found.mean == pytest.approx(wide.mean(), abs=1e-6)
    assert found.deviation == pytest.approx(wide.std(), rel=1e-6)


def test_brain_floats_are_read() -> None:
    """The upper half of a float32, as the header's type says."""
    values = np.array([1.0, -2.0, np.inf, 0.5], np.float32)
    upper = (values.view(np.uint32) >> 16).astype(np.uint16)
    data = save({"w": upper}).replace(b'"U16"', b'"BF16"').replace(b"} ", b"}", 1)
    found = measured(data)["w"]
    assert (found.minimum, found.maximum, found.not_finite) == (-2.0, 1.0, 1)


def test_gguf_and_npy_are_read(tmp_path: Path) -> None:
    """Unquantised tensors of GGUF, shapes as NumPy has them, and arrays."""
    writer = gguf.GGUFWriter(tmp_path / "m.gguf", "llama")
    writer.add_tensor("a", np.full((2, 8), 3.0, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    found = measured((tmp_path / "m.gguf").read_bytes())["a"]
    assert (found.shape, found.mean, found.constant) == ((2, 8), 3.0, True)
    buffer = io.BytesIO()
    np.save(buffer, np.arange(5, dtype="<f8"))
    assert measured(buffer.getvalue())["array"].mean == 2.0


@pytest.mark.parametrize("data", [b"", b"GGUF", b"\x93NUMPY", b"\x10\0\0\0\0\0\0\0{", b"nothing of the kind"])
def test_what_cannot_be_read_gives_nothing(data: bytes) -> None:
    """The inspector says why; here there is nothing to measure."""
    assert measured(data) == {}


def test_a_tensor_that_was_cut_off_is_left_out() -> None:
    """No number is made up."""
    assert measured(save({"w": np.ones((9, 9))})[:-8]) == {}


def test_numbers_that_are_none_are_named() -> None:
    """Infinite, or not a number; and a large tensor of one number only."""
    bad = np.ones((40, 40), np.float32)
    bad[3, 4] = np.nan
    found = list(measured(save({"bad": bad, "flat": np.ones((40, 40)), "norm": np.ones(4096)})).values())
    hazards = list(judge_statistics(found))
    assert [(h.rule, h.level) for h in hazards] == [
        ("tensor-not-finite", Level.UNKNOWN), ("tensor-constant", Level.NOTE),
    ]  # fmt: skip
    assert "bad (1 of 1,600)" in hazards[0].message
    assert "norm" not in hazards[1].message


BASE = RANDOM.normal(size=(64, 64)).astype(np.float32)


@pytest.mark.parametrize(
    "change",
    [
        lambda w: w + 1,
        lambda w: w * 2,
        lambda w: w[:32],
        lambda w: np.where(w > 3, 40, w),
        lambda w: w * np.nan,
    ],
)
def test_what_is_unlike_the_base_is_named(change: Callable[[np.ndarray], np.ndarray]) -> None:
    """Shifted, spread, of another shape, with outliers, or no numbers at all."""
    with np.errstate(invalid="ignore"):
        mine = change(BASE.copy()).astype(np.float32)
    (found,) = compare(list(measured(save({"w": mine})).values()), list(measured(save({"w": BASE})).values()))
    assert found.name == "w"
    assert "base" in found.reason


def test_fine_tuning_stays_silent_and_other_tensors_do_not() -> None:
    """A small step from the base is like it; tensors that only one of them has are named."""
    tuned = BASE + RANDOM.normal(size=BASE.shape).astype(np.float32) * 0.05
    mine = list(measured(save({"w": tuned, "new": BASE})).values())
    base = list(measured(save({"w": BASE, "old": BASE})).values())
    assert {d.name for d in compare(mine, base)} == {"new", "old"}
