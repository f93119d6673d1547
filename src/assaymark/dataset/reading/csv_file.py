"""Records of CSV: by pyarrow where its reading agrees with the index, one by one where it does not."""

import contextlib
import csv
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import numpy as np

from assaymark.dataset.reading.limits import Limits
from assaymark.dataset.reading.lines import Lines
from assaymark.dataset.reading.rows import Rows
from assaymark.dataset.reading.shard import Form, Shard
from assaymark.dataset.reading.text_file import records_of, text_blocks
from assaymark.dataset.record import Hole, Place

__all__ = ["as_utf8", "csv_rows", "fields_up_to", "parsed_line"]

_NOTHING = ["", "?", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", " ?", " NA", "-nan", "#N/A"]


def csv_rows(shard: Shard, types: Mapping[str, str], limits: Limits) -> Iterator[Rows | Hole]:
    """Records in batches, and lines that do not have the columns they should.

    Args:
        shard: what to read.
        types: columns to be read as `integer` or `number`; all others stay text as written.
        limits: bounds.
    """
    source = shard.sources[0]
    for found in text_blocks(shard, limits):
        if isinstance(found, Hole):
            yield found
            continue
        offset, block = found
        place, first = Place(source.name, shard.row + offset), shard.first + offset
        if not block.data:
            yield Hole(place, f"the record is longer than {limits.record_bytes:,} bytes", block.records)
            continue
        for part in _parsed(block, shard.form, types):
            if isinstance(part, Hole):
                yield Hole(Place(place.file, place.row + part.place.row), part.reason)
            else:
                yield from _cut(Rows(part.numbers + first, part.columns), limits.batch_rows)


def _cut(rows: Rows, most: int) -> Iterator[Rows]:
    for low in range(0, len(rows.numbers), most):
        columns = {
            n: c[low : low + most] if isinstance(c, list) else c.slice(low, most)
            for n, c in rows.columns.items()
        }
        yield Rows(rows.numbers[low : low + most], columns)


def _parsed(block: Lines, form: Form, types: Mapping[str, str]) -> Iterator[Rows | Hole]:
    """Rows numbered from 0 within the block; a hole's row likewise."""
    if not block.records:
        return
    data = as_utf8(block.data)
    if not block.stray and len(form.names) > 1:
        quick = _quick(data, block, form, types)
        if quick is not None:
            yield from quick
            return
    yield from _careful(data, block, form)


def _quick(data: bytes, block: Lines, form: Form, types: Mapping[str, str]) -> list[Rows | Hole] | None:
    import pyarrow as pa
    from pyarrow import csv as pacsv

    bad: list[tuple[int, int]] = []

    def odd(row: Any) -> str:
        bad.append((row.number, row.actual_columns))
        return "skip"

    wanted = {"integer": pa.int64(), "number": pa.float64()}
    columns = {name: wanted.get(types.get(name, ""), pa.string()) for name in form.names}
    read = pacsv.ReadOptions(column_names=form.names, use_threads=False, block_size=len(data) + 1)
    parse = pacsv.ParseOptions(
        delimiter=form.delimiter,
        quote_char='"' if block.quotes else False,
        newlines_in_values=block.quotes,
        invalid_row_handler=odd,
    )
    for kinds in (columns, dict.fromkeys(form.names, pa.string())):
        bad.clear()
        convert = pacsv.ConvertOptions(
            column_types=kinds, null_values=_NOTHING, strings_can_be_null=False, check_utf8=False
        )
        try:
            table = pacsv.read_csv(pa.BufferReader(data), read, parse, convert)
        except (pa.ArrowException, ValueError):
            continue
        if table.num_rows + len(bad) != block.records or any(n is None for n, _ in bad):
            return None
        odd_rows = {number - 1: count for number, count in bad}
        kept = np.delete(np.arange(block.records, dtype=np.int64), list(odd_rows))
        holes: list[Rows | Hole] = [
            Hole(Place("", row), _reason(len(form.names), count)) for row, count in odd_rows.items()
        ]
        named = {name: _one_chunk(table.column(i)) for i, name in enumerate(form.names)}
        return [*holes, Rows(kept, named)] if len(kept) else holes
    return None


def _one_chunk(column: Any) -> Any:
    found = column.combine_chunks()
    return found.chunk(0) if hasattr(found, "num_chunks") and found.num_chunks == 1 else found


def _reason(wanted: int, found: int) -> str:
    return f"it has {found} columns where {wanted} are expected"


def _careful(data: bytes, block: Lines, form: Form) -> Iterator[Rows | Hole]:
    whole = Lines(block.start, data, _ends_again(data, block), len(data), block.quotes)
    kept: list[list[str]] = []
    numbers: list[int] = []
    for i, record in enumerate(records_of(whole)):
        cells = parsed_line(record, form.delimiter, quotes=block.quotes and not block.stray)
        if len(cells) != len(form.names) and b'"' in record:  # a stray quote may be a plain character
            plain = parsed_line(record, form.delimiter, quotes=False)
            cells = plain if len(plain) == len(form.names) else cells
        if len(cells) != len(form.names):
            why = "; a quote in it is never closed" if block.stray else ""
            yield Hole(Place("", i), _reason(len(form.names), len(cells)) + why)
            continue
        kept.append(cells)
        numbers.append(i)
    if kept:
        columns = {name: [row[i] for row in kept] for i, name in enumerate(form.names)}
        yield Rows(np.array(numbers, np.int64), columns)


def _ends_again(data: bytes, block: Lines) -> Any:
    """Where records end in `data`, which may have grown in decoding."""
    if data is block.data or len(data) == len(block.data):
        return block.ends
    ends = np.asarray(block.ends).tolist()
    begins = [0, *ends[:-1]]
    return np.cumsum([len(as_utf8(block.data[b:e])) for b, e in zip(begins, ends, strict=True)])


@contextlib.contextmanager
def fields_up_to(length: int) -> Iterator[None]:
    """Let the csv module take cells of that length here, and elsewhere what it took before."""
    before = csv.field_size_limit()
    csv.field_size_limit(max(before, length + 1))
    try:
        yield
    finally:
        csv.field_size_limit(before)


def parsed_line(record: bytes, delimiter: str, *, quotes: bool = True) -> list[str]:
    """The cells of one record."""
    text = record.decode("utf-8", "replace")
    try:
        with fields_up_to(len(text)):
            quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if quotes else csv.QUOTE_NONE
            rows = list(csv.reader([text], delimiter=delimiter, quoting=quoting))
    except csv.Error:
        return [text]
    return rows[0] if len(rows) == 1 else [text] if not rows else [c for row in rows for c in row]


def as_utf8(data: bytes) -> bytes:
    """The same bytes if they are UTF-8; otherwise with each line that is not read as Windows-1252."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return b"\n".join(_line(line) for line in data.split(b"\n"))
    return data


def _line(line: bytes) -> bytes:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace").encode()
    return line
