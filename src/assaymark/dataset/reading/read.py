"""A shard → batches and holes, wherever it is read."""

from collections.abc import Iterator

from assaymark.dataset.reading.limits import Limits
from assaymark.dataset.reading.normal import batch_of
from assaymark.dataset.reading.shard import Shard
from assaymark.dataset.reading.streams import BROKEN
from assaymark.dataset.reading.tabular import TABULAR, rows_of
from assaymark.dataset.record import Batch, Hole, Layout, Place

__all__ = ["read_shard"]


def read_shard(shard: Shard, layout: Layout, limits: Limits) -> Iterator[Batch | Hole]:
    """The records of one shard as batches, and what could not be read, in order; in bounded memory.

    Every record of the shard is in a batch or in a hole, once.
    """
    done = 0
    try:
        for found in _read(shard, layout, limits):
            done += found.records if isinstance(found, Hole) else len(found)
            yield found
    except BROKEN as error:
        reason = str(error)[:200] or type(error).__name__
        row = shard.row + done if shard.row else 0
        place = Place(shard.sources[min(done, len(shard.sources) - 1)].name, row)
        if shard.records > done:
            yield Hole(place, reason, shard.records - done)


def _read(shard: Shard, layout: Layout, limits: Limits) -> Iterator[Batch | Hole]:
    if shard.form.format in TABULAR:
        for rows in rows_of(shard, layout, limits):
            yield (
                rows if isinstance(rows, Hole) else batch_of(rows, layout, shard.split, shard.form.classes)
            )
