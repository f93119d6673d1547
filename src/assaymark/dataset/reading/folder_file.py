"""Folders where each file is a record: images or texts, with the class in the path or in a table beside."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec
import numpy as np

from assaymark.dataset.reading.catalogue import split_of
from assaymark.dataset.reading.csv_file import as_utf8
from assaymark.dataset.reading.limits import Limits
from assaymark.dataset.reading.rows import Rows
from assaymark.dataset.reading.shard import Form, Shard, Source
from assaymark.dataset.reading.sources import opened
from assaymark.dataset.reading.streams import BROKEN, plain
from assaymark.dataset.record import Hole, Place

__all__ = ["FOLDER", "folder_rows", "folder_shards", "levels"]

FOLDER = "folder"
"""Name of the column that holds the class which a path gives."""
_FILES = 2_048
_CLASSES = 20_000


def levels(names: Sequence[str]) -> list[str]:
    """The class that each path gives: its first folder that differs and names no split; empty for none."""
    folders = [name.split("/")[:-1] for name in names]
    depth = max(map(len, folders), default=0)
    for level in range(depth):
        there = {f[level] for f in folders if len(f) > level}
        if 2 <= len(there) <= _CLASSES and not all(split_of(name) for name in there):
            return [f[level] if len(f) > level else "" for f in folders]
    return [""] * len(names)


def folder_shards(
    members: Sequence[tuple[Source, Form]],
    labels: Mapping[str, str],
    texts: Mapping[str, str],
    numbers: Mapping[str, int],
    limits: Limits,
) -> Iterator[Shard]:
    """Files next to one another, in shards of a fair size.

    Args:
        members: the files, by name.
        labels: class of each file by its name.
        texts: caption of each file by its name.
        numbers: record number of each file by its name.
        limits: bounds.
    """
    group: list[tuple[Source, Form]] = []
    size = 0
    for source, form in members:
        key = (form.format, form.compression, form.encoding, split_of(source.name))
        last = group[-1] if group else None
        apart = last is not None and (
            key != (last[1].format, last[1].compression, last[1].encoding, split_of(last[0].name))
            or numbers[source.name] != numbers[last[0].name] + 1
            or len(group) >= _FILES
            or size + source.size > 2 * limits.shard_bytes
        )
        if apart:
            yield _shard(group, labels, texts, numbers)
            group, size = [], 0
        group.append((source, form))
        size += source.size
    if group:
        yield _shard(group, labels, texts, numbers)


def _shard(
    group: Sequence[tuple[Source, Form]],
    labels: Mapping[str, str],
    texts: Mapping[str, str],
    numbers: Mapping[str, int],
) -> Shard:
    names = [s.name for s, _ in group]
    return Shard(
        sources=tuple(s for s, _ in group),
        form=msgspec.structs.replace(group[0][1], names=()),
        first=numbers[names[0]],
        records=len(group),
        row=0,
        split=split_of(names[0]),
        labels=tuple(labels.get(n, "") for n in names) if labels else (),
        texts=tuple(texts.get(n, "") for n in names) if texts else (),
    )


def folder_rows(shard: Shard, limits: Limits) -> Iterator[Rows | Hole]:
    """The files' content under `image` or `text`, the class under `folder`, a caption under `caption`."""
    column = "image" if shard.form.format == "image" else "text"
    kept: list[int] = []
    values: list[bytes | str] = []
    size = 0
    for i, source in enumerate(shard.sources):
        try:
            value = _content(source, shard.form, limits)
        except BROKEN as error:
            yield Hole(Place(source.name), str(getattr(error, "strerror", None) or error)[:200])
            continue
        kept.append(i)
        values.append(value)
        size += len(value)
        if size >= limits.batch_bytes or len(kept) >= limits.batch_rows:
            yield _rows(shard, column, kept, values)
            kept, values, size = [], [], 0
    if kept:
        yield _rows(shard, column, kept, values)


def _rows(shard: Shard, column: str, kept: list[int], values: list[bytes | str]) -> Rows:
    columns: dict[str, list[bytes | str | None]] = {column: list(values)}
    if shard.labels:
        columns[FOLDER] = [shard.labels[i] or None for i in kept]
    if shard.texts:
        columns["caption"] = [shard.texts[i] for i in kept]
    return Rows(np.array(kept, np.int64) + shard.first, columns)


def _content(source: Source, form: Form, limits: Limits) -> bytes | str:
    if source.size > limits.record_bytes:
        raise OSError(f"it is longer than {limits.record_bytes:,} bytes")
    if form.format == "image":
        with opened(source) as blob:
            return blob.read()
    parts, size = [], 0
    with plain(source, form, limits) as file:
        while more := file.read(1 << 20):
            parts.append(more)
            size += len(more)
            if size > limits.record_bytes:
                raise OSError(f"it is longer than {limits.record_bytes:,} bytes")
    return as_utf8(b"".join(parts).removeprefix(b"\xef\xbb\xbf")).decode("utf-8", "replace")
