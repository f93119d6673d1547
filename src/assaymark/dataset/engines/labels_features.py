"""Records → numbers from which a label can be predicted: words, small pictures, cells."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.duplicates_words import mix, pairs, words

__all__ = ["BUCKETS", "cells", "image_features", "lifted", "text_features"]

BUCKETS = 1 << 18
_SMALL, _COARSE, _ORIENTATIONS = 8, 4, 8
_SIDE = 32
_MOST_COLUMNS = 200
_WIDTH = 1_000
_EVEN = 64
"""Rows are multiplied this many at a time, so that none is rounded otherwise beside other neighbours."""


def text_features(texts: Sequence[str]) -> Any:
    """A sparse 0/1 matrix (texts, BUCKETS) of hashed words and pairs of words."""
    from scipy.sparse import csr_matrix

    columns: list[NDArray[np.int32]] = []
    owners: list[NDArray[np.int64]] = []
    count = 0
    for found in words(texts):
        double, starts = pairs(found)
        for hashes, bounds in ((found.hashes, found.starts), (double, starts)):
            salted = hashes ^ np.uint64(len(columns) % 2)
            columns.append((mix(salted) >> np.uint64(46)).astype(np.int32))
            owners.append(np.repeat(np.arange(len(bounds) - 1) + found.first, np.diff(bounds)))
        count = found.first + len(found.starts) - 1
    if not columns:
        return csr_matrix((len(texts), BUCKETS), dtype=np.float32)
    keys = np.unique(np.concatenate(owners) * BUCKETS + np.concatenate(columns))
    bounds = np.searchsorted(keys // BUCKETS, np.arange(count + 1))
    ones = np.ones(len(keys), dtype=np.float32)
    return csr_matrix((ones, (keys % BUCKETS).astype(np.int32), bounds), shape=(count, BUCKETS))


def image_features(image: NDArray[np.uint8] | None) -> NDArray[np.float32]:
    """Grey thumbnail, coarse colours and histograms of gradients of one image."""
    size = _SMALL**2 + 3 * _COARSE**2 + _ORIENTATIONS * _COARSE**2
    if image is None or not image.size:
        return np.zeros(size, dtype=np.float32)
    rows, columns = (np.arange(_SIDE) * n // _SIDE for n in image.shape[:2])
    small = image[rows][:, columns].astype(np.float32) / 255
    grey = small.mean(axis=2)
    dy, dx = np.diff(grey, axis=0, prepend=grey[:1]), np.diff(grey, axis=1, prepend=grey[:, :1])
    turn = (np.arctan2(dy, dx) * (_ORIENTATIONS / (2 * np.pi)) + _ORIENTATIONS).astype(np.int64)
    gradients = np.bincount(
        (_cell_of() * _ORIENTATIONS + turn % _ORIENTATIONS).ravel(),
        weights=np.hypot(dx, dy).ravel(),
        minlength=_ORIENTATIONS * _COARSE**2,
    )
    thumbnail = grey.reshape(_SMALL, 4, _SMALL, 4).mean(axis=(1, 3))
    colours = small.reshape(_COARSE, 8, _COARSE, 8, 3).mean(axis=(1, 3))
    return np.concatenate([thumbnail.ravel(), colours.ravel(), gradients / 4]).astype(np.float32)


def lifted(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Random rectified projections, in which a linear model can bend (Rahimi and Recht 2008)."""
    padded = np.zeros((-(-len(features) // _EVEN) * _EVEN, features.shape[1]), dtype=np.float32)
    padded[: len(features)] = features
    directions = _directions(features.shape[1])
    parts = [padded[n : n + _EVEN] @ directions for n in range(0, len(padded), _EVEN)]
    made = np.concatenate([np.zeros((0, _WIDTH), dtype=np.float32), *parts])[: len(features)]
    bent: NDArray[np.float32] = np.maximum(made, 0)
    return bent


def cells(table: Any, but: frozenset[str]) -> NDArray[np.float64]:
    """(rows, columns) Numbers as they are, categories as hashes of their text; not a number where empty."""
    import pyarrow as pa

    made: list[NDArray[np.float64]] = []
    for name, column in zip(table.schema.names, table.columns, strict=True):
        kind = column.type
        if name in but or len(made) == _MOST_COLUMNS:
            continue
        if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind):
            numbers = column.cast(pa.int8()) if pa.types.is_boolean(kind) else column
            made.append(numbers.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False))
        elif pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_dictionary(kind):
            made.append(_categories(column))
    return np.stack(made, axis=1) if made else np.zeros((table.num_rows, 0))


def _categories(column: Any) -> NDArray[np.float64]:
    import zlib

    import pyarrow as pa

    column = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    values = column.dictionary
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        raw = [v or b"" for v in values.cast(pa.large_binary()).to_pylist()]
    else:
        raw = [repr(v).encode("utf-8", "surrogatepass") for v in values.to_pylist()]
    table = np.array([*(float(zlib.crc32(v)) for v in raw), np.nan])
    numbers: NDArray[np.float64] = table[column.indices.fill_null(-1).to_numpy(zero_copy_only=False)]
    return numbers


@lru_cache(maxsize=1)
def _cell_of() -> NDArray[np.int64]:
    at = np.arange(_SIDE, dtype=np.int64) // (_SIDE // _COARSE)
    return at[:, None] * _COARSE + at[None, :]


@lru_cache(maxsize=4)
def _directions(size: int) -> NDArray[np.float32]:
    drawn = np.random.default_rng(20_211).normal(0, 1, (size, _WIDTH))
    directions: NDArray[np.float32] = (drawn / np.sqrt(size)).astype(np.float32)
    return directions
