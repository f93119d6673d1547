"""An ONNX file → what is in it: every graph, function and tensor, weights passed over.

After onnx.proto3 of the ONNX repository. Fields of unknown numbers, which a loader ignores, are counted.
"""

import math
from collections.abc import Callable

from msgspec import Struct, field

from assaymark.scan.weights._protobuf import BYTES, VARINT, Field, Wire
from assaymark.scan.weights._reader import MalformedError, TooMuchError
from assaymark.scan.weights._tables import table

__all__ = ["External", "Model", "read_model"]

MAX_DEPTH = 100
"""Messages in messages; what protocol buffers themselves allow."""
MAX_TEXTS = 400
MAX_KEPT = 4096
_MODEL = {2: "producer", 3: "producer version", 4: "domain", 6: "doc"}
_TENSOR_DATA = {4: 0, 5: 0, 6: 0, 7: 0, 9: 0, 10: 0, 11: 0}
_KNOWN = {
    "model": {1, 2, 3, 4, 5, 6, 7, 8, 14, 20, 25, 26},
    "graph": {1, 2, 5, 10, 11, 12, 13, 14, 15, 16},
    "node": {1, 2, 3, 4, 5, 6, 7, 8, 9, 10},
    "attribute": {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 20, 21, 22, 23},
    "tensor": set(range(1, 15)) | {16},
    "sparse": {1, 2, 3},
    "training": {1, 2, 3, 4},
    "function": {1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 2, 3},
}


class External(Struct, frozen=True):
    """A tensor whose values lie in another file."""

    tensor: str
    location: str
    offset: str
    length: str
    needed: int
    """Bytes that type and shape need; -1 if that cannot be told."""
    at: int


class Model(Struct):
    """What was gathered."""

    facts: dict[str, str] = field(default_factory=dict)
    opsets: list[str] = field(default_factory=list)
    operators: dict[tuple[str, str], int] = field(default_factory=dict)
    """Domain and operator → where it is first used."""
    functions: dict[tuple[str, str], int] = field(default_factory=dict)
    external: list[External] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)
    contexts: list[tuple[str, int]] = field(default_factory=list)
    """Paths or blobs in nodes that hold what was compiled for an accelerator."""
    sizes: list[tuple[str, str, int]] = field(default_factory=list)
    """Rule, message and place of what is wrong with the size of a tensor."""
    end: int = 0
    """Where the last outermost field ends that is known and was read whole."""
    unknown: list[Field] = field(default_factory=list)
    """Fields of numbers that the format does not know."""
    unknown_bytes: int = 0
    data: int = 0
    tensors: int = 0
    parameters: int = 0
    nodes: int = 0
    graphs: int = 0
    training: bool = False

    def say(self, place: str, text: str) -> None:
        """Keep a text to be judged."""
        if text and len(self.texts) < MAX_TEXTS:
            self.texts.append((place, text))


def read_model(wire: Wire, end: int, model: Model) -> None:
    """Gather into `model`, which holds what was found even if this raises.

    Raises:
        MalformedError: it is no such message.
        TooMuchError: a bound was hit.
    """
    _Walk(wire, model).model(0, end)


