"""Records of Parquet: a row group at a time, in batches whose size the dictionaries allow.

What a file says of itself is used to refuse, never to trust: statistics are not read, and what is decoded is
held against the bytes that are there.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from assaymark.dataset.reading.limits import Limits
from assaymark.dataset.reading.rows import Rows
from assaymark.dataset.reading.shard import Shard, Source
from assaymark.dataset.reading.sources import BlobFile, opened
from assaymark.dataset.record import Hole, Place

__all__ = [
    "ARROW_BROKEN",
    "Group",
    "Schema",
    "class_names",
    "parquet_groups",
    "parquet_rows",
    "parquet_sample",
    "schema_of",
]

ARROW_BROKEN = (OSError, ValueError, MemoryError, OverflowError, NotImplementedError, KeyError)
"""What pyarrow raises on damaged bytes; its own exceptions derive from these."""


_TOGETHER = 1_024
"""Records of small row groups that are read at once; where one fails, each is read by itself."""
_RATIO = 200
"""Records for each byte of a file that are believed, beyond a million."""


class Group(Struct, frozen=True):
    """A row group."""

    number: int
    records: int


class Schema(Struct, frozen=True):
    """Columns of a columnar file."""

    names: tuple[str, ...]
    label_names: dict[str, tuple[str, ...]] = {}
    """Names of the classes of a column of class numbers, as Hugging Face's metadata tells them."""


@contextmanager
def _file(source: Source, dictionaries: Sequence[str] = (), footer: Any = None) -> Iterator[Any]:
    """The open file; `footer` saves reading it again, which takes as long as there are row groups."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with opened(source) as blob:
        yield pq.ParquetFile(
            pa.PythonFile(BlobFile(blob), mode="r"),
            metadata=footer,
            read_dictionary=list(dictionaries) or None,
            pre_buffer=False,
            buffer_size=1 << 20,
            thrift_string_size_limit=64 << 20,
            thrift_container_size_limit=4_000_000,
        )


def parquet_groups(source: Source, limits: Limits) -> tuple[Group, ...]:
    """The file's row groups that hold records.

    Raises:
        OSError: it cannot be read, or claims more than can be true.
    """
    return _groups(source, limits)[0]


def _groups(source: Source, limits: Limits) -> tuple[tuple[Group, ...], Any]:
    """The row groups, and the footer that tells of them."""
    try:
        with _file(source) as file:
            meta = file.metadata
            if meta.num_columns > limits.columns:
                raise OSError(f"it has more than {limits.columns:,} columns")
            counts = [meta.row_group(i).num_rows for i in range(meta.num_row_groups)]
    except ARROW_BROKEN as error:
        raise OSError(f"no readable Parquet: {str(error)[:200]}") from error
    if any(c < 0 for c in counts) or sum(counts) > max(1_000_000, _RATIO * source.size):
        raise OSError(f"its footer claims {sum(counts):,} records in {source.size:,} bytes")
    return tuple(Group(i, c) for i, c in enumerate(counts) if c), meta


def schema_of(source: Source) -> Schema:
    """The file's columns.

    Raises:
        OSError: it cannot be read.
    """
    try:
        with _file(source) as file:
            schema = file.schema_arrow
            return Schema(tuple(dict.fromkeys(schema.names)), class_names(schema.metadata or {}))
    except ARROW_BROKEN as error:
        raise OSError(f"no readable Parquet: {str(error)[:200]}") from error


def class_names(metadata: dict[bytes, bytes]) -> dict[str, tuple[str, ...]]:
    """Names of classes by column, from the metadata that Hugging Face's library writes."""
    from assaymark.dataset.reading.rows import decoded, value_at

    raw = metadata.get(b"huggingface", b"")
    if not raw or len(raw) > 4_000_000:
        return {}
    try:
        features = value_at(decoded(raw), "info.features")
    except ValueError:
        return {}
    found = {}
    for name, feature in features.items() if isinstance(features, dict) else ():
        names = value_at(feature, "names")
        if value_at(feature, "_type") != "ClassLabel" or not isinstance(names, list):
            continue
        if all(isinstance(n, str) for n in names) and len(names) <= 100_000:
            found[name] = tuple(names)
    return found


def parquet_sample(source: Source, group: int, wanted: int) -> list[dict[str, Any]]:
    """The first records of a row group as plain values.

    Raises:
        OSError: they cannot be read.
    """
    shard_rows: list[dict[str, Any]] = []
    limits = Limits(batch_rows=wanted)
    try:
        with _file(source) as file:
            names = tuple(dict.fromkeys(file.schema_arrow.names))
        for rows in _read(source, (group,), names, limits):
            columns = {name: rows.values(name) for name in names}
            shard_rows += [
                dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)
            ]
            if len(shard_rows) >= wanted:
                break
    except ARROW_BROKEN as error:
        raise OSError(str(error)[:200]) from error
    return shard_rows[:wanted]


