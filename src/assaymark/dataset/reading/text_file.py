"""CSV, JSON Lines and JSON arrays: parts that can be read apart, and their records' bytes."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from msgspec import Struct

from assaymark.dataset.reading.elements import elements
from assaymark.dataset.reading.limits import Limits
from assaymark.dataset.reading.lines import Lines, whole_records
from assaymark.dataset.reading.shard import Form, Shard, Source
from assaymark.dataset.reading.streams import BROKEN, plain
from assaymark.dataset.record import Hole, Place

__all__ = ["Part", "parts_of", "records_of", "text_blocks"]


class Part(Struct, frozen=True):
    """Records next to one another in a file."""

    row: int
    """Row of the first, from 1."""
    records: int
    start: int = 0
    stop: int = -1
    quotes: bool = True
    skip: int = 0


class _Tolerant:
    """A stream that ends where it breaks, and remembers why."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.problem = ""

    def read(self, size: int) -> bytes:
        """At most `size` bytes."""
        if self.problem:
            return b""
        try:
            data: bytes = self._file.read(size)
        except BROKEN as error:
            self.problem = str(error)[:200] or type(error).__name__
            return b""
        return data


def parts_of(source: Source, form: Form, limits: Limits) -> tuple[Part, ...]:
    """The file's records in parts of about `shard_bytes`; one part where it can only be read in order.

    Raises:
        OSError: it cannot be opened.
    """
    parts: list[Part] = []
    row, begin, records, at, quotes = 1, None, 0, 0, True
    for block in _all_blocks(source, form, limits):
        if isinstance(block, Hole):
            records += block.records
            continue
        if begin is None:
            begin, quotes = block.start, block.quotes
        elif _apart(form) and (at - begin >= limits.shard_bytes or block.quotes != quotes):
            parts.append(Part(row, records, begin, at, quotes))
            row, begin, records, quotes = row + records, block.start, 0, block.quotes
        records += block.records
        at = block.start + block.size
    if records:
        parts.append(Part(row, records, begin or 0, at if _apart(form) else -1, quotes))
    return tuple(parts)


def _apart(form: Form) -> bool:
    return not form.compression and not form.encoding


def text_blocks(shard: Shard, limits: Limits) -> Iterator[tuple[int, Lines] | Hole]:
    """The blocks of records in a shard, each with the offset of its first record from the shard's first."""
    offset = 0
    source, form = shard.sources[0], shard.form
    for block in _all_blocks(source, form, limits, shard if _apart(form) else None):
        if isinstance(block, Hole):
            row = shard.row + offset
            yield Hole(Place(source.name, row), block.reason, block.records)
        else:
            yield offset, block
        offset += block.records


def _all_blocks(
    source: Source, form: Form, limits: Limits, shard: Shard | None = None
) -> Iterator[Lines | Hole]:
    with plain(source, form, limits) as file:
        tolerant = _Tolerant(file)
        if shard is not None:
            file.seek(shard.start)
            yield from _blocks(
                tolerant, form, limits, shard.start, shard.stop - shard.start, quotes=shard.quotes
            )
        else:
            start = _skip_start(tolerant, form)
            inner = _Prefixed(tolerant, start[1])
            yield from _without_header(_blocks(inner, form, limits, start[0], -1), form)
        if tolerant.problem:
            yield Hole(Place(source.name), f"the rest cannot be read: {tolerant.problem}", 1)


class _Prefixed:
    """A stream with bytes put back before it."""

    def __init__(self, file: Any, first: bytes) -> None:
        self._file = file
        self._first = first

    def read(self, size: int) -> bytes:
        """At most `size` bytes."""
        if self._first:
            data, self._first = self._first[:size], self._first[size:]
            return data
        more: bytes = self._file.read(size)
        return more


def _skip_start(file: Any, form: Form) -> tuple[int, bytes]:
    """Bytes to leave out before the first record, and those read too far: a mark, an array's bracket."""
    data = b""
    while len(data) < 1 << 16 and (more := file.read((1 << 16) - len(data))):
        data += more
    used = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    if form.format == "json":
        key = b"" if form.array == "." else f'"{form.array}"'.encode()
        used = data.find(b"[", data.find(key) + len(key)) + 1
    return used, data[used:]


def _without_header(blocks: Iterator[Lines | Hole], form: Form) -> Iterator[Lines | Hole]:
    first = form.format == "csv" and form.header
    for block in blocks:
        if first and isinstance(block, Lines) and block.records:
            first = False
            end = int(block.ends[0])
            if block.size > end:
                yield Lines(
                    block.start + end, block.data[end:], block.ends[1:] - end, block.size - end, block.quotes
                )
            continue
        yield block


def _blocks(
    file: Any, form: Form, limits: Limits, start: int, length: int, *, quotes: bool = True
) -> Iterator[Lines]:
    if form.format == "json":
        return elements(file, limits, start=start, length=length)
    delimiter = form.delimiter if form.format == "csv" else ""
    return whole_records(
        file, limits, delimiter=delimiter, quotes=quotes and form.quoted, start=start, length=length
    )


def records_of(block: Lines) -> Iterator[bytes]:
    """The bytes of each record of a block, without what ends it."""
    begin = 0
    for end in np.asarray(block.ends).tolist():
        yield block.data[begin:end].strip(b"\r\n")
        begin = end
