"""Core ML: layers and models of the app's own code, and weights by path, in `.mlmodel` and in packages.

After Model.proto, NeuralNetwork.proto and MIL.proto of coremltools.
"""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from msgspec import Struct, field

from assaymark.inspection import Hazard, Header, Hole, HoleKind, Level
from assaymark.scan.blob import Blob
from assaymark.scan.part import Covered, Inspector, Limits, Look, Part
from assaymark.scan.weights._paths import leaves_folder
from assaymark.scan.weights._protobuf import BYTES, VARINT, Field, Outermost, Wire
from assaymark.scan.weights._reader import MalformedError, TooMuchError
from assaymark.scan.weights._tail import beside
from assaymark.scan.weights._words import judge_texts, short

__all__ = ["INSPECTORS"]

MAX_DEPTH = 64
_TYPES = {
    *range(200, 203), *range(300, 305), *range(400, 405), 500, 501, 502, 555, 556, 560, *range(600, 614),
    *range(2000, 2007), 3000,
}  # fmt: skip
"""Kinds of model, by field number of Model."""
_FIELDS = {1: VARINT, 2: BYTES, 10: VARINT} | dict.fromkeys(_TYPES, BYTES)
_NETWORKS, _PIPELINES = {303, 403, 500}, {200, 201}
_NAMES = {3: "author", 4: "licence", 2: "version", 1: "description"}


class _Found(Struct):
    facts: dict[str, str] = field(default_factory=dict)
    texts: list[tuple[str, str]] = field(default_factory=list)
    hazards: list[Hazard] = field(default_factory=list)
    layers: int = 0
    data: int = 0


def _claims(look: Look) -> bool:
    if look.head.startswith(b"version https"):
        return False
    return (look.name.endswith(".mlmodel") and look.head[:1] in (b"\x08", b"\x12")) or _is_model(look)


def _is_model(look: Look) -> bool:
    """A version, a description, and a model of a kind that only Core ML numbers so."""
    if look.head[:1] != b"\x08":
        return False
    wire, seen = Wire(look.blob, fields=16, limit=1 << 20), list[int]()
    try:
        for found in wire.fields(0, look.blob.size):
            if _FIELDS.get(found.number) != found.kind:
                return False
            seen.append(found.number)
    except (MalformedError, TooMuchError):
        return False
    return {1, 2} <= set(seen) and any(n in _TYPES for n in seen)


def _inspect(blob: Blob, limits: Limits) -> Iterator[Part]:
    wire, found, problem = Wire(blob), _Found(), None
    outer = Outermost(wire, _FIELDS)
    end = 0
    try:
        walk = _Walk(wire, found)
        for part in outer:
            walk.part(part)
            end = part.end
    except TooMuchError as error:
        problem = Hole(kind=HoleKind.BOUND, reason=f"Core ML: {error}")
    except (MalformedError, ValueError) as error:
        problem = Hole(kind=HoleKind.BROKEN, reason=f"Core ML: {error}")
    facts = {k: short(v) for k, v in found.facts.items()} | {"layers": str(found.layers)}
    yield Header(format="coreml", metadata=tuple(sorted(facts.items())))
    yield from found.hazards
    yield from judge_texts(found.texts)
    data = min(found.data, end)
    strange = sum(f.size for f in outer.strange)
    yield Covered(interpreted=max(0, end - data - strange), data=data)
    if problem is not None:
        yield problem
    if problem is None or problem.kind is HoleKind.BROKEN:
        yield from beside(blob, end, outer.strange, broken=problem is not None)