def parquet_rows(shard: Shard, names: Sequence[str], limits: Limits) -> Iterator[Rows | Hole]:
    """Records of the shard's row groups, of the columns asked for.

    Args:
        shard: what to read.
        names: columns; those that are not there are left out.
        limits: bounds.
    """
    source = shard.sources[0]
    groups, footer = _groups(source, limits)
    done = 0
    for run in _runs([g for g in groups if shard.start <= g.number < shard.stop]):
        numbers = tuple(g.number for g in run)
        skip = shard.skip if numbers[0] == shard.start else 0
        end = done + min(sum(g.records for g in run) - skip, shard.records - done)
        try:
            found = _read(source, numbers, names, limits, footer)
            for rows in found if len(run) == 1 else _whole(found, run):
                low, high = min(skip, len(rows.numbers)), min(len(rows.numbers), skip + end - done)
                skip -= low
                if high > low:
                    columns = {n: c.slice(low, high - low) for n, c in rows.columns.items()}
                    yield Rows(np.arange(high - low, dtype=np.int64) + shard.first + done, columns)
                    done += high - low
                if done >= end:
                    break
            if done < end:
                raise OSError("it holds fewer records than it claims")
        except ARROW_BROKEN as error:
            if len(run) > 1:  # each by itself, so that one that is broken costs no other
                yield from _apart(shard, run, done, names, limits)
            else:
                reason = f"row group {numbers[0]} cannot be read: {str(error)[:200]}"
                yield Hole(Place(source.name, shard.row + done), reason, end - done)
            done = end


def _whole(found: Iterator[Rows], run: Sequence[Group]) -> list[Rows]:
    """All of it, or nothing."""
    read = list(found)
    if sum(len(rows.numbers) for rows in read) < sum(group.records for group in run):
        raise OSError("it holds fewer records than it claims")
    return read


def _apart(
    shard: Shard, run: Sequence[Group], done: int, names: Sequence[str], limits: Limits
) -> Iterator[Rows | Hole]:
    """The same records, of which `done` were read before, a row group at a time."""
    skip = shard.skip if run[0].number == shard.start else 0
    for group in run:
        here = min(group.records - skip, shard.records - done)
        one = replace(
            shard, first=shard.first + done, row=shard.row + done, records=here, start=group.number,
            stop=group.number + 1, skip=skip,
        )  # fmt: skip
        yield from parquet_rows(one, names, limits)
        done, skip = done + here, 0


def _runs(groups: Sequence[Group]) -> list[list[Group]]:
    """Neighbouring row groups that are read at once, since each by itself may hold no more than a record."""
    runs: list[list[Group]] = []
    for group in groups:
        if runs and sum(g.records for g in runs[-1]) + group.records <= _TOGETHER:
            runs[-1].append(group)
        else:
            runs.append([group])
    return runs


def _read(
    source: Source, numbers: Sequence[int], names: Sequence[str], limits: Limits, footer: Any = None
) -> Iterator[Rows]:
    """Records of row groups in batches, numbered from 0 in each."""
    with _file(source, footer=footer) as file:
        footer, schema = file.metadata, file.schema_arrow
        wanted = [n for n in dict.fromkeys(names) if n in schema.names]
        size = packed = rows = 0
        texts: list[str] = []
        for number in numbers:
            meta = footer.row_group(number)
            more, there, found = _sizes(footer, meta, wanted)
            size, packed, rows = size + more, packed + there, rows + meta.num_rows
            texts += found
    if size > limits.free_bytes + packed * limits.ratio:
        raise OSError(f"it would expand from {packed:,} to {size:,} bytes: a decompression bomb")
    batch = int(min(limits.batch_rows, max(1, limits.batch_bytes * rows // max(size, 1))))
    longest = max((_longest(source, n, texts, footer) for n in numbers), default=0) if texts else 0
    batch = min(batch, max(1, limits.batch_bytes // max(1, longest)))
    most = limits.free_bytes + packed * limits.ratio
    with _file(source, footer=footer) as file:
        given = 0
        for part in file.iter_batches(batch, row_groups=list(numbers), columns=wanted, use_threads=False):
            given += part.nbytes
            if given > most:
                raise OSError(f"it expands beyond {most:,} bytes: a decompression bomb")
            yield Rows(
                np.arange(part.num_rows, dtype=np.int64),
                dict(zip(part.schema.names, part.columns, strict=True)),
            )


def _sizes(file_meta: Any, meta: Any, wanted: Sequence[str]) -> tuple[int, int, list[str]]:
    """Bytes claimed when expanded, bytes there, and flat text columns with a dictionary."""
    size = packed = 0
    texts = []
    for i in range(file_meta.num_columns):
        column = meta.column(i)
        path = column.path_in_schema
        if not any(path == name or path.startswith(f"{name}.") for name in wanted):
            continue
        size += max(0, column.total_uncompressed_size)
        packed += max(0, column.total_compressed_size)
        if path in wanted and column.physical_type == "BYTE_ARRAY" and column.has_dictionary_page:
            texts.append(path)
    return size, packed, texts


def _longest(source: Source, number: int, texts: list[str], footer: Any) -> int:
    """Bytes of the longest values that dictionaries hold, which a few bits could repeat a million times."""
    if not texts:
        return 0
    import pyarrow as pa
    import pyarrow.compute as pc

    with _file(source, list(dict.fromkeys(texts)), footer) as file:
        first = next(
            file.iter_batches(1, row_groups=[number], columns=list(dict.fromkeys(texts)), use_threads=False),
            None,
        )
    total = 0
    for column in first.columns if first is not None else ():
        if isinstance(column, pa.DictionaryArray) and len(column.dictionary):
            total += pc.max(pc.binary_length(column.dictionary)).as_py() or 0
    return total
