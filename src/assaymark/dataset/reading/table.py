"""Columns of any type → an Arrow record batch of the types the layout names. Pure."""

from typing import Any

from assaymark.dataset.reading.rows import Rows, extra, text_of
from assaymark.dataset.record import Layout
from assaymark.errors import AssaymarkError

__all__ = ["table_of"]


def table_of(rows: Rows, layout: Layout) -> Any:
    """The layout's columns: integers as int64, numbers as float64, truth as bool, all others as strings.

    A cell that is none of its column's type is null. Columns of type `other` are left out.
    """
    try:
        import pyarrow as pa
    except ImportError as error:
        raise AssaymarkError("Reading tables needs pyarrow.", extra("pyarrow")) from error
    arrays, names = [], []
    for column in layout.columns:
        if column.type == "other":
            continue
        type_ = column.type if column.name != layout.roles.label else "category"
        arrays.append(_typed(rows.columns.get(column.name), type_, len(rows.numbers)))
        names.append(column.name)
    return pa.RecordBatch.from_arrays(arrays, names=names)


def _typed(column: Any, type_: str, count: int) -> Any:
    import pyarrow as pa

    wanted = {"integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_()}.get(type_, pa.string())
    if column is None:
        return pa.nulls(count, wanted)
    if not isinstance(column, list):
        if column.type == wanted or not (wanted == pa.string() and pa.types.is_floating(column.type)):
            try:
                found = column if column.type == wanted else column.cast(wanted)
                if wanted == pa.string():
                    found.validate(full=True)  # Parquet's readers do not look whether text is UTF-8
            except (pa.ArrowException, UnicodeDecodeError):
                pass
            else:
                return found
        column = Rows(_nothing(count), {"": column}).values("")
    cells = [_CELLS.get(type_, _text)(v) for v in column]
    return pa.array(cells, wanted)


def _nothing(count: int) -> Any:
    import numpy as np

    return np.zeros(count, np.int64)


def _integer(value: Any) -> int | None:
    number = _number(value)
    if number is None or number != number or abs(number) > 2**62 or number != int(number):
        return None
    return int(value) if isinstance(value, int) else int(number)


def _number(value: Any) -> float | None:
    if isinstance(value, bytes) or value is None:
        return None
    try:
        return float(value) if isinstance(value, int | float) or len(value) < 400 else None
    except (TypeError, ValueError, OverflowError):
        return None


def _truth(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False, "1": True, "0": False}.get(str(value).strip().lower()[:6])


def _text(value: Any) -> str | None:
    if isinstance(value, float) and value == value and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return None if value is None else text_of(value)


_CELLS: dict[str, Any] = {"integer": _integer, "number": _number, "boolean": _truth}
