"""What is kept of a record to find others like it: a hash of all of it, and hashes that near ones share.

Texts: the words in their order; MinHash over pairs of words, in bands (Broder 1997; Leskovec, Rajaraman and
Ullman, chapter 3). Images: the pixels; signs of projections of the lowest cosine coefficients, in bands
(Charikar 2002). Rows of tables: the cells, label and split left out.
"""

import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.duplicates_words import mix, orders, pairs, words

__all__ = ["BANDS", "SIGNATURE", "Sketch", "sketch_images", "sketch_rows", "sketch_texts", "text_signatures"]

BANDS, _BAND_ROWS = 5, 4
SIGNATURE = 64
"""Numbers in a signature that is compared with another."""
_SHORTEST_WORDS = 5
"""Shorter texts (“ok”, “thanks a lot”) are often the same by chance."""
_GRID = 32
"""Images are brought to this size, in grey, before their cosine transform."""
_TOGETHER = 128 * 32 * 32
"""Pixels of images of one shape that are looked at together."""
_FLAT = 4.0
"""Standard deviation of grey levels below which an image shows nothing to compare."""


class Sketch(NamedTuple):
    """Of the records worth comparing; the others are left out."""

    at: NDArray[np.int64]
    """Positions in the batch."""
    exact: NDArray[np.uint64]
    bands: NDArray[np.uint32]
    """(records, BANDS); no columns where only exact duplicates are looked for."""


def sketch_texts(texts: Sequence[str]) -> Sketch:
    """Of texts with at least five words."""
    at, exact, bands = [], [], []
    seeds = _seeds(BANDS * _BAND_ROWS)
    for found in words(texts):
        enough = np.diff(found.starts) >= _SHORTEST_WORDS
        hashes, starts = pairs(found)
        lows = _lows(hashes, starts, enough, seeds)
        at.append(np.flatnonzero(enough) + found.first)
        exact.append(orders(found)[enough])
        bands.append(_banded(lows))
    return _joined(at, exact, bands, BANDS)


def text_signatures(texts: Sequence[str]) -> NDArray[np.uint16]:
    """(texts, SIGNATURE) MinHashes: the share that agrees estimates the share of word pairs in common."""
    made = [np.zeros((0, SIGNATURE), dtype=np.uint16)]
    for found in words(texts):
        hashes, starts = pairs(found)
        any_words = np.diff(starts) > 0
        part = np.zeros((len(starts) - 1, SIGNATURE), dtype=np.uint16)
        part[any_words] = _lows(hashes, starts, any_words, _seeds(SIGNATURE, 1)) & np.uint32(0xFFFF)
        made.append(part)
    return np.concatenate(made)


