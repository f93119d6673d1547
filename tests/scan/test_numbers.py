"""`--deep` reads the numbers: what is odd about them, and how they differ from the model they came from."""

from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from tests.scan.payloads import CLEAN

from assaymark.inspection import ScanReport
from assaymark.scan import Options, scan

RANDOM = np.random.default_rng(5)
WEIGHTS = {"a": RANDOM.normal(size=(64, 64)).astype("f4"), "b": RANDOM.normal(size=(64,)).astype("f4")}


def saved(path: Path, **tensors: np.ndarray) -> str:
    """A safetensors file with these tensors in place of the usual ones."""
    save_file({**WEIGHTS, **tensors}, path)
    return str(path)


def rules(report: ScanReport) -> list[str]:
    """The rules that were used, as often as they were."""
    return [h.rule for i in report.inspections for h in i.hazards]


def test_ordinary_numbers_are_silent(tmp_path: Path) -> None:
    """And nothing is read unless asked for."""
    path = saved(tmp_path / "m.safetensors")

    assert rules(scan(path)) == rules(scan(path, options=Options(deep=True))) == []


def test_numbers_that_are_none_are_told(tmp_path: Path) -> None:
    """Only by whoever looks."""
    odd = WEIGHTS["b"].copy()
    odd[3] = np.nan
    path = saved(tmp_path / "m.safetensors", b=odd)

    assert rules(scan(path)) == []
    assert rules(scan(path, options=Options(deep=True))) == ["tensor-not-finite"]


def test_a_replaced_layer_shows_beside_its_base(tmp_path: Path) -> None:
    """A little training does not; another layer does, and is named."""
    base = saved(tmp_path / "base.safetensors")
    tuned = saved(tmp_path / "tuned.safetensors", a=WEIGHTS["a"] * np.float32(1.01))
    other = saved(tmp_path / "other.safetensors", a=WEIGHTS["a"] * np.float32(9) + np.float32(4))

    options = Options(deep=True, base=base)
    assert rules(scan(tuned, options=options)) == []
    assert rules(scan(other, options=options)) == ["numbers-differ-from-base"]


def test_numbers_that_cannot_be_read_are_counted(tmp_path: Path) -> None:
    """Silence would look like a clean bill."""
    sample = Path(__file__).resolve().parents[1] / "samples/state.pt"

    assert "numbers-not-read" in rules(scan(str(sample), options=Options(deep=True)))


def test_a_file_without_tensors_has_none_to_read(tmp_path: Path) -> None:
    """A pickle of words."""
    (tmp_path / "m.pkl").write_bytes(CLEAN)

    assert rules(scan(str(tmp_path), options=Options(deep=True))) == []
