"""What an engine is: states that are made from batches, merged in any grouping, and finished into scores.

An engine works in passes over the data. A pass makes a state for each shard (`start`, `update`), states are
merged, `finish` turns the merged state into what the next pass, or the scoring, needs. Merging is associative
and commutative to the last bit: counts and sums are integers (or fixed-point), sketches are merged by value,
draws depend on the records' numbers and never on the order of arrival. So one shard or sixteen, here or on a
cluster, give the same suspects.
"""

from typing import Any, Protocol

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from assaymark.dataset.finding import Result
from assaymark.dataset.record import Batch, Kind, Layout

__all__ = ["Engine", "EngineInfo"]


class EngineInfo(Struct, frozen=True, kw_only=True):
    """What a reader of the report has to know of an engine."""

    id: str
    """Snake case, such as `text_triggers`."""
    version: int
    kinds: tuple[Kind, ...]
    """Kinds of data set that it looks at."""
    looks_for: str
    """One sentence."""
    misses: str
    """What it cannot see, one or two sentences."""
    needs: str = ""
    """Extra or file without which it stays out; empty for none."""


class Engine(Protocol):
    """One way to find one kind of poison. Instances are small, frozen and picklable; states are picklable."""

    @property
    def info(self) -> EngineInfo:
        """Who it is."""
        ...

    @property
    def passes(self) -> int:
        """How many times it has to see the data before it can score; 1 to 3."""
        ...

    def applies(self, layout: Layout) -> str:
        """Why it stays out of such a data set; empty if it looks at it."""
        ...

    def start(self, step: int, given: Any, layout: Layout) -> Any:
        """An empty state for pass `step`, from 0, given what the pass before gave (None at first)."""
        ...

    def update(self, state: Any, batch: Batch) -> Any:
        """The state with `batch` taken in; may change `state` and return it."""
        ...

    def merge(self, state: Any, other: Any) -> Any:
        """Both states as one."""
        ...

    def finish(self, step: int, state: Any) -> Any:
        """What the next pass, or `score`, is given."""
        ...

    def score(self, given: Any, batch: Batch) -> NDArray[np.float32]:
        """A score for each record of `batch`, given the last pass's result. Pure; never NaN."""
        ...

    def conclude(
        self, given: Any, rows: NDArray[np.int64], scores: NDArray[np.float32], total: int
    ) -> Result:
        """The findings and the decision, from the scores of all records.

        Args:
            given: the last pass's result.
            rows: numbers of the records that were read, ascending.
            scores: their scores.
            total: records in the data set, those that could not be read included; `Result` arrays have this
                length.
        """
        ...
