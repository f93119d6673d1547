"""Pickles within pickles: bytes that a call would load in turn."""

from collections.abc import Iterator

import msgspec

from assaymark.inspection import Hazard, Hole, HoleKind
from assaymark.scan.blob import Blob, BytesBlob
from assaymark.scan.part import Limits
from assaymark.scan.pickle.judge import Judge
from assaymark.scan.pickle.sequence import Total, follow_all
from assaymark.scan.pickle.shapes import made_by
from assaymark.scan.pickle.values import Box, Opaque, Value

__all__ = ["nested_parts"]

DEPTH = 4
HELD = 64 << 20
"""Bytes of a nested pickle that are held at once."""


def nested_parts(blob: Blob, judge: Judge, limits: Limits, depth: int = 0) -> Iterator[Hazard | Hole]:
    """The hazards of pickles that were given as bytes to something that loads them."""
    if depth >= DEPTH:
        return
    for value, name, offset, known in judge.nested:
        inner = _inner(blob, value)
        if inner is None:
            if known:
                yield Hole(
                    kind=HoleKind.UNSUPPORTED, reason=f"what {name} loads cannot be read", offset=offset
                )
            continue
        nested = Judge(torch=judge.torch)
        nested.within = f"{judge.within}In the bytes given to {name}: "
        for hole in follow_all(inner, nested, Total()):
            if known and isinstance(hole, Hole):
                yield msgspec.structs.replace(hole, reason=nested.within + hole.reason, offset=offset)
        for hazard in nested.hazards():
            yield msgspec.structs.replace(hazard, offset=offset)
        for part in nested_parts(inner, nested, limits, depth + 1):
            yield msgspec.structs.replace(part, offset=offset)


def _inner(blob: Blob, value: Value) -> Blob | None:
    if isinstance(value, Opaque) and value.offset >= 0 and value.kind in ("bytes", "bytearray", "str"):
        if value.length > HELD:
            return None
        return BytesBlob(blob.path, blob.read(value.offset, value.length))
    if isinstance(value, bytes):
        return BytesBlob(blob.path, value)
    if isinstance(value, str):
        return BytesBlob(blob.path, value.encode("latin-1", "replace"))
    if made_by(value) == "_codecs.encode" and isinstance(value.args, Box) and value.args.items:
        return _inner(blob, value.args.items[0])
    return None
