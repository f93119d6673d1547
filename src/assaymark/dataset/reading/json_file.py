"""Records of JSON Lines and JSON arrays."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from assaymark.dataset.reading.limits import Limits
from assaymark.dataset.reading.rows import Rows, decoded
from assaymark.dataset.reading.shard import Shard
from assaymark.dataset.reading.text_file import records_of, text_blocks
from assaymark.dataset.record import Hole, Place

__all__ = ["json_rows"]


def json_rows(shard: Shard, limits: Limits) -> Iterator[Rows | Hole]:
    """Records in batches, and those that are broken."""
    for found in text_blocks(shard, limits):
        if isinstance(found, Hole):
            yield found
            continue
        offset, block = found
        kept: list[dict[str, Any]] = []
        numbers: list[int] = []
        for i, data in enumerate(records_of(block)):
            record = _record(data, shard.form.format == "json", limits)
            if isinstance(record, str):
                yield Hole(Place(shard.sources[0].name, shard.row + offset + i), record)
                continue
            kept.append(record)
            numbers.append(shard.first + offset + i)
            if len(kept) >= limits.batch_rows:
                yield _columns(numbers, kept)
                kept, numbers = [], []
        if kept:
            yield _columns(numbers, kept)


def _record(data: bytes, array: bool, limits: Limits) -> dict[str, Any] | str:
    """The record, or what is wrong with it."""
    if array:
        data = data.strip()[:-1] if data.rstrip()[-1:] in (b",", b"]") else data
    if len(data) > limits.record_bytes or not data:
        return f"the record is longer than {limits.record_bytes:,} bytes"
    try:
        value = decoded(data)
    except ValueError as error:
        return str(error)
    if isinstance(value, dict):
        return value
    if isinstance(value, str):
        return {"text": value}
    if isinstance(value, list) and value and all(isinstance(v, dict) for v in value):
        return {"messages": value}
    return "it is not an object of named values"


def _columns(numbers: list[int], records: list[dict[str, Any]]) -> Rows:
    names = dict.fromkeys(name for record in records for name in record)
    if len(names) > 4 * max(len(r) for r in records) + 1000:  # each record has names of its own
        names = dict.fromkeys(list(names)[:1000])
    columns = {name: [record.get(name) for record in records] for name in names}
    return Rows(np.array(numbers, np.int64), columns)
