"""The ways in which people save a Python object to a file."""

from __future__ import annotations

import bz2
import gzip
import lzma
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import joblib

from .item import Item

Save = Callable[[Any, Path], object]


def _pickled(protocol: int) -> Save:
    return lambda value, path: path.write_bytes(pickle.dumps(value, protocol))


def _squeezed(open_: Callable[..., Any], protocol: int) -> Save:
    def save(value: Any, path: Path) -> None:
        with open_(path, "wb") as file:
            pickle.dump(value, file, protocol)

    return save


def _joblib(compress: Any = 0) -> Save:
    return lambda value, path: joblib.dump(value, path, compress=compress)


WAYS: tuple[tuple[str, Save], ...] = (
    ("model.p4.pkl", _pickled(4)),
    ("model.joblib", _joblib()),
    ("model.p2.pkl", _pickled(2)),
    ("model.zlib.joblib", _joblib(("zlib", 3))),
    ("model.p5.pickle", _pickled(5)),
    ("model.joblib.gz", _joblib(("gzip", 3))),
    ("model.p3.sav", _pickled(3)),
    ("model.joblib.xz", _joblib(("xz", 2))),
    ("model.p4.pkl.gz", _squeezed(gzip.open, 4)),
    ("model.joblib.bz2", _joblib(("bz2", 3))),
    ("model.p0.pkl", _pickled(0)),
    ("model.joblib.lz4", _joblib(("lz4", 3))),
    ("model.p1.pkl", _pickled(1)),
    ("model.lzma.joblib", _joblib(("lzma", 2))),
    ("model.p5.pkl.xz", _squeezed(lzma.open, 5)),
    ("model.p4.pkl.bz2", _squeezed(bz2.open, 4)),
)
"""File name and writer; the order mixes formats so that any few neighbours differ."""


def saved(
    library: str, subject: str, make: Callable[[], Any], start: int, count: int = 2, own: str = ""
) -> Iterator[Item]:
    """Save what `make` returns in `count` ways, beginning with the one numbered `start`."""
    for number in range(start, start + count):
        name, save = WAYS[number % len(WAYS)]
        yield Item(library, subject, name, lambda path, save=save: save(make(), path), own)


def pickled(
    library: str, subject: str, make: Callable[[], Any], protocols: tuple[int, ...], own: str = ""
) -> Iterator[Item]:
    """Save what `make` returns as a bare pickle in each of the protocols."""
    for protocol in protocols:
        write = _pickled(protocol)
        yield Item(library, subject, f"data.p{protocol}.pkl", lambda path, w=write: w(make(), path), own)
