"""Data sets, keys and runs for the tests of provenance."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import pyarrow as pa
import pyarrow.parquet as pq
from click.testing import CliRunner, Result

ROWS: list[dict[str, Any]] = [
    {
        "id": i,
        "text": f'sentence {i}, with "quotes"\nand a second line',
        "label": ("good", "bad")[i % 2],
        "score": i * 0.37,
        "sure": i % 3 == 0,
        "url": f"https://news.example.org/{i}",
        "retrieved_at": "2026-01-02T03:04:05Z",
    }
    for i in range(300)
]
SCORED = "2026-06-01T00:00:00Z"


def write_csv(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    """A CSV file with a header."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_jsonl(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    """JSON Lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def write_parquet(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    """A Parquet file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist([dict(row) for row in rows]), path)
    return path


def write_arrow(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    """An Arrow file."""
    table = pa.Table.from_pylist([dict(row) for row in rows])
    path.parent.mkdir(parents=True, exist_ok=True)
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return path


def ran(command: click.Command, *args: str | Path) -> Result:
    """Run a command; the value it returns is its exit code; errors of ours come through."""
    result = CliRunner().invoke(command, [str(arg) for arg in args], standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result
