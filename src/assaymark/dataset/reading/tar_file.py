"""Tar shards as WebDataset writes them: members of one stem are one record; nothing is unpacked to disk."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from msgspec import Struct

from assaymark.dataset.reading.csv_file import as_utf8
from assaymark.dataset.reading.limits import Limits
from assaymark.dataset.reading.rows import Rows, decoded
from assaymark.dataset.reading.shard import Form, Shard, Source
from assaymark.dataset.reading.sources import opened
from assaymark.dataset.reading.streams import BROKEN, decompressed
from assaymark.dataset.reading.text_file import Part
from assaymark.dataset.record import Hole, Place
from assaymark.scan.container.tar_header import BLOCK, TarEntry, TarProblem, is_header, tar_entries
from assaymark.source.blob import Blob

__all__ = ["KEY", "tar_parts", "tar_rows"]

KEY = "__key__"
_AHEAD = 4 << 20
_SEARCHED = 1 << 30
"""Bytes after a broken header in which the next one is looked for."""
_RECORDS = 2_048
_MEMBERS = 64
"""Members of one record."""


class _Group(Struct):
    """The members of one record, or what was wrong instead."""

    key: str
    start: int
    stop: int = 0
    members: list[tuple[str, TarEntry]] = []
    problem: str = ""


class _Slice:
    """A blob from an offset on."""

    def __init__(self, blob: Any, start: int, stop: int) -> None:
        self.path = blob.path
        self.sha256 = ""
        self.size = stop - start
        self._blob = blob
        self._start = start

    def read(self, offset: int = 0, length: int = -1) -> bytes:
        """At most `length` bytes from `offset`."""
        left = max(0, self.size - offset)
        data: bytes = self._blob.read(self._start + offset, left if length < 0 else min(length, left))
        return data


class _Forward:
    """A stream as a blob that is read forwards; a little of what was read is kept."""

    def __init__(self, file: Any, path: str) -> None:
        self.path = path
        self.sha256 = ""
        self.size = 1 << 62
        self._file = file
        self._base = 0
        self._kept = bytearray()

    def read(self, offset: int = 0, length: int = -1) -> bytes:
        """At most `length` bytes from `offset`, which may not lie far behind."""
        end = offset + max(0, length)
        while self._base + len(self._kept) < end and self._more():
            cut = min(len(self._kept), offset - _AHEAD - self._base)
            if cut > 0:
                del self._kept[:cut]
                self._base += cut
        at = max(0, offset - self._base)
        return bytes(self._kept[at : at + max(0, length)])

    def _more(self) -> bool:
        data = self._file.read(1 << 20)
        self._kept += data
        return bool(data)


@contextmanager
def _blob(source: Source, form: Form, limits: Limits) -> Iterator[Blob]:
    if not form.compression:
        with opened(source) as blob:
            yield blob
        return
    with decompressed(source, form.compression, limits) as file:
        yield _Forward(file, source.name)


def tar_parts(source: Source, form: Form, limits: Limits) -> tuple[Part, ...]:
    """The archive's records in parts, by reading its headers.

    Raises:
        OSError: it cannot be opened.
    """
    parts: list[Part] = []
    row, begin, count, stop = 1, 0, 0, 0
    with _blob(source, form, limits) as blob:
        for group in _groups(blob, 0, blob.size):
            full = count >= _RECORDS or group.start - begin >= 2 * limits.shard_bytes
            if count and full and not form.compression:
                parts.append(Part(row, count, begin, group.start))
                row, begin, count = row + count, group.start, 0
            count += 1
            stop = group.stop
    if count:
        parts.append(Part(row, count, begin, -1 if form.compression else stop))
    return tuple(parts)


def _groups(blob: Blob, start: int, stop: int) -> Iterator[_Group]:
    """Records in order; a header that is broken is one, and the next whole header goes on."""
    group: _Group | None = None
    for found in _entries(blob, start, stop):
        if isinstance(found, _Group):
            if group is not None:
                yield group
            yield found
            group = None
            continue
        at, entry = found
        if entry.kind not in b"\x000":  # folders, links, devices
            continue
        folder, _, name = entry.name.rpartition("/")
        stem, _, ending = name.partition(".")
        if not stem or not ending:
            continue
        key = f"{folder}/{stem}" if folder else stem
        if group is None or key != group.key or len(group.members) >= _MEMBERS:
            if group is not None:
                yield group
            group = _Group(key, at, members=[])
        group.members.append((ending.lower(), entry))
        group.stop = at + entry.data - entry.header + -(-entry.size // BLOCK) * BLOCK
    if group is not None:
        yield group


def _entries(blob: Blob, start: int, stop: int) -> Iterator[tuple[int, TarEntry] | _Group]:
    """Each member with where it begins: the end of the one before, so that what extends it belongs to it."""
    base = start
    while base < stop:
        at = base
        try:
            for entry in tar_entries(_Slice(blob, base, stop)):
                shift = base
                moved = TarEntry(
                    name=entry.name, kind=entry.kind, header=at, data=entry.data + shift, size=entry.size,
                    stated=entry.stated,
                )  # fmt: skip
                yield at, moved
                at = moved.data + -(-entry.size // BLOCK) * BLOCK
        except TarProblem as problem:
            reason = str(problem)
        except BROKEN as error:
            yield _Group("", at, at, problem=f"the rest cannot be read: {str(error)[:160]}")
            return
        else:
            return
        try:
            following = _next(blob, at + BLOCK, stop)
        except BROKEN:
            following = stop
        yield _Group("", at, following, problem=f"a member cannot be read: {reason}")
        base = following


def _next(blob: Blob, at: int, stop: int) -> int:
    """Where the next header stands, or the end."""
    last = min(stop, at + _SEARCHED)
    while at < last:
        data = blob.read(at, min(1 << 20, last - at))
        if len(data) < BLOCK:
            return stop
        for offset in range(0, len(data) - BLOCK + 1, BLOCK):
            block = data[offset : offset + BLOCK]
            if block[257:262] == b"ustar" and is_header(block):
                return at + offset
        at += len(data) // BLOCK * BLOCK
    return stop


def tar_rows(shard: Shard, limits: Limits) -> Iterator[Rows | Hole]:
    """Records with each member under its ending: images as bytes, `json` decoded, others as text."""
    source = shard.sources[0]
    numbers: list[int] = []
    records: list[dict[str, Any]] = []
    size = 0
    with _blob(source, shard.form, limits) as blob:
        stop = blob.size if shard.stop < 0 else shard.stop
        for i, group in enumerate(_groups(blob, shard.start, stop)):
            if i >= shard.records:
                break
            place = Place(source.name, shard.row + i)
            record = group.problem or _record(blob, group, limits)
            if isinstance(record, str):
                yield Hole(place, record)
                continue
            numbers.append(shard.first + i)
            records.append(record)
            size += sum(entry.size for _, entry in group.members)
            if size >= limits.batch_bytes or len(records) >= limits.batch_images:
                yield _columns(numbers, records)
                numbers, records, size = [], [], 0
    if records:
        yield _columns(numbers, records)


def _columns(numbers: list[int], records: list[dict[str, Any]]) -> Rows:
    names = dict.fromkeys(name for record in records for name in record)
    columns = {name: [record.get(name) for record in records] for name in names}
    return Rows(np.array(numbers, np.int64), columns)


def _record(blob: Blob, group: _Group, limits: Limits) -> dict[str, Any] | str:
    record: dict[str, Any] = {KEY: group.key}
    for ending, entry in group.members:
        if entry.size > limits.record_bytes:
            return f"its member {entry.name[:100]!r} is longer than {limits.record_bytes:,} bytes"
        try:
            data = blob.read(entry.data, entry.size)
        except BROKEN as error:
            return f"its member {entry.name[:100]!r} cannot be read: {str(error)[:100]}"
        if len(data) < entry.size:
            return f"its member {entry.name[:100]!r} is cut off"
        last = ending.rpartition(".")[2]
        if last in ("jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff"):
            record.setdefault("image", data)
        elif last == "json":
            try:
                record[ending] = decoded(data)
            except ValueError as error:
                return f"its member {entry.name[:100]!r}: {error}"
        elif last in ("cls", "txt", "text", "label", "cls2", "caption", "csv", "id"):
            record[ending] = as_utf8(data).decode("utf-8", "replace").rstrip("\r\n")
    return record
