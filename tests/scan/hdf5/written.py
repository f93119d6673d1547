"""HDF5 files as h5py writes them, for tests of the walk."""

import io
from collections.abc import Callable
from typing import Any

import h5py

__all__ = ["VERSIONS", "written"]

VERSIONS = ("earliest", "v108", "v110", "v112", "latest")
"""Bounds of the file format: from symbol tables to fractal heaps everywhere."""


def written(fill: Callable[[h5py.File], Any], version: str = "latest", userblock: int = 0) -> bytes:
    """A file that `fill` filled, no older than `version`."""
    buffer = io.BytesIO()
    low = (version, "latest") if version != "latest" else "latest"
    with h5py.File(buffer, "w", libver=low, userblock_size=userblock) as file:
        fill(file)
    return buffer.getvalue()
