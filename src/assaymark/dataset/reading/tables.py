"""Files of records → their layout, their shards and record numbers."""

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct

from assaymark.dataset.reading.catalogue import Catalogue, split_of
from assaymark.dataset.reading.columns import as_columns, looks_of
from assaymark.dataset.reading.limits import Limits
from assaymark.dataset.reading.oddities import digests_of_twins, lacks, notes_on_labels, notes_on_twins
from assaymark.dataset.reading.roles import merged, recognise
from assaymark.dataset.reading.shard import Form, Shard, Source
from assaymark.dataset.reading.streams import BROKEN
from assaymark.dataset.reading.tabular import Sample, parts, sample_of, split_parts
from assaymark.dataset.reading.text_file import Part
from assaymark.dataset.record import Hole, Kind, Layout, Place, Roles
from assaymark.errors import NothingToAssess

__all__ = ["DataFile", "Tables", "tables_of"]


class DataFile(Struct, frozen=True, kw_only=True):
    """One file of the data set."""

    name: str
    bytes: int
    sha256: str = ""
    """Empty where nobody had to read the whole file."""
    first: int = 0
    """Number of its first record."""
    records: int = 0


class Tables(Struct, frozen=True, kw_only=True):
    """A data set of files of records."""

    layout: Layout
    files: tuple[DataFile, ...]
    shards: tuple[Shard, ...]
    holes: tuple[Hole, ...]
    """Files that cannot be opened."""
    notes: tuple[str, ...]


_Read = dict[Source, tuple[Form, tuple[Part, ...]]]


def tables_of(catalogue: Catalogue, roles: Roles | None, kind: Kind | None, limits: Limits) -> Tables:
    """The layout and shards of files of records.

    Raises:
        UsageError: a role names a column that is not there.
        NothingToAssess: no record can be read.
    """
    read, broken = _parts(catalogue, limits)
    sample = _sample(read, tuple(broken.values()), limits)
    looks = looks_of(sample.names, sample.records)
    found_kind, found = merged(recognise(looks, len(sample.records)), roles, kind, sample.names)
    splits = {s: split_of(s.name) for s in read} if not found.split else {}
    if any(splits.values()):
        found = msgspec.structs.replace(found, split="file name")
    layout = Layout(
        kind=found_kind,
        roles=found,
        columns=as_columns({n: looks[n] for n in _top(sample.names)}),
        format=_commonest(catalogue),
    )
    _drop_strangers(read, broken, layout)
    _estimate(read, broken)
    digests = digests_of_twins(tuple(read))
    files, shards = _numbered(read, broken, layout, sample, splits, digests)
    return Tables(
        layout=layout,
        files=files,
        shards=shards,
        holes=tuple(sorted(broken.values(), key=lambda h: h.place)),
        notes=(*notes_on_twins(digests), *notes_on_labels(sample.records, found.label)),
    )


def _parts(catalogue: Catalogue, limits: Limits) -> tuple[_Read, dict[Source, Hole]]:
    read: _Read = {}
    broken = dict(catalogue.holes)
    for source, form in catalogue.members:
        try:
            read[source] = (form, parts(source, form, limits))
        except BROKEN as error:
            reason = getattr(error, "strerror", None) or str(error)[:300] or type(error).__name__
            broken[source] = Hole(Place(source.name), reason)
    return read, broken


def _drop_strangers(read: _Read, broken: dict[Source, Hole], layout: Layout) -> None:
    """Files without the columns that make a record become holes of as many records as they hold."""
    for source, (form, own) in list(read.items()) if len(read) > 1 else []:
        try:
            reason = lacks(source, form, layout)
        except OSError as error:
            reason = str(error)[:300]
        if reason:
            broken[source] = Hole(Place(source.name), reason, sum(p.records for p in own) or 1)
            del read[source]


def _estimate(read: _Read, broken: dict[Source, Hole]) -> None:
    """A file that could not be opened counts for as many records as its size would hold, as in the others."""
    counts = [sum(part.records for part in own) for _, own in read.values()]
    size = sum(source.size for source in read)
    for source, hole in broken.items():
        about = min(round(source.size * sum(counts) / max(1, size)), max(counts, default=0))
        if hole.records == 1 and about > 1:
            reason = f"{hole.reason}; by its size it holds about {about:,} records"
            broken[source] = msgspec.structs.replace(hole, records=about, reason=reason)


def _numbered(
    read: _Read,
    broken: Mapping[Source, Hole],
    layout: Layout,
    sample: Sample,
    splits: Mapping[Source, str],
    digests: Mapping[Source, str],
) -> tuple[tuple[DataFile, ...], tuple[Shard, ...]]:
    """Files and shards with their record numbers, by the order of names."""
    files, shards, first = [], [], 0
    for source in sorted({*read, *broken}, key=lambda s: s.name):
        count = broken[source].records if source in broken else 0
        if source not in broken:
            form, own = read[source]
            form = msgspec.structs.replace(form, classes=sample.classes)
            for part in split_parts(own, form, layout.kind):
                shards.append(_shard(source, form, part, first + count, splits.get(source, "")))
                count += part.records
        digest = digests.get(source, "")
        files.append(DataFile(name=source.name, bytes=source.size, sha256=digest, first=first, records=count))
        first += count
    return tuple(files), tuple(shards)


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


def _sample(read: _Read, holes: Sequence[Hole], limits: Limits) -> Sample:
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
