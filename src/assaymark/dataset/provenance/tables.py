"""A file of records → its records in canonical form, a chunk at a time, with the source and time of each.

CSV and JSON need nothing but Python; Parquet and Arrow need the extra `data`. A file is opened without
following a link at its end, and is the same afterwards as when its digest was taken, or reading it is an
error.
"""

import csv
from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from assaymark.dataset.provenance.canonical import canonical_cells, canonical_raw, name_order, name_prefix
from assaymark.dataset.provenance.chunk import Chunk
from assaymark.dataset.provenance.columns import Wanted, choose
from assaymark.dataset.provenance.json_records import json_block
from assaymark.dataset.reading.csv_file import fields_up_to
from assaymark.dataset.reading.elements import elements
from assaymark.dataset.reading.limits import Limits
from assaymark.dataset.reading.lines import Lines, whole_records
from assaymark.dataset.reading.shard import Form, Source
from assaymark.dataset.reading.streams import BROKEN, plain
from assaymark.signing.listing import Found
from assaymark.signing.reading import Stamp

__all__ = ["Ended", "read_chunks"]

LIMITS = Limits()
MAX_COLUMNS = 20_000
_ROWS = 16_384


class Ended(Exception):
    """A file of records breaks off, or changed; the message completes "NAME …". What was read stands."""


def read_chunks(found: Found, form: Form, wanted: Wanted, extra: Sequence[str] = ()) -> Iterator[Chunk]:
    """The records of a file.

    Args:
        found: the file, as it was when its digest was taken.
        form: how to read it.
        wanted: columns that say source and time; empty names are looked for.
        extra: further columns that are wanted as text.

    Raises:
        Ended: it breaks off, cannot be opened, or is no longer the same.
        AssaymarkError: reading it needs the extra `data`.
    """
    source = Source(found.name, found.path, found.stamp.size)
    try:
        if form.format in ("parquet", "arrow"):
            yield from _arrow(source, form, wanted, extra)
        elif form.format == "csv":
            yield from _csv(source, form, wanted, extra)
        else:
            yield from _json(source, form, wanted, extra)
        same = Stamp.of(Path(found.path).lstat()) == found.stamp
    except BROKEN as error:
        raise Ended(f"breaks off ({_why(error)})") from error
    if not same:
        raise Ended("changed while it was read")


def _csv(source: Source, form: Form, wanted: Wanted, extra: Sequence[str]) -> Iterator[Chunk]:
    table = _Table(list(form.names) if form.header else [], wanted, extra)
    first = form.header
    with plain(source, form, LIMITS) as file:
        for lines in whole_records(file, LIMITS, delimiter=form.delimiter):
            texts = _split(lines)
            texts[0] = texts[0].removeprefix(BOM_UTF8) if lines.start == 0 else texts[0]
            if first and not form.names:
                table = _Table((_rows(texts[:1], form.delimiter, True)[0] or []), wanted, extra)
            for start in range(int(first), len(texts), _ROWS):
                yield table.chunk(
                    texts[start : start + _ROWS], form.delimiter, quotes=lines.quotes and not lines.stray
                )
            first = False


class _Table:
    """Columns of a CSV; a row longer than all before it adds some."""

    def __init__(self, names: list[str], wanted: Wanted, extra: Sequence[str]) -> None:
        self.asked, self.extra = wanted, extra
        self.names = _unique(names)
        self._name()

    def _name(self) -> None:
        order = sorted(range(len(self.names)), key=lambda i: name_order(self.names[i]))
        self.prefixes = [(i, name_prefix(self.names[i])) for i in order]
        self.wanted = choose(self.names, self.asked)

    def chunk(self, texts: Sequence[bytes], delimiter: str, *, quotes: bool) -> Chunk:
        rows = _rows(texts, delimiter, quotes)
        widest = max((len(row) for row in rows if row), default=0)
        if len(self.names) < widest:
            self.names += [f"column {i + 1}" for i in range(len(self.names), widest)]
            self._name()
        unreadable = tuple(at for at, row in enumerate(rows) if row is None)
        records = [
            canonical_raw(text.strip()) if row is None else canonical_cells(self.prefixes, row)
            for row, text in zip(rows, texts, strict=True)
        ]
        return Chunk(
            records=records, sources=self._column(rows, self.wanted.source),
            times=self._column(rows, self.wanted.time), columns=tuple(self.names), wanted=self.wanted,
            texts={name: self._column(rows, name) or () for name in self.extra}, unreadable=unreadable,
        )  # fmt: skip

    def _column(self, rows: Sequence[Sequence[str] | None], name: str) -> list[str] | None:
        if not name or name not in self.names:
            return None
        at = self.names.index(name)
        return [row[at].strip() if row is not None and at < len(row) else "" for row in rows]


