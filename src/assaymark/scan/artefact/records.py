"""Records in JSON text: lists of objects that share their keys, whole or cut off."""

import json
from collections.abc import Iterator
from typing import Any

from assaymark.scan.artefact.columns import SAMPLE
from assaymark.scan.artefact.json_text import parse_json

__all__ = ["json_records", "line_records"]

_WRAPPERS = ("data", "records", "rows", "examples", "items", "samples", "documents")
_MAX_LINE = 1 << 20


def line_records(text: str) -> tuple[list[dict[str, Any]], int, int]:
    """Sampled records, number of lines with content, and how many sampled ones are not JSON objects."""
    lines = [line for line in text.split("\n") if line.strip()]
    records: list[dict[str, Any]] = []
    for line in lines[:SAMPLE]:
        value = parse_json(line.encode("utf-8", "replace")) if len(line) <= _MAX_LINE else None
        if isinstance(value, dict):
            records.append(value)
    return records, len(lines), min(len(lines), SAMPLE) - len(records)


def json_records(data: bytes, *, whole: bool) -> tuple[list[dict[str, Any]], int]:
    """Sampled records and their number; nothing if `data` is a configuration rather than records."""
    if not whole:
        found = list(_streamed(data.decode("utf-8-sig", "replace")))
        return (found[:SAMPLE], len(found)) if _alike(found) else ([], 0)
    value = parse_json(data)
    if isinstance(value, dict):
        value = next((value[k] for k in _WRAPPERS if isinstance(value.get(k), list)), None)
    if not isinstance(value, list):
        return [], 0
    found = [v for v in value if isinstance(v, dict)]
    return (found[:SAMPLE], len(value)) if _alike(found) else ([], 0)


def _alike(records: list[dict[str, Any]]) -> bool:
    """At least three records with two keys or more, nine in ten of which share half of the first one's."""
    if len(records) < 3 or len(records[0]) < 2:
        return False
    keys = records[0].keys()
    shared = sum(len(keys & r.keys()) * 2 >= len(keys) for r in records[:SAMPLE])
    return shared * 10 >= min(len(records), SAMPLE) * 9


def _streamed(text: str) -> Iterator[dict[str, Any]]:
    """Objects of the first array in text that breaks off somewhere."""
    decoder = json.JSONDecoder()
    at = text.find("[") + 1
    while at > 0:
        while at < len(text) and text[at] in " \t\r\n,":
            at += 1
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return
        if isinstance(value, dict):
            yield value
