"""JSON that is one object around a data set: columns side by side, records by id, an array further in."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from assaymark.dataset.reading.limits import Limits
from assaymark.dataset.reading.rows import Rows, decoded
from assaymark.dataset.reading.shard import Form, Shard, Source
from assaymark.dataset.reading.streams import BROKEN, plain
from assaymark.dataset.record import Hole

__all__ = ["records_in", "records_within", "whole_rows"]


def records_in(source: Source, form: Form, limits: Limits) -> list[dict[str, Any]]:
    """The records of the file, read as a whole.

    Raises:
        OSError: it cannot be read, is no JSON, or is too large for that.
    """
    data = b""
    try:
        with plain(source, form, limits) as file:
            parts = []
            size = 0
            while size <= limits.whole_bytes and (more := file.read(1 << 20)):
                parts.append(more)
                size += len(more)
            data = b"".join(parts)
        if size > limits.whole_bytes:
            raise OSError(
                f"one JSON object of more than {limits.whole_bytes:,} bytes; write one record a line"
            )
        value = decoded(data.removeprefix(b"\xef\xbb\xbf"))
    except BROKEN as error:
        raise OSError(str(error)[:200]) from error
    return records_within(value)


def records_within(value: Any, depth: int = 0) -> list[dict[str, Any]]:
    """The records that a value holds. Pure."""
    if isinstance(value, list):
        return [v if isinstance(v, dict) else {"text": v} for v in value if isinstance(v, dict | str)]
    if not isinstance(value, dict) or not value:
        return []
    lists = {name: _unwrapped(v) for name, v in value.items() if isinstance(v, list)}
    lengths = [len(v) for v in lists.values() if v]
    if len(lengths) > 1 and len(set(lengths)) == 1:
        full = {name: v for name, v in lists.items() if v}
        return [dict(zip(full, row, strict=True)) for row in zip(*full.values(), strict=True)]
    arrays = [v for v in lists.values() if v and all(isinstance(x, dict) for x in v)]
    if arrays:
        return max(arrays, key=len)
    inner = [v for v in value.values() if isinstance(v, dict)]
    if len(inner) == len(value) and len(inner) > 1 and not any(_holds_columns(v) for v in inner):
        return inner
    if depth < 3:
        found = [records_within(v, depth + 1) for v in inner]
        best = max(found, key=len, default=[])
        if len(best) > 1:
            return best
    return [value]


def _holds_columns(value: dict[str, Any]) -> bool:
    return any(isinstance(v, list) and len(v) > 20 for v in value.values())


def _unwrapped(value: list[Any]) -> list[Any]:
    """An answer to one query, as vector stores wrap it."""
    return value[0] if len(value) == 1 and isinstance(value[0], list) else value


def whole_rows(shard: Shard, limits: Limits) -> Iterator[Rows | Hole]:
    """The records in batches."""
    records = records_in(shard.sources[0], shard.form, limits)
    for low in range(0, len(records), limits.batch_rows):
        some = records[low : low + limits.batch_rows]
        names = dict.fromkeys(name for record in some for name in record)
        columns = {name: [record.get(name) for record in some] for name in names}
        yield Rows(np.arange(len(some), dtype=np.int64) + shard.first + low, columns)
