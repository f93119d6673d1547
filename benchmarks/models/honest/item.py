"""What the corpus is made of: one thing saved by one library."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

CORE = frozenset(
    {
        "catboost",
        "cloudpickle",
        "dill",
        "gguf",
        "joblib",
        "keras",
        "lightgbm",
        "numpy",
        "onnx",
        "own",
        "pandas",
    }
    | {"python", "safetensors", "scipy", "sklearn", "torch", "transformers", "xgboost"}
)
"""Libraries large enough to be split class by class; all others fall to one half as a whole."""
_SALT = "assaymark 46"
"""The first salt that gives at least a third of each large library to each half."""


class Item(NamedTuple):
    """One file or folder still to be written."""

    library: str
    """The library that writes it."""
    subject: str
    """The class or kind of thing saved; decides the half together with the library."""
    name: str
    """File name, or folder name where `write` makes a folder."""
    write: Callable[[Path], object]
    """Writes to the path it is given."""
    own: str = ""
    """Why nobody but its author can know the names in it: a class of a script, a function by value."""


Maker = Callable[[], Iterator[Item]]
"""A library's part of the corpus."""


def half(library: str, subject: str) -> str:
    """Say whether a subject may be looked at when allow lists are made (`tune`) or only counted (`held`)."""
    key = f"{library}/{subject}" if library in CORE else library
    return "tune" if hashlib.sha256(f"{_SALT}:{key}".encode()).digest()[0] < 128 else "held"
