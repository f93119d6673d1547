"""Records read again, to be shown."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from msgspec import Struct

from assaymark.dataset.reading.limits import Limits
from assaymark.dataset.reading.read import read_shard
from assaymark.dataset.reading.shard import Shard
from assaymark.dataset.record import Batch, Hole, Layout, Place

__all__ = ["Record", "shown"]

_LONGEST = 20_000
"""Characters of one text that are shown."""


class Record(Struct, frozen=True, kw_only=True):
    """One record, read again to be shown."""

    row: int
    place: Place
    label: str | None = None
    split: str = ""
    text: str = ""
    """Text or document."""
    prompt: str = ""
    response: str = ""
    rejected: str = ""
    cells: dict[str, Any] = {}
    """A table's cells by column."""
    image: Any = None
    """height × width × 3, uint8."""
    problem: str = ""
    """Why it could not be read; empty if it was."""


def shown(
    shard: Shard, wanted: Sequence[int], layout: Layout, limits: Limits, place: Callable[[int], Place]
) -> dict[int, Record]:
    """The records of one shard that are wanted; those that cannot be read with the reason."""
    found: dict[int, Record] = {}
    left = set(wanted)
    for batch in read_shard(shard, layout, limits):
        if isinstance(batch, Hole):
            for row in [r for r in left if _in(batch, place(r))]:
                found[row] = Record(row=row, place=place(row), problem=batch.reason)
            continue
        for i in np.flatnonzero(np.isin(batch.rows, list(left))).tolist():
            row = int(batch.rows[i])
            found[row] = _record(batch, i, place(row))
        left -= set(found)
        if not left:
            break
    return found


def _in(hole: Hole, place: Place) -> bool:
    return hole.place.file == place.file and hole.place.row <= place.row < hole.place.row + max(
        1, hole.records
    )


def _record(batch: Batch, i: int, place: Place) -> Record:
    def cell(values: Sequence[str]) -> str:
        return values[i][:_LONGEST] if len(values) else ""

    table = batch.table
    return Record(
        row=int(batch.rows[i]),
        place=place,
        label=batch.label[i] if len(batch.label) else None,
        split=cell(batch.split),
        text=cell(batch.text),
        prompt=cell(batch.prompt),
        response=cell(batch.response),
        rejected=cell(batch.rejected),
        cells={}
        if table is None
        else {n: table.column(j)[i].as_py() for j, n in enumerate(table.schema.names)},
        image=batch.image[i] if len(batch.image) else None,
    )
