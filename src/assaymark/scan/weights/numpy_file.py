"""NumPy's .npy: a Python literal as header, then numbers, or a pickle if any field holds objects."""

import ast
import math
import re
from collections.abc import Iterator

from msgspec import Struct

from assaymark.inspection import Hazard, Header, Hole, HoleKind, Level
from assaymark.scan.blob import Blob
from assaymark.scan.part import Covered, Inspector, Limits, Look, Member, Part
from assaymark.scan.weights._hidden import lie
from assaymark.scan.weights._reader import MalformedError, Slice
from assaymark.scan.weights._words import short
from assaymark.scan.weights.places import Place

__all__ = ["INSPECTOR", "tensor_places"]

MAX_HEADER = 1 << 16
"""Bytes of header that are parsed; NumPy itself refuses more than 10,000 unless told to trust the file."""
MAX_NESTING = 200
_MAGIC = b"\x93NUMPY"
_DTYPE = re.compile(
    r"([<>|=]?)(?:(b|B|i|u|f|c|U|S|V|a)(\d{1,9})|(O)\d{0,2}|(m|M)(8)(?:\[[\w/]{1,20}\])?|(\?))"
)
_QUOTED = re.compile(r"'[^'\\\n]*+'|\"[^\"\\\n]*+\"")
_PLAIN = re.compile(r"(?:[\s\[\](){}:,]|\d{1,20}L?|True|False)*+")
"""What may stand outside of strings: no operator, so that the literal cannot be deep without brackets."""
_KINDS = {
    "f": "number", "c": "number", "i": "integer", "u": "integer", "b": "boolean", "?": "boolean",
    "U": "string", "S": "bytes", "a": "bytes", "M": "timestamp", "m": "timestamp", "O": "object",
}  # fmt: skip


class _Dtype(Struct, frozen=True):
    """Type of an element."""

    kind: str
    size: int
    objects: bool
    little: bool = False
    """Plain numbers, lowest byte first."""


def _claims(look: Look) -> bool:
    return look.head.startswith(_MAGIC) or (look.name.endswith(".npy") and bool(look.head))


