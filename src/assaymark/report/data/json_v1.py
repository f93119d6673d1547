"""The report as JSON, version 1, and back. Pure."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import numpy as np
from msgspec.structs import replace

from assaymark.errors import UsageError
from assaymark.report.data.document import FORMAT, DataReport
from assaymark.report.data.scores import rounded
from assaymark.report.text import escaped_json

__all__ = ["MAX_BYTES", "evidence", "parse", "parts", "render_json"]

MAX_BYTES = 4 << 30
"""Longest report that is read back."""

_CHUNK = 65_536
_ZERO = re.compile(rb"(?<![0-9.])0\.0(?![0-9e])")


def render_json(report: DataReport) -> bytes:
    """The whole report; same report, same bytes."""
    return b"".join(parts(report))


def parts(report: DataReport) -> Iterator[bytes]:
    """The same in parts, so that the scores of ten million records need not be held as text."""
    fields: dict[str, Any] = msgspec.to_builtins(replace(report, scores=None))
    del fields["scores"]
    yield b"{\n"
    for name, value in fields.items():
        yield b" " + msgspec.json.encode(name) + b": " + escaped_json(_field(value)) + b",\n"
    if report.scores is None:
        yield b' "scores": null\n}\n'
        return
    yield b' "scores": {\n  "merged": '
    yield from _array(report.scores.merged)
    yield b',\n  "engines": {'
    for number, (name, scores) in enumerate(report.scores.engines.items()):
        yield (b",\n   " if number else b"\n   ") + msgspec.json.encode(name) + b": "
        yield from _array(scores)
    yield b"\n  }\n }\n}\n"


def evidence(report: DataReport) -> DataReport:
    """What is kept as evidence: without the scores of all records; of files, those of the system."""
    findings = tuple(replace(f, rows=f.rows[:1_000]) for f in report.findings)
    return replace(report, scores=None, files=(), unread=report.unread[:1_000], findings=findings)


def parse(data: bytes, name: str) -> DataReport:
    """The report in a file's bytes.

    Raises:
        UsageError: it is none of version 1.
    """
    try:
        return msgspec.json.decode(data, type=DataReport)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(
            f"{name} is no report of `assaymark data scan` ({FORMAT}): {error}.",
            "Write one with `assaymark data scan PATH --json > scan.json`.",
        ) from error


def _field(value: Any) -> bytes:
    """Compact; of a list of objects, each on a line of its own."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return b"[\n  " + b",\n  ".join(map(msgspec.json.encode, value)) + b"\n ]"
    return msgspec.json.encode(value)


def _array(scores: Sequence[float]) -> Iterator[bytes]:
    """Some at a time: ten million numbers as objects would take more memory than the scan itself."""
    yield b"["
    for start in range(0, len(scores), _CHUNK):
        chunk = msgspec.json.encode(rounded(np.asarray(scores[start : start + _CHUNK])))[1:-1]
        yield (b"," if start else b"") + _ZERO.sub(b"0", chunk)
    yield b"]"
