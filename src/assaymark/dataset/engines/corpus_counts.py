"""First pass: a sample to learn from, and how often each run of tokens stands in the corpus.

Tables of fixed size, indexed by hash; their counts are upper bounds, by about as much as other runs put into
each place on average. They add up the same in any order.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.corpus_model import Model, Sample, learnt, lots_of
from assaymark.dataset.engines.corpus_stream import LENGTHS, parts, runs
from assaymark.dataset.engines.corpus_windows import Unrelated, unrelated
from assaymark.dataset.engines.ngrams import ONE, bucket, pack, unpack

__all__ = ["BITS", "Corpus", "Counts", "concluded"]

BITS = {1: 21, 2: 22, 3: 22, 4: 22, 5: 22, 8: 23}
"""Size of the table for runs of each length, as a power of two."""


class Counts:
    """State of the first pass."""

    def __init__(self) -> None:
        self.sample = Sample()
        self.tables = {length: np.zeros(1 << BITS[length], np.uint32) for length in LENGTHS}
        self.tokens = 0

    def add(self, rows: NDArray[np.int64], texts: Sequence[str]) -> None:
        """Take documents in."""
        self.sample.add(rows, texts)
        for part in parts(texts):
            self.tokens += len(part.tokens)
            for length, keys in runs(part.tokens).items():
                np.add.at(self.tables[length], bucket(keys[keys != 0], BITS[length]), ONE)

    def take(self, other: "Counts") -> None:
        """Take another state in."""
        self.sample.take(other.sample)
        self.tokens += other.tokens
        for length, table in self.tables.items():
            table += other.tables[length]

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "tables": {n: pack(table) for n, table in self.tables.items()}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.tables = {n: unpack(packed) for n, packed in state["tables"].items()}


class Corpus:
    """What the first pass gives: the model, and the counts."""

    def __init__(
        self, model: Model, unrelated: Unrelated, tables: dict[int, NDArray[np.uint32]], tokens: int
    ) -> None:
        self.model = model
        self.unrelated = unrelated
        self.tables = tables
        self.tokens = tokens

    def often(self, length: int, keys: NDArray[np.uint64]) -> NDArray[np.int64]:
        """How often runs stand in the corpus, what other runs add on average taken off."""
        load = self.tokens >> BITS[length]
        found = self.tables[length][bucket(keys, BITS[length])].astype(np.int64) - load
        return np.where(keys == 0, 0, np.maximum(found, 0))

    __getstate__ = Counts.__getstate__
    __setstate__ = Counts.__setstate__


def concluded(state: Counts) -> Corpus:
    """The first pass finished."""
    lots = lots_of(state.sample)
    model = learnt(state.sample, lots)
    return Corpus(model, unrelated(lots, model), state.tables, state.tokens)
