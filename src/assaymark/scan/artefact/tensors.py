"""safetensors and GGUF: formats that cannot run code, with headers worth reading."""

import math
from typing import Any

from assaymark.observation import Location
from assaymark.scan.artefact.json_text import parse_json
from assaymark.scan.artefact.ranges import BoundHitError, Cursor
from assaymark.scan.blob import Blob
from assaymark.scan.facts import ModelFile

__all__ = ["looks_like_safetensors", "scan_gguf", "scan_safetensors"]

MAX_HEADER = 8 << 20
"""Bytes of header that are read; the safetensors library itself allows 100 MB."""
_MAX_ITEMS = 400_000
_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "I", 7: "B", 10: "Q", 11: "q", 12: "Q"}
_WIDTH = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
_STRING, _ARRAY = 8, 9
_KEPT = {
    "general.architecture": "architecture",
    "general.name": "name",
    "general.license": "licence",
    "general.author": "author",
    "general.source.url": "source",
    "general.base_model.0.name": "base model",
    "general.base_model.0.repo_url": "base model url",
    "general.quantization_version": "quantisation version",
    "tokenizer.chat_template": "chat template",
}


def looks_like_safetensors(head: bytes, size: int = 1 << 62) -> bool:
    """Whether `head` starts with a plausible header length and a JSON object."""
    return len(head) >= 10 and head[8:9] == b"{" and 2 <= int.from_bytes(head[:8], "little") <= size - 8


def scan_safetensors(blob: Blob) -> ModelFile:
    """Tensors, parameters and metadata of a safetensors file."""
    length = int.from_bytes(blob.read(0, 8), "little")
    problem = ""
    header: Any = None
    if length > MAX_HEADER:
        problem = f"its header of {length:,} bytes is longer than the bound of {MAX_HEADER:,}"
    else:
        header = parse_json(blob.read(8, length))
        problem = "" if isinstance(header, dict) else "its header is not a JSON object"
    entries = header if isinstance(header, dict) else {}
    tensors = [v for k, v in entries.items() if k != "__metadata__" and isinstance(v, dict)]
    if not problem:
        problem = _extent_problem(tensors, blob.size - 8 - length)
    return ModelFile(
        at=Location(blob.path), format="safetensors", sha256=blob.sha256, size=blob.size, runs_code=False,
        tensors=len(tensors), parameters=sum(_elements(t.get("shape")) for t in tensors),
        metadata=_metadata(entries.get("__metadata__")), problem=problem,
        extension_matches=blob.path.lower().endswith(".safetensors"),
    )  # fmt: skip


def _elements(shape: object) -> int:
    if not isinstance(shape, list) or len(shape) > 32:
        return 0
    if not all(isinstance(n, int) and 0 <= n < 1 << 48 for n in shape):
        return 0
    return min(math.prod(shape), 1 << 62)


def _extent_problem(tensors: list[dict[str, Any]], data: int) -> str:
    ends = [0]
    for tensor in tensors:
        offsets = tensor.get("data_offsets")
        if not isinstance(offsets, list) or len(offsets) != 2 or not all(isinstance(n, int) for n in offsets):
            return "a tensor has no valid offsets"
        ends.append(offsets[1])
    if max(ends) != data:
        return f"its tensors end at byte {max(ends):,} of {data:,}: it was cut off, or something is appended"
    return ""


def _metadata(found: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(found, dict):
        return ()
    return tuple((str(k)[:80], str(v)[:120]) for k, v in sorted(found.items())[:20])


def scan_gguf(blob: Blob) -> ModelFile:
    """Version, counts and the telling metadata of a GGUF file."""
    cursor = Cursor(blob, limit=MAX_HEADER, offset=4)
    kept: dict[str, str] = {}
    tensors = parameters = 0
    problem = ""
    try:
        version = cursor.number("I")
        tensors, pairs = cursor.number("Q"), cursor.number("Q")
        kept["version"] = str(version)
        if version > 0xFFFF or max(tensors, pairs) > _MAX_ITEMS:
            raise BoundHitError(f"it announces more than {_MAX_ITEMS:,} entries, or is big-endian")
        _pairs(cursor, pairs, kept)
        parameters = sum(_tensor(cursor) for _ in range(tensors))
    except (BoundHitError, EOFError, ValueError) as error:
        problem = str(error)[:200]
    return ModelFile(
        at=Location(blob.path), format="gguf", sha256=blob.sha256, size=blob.size, runs_code=False,
        tensors=min(tensors, _MAX_ITEMS), parameters=parameters, metadata=tuple(sorted(kept.items())),
        problem=problem, extension_matches=blob.path.lower().endswith(".gguf"),
    )  # fmt: skip


def _pairs(cursor: Cursor, count: int, kept: dict[str, str]) -> None:
    budget = [_MAX_ITEMS]
    for _ in range(count):
        key = _text(cursor, 1 << 16)
        value = _value(cursor, cursor.number("I"), budget)
        if key in _KEPT:
            kept[_KEPT[key]] = "present" if key.endswith("template") else value[:120]
        elif key.endswith(".context_length"):
            kept["context length"] = value


def _text(cursor: Cursor, limit: int) -> str:
    length = cursor.number("Q")
    if length > limit:
        cursor.skip(length)
        return ""
    return cursor.take(length).decode("utf-8", "replace")


def _value(cursor: Cursor, kind: int, budget: list[int]) -> str:
    if kind == _STRING:
        return _text(cursor, 1 << 16)
    if kind in _SCALARS:
        return str(cursor.number(_SCALARS[kind]))
    if kind != _ARRAY:
        raise ValueError(f"its metadata holds an unknown type ({kind})")
    inner, count = cursor.number("I"), cursor.number("Q")
    if inner in _WIDTH:
        cursor.skip(_WIDTH[inner] * count)
    elif inner == _STRING:
        budget[0] -= count
        if budget[0] < 0:
            raise BoundHitError(f"its metadata holds more than {_MAX_ITEMS:,} strings")
        for _ in range(count):
            cursor.skip(cursor.number("Q"))
    else:
        raise ValueError("its metadata nests arrays")
    return f"array of {count}"


def _tensor(cursor: Cursor) -> int:
    cursor.skip(cursor.number("Q"))
    dimensions = cursor.number("I")
    if dimensions > 8:
        raise ValueError("a tensor has more than 8 dimensions")
    elements = math.prod(cursor.number("Q") for _ in range(dimensions))
    cursor.skip(12)
    return min(elements, 1 << 62)
