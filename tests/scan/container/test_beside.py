"""Modules inside an archive that take another module's place."""

import pytest

from assaymark.inspection import Level
from assaymark.scan.container.beside import shadows


@pytest.mark.parametrize(
    ("names", "subjects"),
    [
        (["model.pkl", "collections.py"], ["collections"]),
        (["m/model.pkl", "m/torch.py", "m/numpy.py", "torch.py"], ["torch", "numpy"]),
        (["weights.pt", "sitecustomize.py"], ["sitecustomize"]),
        (["model.pkl", "train.py"], []),
        (["collections.py", "README.md"], []),
        (["model.pkl", "collections.txt"], []),
        (["a/model.pkl", "a/collections.py", "x-1.dist-info/RECORD"], []),
        (["a/model.pkl", "a/collections.py", "a/__init__.py"], []),
        (["src/model.pkl", "src/types.py", "pyproject.toml"], []),
    ],
)
def test_only_what_lies_beside_a_model_is_named(names: list[str], subjects: list[str]) -> None:
    """Packages bring modules of any name, and are left alone."""
    found = list(shadows(names))

    assert [h.subject for h in found] == subjects
    assert {h.level for h in found} <= {Level.UNKNOWN}
