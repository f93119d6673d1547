"""Plain Python data, numpy, scipy and pandas in the containers people put them in."""

from __future__ import annotations

import array
import collections
import datetime as dt
import decimal
import fractions
import functools
import ipaddress
import operator
import pathlib
import pickle
import random
import re
import string
import types
import uuid
import zoneinfo
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import interpolate, sparse, spatial, stats

from .item import Item
from .saving import pickled, saved

_UTC = dt.UTC
_RANDOM = np.random.default_rng(5)


def _self_reference() -> list[Any]:
    value: list[Any] = [1]
    value.append(value)
    return value


PYTHON: dict[str, Callable[[], Any]] = {
    "scalars": lambda: [None, True, False, 0, -1, 2**70, 1.5, float("inf"), "é", b"\x00\xff", 3 + 4j],
    "nested": lambda: {"a": [1, (2, 3), {"b": {"c": [None]}}], "d": ()},
    "datetime": lambda: [
        dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=_UTC),
        dt.date(2026, 1, 2),
        dt.time(1, 2),
        dt.timedelta(days=1),
        dt.timezone(dt.timedelta(hours=2)),
    ],
    "decimal": lambda: [decimal.Decimal("1.10"), decimal.Decimal("NaN")],
    "fraction": lambda: fractions.Fraction(3, 7),
    "uuid": lambda: [uuid.UUID(int=5), uuid.uuid5(uuid.NAMESPACE_DNS, "example.org")],
    "ordered dict": lambda: collections.OrderedDict([("a", 1), ("b", [2])]),
    "default dict": lambda: collections.defaultdict(list, {"a": [1]}),
    "default dict of int": lambda: collections.defaultdict(int, a=1),
    "counter": lambda: collections.Counter("hello world"),
    "deque": lambda: collections.deque([1, 2, 3], maxlen=5),
    "chain map": lambda: collections.ChainMap({"a": 1}, {"b": 2}),
    "complex": lambda: [1j, complex(2, -3)],
    "range": lambda: [range(10), range(1, 10, 2)],
    "slice": lambda: slice(1, 5, 2),
    "set": lambda: [{1, 2}, frozenset({"a", "b"}), set()],
    "path": lambda: {"here": pathlib.PurePosixPath("models/a.bin"), "there": pathlib.Path("data")},
    "bytearray": lambda: bytearray(b"weights"),
    "regular expression": lambda: re.compile(r"[a-z]+", re.IGNORECASE),
    "namespace": lambda: types.SimpleNamespace(lr=0.1, epochs=3),
    "random state": lambda: random.Random(3),
    "address": lambda: ipaddress.ip_address("192.0.2.1"),
    "time zone": lambda: dt.datetime(2026, 1, 1, tzinfo=zoneinfo.ZoneInfo("UTC")),
    "array": lambda: array.array("d", [1.0, 2.0]),
    "template": lambda: string.Template("$a"),
    "partial of int": lambda: functools.partial(int, base=2),
    "item getter": lambda: operator.itemgetter(1, 2),
    "builtin types": lambda: {"dtype": float, "cast": int, "text": str, "error": ValueError},
    "builtin functions": lambda: {"agg": sum, "len": len, "key": abs},
    "exception": lambda: ValueError("bad input"),
    "not implemented": lambda: [Ellipsis, NotImplemented],
    "shared": lambda: [["the same row"]] * 300,
    "self reference": _self_reference,
    "vocabulary with shell words": lambda: {
        w: i
        for i, w in enumerate(
            ["os.system", "eval", "exec", "__import__", "subprocess.Popen", "posix\nsystem"]
        )
    },
    "bytes that are a pickle": lambda: {"cache": pickle.dumps({"a": collections.OrderedDict(b=1)})},
    "bytes that look like code": lambda: {
        "page": b"<script>eval(1)</script>",
        "cos": b"cos\nsystem\n(S'id'\ntR.",
    },
    "documentation": lambda: [eval.__doc__, __import__.__doc__, "c__builtin__\neval\n"],
    "long text": lambda: "to be or not to be " * 9000,
    "big integers": lambda: [2**4000, -(2**3000)],
    "label map": lambda: {i: f"class_{i}" for i in range(1000)},
    "token list": lambda: [f"tok{i}" for i in range(5000)],
    "float list": lambda: [i / 7 for i in range(20000)],
}


