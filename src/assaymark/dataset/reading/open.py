"""Paths or URLs → a data set: its layout, its shards, and each record's place."""

import bisect
from collections import Counter
from collections.abc import Sequence

import msgspec
from msgspec import Struct

from assaymark.dataset.reading.catalogue import Catalogue, catalogued, split_of
from assaymark.dataset.reading.columns import as_columns, looks_of
from assaymark.dataset.reading.folders import folders_of
from assaymark.dataset.reading.limits import LIMITS, Limits
from assaymark.dataset.reading.read import place_in, read_shard
from assaymark.dataset.reading.roles import merged, recognise
from assaymark.dataset.reading.shard import Form, Shard, Source
from assaymark.dataset.reading.shown import Record, shown
from assaymark.dataset.reading.sources import list_sources
from assaymark.dataset.reading.streams import BROKEN
from assaymark.dataset.reading.tabular import Sample, parts, sample_of, split_parts
from assaymark.dataset.reading.text_file import Part
from assaymark.dataset.record import Hole, Kind, Layout, Place, Roles
from assaymark.errors import NothingToAssess

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
    if catalogue.group in ("images", "text folder"):
        return _folders(catalogue, holes, roles, kind, limits)
    return _tables(catalogue, holes, roles, kind, limits)


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


def _tables(
    catalogue: Catalogue, holes: tuple[Hole, ...], roles: Roles | None, kind: Kind | None, limits: Limits
) -> DataSet:
    """Files of records."""
    read: dict[Source, tuple[Form, tuple[Part, ...]]] = {}
    broken = dict(catalogue.holes)
    for source, form in catalogue.members:
        try:
            read[source] = (form, parts(source, form, limits))
        except BROKEN as error:
            reason = getattr(error, "strerror", None) or str(error)[:300] or type(error).__name__
            broken[source] = Hole(Place(source.name), reason)
    sample = _sample(read, tuple(broken.values()), limits)
    names = sample.names
    looks = looks_of(names, sample.records)
    found_kind, found = merged(recognise(looks, len(sample.records)), roles, kind, names)
    splits = {s: split_of(s.name) for s in read} if not found.split else {}
    if any(splits.values()):
        found = msgspec.structs.replace(found, split="file name")
    layout = Layout(
        kind=found_kind, roles=found, columns=as_columns({n: looks[n] for n in _top(names)}),
        format=_commonest(catalogue),
    )  # fmt: skip
    files, shards, first = [], [], 0
    for source in sorted({*read, *broken}, key=lambda s: s.name):
        count = broken[source].records if source in broken else 0
        if source not in broken:
            form, own = read[source]
            form = msgspec.structs.replace(form, classes=sample.classes)
            for part in split_parts(own, form, found_kind):
                shards.append(_shard(source, form, part, first + count, splits.get(source, "")))
                count += part.records
        files.append(DataFile(name=source.name, bytes=source.size, first=first, records=count))
        first += count
    holes += tuple(sorted(broken.values(), key=lambda h: h.place))
    return DataSet(layout, tuple(files), tuple(shards), holes, catalogue.notes, limits)


def _commonest(catalogue: Catalogue) -> str:
    """The form of most files: JSON may be an array in one and lines in another."""
    if catalogue.group != "json":
        return catalogue.group
    counts = Counter(form.format for _, form in catalogue.members)
    return max(counts.items(), key=lambda item: (item[1], item[0]))[0]


def _top(names: Sequence[str]) -> list[str]:
    """Columns as the file has them, without the members of objects."""
    known = set(names)
    return [n for n in names if "." not in n or n.partition(".")[0] not in known]


def _sample(
    read: dict[Source, tuple[Form, tuple[Part, ...]]], holes: Sequence[Hole], limits: Limits
) -> Sample:
    """Records of the first file that gives some, and of the last."""
    found: Sample | None = None
    problems = [f"{h.place.file}: {h.reason}" for h in holes]
    sources = [s for s in read if read[s][1]]
    for source in sources:
        form, own = read[source]
        try:
            found = sample_of(source, form, own, limits)
        except BROKEN as error:
            problems.append(f"{source.name}: {error}")
            continue
        if found.records:
            break
    if found is None or not found.names:
        reasons = "".join(f"\n  {p[:300]}" for p in problems[:5])
        raise NothingToAssess(f"No record could be read.{reasons}", "Name a file that holds records.")
    return found


def _shard(source: Source, form: Form, part: Part, first: int, split: str) -> Shard:
    return Shard(
        sources=(source,), form=form, first=first, records=part.records, row=part.row, start=part.start,
        stop=part.stop, skip=part.skip, quotes=part.quotes, split=split,
    )  # fmt: skip
