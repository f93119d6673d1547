"""A shard → batches and holes, wherever it is read."""

from collections.abc import Iterator

from assaymark.dataset.reading.images import pictured
from assaymark.dataset.reading.limits import Limits
from assaymark.dataset.reading.normal import batch_of
from assaymark.dataset.reading.shard import Shard
from assaymark.dataset.reading.streams import BROKEN
from assaymark.dataset.reading.tabular import rows_of
from assaymark.dataset.record import Batch, Hole, Kind, Layout, Place

__all__ = ["place_in", "read_shard"]


def place_in(shard: Shard, number: int) -> Place:
    """Where record `number` of the data set stands, which the shard holds."""
    offset = number - shard.first
    if not shard.row:
        return Place(shard.sources[offset].name)
    return Place(shard.sources[0].name, shard.row + offset)


def read_shard(shard: Shard, layout: Layout, limits: Limits) -> Iterator[Batch | Hole]:
    """The records of one shard as batches, and what could not be read; in bounded memory.

    Every record of the shard is in a batch or in a hole, once.
    """
    done = 0
    try:
        for found in _read(shard, layout, limits):
            done += found.records if isinstance(found, Hole) else len(found)
            yield found
    except BROKEN as error:
        reason = str(error)[:200] or type(error).__name__
        if shard.records > done:
            yield Hole(place_in(shard, shard.first + done), reason, shard.records - done)


def _read(shard: Shard, layout: Layout, limits: Limits) -> Iterator[Batch | Hole]:
    for rows in rows_of(shard, layout, limits):
        if isinstance(rows, Hole):
            yield rows
        elif layout.kind is not Kind.IMAGES:
            yield batch_of(rows, layout, shard.split, shard.form.classes)
        else:
            for found in pictured(rows, layout.roles.image, limits, lambda n: place_in(shard, n)):
                if isinstance(found, Hole):
                    yield found
                    continue
                some, images = found
                yield batch_of(some, layout, shard.split, shard.form.classes, images)
