"""Paths or URLs → a data set: its layout, its shards, and each record's place."""

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

from assaymark.dataset.reading.limits import Limits
from assaymark.dataset.reading.shard import Shard
from assaymark.dataset.record import Batch, Hole, Kind, Layout, Place, Roles

__all__ = ["DataFile", "DataSet", "Record", "open_data", "read_shard"]


class DataFile(Struct, frozen=True, kw_only=True):
    """One file of the data set."""

    name: str
    bytes: int
    sha256: str = ""
    """Empty where nobody had to read the whole file."""
    first: int = 0
    """Number of its first record."""
    records: int = 0


class Record(Struct, frozen=True, kw_only=True):
    """One record, read again to be shown."""

    row: int
    place: Place
    label: str | None = None
    split: str = ""
    text: str = ""
    """Text or document; for a table its cells as `column = value`."""
    prompt: str = ""
    response: str = ""
    rejected: str = ""
    image: Any = None
    """height × width × 3, uint8."""
    problem: str = ""
    """Why it could not be read; empty if it was."""


class DataSet:
    """A data set that was opened: what it is, and how to read its parts."""

    layout: Layout
    files: tuple[DataFile, ...]
    total: int
    """Records, those that cannot be read included."""
    holes: tuple[Hole, ...]
    """What could not even be opened; reading the shards tells the others."""
    notes: tuple[str, ...]
    """What a reader of the report should know of how it was read."""

    def shards(self) -> tuple[Shard, ...]:
        """Its parts, by record number."""
        return ()

    def place(self, row: int) -> Place:
        """Where record `row` stands."""
        return Place("", row)

    def records(self, rows: Sequence[int]) -> dict[int, Record]:
        """Some records, to be shown."""
        return {row: Record(row=row, place=self.place(row)) for row in rows}

    def record(self, row: int) -> Record:
        """One record, to be shown."""
        return self.records((row,))[row]


def open_data(
    paths: Sequence[str], *, roles: Roles | None = None, kind: Kind | None = None, limits: Limits = Limits()
) -> DataSet:
    """The data set that one or several paths or URLs name.

    Raises:
        UsageError: a role names a column that is not there.
        NothingToAssess: nothing is there that can be read as a data set.
    """
    return DataSet()


def read_shard(shard: Shard, layout: Layout, limits: Limits) -> Iterator[Batch | Hole]:
    """The records of one shard as batches, and what could not be read, in order; in bounded memory."""
    yield from ()