class _Walk:
    def __init__(self, wire: Wire, found: _Found) -> None:
        self._wire = wire
        self._found = found
        self._depth = 0

    def _into(self, outer: Field, walk: Callable[[Field], None]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise TooMuchError(f"models in models, more than {MAX_DEPTH} deep")
        for inner in self._wire.fields(outer.start, outer.end):
            if inner.kind == BYTES:
                walk(inner)
        self._depth -= 1

    def _odd(self, rule: str, level: Level, subject: str, message: str, at: int) -> None:
        if len(self._found.hazards) < 100:
            hazard = Hazard(rule=rule, level=level, subject=short(subject), message=message, offset=at)
            self._found.hazards.append(hazard)

    def part(self, found: Field) -> None:
        """One field of Model."""
        if found.number == 1:
            self._found.facts.setdefault("specification", str(found.value))
        elif found.number == 2:
            self._into(found, self._description)
        elif found.number in _NETWORKS:
            self._into(found, self._network)
        elif found.number in _PIPELINES:
            self._into(found, lambda f: self._into(f, self._pipeline) if f.number == 1 else None)
        elif found.number == 202:
            self._into(found, self._pipeline)
        elif found.number == 502:
            self._into(found, self._program)
        elif found.number == 555:
            self._custom(found, 10, "model")
        elif found.number == 556:
            self._into(found, lambda f: self._into(f, self._linked))
        elif found.number in _TYPES:
            self._found.data += found.size

    def _description(self, found: Field) -> None:
        if found.number == 100:
            self._into(found, self._metadata)

    def _metadata(self, found: Field) -> None:
        if found.number in _NAMES:
            text = self._wire.text(found)
            self._found.facts[_NAMES[found.number]] = text
            self._found.texts.append((_NAMES[found.number], text))
        elif found.number == 100 and len(self._found.texts) < 200:
            key, value = self._wire.pair(found)
            self._found.texts.append((f"userDefined.{key[:80]}", value))

    def _pipeline(self, found: Field) -> None:
        if found.number == 1:
            self._model(found)

    def _model(self, found: Field) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise TooMuchError(f"models in models, more than {MAX_DEPTH} deep")
        for inner in self._wire.fields(found.start, found.end):
            self.part(inner)
        self._depth -= 1

    def _network(self, found: Field) -> None:
        if found.number == 1:
            self._found.layers += 1
            self._into(found, self._layer)

    def _layer(self, found: Field) -> None:
        if found.number == 500:
            self._custom(found, 10, "layer")
        elif found.number in (605, 615):  # branches and loops hold networks
            self._into(found, lambda f: self._into(f, self._network) if f.number in (1, 2, 3, 4) else None)
        elif found.number >= 100:
            self._found.data += found.size

    def _custom(self, found: Field, number: int, what: str) -> None:
        name = ""
        for inner in self._wire.fields(found.start, found.end):
            if inner.number == number and inner.kind == BYTES:
                name = self._wire.text(inner, 256)
            elif inner.kind == BYTES and inner.size > 4096:
                self._found.data += inner.size
        message = f"It needs a {what} of the app's own code: class {short(name, 80)}."
        self._odd("coreml-custom", Level.UNKNOWN, name, message, found.start)

    def _linked(self, found: Field) -> None:
        """LinkedModelFile: name and search path, each a parameter with a default."""
        if found.number in (1, 2):
            for inner in self._wire.fields(found.start, found.end):
                if inner.kind == BYTES:
                    self._path(self._wire.text(inner, 4096), inner.start)

    def _path(self, path: str, at: int) -> None:
        beside = path.removeprefix("@model_path/")
        if problem := leaves_folder(beside):
            message = f"Loading reads another file, and its path {problem}: {short(path)}."
            self._odd("coreml-path", Level.DANGEROUS, path, message, at)

    def _program(self, found: Field) -> None:
        """MILSpec.Program: functions by name, in them blocks by name, in them operations."""
        if found.number == 2:
            self._into(found, lambda f: self._into(f, self._function) if f.number == 2 else None)

    def _function(self, found: Field) -> None:
        if found.number == 3:
            self._into(found, lambda f: self._into(f, self._block) if f.number == 2 else None)

    def _block(self, found: Field) -> None:
        if found.number == 3:
            self._found.layers += 1
            self._into(found, self._operation)

    def _operation(self, found: Field) -> None:
        if found.number == 1:
            name = self._wire.text(found, 256)
            if name.lower().startswith("custom"):
                message = f"It needs an operation of the app's own code: {short(name, 80)}."
                self._odd("coreml-custom", Level.UNKNOWN, name, message, found.start)
        elif found.number == 4:
            self._into(found, self._block)
        elif found.number == 5:
            self._into(found, lambda f: self._into(f, self._value) if f.number == 2 else None)
        elif found.number == 2:
            self._into(found, lambda f: self._into(f, self._argument) if f.number == 2 else None)

    def _argument(self, found: Field) -> None:
        if found.number == 1:  # Binding: a name, or a value
            self._into(found, lambda f: self._into(f, self._value) if f.number == 2 else None)

    def _value(self, found: Field) -> None:
        if found.number == 5:
            for inner in self._wire.fields(found.start, found.end):
                if inner.number == 1 and inner.kind == BYTES:
                    self._path(self._wire.text(inner, 4096), inner.start)
        elif found.number == 3 and found.size > 4096:
            self._found.data += found.size


def _package(blob: Blob, limits: Limits) -> Iterator[Part]:
    """Manifest.json of a package: items by path below `Data`."""
    yield Header(format="mlpackage")
    data = blob.read(0, 1 << 20)
    try:
        manifest: Any = msgspec.json.decode(data)
        entries = manifest["itemInfoEntries"].values()
        paths = [str(e["path"]) for e in entries]
    except (msgspec.DecodeError, RecursionError, ValueError, KeyError, TypeError, AttributeError):
        yield Hole(
            kind=HoleKind.BROKEN, reason="Core ML package: its manifest cannot be read", size=blob.size
        )
        return
    for path in paths[:1000]:
        if problem := leaves_folder(path):
            message = f"Loading reads another file, and its path {problem}: {short(path)}."
            yield Hazard(rule="coreml-path", level=Level.DANGEROUS, subject=short(path), message=message)
    yield Covered(interpreted=blob.size)


INSPECTORS = (
    Inspector(format="coreml", claims=_claims, inspect=_inspect),
    Inspector(
        format="mlpackage",
        claims=lambda look: look.name == "manifest.json" and b"itemInfoEntries" in look.head,
        inspect=_package,
    ),
)
