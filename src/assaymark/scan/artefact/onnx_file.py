"""ONNX: a protobuf walked field by field, passing over the weights."""

import math
import re
from collections.abc import Iterator

from msgspec import Struct

from assaymark.observation import Location
from assaymark.scan.artefact.ranges import BoundHitError, Cursor
from assaymark.scan.blob import Blob
from assaymark.scan.facts import ModelFile

__all__ = ["looks_like_onnx", "scan_onnx"]

MAX_READ = 8 << 20
MAX_FIELDS = 50_000
_HEAD = re.compile(rb"\x08[\x01-\x20](\x12[\x01-\x3f][ -~]{3}|\x1a[\x01-\x3f][ -~]|\x3a|\x42)")
_WRITERS = (b"onnx", b"pytorch", b"paddle", b"coremltools", b"catboost", b"keras")
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


class _Field(Struct, frozen=True):
    number: int
    kind: int
    value: int
    """Of a varint."""
    length: int
    """Of a length-delimited field, whose content stands at the cursor."""


def looks_like_onnx(path: str, head: bytes) -> bool:
    """Whether `head` begins as exporters write it, in a file of that name or with ONNX's own words."""
    if not _HEAD.match(head):
        return False
    return path.lower().endswith(".onnx") or any(word in head[:512].lower() for word in _WRITERS)


def _varint(cursor: Cursor) -> int:
    value = 0
    for shift in range(0, 70, 7):
        byte = cursor.take(1)[0]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value
    raise ValueError("a number in it is too long")


def _fields(cursor: Cursor, end: int, budget: list[int]) -> Iterator[_Field]:
    """Fields up to `end`; whatever the caller leaves unread of a field's content is passed over."""
    while cursor.at < end:
        budget[0] -= 1
        if budget[0] < 0:
            raise BoundHitError(f"it has more than {MAX_FIELDS:,} fields")
        number, kind = divmod(_varint(cursor), 8)
        value = length = 0
        if kind == _VARINT:
            value = _varint(cursor)
        elif kind == _BYTES:
            length = _varint(cursor)
            if cursor.at + length > end:
                raise ValueError("a field reaches past the end of its message")
        elif kind in (_FIXED64, _FIXED32):
            length = 8 if kind == _FIXED64 else 4
        else:
            raise ValueError(f"it is not protobuf (wire type {kind})")
        after = cursor.at + length
        yield _Field(number, kind, value, length)
        cursor.skip(after - cursor.at)


class _Model:
    def __init__(self) -> None:
        self.facts: dict[str, str] = {}
        self.opsets: list[str] = []
        self.external: dict[str, None] = {}
        self.tensors = self.parameters = self.nodes = 0

    def read(self, cursor: Cursor, end: int) -> None:
        budget = [MAX_FIELDS]
        names = {2: "producer", 3: "producer version", 4: "domain", 6: "doc"}
        for field in _fields(cursor, end, budget):
            if field.number == 1 and field.kind == _VARINT:
                self.facts["ir version"] = str(field.value)
            elif field.number in names and field.kind == _BYTES and field.length < 4096:
                self.facts[names[field.number]] = _text(cursor, field.length)[:120]
            elif field.number == 8 and field.kind == _BYTES:
                self.opsets.append(_opset(cursor, field.length, budget))
            elif field.number == 7 and field.kind == _BYTES:
                self._graph(cursor, cursor.at + field.length, budget)

    def _graph(self, cursor: Cursor, end: int, budget: list[int]) -> None:
        for field in _fields(cursor, end, budget):
            if field.number == 1:
                self.nodes += 1
            elif field.number == 2 and field.kind == _BYTES and field.length < 4096:
                self.facts["graph"] = _text(cursor, field.length)[:120]
            elif field.number == 5 and field.kind == _BYTES:
                self._tensor(cursor, cursor.at + field.length, budget)

    def _tensor(self, cursor: Cursor, end: int, budget: list[int]) -> None:
        dimensions: list[int] = []
        for field in _fields(cursor, end, budget):
            if field.number == 1 and field.kind == _VARINT:
                dimensions.append(min(field.value, 1 << 48))
            elif field.number == 1 and field.kind == _BYTES and field.length < 256:
                stop = cursor.at + field.length
                while cursor.at < stop:
                    dimensions.append(min(_varint(cursor), 1 << 48))
            elif field.number == 13 and field.kind == _BYTES and field.length < 4096:
                self._external(cursor, field.length, budget)
        self.tensors += 1
        self.parameters += min(math.prod(dimensions[:16]), 1 << 62)

    def _external(self, cursor: Cursor, length: int, budget: list[int]) -> None:
        pair = {f.number: _text(cursor, f.length) for f in _fields(cursor, cursor.at + length, budget)}
        if pair.get(1) == "location":
            self.external[pair.get(2, "")[:200]] = None

    def metadata(self) -> tuple[tuple[str, str], ...]:
        found = dict(self.facts)
        found["nodes"] = str(self.nodes)
        if self.opsets:
            found["opset"] = ", ".join(self.opsets[:10])
        if self.external:
            found["external data"] = ", ".join(list(self.external)[:5])
        return tuple(sorted(found.items()))


def _text(cursor: Cursor, length: int) -> str:
    return cursor.take(length).decode("utf-8", "replace")


def _opset(cursor: Cursor, length: int, budget: list[int]) -> str:
    domain, version = "ai.onnx", 0
    for field in _fields(cursor, cursor.at + length, budget):
        if field.number == 1 and field.kind == _BYTES and field.length < 256:
            domain = _text(cursor, field.length) or domain
        elif field.number == 2:
            version = field.value
    return f"{domain} {version}"


def scan_onnx(blob: Blob) -> ModelFile:
    """Producer, opsets, graph size and external data of an ONNX model."""
    model = _Model()
    problem = ""
    try:
        model.read(Cursor(blob, limit=MAX_READ), blob.size)
    except (BoundHitError, EOFError, ValueError) as error:
        problem = str(error)[:200]
    return ModelFile(
        at=Location(blob.path), format="onnx", sha256=blob.sha256, size=blob.size, runs_code=False,
        tensors=model.tensors, parameters=model.parameters, metadata=model.metadata(), problem=problem,
        extension_matches=blob.path.lower().endswith(".onnx"),
    )  # fmt: skip