def _rows(texts: Sequence[bytes], delimiter: str, quotes: bool) -> list[list[str] | None]:
    """The cells of each row; None for one that is no row, or has more cells than are read."""
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if quotes else csv.QUOTE_NONE
    lines = [text.decode("utf-8", "surrogateescape").strip("\r\n") for text in texts]

    def parsed(some: Sequence[str]) -> list[list[str]]:
        try:
            with fields_up_to(max(map(len, some), default=0)):
                return list(csv.reader(some, delimiter=delimiter or ",", quoting=quoting))
        except csv.Error:
            return []

    rows = parsed(lines)
    if len(rows) != len(lines):  # one of them is broken
        rows = [(parsed([line]) or [[]])[0] for line in lines]
    return [row if 0 < len(row) <= MAX_COLUMNS else None for row in rows]


def _unique(names: Sequence[str]) -> list[str]:
    """Names of columns; one that stands twice, or is empty, gets the number of its column."""
    seen: set[str] = set()
    result = []
    for number, name in enumerate(names[:MAX_COLUMNS], start=1):
        fresh = name if name and name not in seen else f"{name or 'column'} {number}"
        seen.add(fresh)
        result.append(fresh)
    return result


def _json(source: Source, form: Form, wanted: Wanted, extra: Sequence[str]) -> Iterator[Chunk]:
    columns: dict[str, None] = {}
    chosen = wanted
    with plain(source, form, LIMITS) as file:
        blocks = whole_records(file, LIMITS) if form.format == "jsonl" else _elements(file)
        for lines in blocks:
            texts = _split(lines)
            texts[0] = texts[0].removeprefix(BOM_UTF8) if lines.start == 0 else texts[0]
            texts = [_alone(text) for text in texts] if form.format == "json" else texts
            for start in range(0, len(texts), _ROWS):
                block = json_block(texts[start : start + _ROWS])
                if len(columns) < MAX_COLUMNS:
                    columns.update(dict.fromkeys(block.names))
                if not (chosen.source and chosen.time):
                    chosen = choose(list(columns), wanted)
                yield Chunk(
                    records=block.canonical, sources=block.column(chosen.source),
                    times=block.column(chosen.time), columns=tuple(columns), wanted=chosen,
                    texts={name: block.column(name) or () for name in extra}, unreadable=block.unreadable,
                )  # fmt: skip


def _elements(file: object) -> Iterator[Lines]:
    """The elements of a file that is one array."""
    start = file.read(1)  # type: ignore[attr-defined]
    while start and start in b"\xef\xbb\xbf \t\r\n":
        start = file.read(1)  # type: ignore[attr-defined]
    if start != b"[":
        raise ValueError("it is no array")
    yield from elements(file, LIMITS)


def _alone(element: bytes) -> bytes:
    """An element without the comma or bracket after it."""
    text = element.strip()
    return text[:-1] if text.endswith((b",", b"]")) else text


def _split(lines: Lines) -> list[bytes]:
    """The texts of some records; one that is too long to be held is empty."""
    if not lines.data:
        return [b""] * lines.records
    ends = lines.ends.tolist()
    return [lines.data[a:b] for a, b in zip([0, *ends[:-1]], ends, strict=True)]


def _arrow(source: Source, form: Form, wanted: Wanted, extra: Sequence[str]) -> Iterator[Chunk]:
    from assaymark.dataset.provenance.arrow_records import arrow_chunks

    yield from arrow_chunks(source, form, wanted, extra, LIMITS)


def _why(error: BaseException) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).partition("\n")[0][:200]
