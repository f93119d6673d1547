"""Files of records in any of the tabular forms, behind one interface: parts, a sample, rows."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from msgspec import Struct

from assaymark.dataset.reading import arrow_file, npy_file, parquet_file, tar_file, whole_json
from assaymark.dataset.reading.csv_file import csv_rows
from assaymark.dataset.reading.folder_file import folder_rows
from assaymark.dataset.reading.json_file import json_rows
from assaymark.dataset.reading.limits import Limits
from assaymark.dataset.reading.rows import Rows, flat
from assaymark.dataset.reading.shard import Form, Shard, Source
from assaymark.dataset.reading.streams import BROKEN
from assaymark.dataset.reading.text_file import Part, parts_of
from assaymark.dataset.record import Hole, Kind, Layout, Roles

__all__ = ["TABULAR", "Sample", "needed", "parts", "rows_of", "sample_of", "split_parts"]

TABULAR = ("csv", "jsonl", "json", "parquet", "arrow", "tar", "npy", "npz")
_SAMPLE = 1000
_FEW = 50
"""Records of a sample at least, however wide they are."""
_CELLS = 500_000
_PLACES = 4
"""Places of a file from which a sample is taken."""
_IMAGE_ROWS = 4_096
_OTHER_ROWS = 262_144


class Sample(Struct, frozen=True):
    """Columns of a file and some of its records."""

    names: tuple[str, ...]
    records: tuple[dict[str, Any], ...]
    classes: dict[str, tuple[str, ...]] = {}


def parts(source: Source, form: Form, limits: Limits) -> tuple[Part, ...]:
    """The file's records in parts that can be read apart.

    Raises:
        OSError: the file cannot be read.
    """
    if form.format == "json" and form.array == "*":
        count = len(whole_json.records_in(source, form, limits))
        return (Part(1, count),) if count else ()
    if form.format in ("csv", "jsonl", "json"):
        return parts_of(source, form, limits)
    if form.format == "tar":
        return tar_file.tar_parts(source, form, limits)
    if form.format in ("npy", "npz"):
        return npy_file.npy_parts(source, limits)
    parquet = form.format == "parquet"
    groups = parquet_file.parquet_groups(source, limits) if parquet else arrow_file.arrow_groups(source, form)
    found, row = [], 1
    for group in groups:
        found.append(Part(row, group.records, group.number, group.number + 1))
        row += group.records
    return tuple(found)


def split_parts(found: Sequence[Part], form: Form, kind: Kind) -> tuple[Part, ...]:
    """Row groups cut or joined so that each part is a fair share of work for one worker."""
    if form.format not in ("parquet", "arrow"):
        return tuple(found)
    most = _IMAGE_ROWS if kind is Kind.IMAGES else _OTHER_ROWS
    done: list[Part] = []
    for part in found:
        last = done[-1] if done else None
        if last is not None and last.records + part.records <= most and not last.skip:
            done[-1] = Part(last.row, last.records + part.records, last.start, part.stop)
        elif form.format == "arrow" or part.records <= most:
            done.append(part)
        else:
            for skip in range(0, part.records, most):
                count = min(most, part.records - skip)
                done.append(Part(part.row + skip, count, part.start, part.stop, skip=skip))
    return tuple(done)


def sample_of(source: Source, form: Form, found: Sequence[Part], limits: Limits) -> Sample:
    """Some records from several places of the file.

    Raises:
        OSError: it cannot be read.
    """
    places = sorted({round(i * (len(found) - 1) / (_PLACES - 1)) for i in range(_PLACES)} if found else ())
    most = min(_SAMPLE, max(_FEW, _CELLS // max(1, len(form.names))))
    each = -(-most // max(1, len(places)))
    records: list[dict[str, Any]] = []
    problem: Exception | None = None
    for place in places:
        try:
            records += _records(source, form, found[place], each, limits)
        except BROKEN as error:
            problem = error
    if problem is not None and not records:
        raise problem
    if form.format == "parquet":
        schema = parquet_file.schema_of(source)
    elif form.format == "arrow":
        schema = arrow_file.arrow_schema(source, form)
    else:
        names = form.names or tuple(dict.fromkeys(name for record in records for name in record))
        return Sample(_named(names, records, limits), tuple(map(flat, records)))
    return Sample(_named(schema.names, records, limits), tuple(map(flat, records)), schema.label_names)


def _named(names: Sequence[str], records: Sequence[dict[str, Any]], limits: Limits) -> tuple[str, ...]:
    """Top columns, and the members of objects after theirs."""
    found = dict.fromkeys(names)
    for record in records[:200]:
        found.update(dict.fromkeys(flat(record)))
        if len(found) > limits.columns:
            break
    return tuple(found)[: limits.columns]


def _records(source: Source, form: Form, part: Part, wanted: int, limits: Limits) -> list[dict[str, Any]]:
    if form.format == "parquet":
        return parquet_file.parquet_sample(source, part.start, wanted)
    if form.format == "arrow":
        return arrow_file.arrow_sample(source, form, wanted)
    shard = Shard(
        sources=(source,), form=form, first=0, records=part.records, row=part.row, start=part.start,
        stop=part.stop, quotes=part.quotes,
    )  # fmt: skip
    records: list[dict[str, Any]] = []
    layout = Layout(kind=Kind.TEXT, roles=Roles(), format=form.format)
    for rows in rows_of(shard, layout, limits):
        if isinstance(rows, Hole):
            continue
        count = min(wanted - len(records), len(rows.numbers))
        part_of = {
            n: c[:count] if isinstance(c, list) else c.slice(0, count) for n, c in rows.columns.items()
        }
        cut = Rows(np.arange(count), part_of)
        columns = [cut.values(name) for name in part_of]
        records += [dict(zip(part_of, row, strict=True)) for row in zip(*columns, strict=True)]
        if len(records) >= wanted:
            break
    return records


def rows_of(shard: Shard, layout: Layout, limits: Limits) -> Iterator[Rows | Hole]:
    """The shard's records, and what could not be read."""
    form = shard.form
    if form.format == "csv":
        types = {c.name: c.type for c in layout.columns} if layout.kind is Kind.TABLE else {}
        types.pop(layout.roles.label, None)
        yield from csv_rows(shard, types, limits)
    elif form.format == "json" and form.array == "*":
        yield from whole_json.whole_rows(shard, limits)
    elif form.format in ("json", "jsonl"):
        yield from json_rows(shard, limits)
    elif form.format == "tar":
        yield from tar_file.tar_rows(shard, limits)
    elif form.format in ("npy", "npz"):
        yield from npy_file.npy_rows(shard, limits)
    elif form.format in ("image", "text"):
        yield from folder_rows(shard, limits)
    else:
        names = needed(layout)
        read = parquet_file.parquet_rows if form.format == "parquet" else arrow_file.arrow_rows
        yield from read(shard, names, limits)


def needed(layout: Layout) -> tuple[str, ...]:
    """Top columns that a batch of this layout is made from."""
    from assaymark.dataset.reading.roles import columns_of

    names = list(columns_of(layout.roles))
    if layout.kind is Kind.TABLE:
        names += [c.name for c in layout.columns if c.type != "other"]
    return tuple(dict.fromkeys([*names, *(n.partition(".")[0] for n in names)]))
