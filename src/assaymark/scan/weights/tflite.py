"""TensorFlow Lite: operators of other libraries, those of TensorFlow itself, metadata, attached files."""

import math
from collections.abc import Iterator

from msgspec import Struct, field

from assaymark.inspection import Hazard, Header, Hole, HoleKind, Level
from assaymark.scan.blob import Blob
from assaymark.scan.part import Covered, Inspector, Limits, Look, Part
from assaymark.scan.weights._flatbuffer import Flat, Table
from assaymark.scan.weights._hidden import unclaimed
from assaymark.scan.weights._reader import MalformedError, TooMuchError
from assaymark.scan.weights._tables import table
from assaymark.scan.weights._words import judge_texts, short

__all__ = ["INSPECTOR"]

CUSTOM = 32
"""BuiltinOperator.CUSTOM: the operator is known by name."""
MAX_LISTED = 40


class _Found(Struct):
    facts: dict[str, str] = field(default_factory=dict)
    texts: list[tuple[str, str]] = field(default_factory=list)
    custom: list[str] = field(default_factory=list)
    outside: list[tuple[int, int]] = field(default_factory=list)
    """Buffers that lie behind the tables: offset and size."""
    sizes: list[int] = field(default_factory=list)
    tensors: int = 0
    parameters: int = 0
    data: int = 0


def _claims(look: Look) -> bool:
    return look.head[4:8] == b"TFL3" or (
        look.name.endswith(".tflite") and not look.head.startswith(b"version https")
    )


def _inspect(blob: Blob, limits: Limits) -> Iterator[Part]:
    flat, found, problem = Flat(blob), _Found(), None
    try:
        if flat.raw(4, 4) != b"TFL3":
            raise MalformedError("it does not begin as TensorFlow Lite does")
        _model(flat.root(), found)
    except TooMuchError as error:
        problem = Hole(kind=HoleKind.BOUND, reason=f"TensorFlow Lite: {error}")
    except (MalformedError, ValueError) as error:
        problem = Hole(kind=HoleKind.BROKEN, reason=f"TensorFlow Lite: {error}")
    facts = tuple(sorted((k, short(v)) for k, v in found.facts.items() if v))
    parameters = min(found.parameters, 1 << 62)
    yield Header(format="tflite", tensors=found.tensors, parameters=parameters, metadata=facts)
    yield from _operators(found.custom)
    yield from judge_texts(found.texts)
    if problem is not None:
        yield problem
        return
    yield from _extent(blob, flat, found)


def _model(root: Table, found: _Found) -> None:
    found.facts["schema"] = str(root.number(0, "I"))
    found.facts["description"] = root.text(3)
    found.texts.append(("description", found.facts["description"]))
    for code in root.tables(1):
        if max(code.number(0, "b"), code.number(3, "i")) == CUSTOM or code.vector(1)[1]:
            found.custom.append(code.text(1, 256))
    for buffer in root.tables(4):
        _, size = buffer.vector(0)
        offset, length = buffer.number(1, "Q"), buffer.number(2, "Q")
        if offset > 1:
            found.outside.append((offset, length))
        found.sizes.append(max(size, length))
        found.data += size
    for graph in root.tables(2):
        for tensor in graph.tables(0):
            _tensor(tensor, found)
        for operator in graph.tables(3):
            _reach(operator, {1: 4, 2: 4, 5: 1, 8: 4})
        _reach(graph, {1: 4, 2: 4, 4: 1})
    for entry in root.tables(6):
        name = entry.text(0, 256)
        found.facts.setdefault("metadata", "")
        found.facts["metadata"] = f"{found.facts['metadata']} {name}".strip()[:120]


def _reach(one: Table, vectors: dict[int, int]) -> None:
    """Note where lists of numbers end, so that what lies behind everything can be told."""
    for place, width in vectors.items():
        one.vector(place, width)


def _tensor(tensor: Table, found: _Found) -> None:
    found.tensors += 1
    _reach(tensor, {3: 1, 7: 4})
    if (quantisation := tensor.table(4)) is not None:
        _reach(quantisation, {0: 4, 1: 4, 2: 4, 3: 8})
    number = tensor.number(2, "I")
    if number < len(found.sizes) and found.sizes[number]:
        shape = tensor.numbers(0, "i")
        if any(n < 0 for n in shape):
            raise MalformedError(f"a tensor of weights has the shape {short(str(shape), 60)}")
        found.parameters += min(math.prod(shape), 1 << 56)
    elif number >= len(found.sizes):
        raise MalformedError(f"a tensor names buffer {number:,} of {len(found.sizes):,}")


def _operators(names: list[str]) -> Iterator[Hazard]:
    for name in dict.fromkeys(names[: MAX_LISTED * 10]):
        if name.startswith("Flex"):
            yield _flex(name)
        elif name not in table("tflite.yaml", "bundled"):
            compiled = name in table("tflite.yaml", "compiled")
            message = (
                f"It holds code compiled for an accelerator: {short(name, 80)}."
                if compiled
                else f"It needs a library of operators from outside: {short(name, 80)}."
            )
            rule = "tflite-compiled" if compiled else "tflite-custom-operator"
            yield Hazard(rule=rule, level=Level.UNKNOWN, subject=short(name, 80), message=message)


def _flex(name: str) -> Hazard:
    """Operators of TensorFlow proper, which the Select TF runtime lends."""
    op = name.removeprefix("Flex")
    acts = ("python", "writes", "saves", "restores", "reads", "connects", "ends")
    if any(op in table("tensorflow.yaml", kind) for kind in acts):
        message = f"Running it acts outside of the model: {short(op, 80)} of TensorFlow."
        return Hazard(rule="tflite-acts", level=Level.DANGEROUS, subject=short(op, 80), message=message)
    known = op in table("tensorflow.yaml", "operators")
    message = (
        f"It needs TensorFlow's own operators: {short(op, 80)}{'' if known else ', which is on no list'}."
    )
    level = Level.NOTE if known else Level.UNKNOWN
    return Hazard(rule="tflite-flex", level=level, subject=short(op, 80), message=message)


def _extent(blob: Blob, flat: Flat, found: _Found) -> Iterator[Part]:
    """What lies behind everything that the tables reach."""
    end = flat.end
    for offset, size in found.outside:
        if offset + size > blob.size:
            reason = f"a buffer ends at byte {offset + size:,} of {blob.size:,}: it was cut off"
            yield Hole(kind=HoleKind.BROKEN, reason=f"TensorFlow Lite: {reason}")
        found.data += min(size, max(0, blob.size - offset))
        end = max(end, min(offset + size, blob.size))
    data = min(found.data, end)
    yield Covered(interpreted=end - data, data=data)
    head = blob.read(end, 64).lstrip(b"\0")
    if head.startswith(b"PK\3\4"):
        # Files attached to the model are a zip behind it; the inspector of zips claims the whole file.
        yield Covered(interpreted=blob.size - end)
    else:
        yield from unclaimed(blob, end, blob.size, "behind the model", padding=64)


INSPECTOR = Inspector(format="tflite", claims=_claims, inspect=_inspect)
