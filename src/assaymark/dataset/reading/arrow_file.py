"""Records of Arrow IPC files and streams (Feather included), a record batch at a time, each validated."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from assaymark.dataset.reading.limits import Limits
from assaymark.dataset.reading.parquet_file import ARROW_BROKEN, Group, Schema, class_names
from assaymark.dataset.reading.rows import Rows
from assaymark.dataset.reading.shard import Form, Shard, Source
from assaymark.dataset.reading.sources import BlobFile, opened
from assaymark.dataset.record import Hole, Place

__all__ = ["arrow_groups", "arrow_rows", "arrow_sample", "arrow_schema"]


@contextmanager
def _batches(source: Source, form: Form) -> Iterator[tuple[Any, Iterator[Any]]]:
    """The schema, and the batches; a batch that cannot be read is given as the error."""
    import pyarrow as pa

    with opened(source) as blob:
        file = pa.PythonFile(BlobFile(blob), mode="r")
        if form.stream:
            reader = pa.ipc.open_stream(file)
            yield reader.schema, _streamed(reader)
        else:
            reader = pa.ipc.open_file(file)
            yield reader.schema, (_got(reader, i) for i in range(reader.num_record_batches))


def _streamed(reader: Any) -> Iterator[Any]:
    while True:
        try:
            yield reader.read_next_batch()
        except StopIteration:
            return
        except ARROW_BROKEN as error:
            yield OSError(str(error)[:200])
            return


def _got(reader: Any, number: int) -> Any:
    try:
        return reader.get_batch(number)
    except ARROW_BROKEN as error:
        return OSError(str(error)[:200])


def arrow_groups(source: Source, form: Form) -> tuple[Group, ...]:
    """The file's record batches; one that cannot be read counts as one record.

    Raises:
        OSError: it cannot be opened.
    """
    try:
        with _batches(source, form) as (_, batches):
            counts = [1 if isinstance(b, OSError) else b.num_rows for b in batches]
    except ARROW_BROKEN as error:
        raise OSError(f"no readable Arrow data: {str(error)[:200]}") from error
    return tuple(Group(i, c) for i, c in enumerate(counts) if c)


def arrow_schema(source: Source, form: Form) -> Schema:
    """The file's columns.

    Raises:
        OSError: it cannot be opened.
    """
    try:
        with _batches(source, form) as (schema, _):
            return Schema(tuple(dict.fromkeys(schema.names)), class_names(schema.metadata or {}))
    except ARROW_BROKEN as error:
        raise OSError(f"no readable Arrow data: {str(error)[:200]}") from error


def arrow_sample(source: Source, form: Form, wanted: int) -> list[dict[str, Any]]:
    """The first records as plain values."""
    found: list[dict[str, Any]] = []
    with _batches(source, form) as (_, batches):
        for batch in batches:
            if isinstance(batch, OSError) or len(found) >= wanted:
                break
            rows = _rows(batch.slice(0, wanted - len(found)))
            if isinstance(rows, str):
                break
            columns = {name: rows.values(name) for name in rows.columns}
            found += [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return found


def _rows(batch: Any) -> Rows | str:
    try:
        batch.validate(full=True)
    except ARROW_BROKEN as error:
        return f"a record batch is damaged: {str(error)[:200]}"
    columns: dict[str, Any] = {}
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        columns.setdefault(name, column)
    return Rows(np.arange(batch.num_rows, dtype=np.int64), columns)


def arrow_rows(shard: Shard, names: Sequence[str], limits: Limits) -> Iterator[Rows | Hole]:
    """Records of the shard's record batches, of the columns asked for."""
    source = shard.sources[0]
    done = 0
    with _batches(source, shard.form) as (_, batches):
        for number, batch in enumerate(batches):
            if number >= shard.stop:
                return
            if number < shard.start:
                continue
            rows = str(batch) if isinstance(batch, OSError) else _rows(batch)
            if isinstance(rows, str):
                count = 1 if isinstance(batch, OSError) else batch.num_rows
                yield Hole(Place(source.name, shard.row + done), rows, count)
                done += count
                continue
            kept = {n: c for n, c in rows.columns.items() if n in names}
            step = max(1, min(limits.batch_rows, limits.batch_bytes * batch.num_rows // max(1, batch.nbytes)))
            for low in range(0, batch.num_rows, step):
                part = {n: c.slice(low, step) for n, c in kept.items()}
                count = min(step, batch.num_rows - low)
                yield Rows(np.arange(count, dtype=np.int64) + shard.first + done + low, part)
            done += batch.num_rows
