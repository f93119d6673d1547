"""The data-file parser: what a data set's beginning, footer and a sample of its records say."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from assaymark.observation import Location
from assaymark.scan.artefact.columns import SAMPLE, Profile, profile
from assaymark.scan.artefact.names import base
from assaymark.scan.artefact.parquet_file import parse_footer
from assaymark.scan.artefact.records import json_records, line_records
from assaymark.scan.blob import Blob
from assaymark.scan.facts import Column, DataFile, Fact, ScanProblem

__all__ = ["accepts_data", "scan_data"]

MAX_TEXT = 8 << 20
"""Bytes of a text file that are read; rows beyond are estimated."""
MAX_FOOTER = 8 << 20
MAX_CELLS = 10_000
"""Columns of a table that are read."""
_DELIMITED = (".csv", ".tsv", ".tab")
_LINES = (".jsonl", ".ndjson", ".jsonlines")
_LFS = b"version https://git-lfs.github.com/spec/"
_NOT_DATA = re.compile(
    r"(package(-lock)?|composer|bower|tsconfig.*|jsconfig.*|.*\.config|\..*|manifest|config|settings|lerna|nx|turbo|"
    r"deno|renovate|app|angular|project|openapi|swagger|.*\.schema|.*\.lock|.*config|dataset_infos?|croissant|"
    r".*\.(sha256|sig|sbom|cdx|spdx|sarif)|cdx|bom|sbom|vercel|firebase|.*(register|checklist|registry))\.[a-z]+\Z"
)
_STATEMENTS = "/assurance/attestations/"
"""Where people's statements to Assaymark lie: evidence about the system, not its data."""
_ROLES = (
    ("validation", re.compile(r"(^|[/_.-])(val|valid|validation|dev)([/_.-]|$)")),
    ("test", re.compile(r"(^|[/_.-])(tests?|holdout|eval(uation)?)([/_.-]|$)")),
    ("train", re.compile(r"(^|[/_.-])(train(ing)?|finetun\w*|sft|dpo|instruct\w*)([/_.-]|$)")),
    ("feedback", re.compile(r"(^|[/_.-])(feedback|ratings?|thumbs|preferences?|corrections?)([/_.-]|$)")),
    ("retrieval", re.compile(r"(^|[/_.-])(rag|retrieval|corpus|knowledge\w*|kb|documents|index)([/_.-]|$)")),
)


def accepts_data(path: str, head: bytes) -> bool:
    """Binary formats by content; text formats by name, since any text is a CSV of one column."""
    if head.startswith((b"PAR1", b"ARROW1\0", b"FEA1", b"SQLite format 3\0")):
        return True
    name = base(path)
    if _STATEMENTS in f"/{path}":
        return False
    if name.endswith(_DELIMITED) or name.endswith(_LINES):
        return not _NOT_DATA.match(name)
    if name.endswith(".json"):
        return head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"[", b"{") and not _NOT_DATA.match(name)
    return head.startswith(_LFS) and name.endswith(".parquet")


def scan_data(blob: Blob) -> Iterator[Fact]:
    """The `DataFile` in `blob`, if it holds records."""
    head = blob.read(0, 64)
    name = base(blob.path)
    if head.startswith(_LFS):
        yield _fact(blob, name.rpartition(".")[2], problem="a git-lfs pointer: the content is not here")
    elif name.endswith(_DELIMITED):
        yield from _delimited(blob)
    elif name.endswith(_LINES):
        yield from _lines(blob)
    elif name.endswith(".json"):
        yield from _json(blob)
    else:
        yield from next(read(blob) for start, read in _BINARY if head.startswith(start))


def _fact(
    blob: Blob, form: str, *, rows: int = 0, exact: bool = True, seen: Profile | None = None,
    columns: tuple[Column, ...] = (), problem: str = "",
) -> DataFile:  # fmt: skip
    return DataFile(
        at=Location(blob.path), format=form, sha256=blob.sha256, size=blob.size, rows=rows, rows_exact=exact,
        columns=seen.columns if seen else columns, labels=seen.labels if seen else (),
        sources=seen.sources if seen else None, times=seen.times if seen else None,
        hidden_characters=seen.hidden if seen else 0, instruction_like=seen.instructions if seen else 0,
        problem=problem, role=_role(blob.path),
    )  # fmt: skip


def _role(path: str) -> str:
    lowered = path.lower()
    return next((role for role, pattern in _ROLES if pattern.search(lowered)), "")


def _partial(blob: Blob, reason: str) -> ScanProblem:
    return ScanProblem(at=Location(blob.path), scanner="data-file", reason=reason, partial=True)


