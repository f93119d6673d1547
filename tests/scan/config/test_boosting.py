"""Boosting libraries: their own files are clean and told by name."""

from pathlib import Path

import pytest
from tests.scan.looked_at import looked_at, verdict

SAMPLES = Path(__file__).with_name("samples")


@pytest.mark.parametrize(
    ("name", "form"),
    [("xgboost.json", "xgboost-json"), ("xgboost.ubj", "xgboost-ubj"), ("lightgbm.txt", "lightgbm"),
     ("catboost.cbm", "catboost")],
)  # fmt: skip
def test_what_the_libraries_write(name: str, form: str) -> None:
    """Trees are data: clean, whatever the file is called."""
    content = (SAMPLES / name).read_bytes()
    found = looked_at(name, content)

    assert (found.header.format, str(found.verdict)) == (form, "clean")
    assert found.interpreted + found.data == len(content)
    assert looked_at("model.bin", content).header.format == form


def test_damaged_files_are_gaps() -> None:
    """A CatBoost file that is cut, LightGBM text with zero bytes."""
    catboost, lightgbm = (SAMPLES / "catboost.cbm").read_bytes(), (SAMPLES / "lightgbm.txt").read_bytes()

    assert verdict("m.cbm", catboost[:-1]) == "inconclusive"
    assert verdict("m.txt", lightgbm.replace(b"max_feature", b"max\0feature", 1)) == "inconclusive"
