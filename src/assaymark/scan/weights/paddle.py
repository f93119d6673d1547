"""PaddlePaddle: programs (`.pdmodel`) with operators that act, and raw parameters (`.pdiparams`)."""

import math
from collections.abc import Iterator

from msgspec import Struct, field

from assaymark.inspection import Hazard, Header, Hole, HoleKind, Level
from assaymark.scan.blob import Blob
from assaymark.scan.part import Covered, Inspector, Limits, Look, Part
from assaymark.scan.weights._paths import leaves_folder
from assaymark.scan.weights._protobuf import BYTES, VARINT, Field, Outermost, Wire
from assaymark.scan.weights._reader import MalformedError, Reader, TooMuchError
from assaymark.scan.weights._tables import table
from assaymark.scan.weights._tail import beside
from assaymark.scan.weights._words import short

__all__ = ["INSPECTORS"]

MAX_TENSORS = 1 << 18
_PROGRAM = {1: BYTES, 2: BYTES, 3: BYTES, 4: BYTES, 5: BYTES}
_PATHS = ("file_path", "path", "filename", "model_file")


class _Found(Struct):
    operators: dict[str, int] = field(default_factory=dict)
    paths: list[tuple[str, str, int]] = field(default_factory=list)
    """Operator, path, place."""
    count: int = 0


def _claims_program(look: Look) -> bool:
    if look.head[:1] != b"\x0a":
        return False
    wire = Wire(look.blob, fields=16, limit=1 << 20)
    try:
        block = next(wire.fields(0, look.blob.size))
        inner = [f for f, _ in zip(wire.fields(block.start, block.end), range(3), strict=False)]
    except (MalformedError, TooMuchError, StopIteration):
        return look.name.endswith(".pdmodel")
    return [(f.number, f.kind) for f in inner] in (
        [(1, VARINT), (2, VARINT), (3, BYTES)],
        [(1, VARINT), (2, VARINT), (4, BYTES)],
    )


def _program(blob: Blob, limits: Limits) -> Iterator[Part]:
    wire, found, problem, end = Wire(blob), _Found(), None, 0
    outer = Outermost(wire, _PROGRAM)
    try:
        for part in outer:
            if part.number == 1:
                _block(wire, part, found)
            end = part.end
    except TooMuchError as error:
        problem = Hole(kind=HoleKind.BOUND, reason=f"Paddle: {error}")
    except (MalformedError, ValueError) as error:
        problem = Hole(kind=HoleKind.BROKEN, reason=f"Paddle: {error}")
    yield Header(format="paddle", metadata=(("operators", str(found.count)),))
    yield from _judged(found)
    yield Covered(interpreted=max(0, end - sum(f.size for f in outer.strange)))
    if problem is not None:
        yield problem
    if problem is None or problem.kind is HoleKind.BROKEN:
        yield from beside(blob, end, outer.strange, broken=problem is not None)


def _block(wire: Wire, block: Field, found: _Found) -> None:
    for part in wire.fields(block.start, block.end):
        if part.number == 4 and part.kind == BYTES:
            _operator(wire, part, found)


def _operator(wire: Wire, operator: Field, found: _Found) -> None:
    found.count += 1
    name = ""
    paths: list[tuple[str, int]] = []
    for part in wire.fields(operator.start, operator.end):
        if part.number == 3 and part.kind == BYTES:
            name = wire.text(part, 256)
        elif part.number == 4 and part.kind == BYTES and part.size < 8192:
            paths.extend(_path(wire, part))
    found.operators.setdefault(name, operator.start)
    if len(found.paths) < 1000:
        found.paths.extend((name, path, at) for path, at in paths)


def _path(wire: Wire, attribute: Field) -> Iterator[tuple[str, int]]:
    key = value = ""
    for part in wire.fields(attribute.start, attribute.end):
        if part.number == 1 and part.kind == BYTES:
            key = wire.text(part, 256)
        elif part.number == 5 and part.kind == BYTES:
            value = wire.text(part, 4096)
    if key in _PATHS and value:
        yield value, attribute.start


def _judged(found: _Found) -> Iterator[Hazard]:
    for name, at in found.operators.items():
        if name in table("paddle.yaml", "python"):
            message = f"Running it calls a Python function of its host: {name}."
            yield Hazard(
                rule="paddle-python", level=Level.DANGEROUS, subject=name, message=message, offset=at
            )
        elif name in table("paddle.yaml", "connects"):
            message = f"Running it speaks with other machines: {name}."
            yield Hazard(
                rule="paddle-network", level=Level.DANGEROUS, subject=name, message=message, offset=at
            )
    for name, path, at in found.paths:
        if name in table("paddle.yaml", "files") and (problem := leaves_folder(path)):
            message = f"Running it opens a file whose path {problem}: {short(path)} ({name})."
            yield Hazard(
                rule="paddle-file", level=Level.DANGEROUS, subject=short(path), message=message, offset=at
            )


def _claims_parameters(look: Look) -> bool:
    return look.name.endswith(".pdiparams") and look.head[:4] == b"\0\0\0\0"


def _parameters(blob: Blob, limits: Limits) -> Iterator[Part]:
    """Tensors one behind the other: versions, levels of detail, a description, numbers."""
    reader = Reader(blob, limit=limits.held)
    tensors = parameters = data = 0
    problem = None
    try:
        while reader.at < blob.size:
            elements, size = _tensor(reader)
            tensors, parameters, data = tensors + 1, parameters + elements, data + size
            if tensors > MAX_TENSORS:
                raise TooMuchError(f"more than {MAX_TENSORS:,} tensors")
    except TooMuchError as error:
        problem = Hole(kind=HoleKind.BOUND, reason=f"Paddle: {error}", size=blob.size - reader.at)
    except (MalformedError, ValueError) as error:
        problem = Hole(kind=HoleKind.BROKEN, reason=f"Paddle: {error}", size=blob.size - reader.at)
    yield Header(format="paddle-parameters", tensors=tensors, parameters=min(parameters, 1 << 62))
    yield Covered(interpreted=max(0, min(reader.at, blob.size) - data), data=data)
    if problem is not None:
        yield problem


def _tensor(reader: Reader) -> tuple[int, int]:
    if reader.number("I") != 0:
        raise MalformedError(f"no tensor begins at byte {reader.at - 4:,}")
    levels = reader.number("Q")
    if levels > 64:
        raise MalformedError(f"{levels:,} levels of detail")
    for _ in range(levels):
        reader.skip(reader.number("Q"))
    if reader.number("I") != 0:
        raise MalformedError(f"a tensor of an unknown version before byte {reader.at:,}")
    length = reader.number("i")
    if not 0 <= length <= 4096:
        raise MalformedError(f"a description of {length:,} bytes")
    start = reader.at
    wire = Wire(reader.blob, fields=128, limit=1 << 16)
    kind, dims = -1, list[int]()
    for part in wire.fields(start, start + length):
        if part.number == 1 and part.kind == VARINT:
            kind = part.value
        elif part.number == 2:
            dims.extend(wire.numbers(part, 64))
    reader.skip(length)
    width = table("paddle.yaml", "widths").get(kind)
    elements = math.prod(dims[:64])
    if width is None or any(n < 0 or n > 1 << 48 for n in dims) or elements > 1 << 56:
        raise MalformedError(f"a tensor of type {kind} and shape {short(str(dims), 60)}")
    reader.skip(elements * width)
    return elements, elements * width


INSPECTORS = (
    Inspector(format="paddle", claims=_claims_program, inspect=_program),
    Inspector(format="paddle-parameters", claims=_claims_parameters, inspect=_parameters),
)
