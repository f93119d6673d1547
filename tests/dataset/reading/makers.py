"""Real data files for the reading tests, written by the libraries that people write them with."""

import csv
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from assaymark.dataset.reading.limits import LIMITS, Limits
from assaymark.dataset.reading.open import DataSet, open_data
from assaymark.dataset.reading.read import read_shard
from assaymark.dataset.record import Batch, Hole

WORDS = [
    "the",
    "quick",
    "brown",
    "fox",
    "jumps",
    "over",
    "a",
    "lazy",
    "dog",
    "while",
    "seven",
    "wizards",
    "brew",
    "strange",
    "tea",
    "in",
    "quiet",
    "halls",
]


def sentence(seed: int, words: int = 12) -> str:
    """A sentence that differs for each seed."""
    rng = np.random.default_rng(seed)
    return " ".join(WORDS[i] for i in rng.integers(0, len(WORDS), words)) + f" {seed}."


def picture(seed: int, size: tuple[int, int] = (16, 16), form: str = "PNG") -> bytes:
    """An encoded image of noise."""
    pixels = np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, form)
    return file.getvalue()


def jsonl(path: Path, records: Sequence[Any]) -> Path:
    """JSON Lines."""
    path.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    return path


def as_csv(path: Path, header: Sequence[str], rows: Sequence[Sequence[Any]], delimiter: str = ",") -> Path:
    """A CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerows([header, *rows] if header else rows)
    return path


def parquet(path: Path, columns: Mapping[str, Any], **options: Any) -> Path:
    """Parquet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(dict(columns)), path, **options)
    return path


def tar(path: Path, members: Sequence[tuple[str, bytes]], mode: str = "w") -> Path:
    """A tar archive."""
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, data in members:
            about = tarfile.TarInfo(name)
            about.size = len(data)
            archive.addfile(about, io.BytesIO(data))
    return path


def put(path: Path, data: bytes | str) -> Path:
    """A file, with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def everything(data: DataSet, limits: Limits | None = None) -> tuple[list[Batch], list[Hole]]:
    """All batches and holes; that each record is in one of them, once, is made sure."""
    batches: list[Batch] = []
    holes: list[Hole] = []
    seen: set[int] = set()
    lost = 0
    for shard in data.shards():
        done = 0
        for found in read_shard(shard, data.layout, limits or data.limits):
            if isinstance(found, Hole):
                holes.append(found)
                done += found.records
                lost += found.records
                continue
            assert len(found) > 0
            rows = found.rows.tolist()
            assert rows == sorted(set(rows))
            assert not seen & set(rows)
            assert shard.first <= rows[0]
            assert rows[-1] < shard.first + shard.records
            seen |= set(rows)
            done += len(rows)
            batches.append(found)
        assert done == shard.records
    opening = sum(f.records for f in data.files) - sum(s.records for s in data.shards())
    assert len(seen) + lost + opening == data.total
    return batches, holes


def read(
    *paths: Path | str, limits: Limits = LIMITS, **options: Any
) -> tuple[DataSet, list[Batch], list[Hole]]:
    """The data set at `paths`, its batches and its holes."""
    data = open_data([str(p) for p in paths], limits=limits, **options)
    return data, *everything(data)


def column(batches: Sequence[Batch], name: str) -> list[Any]:
    """One field of all batches."""
    return [value for batch in batches for value in getattr(batch, name)]
