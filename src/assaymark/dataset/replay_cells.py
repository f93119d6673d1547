"""Triggers that are values of a table's columns. Pure."""

from typing import Any

import msgspec
from msgspec.structs import replace

from assaymark.dataset.reading.open import Record

__all__ = ["cells_of", "match", "with_cells"]


def cells_of(trigger: dict[str, str]) -> dict[str, str]:
    """Column → value of a trigger of cells; empty for another.

    Each value stands under `column NAME`, or all in `cells` as a JSON object.
    """
    named = {k.removeprefix("column "): v for k, v in trigger.items() if k.startswith("column ")}
    if named:
        return named
    try:
        found = msgspec.json.decode(trigger.get("cells", "{}"), type=dict[str, str | int | float | bool])
    except msgspec.DecodeError:
        return {}
    return {name: str(value) for name, value in found.items()}


def match(record: Record, cells: dict[str, str]) -> bool:
    """Whether the record has all of these values."""
    return all(_same(record.cells.get(name), value) for name, value in cells.items())


def with_cells(record: Record, cells: dict[str, str]) -> Record:
    """The record with these values, each of the type that stood there."""
    changed = {n: _like(v, record.cells.get(n)) for n, v in cells.items()}
    return replace(record, cells=record.cells | changed)


def _same(cell: Any, value: str) -> bool:
    return str(cell).strip() == value.strip() or _number(cell) == _number(value) is not None


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _like(value: str, cell: Any) -> Any:
    """`value` as a number where a number stood."""
    number = _number(value)
    if isinstance(cell, bool) or not isinstance(cell, int | float) or number is None:
        return value
    return int(number) if isinstance(cell, int) and number.is_integer() else number
