"""The texts of a batch, field by field, whatever kind of data set it is from; bounded blocks of them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.record import Batch

__all__ = [
    "LONGEST",
    "MOST_LABELS",
    "Block",
    "Field",
    "Tally",
    "blocks",
    "number_hash",
    "small_images",
    "text_fields",
    "whole_texts",
]

MOST_LABELS = 10_000
"""More different labels than this are no classes."""
LONGEST = 200_000
"""Characters of one text that are looked at."""
_SIDE, _TOGETHER = 32, 250
_BLOCK = 1 << 19
"""Characters of texts joined; small enough for the processor's cache, large enough for numpy."""


@dataclass
class Tally:
    """How often each label occurs; given up where there are more than `MOST_LABELS` different ones."""

    counts: Counter[str] = field(default_factory=Counter)
    many: bool = False

    def add(self, labels: Iterable[str]) -> None:
        """Count labels."""
        if not self.many:
            self.counts.update(labels)
            self._bound()

    def join(self, other: "Tally") -> None:
        """Add up."""
        self.many = self.many or other.many
        self.counts.update(other.counts)
        self._bound()

    def _bound(self) -> None:
        if self.many or len(self.counts) > MOST_LABELS:
            self.many = True
            self.counts.clear()


class Field(NamedTuple):
    """One field of the records of a batch."""

    name: str
    """`text`, `prompt`, `response`, `rejected`, or the column's name."""
    texts: Sequence[str]
    at: NDArray[np.int64] | None
    """For each record, which of `texts` it has, -1 for none; None if texts run along records."""

    def records(self, n: int) -> NDArray[np.int64]:
        """Positions in the batch of the records that have text number `n`."""
        return np.array([n]) if self.at is None else np.flatnonzero(self.at == n)


class Block(NamedTuple):
    """Some texts joined with line ends, so that one call looks at all of them."""

    first: int
    """Number of the first."""
    joined: str
    starts: NDArray[np.int64]
    """Where each begins in `joined`."""


def text_fields(batch: Batch, but: frozenset[str] = frozenset()) -> Iterator[Field]:
    """Every text field that the batch has, the columns in `but` left out."""
    for name in ("text", "prompt", "response", "rejected"):
        texts: Sequence[str] = getattr(batch, name)
        if len(texts):
            yield Field(name, texts, None)
    if batch.table is not None:
        yield from _columns(batch.table, but)


def whole_texts(batch: Batch) -> list[str]:
    """One text a record: all that it says, its fields joined with line ends; a table's cells are not."""
    fields = [f.texts for f in text_fields(batch) if f.at is None]
    if not fields:
        return [""] * len(batch)
    if len(fields) == 1:
        return list(fields[0])
    return ["\n".join(parts) for parts in zip(*fields, strict=True)]


def blocks(texts: Sequence[str]) -> Iterator[Block]:
    """`texts` in blocks, each text cut at `LONGEST`."""
    first, size = 0, 0
    part: list[str] = []
    for n, text in enumerate(texts):
        part.append(text if len(text) <= LONGEST else text[:LONGEST])
        size += len(part[-1]) + 1
        if size >= _BLOCK:
            yield _block(first, part)
            first, size, part = n + 1, 0, []
    if part:
        yield _block(first, part)


def number_hash(rows: NDArray[np.int64]) -> NDArray[np.uint64]:
    """An even 64-bit hash of records' numbers (the finaliser of SplitMix64), for draws and folds."""
    x = rows.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    hashed: NDArray[np.uint64] = x ^ (x >> np.uint64(31))
    return hashed


def small_images(
    images: Sequence[NDArray[np.uint8] | None],
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.uint8]]]:
    """Images that could be decoded, some at a time: their positions, and (images, 32, 32, 3) pixels."""
    for start in range(0, len(images), _TOGETHER):
        at: list[int] = []
        made: list[NDArray[np.uint8]] = []
        for n, image in enumerate(images[start : start + _TOGETHER], start):
            if image is not None and image.size:
                at.append(n)
                made.append(image if image.shape[:2] == (_SIDE, _SIDE) else _nearest(image))
        if at:
            yield np.array(at), np.stack(made)


def _nearest(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    rows, columns = (np.arange(_SIDE) * n // _SIDE for n in image.shape[:2])
    small: NDArray[np.uint8] = image[rows[:, None], columns[None, :]]
    return small


def _block(first: int, part: list[str]) -> Block:
    lengths = np.fromiter(map(len, part), dtype=np.int64, count=len(part)) + 1
    return Block(first, "\n".join(part), np.cumsum(lengths) - lengths)


def _columns(table: Any, but: frozenset[str]) -> Iterator[Field]:
    import pyarrow as pa

    for name, column in zip(table.schema.names, table.columns, strict=True):
        kind = column.type
        if pa.types.is_dictionary(kind):
            kind = kind.value_type
        elif pa.types.is_string(kind) or pa.types.is_large_string(kind):
            column = column.dictionary_encode()
        if name in but or not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
            continue
        codes = column.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        values = column.dictionary.cast(pa.large_binary()).to_pylist()
        # What Parquet calls text need not be UTF-8.
        yield Field(name, ["" if v is None else v.decode("utf-8", "replace") for v in values], codes)