def sketch_images(images: Sequence[NDArray[np.uint8] | None]) -> tuple[Sketch, NDArray[np.uint16]]:
    """Of images that could be decoded and are not flat; and their signatures, (images, SIGNATURE)."""
    shapes: dict[tuple[int, ...], list[int]] = {}
    for n, image in enumerate(images):
        if image is not None and image.size:
            shapes.setdefault(image.shape, []).append(n)
    places: list[int] = []
    waves: list[NDArray[np.float64]] = []
    for shape, numbers in shapes.items():
        together = max(_TOGETHER // (shape[0] * shape[1]), 1)
        for begin in range(0, len(numbers), together):
            some = numbers[begin : begin + together]
            grey = _grey(np.stack([_pixels(images[n]) for n in some]))
            shows = np.flatnonzero(grey.std(axis=(1, 2)) >= _FLAT)
            places += [some[k] for k in shows.tolist()]
            waves += list(_COSINES @ grey[shows] @ _COSINES.T)
    if not places:
        empty = np.zeros((0, SIGNATURE), dtype=np.uint16)
        return _joined([], [], [], BANDS), empty
    order = np.argsort(places)
    at = np.array(places)[order]
    exact = [
        _digest(repr(pixels.shape).encode() + np.ascontiguousarray(pixels).tobytes())
        for pixels in (_pixels(images[n]) for n in at.tolist())
    ]
    lows = np.array(waves).reshape(len(at), -1)[order]
    sketch = Sketch(at, np.array(exact, dtype=np.uint64), _image_bands(lows))
    return sketch, _image_signature(lows)


def _pixels(image: NDArray[np.uint8] | None) -> NDArray[np.uint8]:
    assert image is not None
    return image


def sketch_rows(table: Any, but: frozenset[str]) -> Sketch:
    """Of the rows of a table, by all columns that are not in `but`."""
    rows = np.full(table.num_rows, np.uint64(0x51ED270B1AD3F1C7))
    for n, (name, column) in enumerate(zip(table.schema.names, table.columns, strict=True)):
        if name not in but:
            rows = mix(rows * np.uint64(5) + _cells(column) + np.uint64(n))
    bands = np.zeros((len(rows), 0), dtype=np.uint32)
    return Sketch(np.arange(len(rows)), rows, bands)


def _lows(
    hashes: NDArray[np.uint64],
    starts: NDArray[np.int64],
    wanted: NDArray[np.bool_],
    seeds: NDArray[np.uint32],
) -> NDArray[np.uint32]:
    """For the wanted texts and each seed, the lowest of the hashes under that seed."""
    lows = np.zeros((int(wanted.sum()), len(seeds)), dtype=np.uint32)
    filled = np.diff(starts) > 0
    if not wanted.any():
        return lows
    short = (hashes >> np.uint64(32)).astype(np.uint32)
    begins, chosen = starts[:-1][filled], wanted[filled]
    for n, seed in enumerate(seeds):
        lows[:, n] = np.minimum.reduceat(short * seed, begins)[chosen]
    return lows


def _seeds(count: int, family: int = 0) -> NDArray[np.uint32]:
    numbers = np.arange(count, dtype=np.uint64) + np.uint64(1000 * family + 1)
    return (mix(numbers) >> np.uint64(32)).astype(np.uint32) | np.uint32(1)


def _banded(lows: NDArray[np.uint32]) -> NDArray[np.uint32]:
    wide = lows.astype(np.uint64).reshape(len(lows), BANDS, _BAND_ROWS)
    band = np.zeros((len(lows), BANDS), dtype=np.uint64)
    for n in range(_BAND_ROWS):
        band = mix(band * np.uint64(3) + wide[:, :, n] + np.uint64(1))
    return (band >> np.uint64(32)).astype(np.uint32)


def _joined(at: list[Any], exact: list[Any], bands: list[Any], count: int) -> Sketch:
    none = np.zeros(0, dtype=np.int64)
    return Sketch(
        np.concatenate([none, *at]),
        np.concatenate([none.astype(np.uint64), *exact]),
        np.concatenate([np.zeros((0, count), dtype=np.uint32), *bands]),
    )


def _digest(data: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")


def _grey(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Images of one shape in grey, 32 × 32, each cell the mean of the pixels under it."""
    plain = images.reshape(*images.shape[:3], -1)
    rows, columns = (_edges(size) for size in plain.shape[1:3])
    channels = np.einsum("nhwc->nhw", plain, dtype=np.int64)
    summed = channels
    if plain.shape[1:3] != (_GRID, _GRID):
        summed = np.add.reduceat(np.add.reduceat(channels, rows, axis=1), columns, axis=2)
    area = _extents(rows, plain.shape[1])[:, None] * _extents(columns, plain.shape[2])[None, :]
    grey: NDArray[np.float64] = summed / (area * plain.shape[3])
    return grey


def _edges(size: int) -> NDArray[np.int64]:
    return np.arange(_GRID, dtype=np.int64) * size // _GRID


def _extents(edges: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    return np.maximum(np.diff(np.append(edges, size)), 1)


def _cosines() -> NDArray[np.float64]:
    frequency, place = np.arange(8)[:, None], np.arange(_GRID)[None, :]
    return np.cos(np.pi * frequency * (2 * place + 1) / (2 * _GRID))


_COSINES = _cosines()


def _image_bands(lows: NDArray[np.float64]) -> NDArray[np.uint32]:
    """Signs of fixed random projections, in integers, so that no batch rounds them otherwise."""
    steps = np.round(lows[:, 1:] * _WEIGHTS[1:]).astype(np.int64)
    signs = ((steps @ _DIRECTIONS) > 0).astype(np.uint64).reshape(len(lows), BANDS, _BAND_BITS)
    bands: NDArray[np.uint32] = (
        (signs << np.arange(_BAND_BITS, dtype=np.uint64)).sum(axis=2).astype(np.uint32)
    )
    return bands


_BAND_BITS = 24
_WEIGHTS = np.sqrt(np.add.outer(np.arange(8), np.arange(8))).ravel()
"""Low frequencies are the strongest in any picture, and say least about which it is."""
_DIRECTIONS = (mix(np.arange(63 * BANDS * _BAND_BITS, dtype=np.uint64)) >> np.uint64(63)).astype(
    np.int64
).reshape(63, -1) * 2 - 1


def _image_signature(lows: NDArray[np.float64]) -> NDArray[np.uint16]:
    """The coefficients themselves, in steps of 1 grey level of a wave that fills the image."""
    steps = np.clip(np.round(lows / (_GRID * _GRID / 4)), -32_000, 32_000) + 32_768
    made: NDArray[np.uint16] = steps.astype(np.uint16)
    return made


def _cells(column: Any) -> NDArray[np.uint64]:
    """A hash of each cell; equal cells of one column have equal ones."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind):
        missing = column.is_null().to_numpy(zero_copy_only=False)
        wide = pa.float64() if pa.types.is_floating(kind) else pa.int64()
        if pa.types.is_uint64(kind):
            wide = pa.uint64()
        numbers = column.cast(wide, safe=False).fill_null(0).to_numpy(zero_copy_only=False)
        hashed = mix(np.ascontiguousarray(numbers).view(np.uint64) + np.uint64(7))
        hashed[missing] = np.uint64(1)
        return hashed
    if not pa.types.is_dictionary(kind):
        try:
            column = column.dictionary_encode()
        except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
            texts = [repr(v).encode("utf-8", "surrogatepass") for v in column.to_pylist()]
            return np.array([_digest(t) for t in texts], dtype=np.uint64)
    codes = column.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    values = _raw(column.dictionary)
    table = np.array([*(_digest(v) for v in values), 1], dtype=np.uint64)
    cells: NDArray[np.uint64] = table[codes]
    return cells


def _raw(values: Any) -> list[bytes]:
    import pyarrow as pa

    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        return [v or b"" for v in values.cast(pa.large_binary()).to_pylist()]
    return [repr(v).encode("utf-8", "surrogatepass") for v in values.to_pylist()]