def _python() -> Iterator[Item]:
    for number, (subject, make) in enumerate(PYTHON.items()):
        protocols = (number % 6, (number + 2) % 6, (number + 4) % 6)
        yield from pickled("python", subject, make, protocols)


NUMPY: dict[str, Callable[[], Any]] = {
    "array": lambda: np.arange(12.0).reshape(3, 4),
    "fortran order": lambda: np.asfortranarray(np.arange(12.0).reshape(3, 4)),
    "big endian": lambda: np.arange(5, dtype=">f8"),
    "strings": lambda: np.array(["a", "bc"]),
    "bytes": lambda: np.array([b"a", b"bc"]),
    "objects": lambda: np.array([{"a": 1}, [1, 2], None, "x"], dtype=object),
    "structured": lambda: np.zeros(3, dtype=[("a", "i4"), ("b", "f8", (2,))]),
    "dates": lambda: np.array(["2026-01-01", "2026-01-02"], dtype="datetime64[D]"),
    "scalars": lambda: [
        np.float32(1),
        np.int64(2),
        np.bool_(True),
        np.str_("a"),
        np.complex64(1j),
        np.float16(2),
    ],
    "masked": lambda: np.ma.masked_array([1, 2, 3], mask=[0, 1, 0]),
    "matrix": lambda: np.asmatrix(np.eye(2)),
    "record": lambda: np.rec.array([(1, "a")], dtype=[("n", "i4"), ("s", "U4")]),
    "random generator": lambda: np.random.default_rng(1),
    "random state": lambda: np.random.RandomState(1),
    "philox": lambda: np.random.Generator(np.random.Philox(3)),
    "dtypes": lambda: [np.dtype("f4"), np.float64, np.dtype([("a", "i2")])],
    "functions": lambda: {"activation": np.tanh, "reduce": np.mean, "where": np.where},
    "polynomial": lambda: np.polynomial.Polynomial([1, 2, 3]),
    "old polynomial": lambda: np.poly1d([1, 2]),
    "dictionary of arrays": lambda: {f"w{i}": _RANDOM.random((4, 4), dtype=np.float32) for i in range(20)},
    "zero size": lambda: np.zeros((0, 3)),
    "string dtype": lambda: np.array(["a", "long text"], dtype=np.dtypes.StringDType()),
    "index expression": lambda: [np.s_[1:3, ::2], np.newaxis],
}


def _numpy() -> Iterator[Item]:
    for number, (subject, make) in enumerate(NUMPY.items()):
        yield from saved("numpy", subject, make, number * 2, 3)
    for subject in ("array", "fortran order", "strings", "structured", "dates", "zero size", "big endian"):
        make = NUMPY[subject]
        yield Item("numpy", subject, "array.npy", lambda path, m=make: np.save(path, m()))
    yield Item(
        "numpy", "objects", "objects.npy", lambda path: np.save(path, NUMPY["objects"](), allow_pickle=True)
    )
    frame = {"x": np.arange(3.0), "names": np.array(["a", {"b": 1}], dtype=object)}
    yield Item("numpy", "objects", "mixed.npz", lambda path: np.savez(path, **frame))
    yield Item("numpy", "npz", "weights.npz", lambda path: np.savez(path, a=np.eye(3), b=np.arange(4)))
    yield Item("numpy", "npz", "small.npz", lambda path: np.savez_compressed(path, a=np.eye(30)))


