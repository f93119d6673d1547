"""Pickles within pickles: bytes that a call would load in turn."""

from collections.abc import Iterator

import msgspec

from assaymark.inspection import Hazard, Hole, HoleKind
from assaymark.scan.blob import Blob, BytesBlob
from assaymark.scan.part import Limits
from assaymark.scan.pickle.judge import Judge
from assaymark.scan.pickle.legacy import TorchLegacy
from assaymark.scan.pickle.machine import Machine
from assaymark.scan.pickle.shapes import made_by
from assaymark.scan.pickle.stream import Stream
from assaymark.scan.pickle.values import Box, Opaque, Value

__all__ = ["nested_parts"]

DEPTH = 4
PICKLES = 1_000
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
        for hole in _followed(inner, nested):
            if known:
                yield msgspec.structs.replace(hole, offset=offset)
        for hazard in nested.hazards():
            yield msgspec.structs.replace(hazard, offset=offset)
        for part in nested_parts(inner, nested, limits, depth + 1):
            yield msgspec.structs.replace(part, offset=offset)


def _followed(blob: Blob, judge: Judge) -> Iterator[Hole]:
    """Run every pickle of the bytes; what lies behind the fifth of PyTorch's are storages."""
    legacy = TorchLegacy(blob)
    offset = 0
    for _ in range(PICKLES):
        judge.machine = Machine(Stream(blob, offset), judge)
        ended = judge.machine.run()
        legacy.read(ended)
        if ended.how != "stop":
            reason = f"{judge.within}the pickle cannot be followed past {ended.offset}: {ended.reason}"
            yield Hole(kind=HoleKind.BOUND if ended.how == "bound" else HoleKind.BROKEN, reason=reason)
            return
        offset, _skipped = legacy.after(ended.offset)
        if offset >= blob.size or blob.read(offset, 1) != b"\x80":
            return


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