def _inspect(blob: Blob, limits: Limits) -> Iterator[Part]:
    try:
        start, dtype, shape, fortran = _header(blob)
    except (MalformedError, ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
        yield Header(format="numpy")
        yield Hole(kind=HoleKind.BROKEN, reason=f"npy: {short(str(error), 200)}", size=blob.size)
        return
    elements = math.prod(shape)
    metadata: tuple[tuple[str, str], ...] = (
        ("type", _KINDS.get(dtype.kind, "unknown")),
        ("shape", short(str(tuple(shape)), 80)),
    )
    metadata += (("order", "Fortran"),) if fortran else ()
    counted = 0 if dtype.objects else min(elements, 1 << 62)
    yield Header(format="numpy", tensors=1, parameters=counted, metadata=metadata)
    yield Covered(interpreted=start)
    if any(n > 1 << 48 for n in shape) or elements > 1 << 56:
        message = f"It declares an absurd shape: {short(str(shape), 80)}."
        yield Hazard(rule="tensor-shape", level=Level.UNKNOWN, message=message, offset=8)
    if dtype.objects:
        yield from _objects(blob, start)
    else:
        yield from lie(blob, start, [(0, elements * dtype.size, "array")])


_LABELS = {
    ("f", 8): "F64",
    ("f", 4): "F32",
    ("f", 2): "F16",
    ("i", 8): "I64",
    ("i", 4): "I32",
    ("i", 2): "I16",
}


def tensor_places(blob: Blob, limits: Limits) -> Iterator[Place]:
    """Where the array lies; none if its numbers are not little-endian floats or integers.

    Raises:
        ValueError: the header is broken.
    """
    start, dtype, shape, _ = _header(blob)
    label = _LABELS.get((dtype.kind, dtype.size), "")
    if label and dtype.little:
        yield Place("array", label, tuple(shape), start)


def _objects(blob: Blob, start: int) -> Iterator[Part]:
    """An array of objects is a pickle behind the header, which `allow_pickle=True` loads."""
    yield Hazard(
        rule="numpy-objects", level=Level.NOTE, offset=start,
        message="It holds Python objects: NumPy reads them with pickle, and only if it is told to.",
    )  # fmt: skip
    yield Member("objects.pkl", Slice(blob, start, blob.size - start, f"{blob.path}!/objects.pkl"))


def _header(blob: Blob) -> tuple[int, _Dtype, list[int], bool]:
    """Where the data begins, its type, its shape, and whether its first index runs quickest."""
    head = blob.read(0, 12)
    if len(head) < 10 or not head.startswith(_MAGIC):
        raise MalformedError("it does not begin as an npy file does")
    if head[6] not in (1, 2, 3) or head[7] != 0:
        raise MalformedError(f"version {head[6]}.{head[7]} is none that is known")
    start = 10 if head[6] == 1 else 12
    length = int.from_bytes(head[8:start], "little")
    if length > MAX_HEADER:
        raise MalformedError(f"a header of {length:,} bytes; the bound is {MAX_HEADER:,}")
    raw = blob.read(start, length)
    if len(raw) < length:
        raise MalformedError("it ends within its header")
    fields = _literal(raw.decode("utf-8" if head[6] == 3 else "latin-1"))
    if set(fields) != {"descr", "fortran_order", "shape"}:
        raise MalformedError("its header does not hold descr, fortran_order and shape")
    shape, fortran = fields["shape"], fields["fortran_order"]
    if not isinstance(shape, tuple) or len(shape) > 64 or not all(type(n) is int and n >= 0 for n in shape):
        raise MalformedError("its shape is not a tuple of sizes")
    return start + length, _dtype(fields["descr"], 0), list(shape), fortran is True


def _literal(text: str) -> dict[str, object]:
    """The dictionary in a header, as a Python literal and nothing else."""
    if sum(map(text.count, "([{")) > MAX_NESTING:
        raise MalformedError("its header holds too many brackets")
    if not _PLAIN.fullmatch(_QUOTED.sub("", text)):
        raise MalformedError("its header is not a plain dictionary")
    text = re.sub(r"(?<=\d)L\b", "", text)  # Python 2 wrote long numbers so
    value = ast.literal_eval(text.strip())
    if not isinstance(value, dict):
        raise MalformedError("its header is not a dictionary")
    return value


def _dtype(descr: object, depth: int) -> _Dtype:
    """Size of an element, however it is structured."""
    if depth > 16:
        raise MalformedError("its type is nested too deeply")
    match descr:
        case str():
            return _simple(descr)
        case tuple() if len(descr) == 2:
            inner = _dtype(descr[0], depth + 1)
            return _Dtype(inner.kind, inner.size * _count(descr[1]), inner.objects)
        case list():
            fields = [_field(f, depth + 1) for f in descr]
            return _Dtype("V", sum(f.size for f in fields), any(f.objects for f in fields))
    raise MalformedError("its type cannot be read")


def _field(field: object, depth: int) -> _Dtype:
    if not isinstance(field, tuple) or len(field) not in (2, 3):
        raise MalformedError("a field of its type cannot be read")
    inner = _dtype(field[1], depth)
    return _Dtype(inner.kind, inner.size * (_count(field[2]) if len(field) == 3 else 1), inner.objects)


def _count(shape: object) -> int:
    if type(shape) is int and shape >= 0:
        return shape
    if isinstance(shape, tuple) and len(shape) <= 64 and all(type(n) is int and n >= 0 for n in shape):
        return math.prod(shape)
    raise MalformedError("a field of its type has no valid shape")


def _simple(descr: str) -> _Dtype:
    match = _DTYPE.fullmatch(descr)
    if match is None:
        raise MalformedError(f"its type {short(descr, 40)} is none that is known")
    kind = match[2] or match[4] or match[5] or match[7]
    if kind == "O":
        return _Dtype("O", 8, objects=True)
    if kind == "?":
        return _Dtype("?", 1, objects=False)
    size = int(match[3] or match[6])
    return _Dtype(kind, size * (4 if kind == "U" else 1), objects=False, little=match[1] == "<")


INSPECTOR = Inspector(format="numpy", claims=_claims, inspect=_inspect)
