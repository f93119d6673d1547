"""Tables that keep one row a thing, recognised by their columns."""

import csv
import functools
import io
from collections.abc import Iterable, Sequence
from typing import Any

from assaymark.observation import Location
from assaymark.scan.document._outline import ROW_LIMIT, Grid
from assaymark.scan.document._plain_yaml import plain_yaml
from assaymark.scan.document._tables import table, tokens
from assaymark.scan.facts import Register

__all__ = ["has_register_name", "header_kind", "normal_columns", "read_csv", "read_yaml", "register_of"]

CELL_LIMIT = 300
"""Characters of a cell that are kept."""
COLUMN_LIMIT = 60


@functools.cache
def _canonical() -> dict[tuple[str, ...], str]:
    return {
        tuple(tokens(written)): name
        for name, forms in table("registers")["columns"].items()
        for written in forms
    }


@functools.cache
def _register_names() -> frozenset[str]:
    return frozenset(tokens(" ".join(table("registers")["names"])))


def has_register_name(stem: str) -> bool:
    """Whether a data file's name says that it keeps a register."""
    return bool(_register_names() & set(tokens(stem)))


@functools.lru_cache(maxsize=4096)
def _names(column: str) -> tuple[str, ...]:
    """Every canonical name that a written column could have ("risk" is a thing or a rating)."""
    words = tuple(tokens(column.replace("_", " ")))
    return (_canonical()[words],) if words in _canonical() else (" ".join(words),)


def normal_columns(header: Sequence[str]) -> tuple[str, ...]:
    """Normalised names; a name that came before keeps its own words the second time."""
    seen: list[str] = []
    for column in header[:COLUMN_LIMIT]:
        name = _names(column.strip("*` _")[:80])[0]
        seen.append(name if name not in seen else " ".join(tokens(column[:80])))
    return tuple(seen)


def header_kind(header: Sequence[str]) -> str:
    """The kind of register that these columns make; empty if none."""
    have = set(normal_columns(header))
    for kind, rule in table("registers")["kinds"].items():
        if set(rule["needs"]) <= have and len(have & set(rule["any"])) >= rule["least"]:
            return str(kind)
    return ""


def register_of(path: str, grid: Grid) -> Register | None:
    """The register that a table keeps, if it keeps one."""
    kind = header_kind(grid.header)
    if not kind or not grid.rows:
        return None
    return Register(
        at=Location(path, grid.line),
        kind=kind,
        columns=normal_columns(grid.header),
        rows=tuple(_cells(row) for row in grid.rows[:ROW_LIMIT]),
    )


def _cells(row: Iterable[object]) -> tuple[str, ...]:
    return tuple("" if c is None else str(c).strip()[:CELL_LIMIT] for c in list(row)[:COLUMN_LIMIT])


def read_csv(text: str) -> list[Grid]:
    """The table of a CSV file; comma, semicolon or tab, as its first line has more of.

    Raises:
        csv.Error: the text is not CSV.
    """
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    rows = csv.reader(io.StringIO(text), delimiter=delimiter)
    header = next(rows, [])
    kept = [tuple(row) for row, _ in zip(rows, range(ROW_LIMIT), strict=False) if row]
    return [Grid(1, tuple(header), kept)]


def read_yaml(text: str) -> list[Grid]:
    """The lists of mappings in a YAML or JSON file: at the top, or one level below it.

    Raises:
        PlainYamlError: see `plain_yaml`.
    """
    value = plain_yaml(text)
    lists = [value] if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else []
    return [grid for one in lists[:50] if (grid := _grid(one)) is not None]


def _grid(value: Any) -> Grid | None:
    if (
        not isinstance(value, list)
        or not value
        or not all(isinstance(row, dict) for row in value[:ROW_LIMIT])
    ):
        return None
    rows = value[:ROW_LIMIT]
    columns = list(dict.fromkeys(str(key) for row in rows for key in row))[:COLUMN_LIMIT]
    cells = [
        tuple(_text(row.get(c)) for c in columns) for row in ({str(k): v for k, v in r.items()} for r in rows)
    ]
    return Grid(1, tuple(columns), cells)


def _text(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(str(v) for v in value[:20])[:CELL_LIMIT]
    return "" if value is None else str(value)[:CELL_LIMIT]
