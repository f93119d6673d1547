"""Pickles within pickles: bytes that a call would load in turn."""

from collections.abc import Iterator

import msgspec

from assaymark.inspection import Hazard
from assaymark.scan.blob import Blob, BytesBlob
from assaymark.scan.part import Limits
from assaymark.scan.pickle.judge import Judge
from assaymark.scan.pickle.machine import Machine
from assaymark.scan.pickle.shapes import made_by
from assaymark.scan.pickle.stream import Stream
from assaymark.scan.pickle.values import Box, Opaque, Value

__all__ = ["nested_hazards"]

DEPTH = 4
HELD = 1 << 20


def nested_hazards(blob: Blob, judge: Judge, limits: Limits, depth: int = 0) -> Iterator[Hazard]:
    """The hazards of pickles that were given as bytes to something that loads them."""
    if depth >= DEPTH:
        return
    for value, name in judge.nested:
        inner = _inner(blob, value)
        if inner is None:
            continue
        nested = Judge(torch=judge.torch)
        nested.within = f"{judge.within}In the bytes given to {name}: "
        nested.machine = Machine(Stream(inner), nested)
        nested.machine.run()
        for hazard in nested.hazards():
            yield msgspec.structs.replace(hazard, offset=None)
        yield from nested_hazards(inner, nested, limits, depth + 1)


def _inner(blob: Blob, value: Value) -> Blob | None:
    if isinstance(value, Opaque) and value.offset >= 0 and value.kind in ("bytes", "bytearray", "str"):
        return BytesBlob(blob.path, blob.read(value.offset, min(value.length, HELD)))
    if isinstance(value, bytes):
        return BytesBlob(blob.path, value)
    if isinstance(value, str):
        return BytesBlob(blob.path, value.encode("latin-1", "replace"))
    if made_by(value) == "_codecs.encode" and isinstance(value.args, Box) and value.args.items:
        return _inner(blob, value.args.items[0])
    return None