class _Walk:
    def __init__(self, wire: Wire, model: Model) -> None:
        self._wire = wire
        self._model = model
        self._depth = 0

    def _strange(self, kind: str, found: Field) -> bool:
        if found.number in _KNOWN[kind]:
            return False
        self._model.unknown_bytes += found.size
        if len(self._model.unknown) < 100:
            self._model.unknown.append(found)
        return True

    def _nested(self, walk: Callable[[Field], None], found: Field) -> None:
        if found.kind != BYTES:
            raise MalformedError(f"byte {found.start:,} should begin a message")
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise TooMuchError(f"messages in messages, more than {MAX_DEPTH} deep")
        walk(found)
        self._depth -= 1

    def model(self, start: int, end: int) -> None:
        """ModelProto."""
        pending: list[Field] = []
        for found in self._wire.fields(start, end):
            kind = VARINT if found.number in (1, 5) else BYTES
            if found.number not in _KNOWN["model"] or found.kind != kind:
                pending.append(found)  # the file's tail, unless a known field follows
                continue
            for strange in pending:
                self._strange("model", strange)
            pending.clear()
            self._part(found)
            self._model.end = found.end

    def _part(self, found: Field) -> None:
        model, wire = self._model, self._wire
        if found.number == 1 and found.kind == VARINT:
            model.facts["ir version"] = str(found.value)
        elif found.number in _MODEL and found.kind == BYTES:
            text = wire.text(found)
            model.facts[_MODEL[found.number]] = text
            model.say(_MODEL[found.number], text)
        elif found.number == 8 and found.kind == BYTES:
            self._opset(found)
        elif found.number == 14 and found.kind == BYTES:
            self._property(found, "metadata_props")
        elif found.number == 7:
            self._nested(self._graph, found)
        elif found.number == 20:
            model.training = True
            self._nested(self._training, found)
        elif found.number == 25:
            self._nested(self._function, found)

    def _property(self, found: Field, place: str) -> None:
        key, value = self._wire.pair(found)
        self._model.say(f"{place}.{key[:80]}", value)
        if place == "metadata_props" and len(self._model.facts) < 30:
            self._model.facts.setdefault(key[:80], value)

    def _opset(self, found: Field) -> None:
        domain, version = "ai.onnx", 0
        for inner in self._wire.fields(found.start, found.end):
            if inner.number == 1 and inner.kind == BYTES:
                domain = self._wire.text(inner, 256) or domain
            elif inner.number == 2:
                version = inner.value
        if len(self._model.opsets) < 100:
            self._model.opsets.append(f"{domain} {version}")

    def _training(self, found: Field) -> None:
        for inner in self._wire.fields(found.start, found.end):
            if not self._strange("training", inner) and inner.number in (1, 2):
                self._nested(self._graph, inner)

    def _graph(self, found: Field) -> None:
        self._model.graphs += 1
        top = self._depth == 1
        for inner in self._wire.fields(found.start, found.end):
            if self._strange("graph", inner):
                continue
            if inner.number == 1:
                self._nested(self._node, inner)
            elif inner.number == 5:
                self._nested(self._tensor, inner)
            elif inner.number == 15:
                self._nested(self._sparse, inner)
            elif inner.number == 2 and inner.kind == BYTES and top:
                self._model.facts["graph"] = self._wire.text(inner, 4096)
            elif inner.number == 10 and inner.kind == BYTES:
                self._model.say("graph.doc_string", self._wire.text(inner))
            elif inner.number == 16 and inner.kind == BYTES:
                self._property(inner, "graph.metadata_props")

    def _function(self, found: Field) -> None:
        name = domain = ""
        for inner in self._wire.fields(found.start, found.end):
            if self._strange("function", inner):
                continue
            if inner.number == 1 and inner.kind == BYTES:
                name = self._wire.text(inner, 1024)
            elif inner.number == 10 and inner.kind == BYTES:
                domain = self._wire.text(inner, 1024)
            elif inner.number == 7:
                self._nested(self._node, inner)
            elif inner.number == 11:
                self._nested(self._attribute, inner)
            elif inner.number == 8 and inner.kind == BYTES:
                self._model.say(f"function {name[:80]}", self._wire.text(inner))
        if len(self._model.functions) < MAX_KEPT:
            self._model.functions.setdefault((domain, name), found.start)

    def _node(self, found: Field) -> None:
        self._model.nodes += 1
        name = domain = ""
        for inner in self._wire.fields(found.start, found.end):
            if self._strange("node", inner):
                continue
            if inner.number == 5:
                self._nested(self._attribute, inner)
            elif inner.kind != BYTES:
                continue
            elif inner.number == 4:
                name = self._wire.text(inner, 1024)
            elif inner.number == 7:
                domain = self._wire.text(inner, 1024)
            elif inner.number == 6:
                self._model.say("node.doc_string", self._wire.text(inner))
        if len(self._model.operators) < MAX_KEPT:
            self._model.operators.setdefault((domain, name), found.start)

    def _attribute(self, found: Field) -> None:
        name = ""
        for inner in self._wire.fields(found.start, found.end):
            if self._strange("attribute", inner):
                continue
            if inner.number == 1 and inner.kind == BYTES:
                name = self._wire.text(inner, 256)
            elif inner.number in (5, 10):
                self._nested(self._tensor, inner)
            elif inner.number in (6, 11):
                self._nested(self._graph, inner)
            elif inner.number in (22, 23):
                self._nested(self._sparse, inner)
            elif inner.number == 4 and inner.kind == BYTES:
                self._text_attribute(name, inner)
            elif inner.number in (7, 8) and inner.kind == BYTES:
                self._model.data += inner.size

    def _text_attribute(self, name: str, found: Field) -> None:
        if name == "ep_cache_context" and len(self._model.contexts) < 50:
            self._model.contexts.append((self._wire.text(found, 512), found.start))
        if found.size > 4096:
            self._model.data += found.size
        elif found.size > 8:
            self._model.say(f"attribute {name[:80]}", self._wire.text(found, 4096))

    def _sparse(self, found: Field) -> None:
        for inner in self._wire.fields(found.start, found.end):
            if not self._strange("sparse", inner) and inner.number in (1, 2):
                self._nested(self._tensor, inner)

    def _tensor(self, found: Field) -> None:
        wire, model = self._wire, self._model
        dims: list[int] = []
        outside: dict[str, list[str]] = {}
        name, kind, raw = "", 0, -1
        for inner in wire.fields(found.start, found.end):
            if self._strange("tensor", inner):
                continue
            if inner.number == 1:
                dims.extend(wire.numbers(inner, 64)[: 64 - len(dims)])
            elif inner.number == 2 and inner.kind == VARINT:
                kind = inner.value
            elif inner.number == 8 and inner.kind == BYTES:
                name = wire.text(inner, 512)
            elif inner.number == 13 and inner.kind == BYTES:
                key, value = wire.pair(inner)
                self._outside(outside, key, value)
            elif inner.number in _TENSOR_DATA:
                model.data += inner.size
                raw = inner.size if inner.number == 9 else raw
            elif inner.number == 12 and inner.kind == BYTES:
                model.say(f"tensor {name[:80]}", wire.text(inner))
        self._settle(name, kind, dims, raw, outside, found.start)

    def _outside(self, outside: dict[str, list[str]], key: str, value: str) -> None:
        if len(outside) < 16:
            outside.setdefault(key, [])
        if key in outside and len(outside[key]) < 16:
            outside[key].append(value)

    def _settle(
        self, name: str, kind: int, dims: list[int], raw: int, outside: dict[str, list[str]], at: int
    ) -> None:
        model = self._model
        model.tensors += 1
        elements = math.prod(dims)
        bits = table("dtypes.yaml", "onnx").get(kind)
        needed = -1 if bits is None else (elements * bits + 7) // 8
        if len(model.sizes) < 50:
            if any(n < 0 or n > 1 << 48 for n in dims) or elements > 1 << 56:
                text = f"Tensor {name[:80]} declares an absurd shape: {str(dims)[:80]}."
                model.sizes.append(("tensor-shape", text, at))
            elif raw >= 0 and needed >= 0 and raw != needed:
                text = f"Tensor {name[:80]} holds {raw:,} bytes; its type and shape need {needed:,}."
                model.sizes.append(("tensor-size", text, at))
        model.parameters += max(0, min(elements, 1 << 56))
        for location in outside.get("location", []):
            if len(model.external) < MAX_KEPT:
                offset, length = (outside.get(k, [""])[-1] for k in ("offset", "length"))
                model.external.append(External(name, location, offset, length, needed, at))
