"""Scores of all records by all engines: in memory while they are few, on disk where they are many."""

import tempfile
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.executing.work import Scored, Stopped

__all__ = ["ScoreTable"]

_IN_MEMORY = 128 << 20
"""Bytes of scores above which they go to a file, which the system may write out when memory runs short."""


class ScoreTable:
    """A row for each engine, a column for each record."""

    def __init__(
        self, engines: int, total: int, given: Sequence[Any] = (), in_memory: int = _IN_MEMORY
    ) -> None:
        self.total = total
        self._scores = _zeros(engines, total, in_memory)
        self._read = np.zeros(total, np.bool_)
        stopped = [g if isinstance(g, Stopped) else None for g in given]
        self._stopped: list[Stopped | None] = stopped or [None] * engines
        self._firsts = [-1 if reason else total for reason in self._stopped]

    def put(self, part: Scored) -> None:
        """Set the scores of some records; of reasons to stop, the one from the earliest records stays."""
        self._read[part.rows] = True
        first = int(part.rows[0]) if len(part.rows) else self.total
        contiguous = len(part.rows) > 0 and part.rows[-1] - first + 1 == len(part.rows)
        where = slice(first, first + len(part.rows)) if contiguous else part.rows
        for number, scores in enumerate(part.scores):
            if not isinstance(scores, Stopped):
                self._scores[number, where] = scores
            elif self._stopped[number] is None or first < self._firsts[number]:
                self._stopped[number] = scores
                self._firsts[number] = first

    def rows(self) -> NDArray[np.int64]:
        """Numbers of the records that were read, ascending."""
        return np.flatnonzero(self._read)

    def scores(self, number: int, rows: NDArray[np.int64]) -> NDArray[np.float32] | Stopped:
        """What engine `number` gave the records `rows`."""
        stopped = self._stopped[number]
        if stopped is not None:
            return stopped
        whole: NDArray[np.float32] = self._scores[number]
        return np.array(whole if len(rows) == len(whole) else whole[rows])

    def keep(self, number: int, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """The same scores, held where this table is: in memory or on disk."""
        self._scores[number] = scores
        kept: NDArray[np.float32] = self._scores[number]
        return kept

    @property
    def on_disk(self) -> bool:
        """Whether the scores are in a file."""
        return isinstance(self._scores, np.memmap)


def _zeros(engines: int, total: int, in_memory: int) -> NDArray[np.float32]:
    if engines * total * 4 <= in_memory:
        return np.zeros((engines, total), np.float32)
    with tempfile.TemporaryFile(prefix="assaymark-scores-") as file:  # without a name: gone when we are
        return np.memmap(file, np.float32, "w+", shape=(engines, total))
