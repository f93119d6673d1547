"""Paths or URLs → a data set: its layout, its shards, and each record's place."""

import bisect
import importlib.util
from collections.abc import Sequence

from assaymark.dataset.reading.catalogue import Catalogue, catalogued
from assaymark.dataset.reading.folders import folders_of
from assaymark.dataset.reading.limits import LIMITS, Limits
from assaymark.dataset.reading.read import place_in, read_shard
from assaymark.dataset.reading.shard import Shard
from assaymark.dataset.reading.shown import Record, shown
from assaymark.dataset.reading.sources import list_sources
from assaymark.dataset.reading.tables import DataFile, tables_of
from assaymark.dataset.record import Hole, Kind, Layout, Place, Roles
from assaymark.errors import AssaymarkError, NothingToAssess

__all__ = ["DataFile", "DataSet", "Record", "open_data", "read_shard"]


class DataSet:
    """A data set that was opened: what it is, and how to read its parts."""

    def __init__(
        self,
        layout: Layout,
        files: tuple[DataFile, ...],
        shards: tuple[Shard, ...],
        holes: tuple[Hole, ...] = (),
        notes: tuple[str, ...] = (),
        limits: Limits = LIMITS,
    ) -> None:
        self.layout = layout
        self.files = files
        """By name."""
        self.holes = holes
        """What could not even be opened; reading the shards tells the others."""
        self.notes = notes
        """What a reader of the report should know of how it was read."""
        self.total = sum(f.records for f in files)
        """Records, those that cannot be read included."""
        self.limits = limits
        self._shards = shards
        self._firsts = [f.first for f in files]

    def shards(self) -> tuple[Shard, ...]:
        """Its parts, by record number."""
        return self._shards

    def shard_of(self, row: int) -> Shard | None:
        """The part that holds record `row`; None if its file could not be opened."""
        at = bisect.bisect_right(self._shards, row, key=lambda s: s.first) - 1
        if at < 0 or row >= self._shards[at].first + self._shards[at].records:
            return None
        return self._shards[at]

    def place(self, row: int) -> Place:
        """Where record `row` stands."""
        shard = self.shard_of(row)
        if shard is not None:
            return place_in(shard, row)
        at = bisect.bisect_right(self._firsts, row) - 1
        return Place(self.files[at].name if at >= 0 else "", 0)

    def records(self, rows: Sequence[int]) -> dict[int, Record]:
        """Some records, to be shown; each shard that holds some is read once."""
        by_shard: dict[int, list[int]] = {}
        found: dict[int, Record] = {}
        for row in sorted(set(rows)):
            shard = self.shard_of(row)
            found[row] = Record(row=row, place=self.place(row), problem="it could not be read")
            if shard is not None:
                by_shard.setdefault(shard.first, []).append(row)
        for wanted in by_shard.values():
            shard = self.shard_of(wanted[0])
            if shard is not None:
                found.update(shown(shard, wanted, self.layout, self.limits, self.place))
        return found

    def record(self, row: int) -> Record:
        """One record, to be shown."""
        return self.records((row,))[row]


def open_data(
    paths: Sequence[str], *, roles: Roles | None = None, kind: Kind | None = None, limits: Limits = LIMITS
) -> DataSet:
    """The data set that one or several paths or URLs name.

    Raises:
        UsageError: a role names a column that is not there.
        NothingToAssess: nothing is there that can be read as a data set.
    """
    sources, missed = list_sources(paths)
    catalogue = catalogued(sources, limits)
    holes = tuple(Hole(Place(m.path), m.reason, 0) for m in missed)
    if not catalogue.members:
        reasons = "".join(f"\n  {h.place.file}: {h.reason}" for _, h in catalogue.holes[:5])
        raise NothingToAssess(
            f"{', '.join(paths)[:300]} holds no data set that can be read.{reasons}",
            "Name a CSV, Parquet, JSON Lines or Arrow file, a folder of images or texts, or tar shards.",
        )
    _require(catalogue.group)
    if catalogue.group in ("images", "text folder"):
        return _folders(catalogue, holes, roles, kind, limits)
    found = tables_of(catalogue, roles, kind, limits)
    return DataSet(
        found.layout,
        found.files,
        found.shards,
        (*holes, *found.holes),
        (*catalogue.notes, *found.notes),
        limits,
    )


_PACKAGES = {"csv": "pyarrow", "parquet": "pyarrow", "arrow": "pyarrow", "images": "PIL", "webdataset": "PIL"}


def _require(group: str) -> None:
    """That the package which a form needs is there, before anything is read."""
    package = _PACKAGES.get(group, "")
    if package and importlib.util.find_spec(package) is None:
        raise AssaymarkError(
            f"Reading such a data set needs {package}, which is not installed.",
            "Run: pip install 'assaymark[data]'",
        )


def _folders(
    catalogue: Catalogue, holes: tuple[Hole, ...], roles: Roles | None, kind: Kind | None, limits: Limits
) -> DataSet:
    """Files of which each is a record."""
    found = folders_of(catalogue, roles, kind, limits)
    files = tuple(
        DataFile(name=s.name, bytes=s.size, first=i, records=1) for i, s in enumerate(found.sources)
    )
    holes += tuple(hole for _, hole in catalogue.holes)
    return DataSet(found.layout, files, found.shards, holes, (*catalogue.notes, *found.notes), limits)