SCIPY: dict[str, Callable[[], Any]] = {
    "csr matrix": lambda: sparse.random(20, 20, 0.1, format="csr", random_state=0),
    "csc array": lambda: sparse.csc_array(np.eye(5)),
    "coo matrix": lambda: sparse.coo_matrix(np.eye(5)),
    "lil matrix": lambda: sparse.lil_matrix(np.eye(5)),
    "dok matrix": lambda: sparse.dok_matrix(np.eye(5)),
    "dia matrix": lambda: sparse.dia_matrix(np.eye(5)),
    "bsr matrix": lambda: sparse.bsr_matrix(np.eye(6)),
    "frozen norm": lambda: stats.norm(1, 2),
    "frozen gamma": lambda: stats.gamma(2),
    "kernel density": lambda: stats.gaussian_kde(_RANDOM.random(30)),
    "interpolation": lambda: interpolate.interp1d([0, 1, 2], [0, 1, 4]),
    "spline": lambda: interpolate.CubicSpline([0, 1, 2], [0, 1, 4]),
    "b spline": lambda: interpolate.make_interp_spline([0, 1, 2, 3], [0, 1, 4, 9]),
    "kd tree": lambda: spatial.cKDTree(_RANDOM.random((20, 2))),
    "hull": lambda: spatial.ConvexHull(_RANDOM.random((20, 2))).simplices,
    "rotation": lambda: spatial.transform.Rotation.from_quat([0, 0, 0, 1]),
}


def _scipy() -> Iterator[Item]:
    for number, (subject, make) in enumerate(SCIPY.items()):
        yield from saved("scipy", subject, make, number * 3)
    matrix = sparse.random(20, 20, 0.1, format="csr", random_state=0)
    yield Item("scipy", "csr matrix", "features.npz", lambda path: sparse.save_npz(path, matrix))


def _frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "number": np.arange(6.0),
            "count": np.arange(6),
            "town": ["Ely", "Bath", "York", "Ely", "Bath", None],
            "when": pd.date_range("2026-01-01", periods=6, tz="UTC"),
            "kind": pd.Categorical(["a", "b", "a", "b", "a", "c"]),
            "nullable": pd.array([1, 2, None, 4, 5, 6], dtype="Int64"),
        }
    )


PANDAS: dict[str, Callable[[], Any]] = {
    "frame": _frame,
    "series": lambda: pd.Series([1, 2, 3], name="x"),
    "multi index": lambda: _frame().set_index(["town", "kind"]),
    "categorical": lambda: pd.Categorical(["a", "b"], ordered=True),
    "interval": lambda: pd.cut(pd.Series([1, 2, 3, 4]), 2),
    "period": lambda: pd.period_range("2026-01", periods=3, freq="M"),
    "timedelta": lambda: pd.to_timedelta([1, 2], unit="D"),
    "timestamp": lambda: [pd.Timestamp("2026-01-01", tz="UTC"), pd.NaT, pd.NA, pd.Timedelta("1D")],
    "offset": lambda: [pd.offsets.BDay(2), pd.offsets.MonthEnd(), pd.offsets.Hour(3)],
    "sparse": lambda: pd.arrays.SparseArray([0, 0, 1]),
    "string array": lambda: pd.array(["a", None], dtype="string"),
    "boolean array": lambda: pd.array([True, None], dtype="boolean"),
    "range index": lambda: pd.RangeIndex(5),
    "date index": lambda: pd.date_range("2026-01-01", periods=4, freq="h"),
    "object frame": lambda: pd.DataFrame({"a": [[1], {"b": 2}, None]}),
    "dictionary of frames": lambda: {"train": _frame().head(2), "test": _frame().tail(2)},
    "described": lambda: _frame().describe(),
    "grouped": lambda: _frame().groupby("town")["number"].agg(["mean", "sum"]),
}


def _pandas() -> Iterator[Item]:
    for number, (subject, make) in enumerate(PANDAS.items()):
        yield from saved("pandas", subject, make, number * 2, 3)
    for suffix in (".pkl", ".pkl.gz", ".pkl.zst", ".pkl.zip", ".pkl.tar"):
        yield Item("pandas", "to_pickle", f"frame{suffix}", lambda path: _frame().to_pickle(path))


def _legacy(path: Path) -> None:
    """Several pickles in one file, as `pickle.dump` in a loop leaves them."""
    with path.open("wb") as file:
        for number in range(4):
            pickle.dump({"epoch": number, "loss": [0.1 * number]}, file, number)


def items() -> Iterator[Item]:
    """Give the items of plain data."""
    yield from _python()
    yield Item("python", "several in a file", "history.pkl", _legacy)
    yield from _numpy()
    yield from _scipy()
    yield from _pandas()
