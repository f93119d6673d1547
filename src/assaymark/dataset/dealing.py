"""How often an engine flags clean records of this very data set: labels dealt anew, the engine run again.

A model that has not seen a record says how likely each label is for it. Records for which it says nearly the
same deal their labels out among themselves, so honest records keep what predicts their label, while nothing
that was planted goes with one any more. Whatever an engine flags then, it flags for no reason. What it would
flag for an honest reason of its own (a rule of business) this does not show.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engine import Engine
from assaymark.dataset.engines.fields import number_hash
from assaymark.dataset.engines.labels import LabelErrors
from assaymark.dataset.executing.work import Read
from assaymark.dataset.reading.shard import Shard
from assaymark.dataset.record import Batch, Hole, Layout

__all__ = ["SAMPLE", "Dealt", "flagged_by_chance"]

SAMPLE = 20_000
"""Records that are looked at: all of a small data set, a draw by record number of a large one."""
_READ = 4 * SAMPLE
"""Records that are read for it, in parts spread over the data set."""
_LEVELS = 8
"""Records are alike if the model's first guess is the same and its probability in one of so many levels."""
_SURELY = 3
"""Nothing flagged of n is at most 3 of n, 95 times in a hundred (rule of three)."""


@dataclass(frozen=True)
class Dealt:
    """What came of it."""

    flagged: int
    records: int

    @property
    def rate(self) -> float:
        """Share of records flagged, or an upper bound on it where fewer than three were."""
        return min(1.0, max(self.flagged, _SURELY) / self.records)


def flagged_by_chance(
    engine: Engine, layout: Layout, shards: Sequence[Shard], read: Read, but: NDArray[np.bool_]
) -> Dealt | None:
    """How many records `engine` flags with labels dealt anew; None where labels cannot be predicted.

    Args:
        engine: it; its passes are run in this process.
        layout: of the data set.
        shards: its parts.
        read: reads one of them.
        but: by record number, those that it flagged with their own labels: a model that learnt the trigger
            would deal its label to them again. They are looked at and not counted.
    """
    found = list(_sample(shards, read))
    batches = _renumbered(found)
    labels = _dealt(batches, layout)
    if labels is None:
        return None
    total = len(labels)
    given = None
    again = [_with(batch, labels[batch.rows], layout) for batch in batches]
    for step in range(engine.passes):
        state = engine.start(step, given, layout)
        for batch in again:
            state = engine.update(state, batch)
        given = engine.finish(step, state)
    scores = np.concatenate([engine.score(given, batch) for batch in again])
    result = engine.conclude(given, np.arange(total, dtype=np.int64), scores, total)
    honest = ~but[np.concatenate([batch.rows for batch in found])]
    return Dealt(int((result.flagged & honest).sum()), max(1, int(honest.sum())))


def _sample(shards: Sequence[Shard], read: Read) -> Iterator[Batch]:
    """Records with a label, drawn by number, in the order of the data set."""
    total = sum(s.records for s in shards)
    step = max(1, total // _READ)
    spread = [s for n, s in enumerate(shards) if n % min(step, len(shards)) == 0]
    bound = (1 << 64) * SAMPLE // max(SAMPLE + 1, sum(s.records for s in spread))
    for shard in spread:
        for batch in read(shard):
            if isinstance(batch, Hole) or not len(batch.label):
                continue
            stays = number_hash(batch.rows) < np.uint64(bound)
            stays &= np.fromiter((label is not None for label in batch.label), np.bool_, len(batch.label))
            if stays.any():
                yield _taken(batch, np.flatnonzero(stays))


def _renumbered(found: Sequence[Batch]) -> list[Batch]:
    batches, first = [], 0
    for batch in found:
        batches.append(replace(batch, rows=np.arange(first, first + len(batch), dtype=np.int64)))
        first += len(batch)
    return batches


def _dealt(batches: Sequence[Batch], layout: Layout) -> NDArray[np.object_] | None:
    """A label for each record: that of a record for which the model says nearly the same."""
    judge = LabelErrors()
    if not batches or judge.applies(layout):
        return None
    state = judge.start(0, None, layout)
    for batch in batches:
        state = judge.update(state, batch)
    given = judge.finish(0, state)
    labels = np.array([label for batch in batches for label in batch.label], dtype=object)
    alike = np.full(len(labels), -1, np.int64)
    for batch in batches:
        at, chances = judge.chances(given, batch)
        if len(at) and chances.shape[1] > 1:
            level = np.minimum((chances.max(axis=1) * _LEVELS).astype(np.int64), _LEVELS - 1)
            alike[batch.rows[at]] = chances.argmax(axis=1) * _LEVELS + level
    if (alike < 0).all():
        return None
    order = np.random.default_rng(0).permutation(len(labels))
    dealt = labels.copy()
    for group in np.unique(alike[alike >= 0]):
        members = np.flatnonzero(alike == group)
        dealt[members] = labels[order[alike[order] == group]]
    return dealt


def _with(batch: Batch, labels: NDArray[np.object_], layout: Layout) -> Batch:
    """The batch with other labels."""
    table = batch.table
    name = layout.roles.label
    if table is not None and name in table.schema.names:
        import pyarrow as pa

        at = table.schema.names.index(name)
        columns = [
            c if n != at else pa.array(labels.tolist(), pa.string()) for n, c in enumerate(table.columns)
        ]
        table = pa.RecordBatch.from_arrays(columns, names=table.schema.names)
    return replace(batch, label=labels.tolist(), table=table)


def _taken(batch: Batch, at: NDArray[np.int64]) -> Batch:
    """Some records of a batch."""
    if len(at) == len(batch):
        return batch

    def some(values: Sequence[Any]) -> Sequence[Any]:
        return [values[n] for n in at.tolist()] if len(values) else values

    names = ("label", "text", "prompt", "response", "rejected", "image", "split")
    parts = {name: some(getattr(batch, name)) for name in names}
    return replace(
        batch, rows=batch.rows[at], table=batch.table.take(at) if batch.table is not None else None, **parts
    )
