"""NumPy archives of images and their labels; arrays of pickled objects are never loaded."""

import ast
import io
import math
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from msgspec import Struct

from assaymark.dataset.reading.limits import Limits
from assaymark.dataset.reading.rows import Rows
from assaymark.dataset.reading.shard import Shard, Source
from assaymark.dataset.reading.sources import BlobFile, opened
from assaymark.dataset.reading.streams import BROKEN
from assaymark.dataset.reading.text_file import Part
from assaymark.dataset.record import Hole

__all__ = ["npy_parts", "npy_rows"]

_IMAGE_WORDS = ("images", "image", "data", "imgs", "x")
_LABEL_WORDS = ("labels", "label", "targets", "target", "y")
_MOST_COLUMNS = 5_000
_BROKEN: tuple[type[Exception], ...] = (*BROKEN, zipfile.BadZipFile, RuntimeError, IndexError)


class _Array(Struct, frozen=True):
    name: str
    shape: tuple[int, ...]
    dtype: Any

    @property
    def rows(self) -> int:
        """Length of the first axis."""
        return self.shape[0]

    @property
    def row_bytes(self) -> int:
        """Bytes of one entry of the first axis."""
        return math.prod(self.shape[1:]) * int(self.dtype.itemsize)


class _Pair(Struct, frozen=True):
    data: _Array
    label: _Array | None
    split: str


@contextmanager
def _archive(source: Source) -> Iterator[dict[str, Any]]:
    """Name → how to open each array."""
    with opened(source) as blob:
        file = BlobFile(blob)
        if not source.name.lower().endswith(".npz") and blob.read(0, 6) == b"\x93NUMPY":
            yield {"": lambda: io.BufferedReader(BlobFile(blob), 1 << 16)}
            return
        try:
            archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise OSError(f"no readable archive: {str(error)[:160]}") from error
        with archive:
            names = [i.filename for i in archive.infolist()[:1000] if i.filename.endswith(".npy")]
            yield {n.removesuffix(".npy"): (lambda n=n: archive.open(n)) for n in names}


def _header(name: str, file: Any) -> _Array | None:
    """What an array's header says; leaves the file at the data. None for what is not read."""
    magic = file.read(8)
    if magic[:6] != b"\x93NUMPY":
        return None
    size = int.from_bytes(file.read(2 if magic[6] == 1 else 4), "little")
    if size > 1 << 16:
        return None
    try:
        fields = ast.literal_eval(file.read(size).decode("latin-1").strip())
        shape, order = tuple(fields["shape"]), fields["fortran_order"]
        dtype = np.dtype(fields["descr"]) if isinstance(fields["descr"], str) else np.dtype("O")
    except (ValueError, SyntaxError, KeyError, TypeError, MemoryError, RecursionError):
        return None
    good = shape and all(isinstance(n, int) and n > 0 for n in shape) and (not order or len(shape) == 1)
    return _Array(name, shape, dtype) if good and dtype.kind in "buifUS" else None


def _pairs(source: Source, openers: dict[str, Any], limits: Limits) -> list[_Pair]:
    """The arrays of images, or of tables, each with that of its labels."""
    arrays = []
    for name, opener in openers.items():
        with opener() as file:
            array = _header(name, file)
        if array is not None:
            arrays.append(array)
    pairs = []
    for array in arrays:
        if array.dtype.kind not in "buif" or not _holds_records(array):
            continue
        if array.rows * array.row_bytes > limits.free_bytes + source.size * limits.ratio:
            raise OSError(f"its array {array.name!r} claims {array.shape} values: a decompression bomb")
        labels = [a for a in arrays if a is not array and _is_label(a, array.rows)]
        named = [a for a in labels if _stem(a.name) == _stem(array.name)] or labels
        split = next((w for w in ("train", "test", "val") if w in array.name.lower()), "")
        pairs.append(_Pair(array, named[0] if named else None, split))
    images = [p for p in pairs if len(p.data.shape) > 2]
    return images or pairs


def _holds_records(array: _Array) -> bool:
    shape = array.shape
    if len(shape) == 4:
        return 4 in (shape[1], shape[3]) or 3 in (shape[1], shape[3]) or 1 in (shape[1], shape[3])
    return len(shape) == 3 or (len(shape) == 2 and 1 < shape[1] <= _MOST_COLUMNS)


def _is_label(array: _Array, rows: int) -> bool:
    flat = len(array.shape) == 1 or (len(array.shape) == 2 and array.shape[1] == 1)
    return flat and array.rows == rows


def _stem(name: str) -> str:
    """A name without what says that it holds data or labels: `x_train` and `y_train` are one."""
    parts = [p for p in name.lower().replace("-", "_").split("_") if p not in (*_IMAGE_WORDS, *_LABEL_WORDS)]
    return "_".join(parts)


def npy_parts(source: Source, limits: Limits) -> tuple[Part, ...]:
    """One part for each array of records; `start` says which.

    Raises:
        OSError: it cannot be read, or holds none.
    """
    with _archive(source) as openers:
        try:
            pairs = _pairs(source, openers, limits)
        except _BROKEN as error:
            raise OSError(f"no readable archive: {str(error)[:160]}") from error
    if not pairs:
        raise OSError("it holds no array of images or rows that can be read without unpickling")
    parts, row = [], 1
    for i, pair in enumerate(pairs):
        parts.append(Part(row, pair.data.rows, i, i + 1))
        row += pair.data.rows
    return tuple(parts)


def npy_rows(shard: Shard, limits: Limits) -> Iterator[Rows | Hole]:
    """Images under `image`, or cells under `column 1`, ...; labels under `label`, the part under `split`."""
    source = shard.sources[0]
    with _archive(source) as openers:
        try:
            pair = _pairs(source, openers, limits)[shard.start]
            yield from _read(pair, openers, shard, limits)
        except _BROKEN as error:
            raise OSError(f"the array cannot be read: {str(error)[:160]}") from error


def _read(pair: _Pair, openers: dict[str, Any], shard: Shard, limits: Limits) -> Iterator[Rows]:
    data = pair.data
    step = max(1, min(limits.batch_images, limits.batch_bytes // max(1, data.row_bytes)))
    with openers[data.name]() as file:
        _header(data.name, file)
        labels = _labels(pair, openers)
        for low in range(0, data.rows, step):
            count = min(step, data.rows - low)
            raw = file.read(count * data.row_bytes)
            whole = len(raw) // max(1, data.row_bytes)
            array = np.frombuffer(raw[: whole * data.row_bytes], data.dtype).reshape(whole, *data.shape[1:])
            columns: dict[str, Any] = _cells(array)
            if labels is not None:
                columns["label"] = labels[low : low + whole]
            if pair.split:
                columns["split"] = [pair.split] * whole
            yield Rows(np.arange(whole, dtype=np.int64) + shard.first + low, columns)
            if whole < count:
                raise OSError("the array ends too early")


def _cells(array: Any) -> dict[str, Any]:
    if array.ndim > 2:
        return {"image": list(array)}
    return {f"column {i + 1}": array[:, i].tolist() for i in range(array.shape[1])}


def _labels(pair: _Pair, openers: dict[str, Any]) -> list[Any] | None:
    label = pair.label
    if label is None:
        return None
    with openers[label.name]() as file:
        _header(label.name, file)
        raw = file.read(label.rows * label.row_bytes)
    whole = len(raw) // label.row_bytes
    values: list[Any] = np.frombuffer(raw[: whole * label.row_bytes], label.dtype).tolist()
    texts = [v.decode("utf-8", "replace") if isinstance(v, bytes) else v for v in values]
    return texts + [None] * (label.rows - whole)
