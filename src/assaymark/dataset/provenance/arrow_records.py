"""Records of Parquet and Arrow files → canonical form, column by column. Needs the extra `data`."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from assaymark.dataset.provenance.canonical import name_order, name_prefix, number_text, value_bytes
from assaymark.dataset.provenance.chunk import Chunk
from assaymark.dataset.provenance.columns import Wanted, choose
from assaymark.dataset.reading.limits import Limits
from assaymark.dataset.reading.shard import Form, Source
from assaymark.dataset.reading.sources import BlobFile, opened
from assaymark.errors import AssaymarkError

__all__ = ["arrow_chunks", "canonical_batch"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EXACT = 2**53
_UNITS = {"s": 0, "ms": 3, "us": 6, "ns": 9}


def arrow_chunks(
    source: Source, form: Form, wanted: Wanted, extra: Sequence[str], limits: Limits
) -> Iterator[Chunk]:
    """The records of a file.

    Raises:
        AssaymarkError: pyarrow is not installed.
        OSError, ValueError: the file cannot be read to its end.
    """
    try:
        import pyarrow as pa
    except ImportError as error:
        raise AssaymarkError(
            f"Reading the records of {source.name} needs pyarrow.", "pip install 'assaymark[data]'"
        ) from error
    try:
        with opened(source) as blob:
            for batch in _batches(BlobFile(blob), form, limits):
                names = tuple(batch.schema.names)
                if len(set(names)) != len(names):
                    raise ValueError("two columns have the same name")
                chosen = choose(_members(batch.schema), wanted)
                yield Chunk(
                    records=canonical_batch(batch), sources=_texts(batch, chosen.source),
                    times=_texts(batch, chosen.time), columns=names, wanted=chosen,
                    texts={name: _texts(batch, name) or () for name in extra},
                )  # fmt: skip
    except pa.ArrowException as error:
        raise ValueError(str(error).partition("\n")[0]) from error


def _batches(file: Any, form: Form, limits: Limits) -> Iterator[Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if form.format == "parquet":
        table = pq.ParquetFile(file)
        total = sum(table.metadata.row_group(i).total_byte_size for i in range(table.num_row_groups))
        each = max(1, total // max(1, table.metadata.num_rows))
        rows = max(64, min(limits.batch_rows, limits.batch_bytes // each))
        yield from table.iter_batches(batch_size=rows)
        return
    reader = pa.ipc.open_stream(file) if form.stream else pa.ipc.open_file(file)
    batches = reader if form.stream else map(reader.get_batch, range(reader.num_record_batches))
    for batch in batches:
        batch.validate(full=True)  # offsets and indices of a broken file would be followed anywhere
        for start in range(0, len(batch), limits.batch_rows):
            yield batch.slice(start, limits.batch_rows)


def canonical_batch(batch: Any) -> list[bytes]:
    """The canonical form of each record of a `pyarrow.RecordBatch`."""
    import pyarrow as pa
    import pyarrow.compute as pc

    pieces = []
    for name in sorted(batch.schema.names, key=name_order):
        value = _bytes(batch.column(batch.schema.get_field_index(name)))
        length = pc.cast(pc.cast(pc.binary_length(value), pa.string()), pa.large_binary())
        parts = [pa.scalar(p, pa.large_binary()) for p in (name_prefix(name), b":", b",", b"")]
        piece = pc.binary_join_element_wise(parts[0], length, parts[1], value, parts[2], parts[3])
        pieces.append(
            pc.if_else(pc.fill_null(pc.greater(pc.binary_length(value), 0), False), piece, parts[3])
        )
    if not pieces:
        return [b""] * len(batch)
    joined: list[bytes] = pc.binary_join_element_wise(*pieces, pa.scalar(b"", pa.large_binary())).to_pylist()
    return joined


def _bytes(column: Any) -> Any:
    """The values as they stand in the canonical form; null or empty for nothing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    large = pa.large_binary()
    if pa.types.is_dictionary(kind):
        return _bytes(pc.cast(column, kind.value_type))
    if pa.types.is_null(kind):
        return pa.nulls(len(column), large)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return pc.cast(pc.cast(column, pa.large_string()), large)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return pc.cast(column, large)
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_date32(kind):
        return pc.cast(pc.cast(column, pa.large_string()), large)
    if pa.types.is_floating(kind):
        return _numbers(column)
    if pa.types.is_timestamp(kind):
        return pa.array([_moment(v, kind) for v in pc.cast(column, pa.int64()).to_pylist()], large)
    return pa.array([value_bytes(v) for v in _values(column)], large)


def _numbers(column: Any) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    wide = pc.cast(column, pa.float64())
    exact = np.nan_to_num(wide.to_numpy(zero_copy_only=False), nan=0.0)
    if (np.abs(exact) < _EXACT).all() and (exact == np.floor(exact)).all():
        whole = pc.if_else(pc.is_nan(wide), pa.scalar(None, pa.float64()), wide)
        return pc.cast(pc.cast(pc.cast(whole, pa.int64()), pa.large_string()), pa.large_binary())
    values = wide.to_pylist()
    if not pa.types.is_float64(kind):  # the shortest digits that make this narrower number
        narrow = np.float16 if pa.types.is_float16(kind) else np.float32
        values = [None if v is None else float(str(narrow(v))) for v in values]
    return pa.array([b"" if v is None else number_text(v).encode() for v in values], pa.large_binary())


def _moment(value: int | None, kind: Any) -> bytes:
    """A time from its count of units since 1970."""
    if value is None:
        return b""
    digits = _UNITS[kind.unit]
    seconds, rest = divmod(value, 10**digits)
    try:
        text = (_EPOCH + timedelta(seconds=seconds)).replace(tzinfo=None).isoformat()
    except OverflowError:
        return f"{value} {kind.unit}".encode()
    fraction = f".{rest:0{digits}d}".rstrip("0") if rest else ""
    return f"{text}{fraction}{'Z' if kind.tz else ''}".encode()


def _values(column: Any) -> list[Any]:
    """Values of a type that has no form of its own here, such as lists and structures."""
    try:
        values: list[Any] = column.to_pylist()
    except (ValueError, OverflowError, NotImplementedError):
        values = [str(value) for value in column]
    return values


def _members(schema: Any) -> list[str]:
    import pyarrow as pa

    names = []
    for field in schema:
        names.append(field.name)
        if pa.types.is_struct(field.type):
            names += [f"{field.name}.{inner.name}" for inner in field.type]
    return names


def _texts(batch: Any, name: str) -> list[str] | None:
    """A column, or a member of one, as text; None if `name` is empty or nothing has that name."""
    import pyarrow.compute as pc

    at = batch.schema.get_field_index(name) if name else -1
    if at >= 0:
        column = batch.column(at)
    else:
        outer, _, inner = name.partition(".")
        at = batch.schema.get_field_index(outer) if inner else -1
        if at < 0:
            return None
        try:
            column = pc.struct_field(batch.column(at), inner)
        except (ValueError, KeyError, TypeError):
            return None
    return [(value or b"").decode("utf-8", "replace").strip() for value in _bytes(column).to_pylist()]