def _estimate(blob: Blob, read: int, rows: int) -> tuple[int, bool]:
    """Rows of the whole file from those in its first `read` bytes."""
    return (rows, True) if blob.size <= read else (rows * blob.size // max(read, 1), False)


def _text(blob: Blob) -> tuple[str, int]:
    """The first part as text, whole lines only, and how many bytes it took."""
    data = blob.read(0, MAX_TEXT)
    if len(data) < blob.size:
        data = data[: data.rfind(b"\n") + 1] or data
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace"), len(data)
    return data.decode("utf-8-sig", "replace"), len(data)


def _delimited(blob: Blob) -> Iterator[Fact]:
    text, read = _text(blob)
    delimiter = _delimiter(text[:20_000], base(blob.path))
    if text.partition("\n")[0].count(delimiter) > MAX_CELLS:
        yield _partial(blob, f"its first line has more than {MAX_CELLS:,} columns, the bound")
        return
    rows, count, broken = _csv_rows(text, delimiter)
    if broken:
        yield _partial(blob, broken)
    if not rows or (len(rows[0]) < 2 and count < 3):
        return
    names, body = _header(rows)
    count, exact = _estimate(blob, read, count - (len(rows) - len(body)))
    form = "tsv" if delimiter == "\t" else "csv"
    yield _fact(blob, form, rows=count, exact=exact and not broken, seen=profile(names, body))


def _delimiter(start: str, name: str) -> str:
    first = start.partition("\n")[0]
    if name.endswith((".tsv", ".tab")):
        return "\t"
    return max((",", ";", "\t", "|"), key=lambda d: (first.count(d), d == ","))


def _csv_rows(text: str, delimiter: str) -> tuple[list[list[str]], int, str]:
    """The rows that are sampled, the number of all rows, and why the table breaks off, if it does."""
    rows: list[list[str]] = []
    count = 0
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if row and len(rows) <= SAMPLE:
                rows.append(row[:MAX_CELLS])
            count += bool(row)
    except csv.Error as error:
        return rows, count, f"the table breaks off after {count:,} rows ({error})"[:200]
    return rows, count, ""


def _header(rows: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    first = [cell.strip() for cell in rows[0]]
    words = all(first) and len(set(first)) == len(first) and not any(re.match(r"[-+.\d]", c) for c in first)
    if words:
        return first, rows[1:]
    return [f"column {i + 1}" for i in range(len(first))], rows


def _lines(blob: Blob) -> Iterator[Fact]:
    text, read = _text(blob)
    records, rows, bad = line_records(text)
    if bad:
        yield _partial(blob, f"{bad:,} of {rows:,} lines are not JSON")
    if records:
        names, body = _table(records)
        count, exact = _estimate(blob, read, rows)
        yield _fact(blob, "jsonl", rows=count, exact=exact, seen=profile(names, body))


def _json(blob: Blob) -> Iterator[Fact]:
    data = blob.read(0, MAX_TEXT)
    records, rows = json_records(data, whole=blob.size <= MAX_TEXT)
    if records:
        names, body = _table(records)
        count, exact = _estimate(blob, len(data), rows)
        yield _fact(blob, "json", rows=count, exact=exact, seen=profile(names, body))


def _table(records: Sequence[dict[str, Any]]) -> tuple[list[str], list[list[object]]]:
    names = list(dict.fromkeys(key for record in records[:50] for key in record))
    return names, [[record.get(name) for name in names] for record in records]


def _parquet(blob: Blob) -> Iterator[Fact]:
    tail = blob.read(max(0, blob.size - 8), 8)
    length = int.from_bytes(tail[:4], "little")
    if tail[4:] != b"PAR1" or length > min(MAX_FOOTER, blob.size - 12):
        problem = f"its footer is missing, encrypted or longer than the bound of {MAX_FOOTER:,} bytes"
        yield _fact(blob, "parquet", problem=problem)
        return
    try:
        footer = parse_footer(blob.read(blob.size - 8 - length, length))
    except (ValueError, IndexError) as error:
        yield _fact(blob, "parquet", problem=f"its footer cannot be read ({error})"[:200])
        return
    seen = profile([n for n, _ in footer.columns], ())
    columns = tuple(
        Column(c.name, kind, c.personal) for c, (_, kind) in zip(seen.columns, footer.columns, strict=False)
    )
    yield DataFile(
        at=Location(blob.path), format="parquet", sha256=blob.sha256, size=blob.size, rows=footer.rows,
        columns=columns, labels=seen.labels, sources=seen.sources, times=seen.times, role=_role(blob.path),
    )  # fmt: skip


def _arrow(blob: Blob) -> Iterator[Fact]:
    yield _fact(blob, "arrow", problem="its schema and records are not read")


def _sqlite(blob: Blob) -> Iterator[Fact]:
    """Column names of the first table, from the statement that made it on the first page."""
    page = blob.read(0, 1 << 16).decode("utf-8", "replace")
    made = re.search(r"CREATE TABLE\s+[\"'\[\]\w ]{1,80}?\(([^()]{1,4000})", page)
    names = [part.split()[0].strip("\"'[]`") for part in made[1].split(",") if part.split()] if made else []
    seen = profile(names, ())
    yield _fact(blob, "sqlite", exact=False, columns=seen.columns, problem="its rows are not read")


_BINARY: tuple[tuple[bytes, Callable[[Blob], Iterator[Fact]]], ...] = (
    (b"PAR1", _parquet),
    (b"ARROW1", _arrow),
    (b"FEA1", _arrow),
    (b"SQLite", _sqlite),
)
