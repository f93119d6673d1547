"""Records → numbers from which a label can be predicted: words, small pictures, cells."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.duplicates_words import mix, pairs, words
from assaymark.dataset.engines.fields import small_images

__all__ = ["BUCKETS", "cells", "image_features", "lifted", "text_features"]

BUCKETS = 1 << 18
_PAIR = 0.4
"""Worth of two words beside that of one: pairs are many, and say less each."""
_SMALL, _COARSE, _ORIENTATIONS = 8, 4, 8
_GRADIENTS = _ORIENTATIONS * _COARSE**2
_SIDE = 32
_MOST_COLUMNS = 200
_WIDTH = 1_000
_EVEN = 64
"""Rows are multiplied this many at a time, so that none is rounded otherwise beside other neighbours."""


def text_features(texts: Sequence[str]) -> Any:
    """A sparse matrix (texts, BUCKETS) of hashed words and pairs of words; a word again counts again."""
    from scipy.sparse import csr_matrix

    columns: list[NDArray[np.int32]] = []
    worths: list[NDArray[np.float32]] = [np.zeros(0, dtype=np.float32)]
    counts = [np.zeros(1, dtype=np.int64)]
    for found in words(texts):
        double, starts = pairs(found)
        singles, doubles = np.diff(found.starts), np.diff(starts)
        ends = np.cumsum(singles + doubles)
        made = np.empty(len(found.hashes) + len(double), dtype=np.int32)
        # Each text's words, then its pairs: no sorting is needed.
        made[_places(ends - doubles - singles, found.starts)] = _bucket(found.hashes)
        worth = np.ones(len(made), dtype=np.float32)
        places = _places(ends - doubles, starts)
        made[places] = _bucket(double ^ np.uint64(1))
        worth[places] = _PAIR
        columns.append(made)
        worths.append(worth)
        counts.append(singles + doubles)
    bounds = np.cumsum(np.concatenate(counts))
    every = np.concatenate([np.zeros(0, dtype=np.int32), *columns])
    return csr_matrix((np.concatenate(worths), every, bounds), shape=(len(texts), BUCKETS))


def _places(firsts: NDArray[np.int64], starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where the items of each text go, if those of text n begin at `firsts[n]`."""
    return np.arange(starts[-1]) + np.repeat(firsts - starts[:-1], np.diff(starts))


def _bucket(hashes: NDArray[np.uint64]) -> NDArray[np.int32]:
    return (mix(hashes) >> np.uint64(46)).astype(np.int32)


def image_features(images: Sequence[NDArray[np.uint8] | None]) -> NDArray[np.float32]:
    """(images, features) Grey thumbnails, coarse colours, histograms of gradients; zeros for none."""
    made = np.zeros((len(images), _SMALL**2 + 3 * _COARSE**2 + _GRADIENTS), dtype=np.float32)
    for at, pixels in small_images(images):
        count = len(at)
        red, green, blue = (pixels[..., n].astype(np.float32) for n in range(3))
        grey = (red + green + blue) / (3 * 255)
        dy, dx = np.diff(grey, axis=1, prepend=grey[:, :1]), np.diff(grey, axis=2, prepend=grey[:, :, :1])
        turn = (np.arctan2(dy, dx) * (_ORIENTATIONS / (2 * np.pi)) + _ORIENTATIONS).astype(np.int64)
        cell = (
            _cell_of() * _ORIENTATIONS + turn % _ORIENTATIONS + np.arange(count)[:, None, None] * _GRADIENTS
        )
        gradients = np.bincount(cell.ravel(), np.hypot(dx, dy).ravel(), count * _GRADIENTS)
        thumbnail = (
            grey.reshape(count, _SMALL, 4, _SIDE).sum(axis=2).reshape(count, _SMALL, _SMALL, 4).sum(axis=3)
        )
        rows = pixels.reshape(count, _COARSE, 8, -1).sum(axis=2, dtype=np.int32)
        colours = rows.reshape(count, _COARSE, _COARSE, 8, 3).sum(axis=3)
        parts = thumbnail / 16, colours / (64 * 255), gradients / 4
        made[at] = np.concatenate([p.reshape(count, -1) for p in parts], axis=1)
    return made


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
