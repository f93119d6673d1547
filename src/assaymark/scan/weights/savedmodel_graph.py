"""TensorFlow's graphs (SavedModel, MetaGraphDef, GraphDef) → nodes, constants and texts, tensors passed over.

After saved_model.proto, meta_graph.proto, graph.proto, function.proto and attr_value.proto of TensorFlow.
"""

from msgspec import Struct, field

from assaymark.scan.weights._protobuf import BYTES, VARINT, Field, Outermost, Wire
from assaymark.scan.weights._reader import MalformedError

__all__ = ["Graph", "Node", "Saved", "read_graph", "read_meta_graph", "read_saved_model"]

MAX_NODES = 1_000_000
MAX_KEPT = 50_000
"""Nodes of one graph that are kept for tracing where a path comes from."""
_GRAPH = {1: BYTES, 2: BYTES, 3: VARINT, 4: BYTES, 5: BYTES}
_META = {1: BYTES, 2: BYTES, 3: BYTES, 4: BYTES, 5: BYTES, 6: BYTES, 7: BYTES}
_SAVED = {1: VARINT, 2: BYTES}
_TELLING = ("output_stream", "debug_urls", "call_target_name", "memory_region_name", "filename")


class Node(Struct, frozen=True):
    """One operation."""

    op: str
    inputs: tuple[str, ...]
    at: int
    texts: tuple[str, ...] = ()
    """Strings of a constant, or of an attribute that tells where something goes."""


class Graph(Struct):
    """The main graph, or the body of a function."""

    name: str = ""
    nodes: list[Node] = field(default_factory=list)
    names: dict[str, int] = field(default_factory=dict)
    """Where the node of a name stands in `nodes`."""
    operators: dict[str, int] = field(default_factory=dict)
    """Every operation and where it is first used."""
    left_out: int = 0
    """Nodes beyond what is kept; their operations still are."""


class Saved(Struct):
    """What was gathered."""

    graphs: list[Graph] = field(default_factory=list)
    functions: set[str] = field(default_factory=set)
    assets: list[tuple[str, str, int]] = field(default_factory=list)
    """Tensor that gets the path, file name, place."""
    metadata: list[tuple[str, int]] = field(default_factory=list)
    """Keras's own JSON for one object, and its place."""
    facts: dict[str, str] = field(default_factory=dict)
    strange: list[Field] = field(default_factory=list)
    data: int = 0
    nodes: int = 0
    end: int = 0


def read_saved_model(wire: Wire, saved: Saved) -> None:
    """SavedModel: a version and meta graphs."""
    walk = _Walk(wire, saved)
    outer = Outermost(wire, _SAVED)
    for found in outer:
        if found.number == 1:
            saved.facts["schema version"] = str(found.value)
        else:
            walk.meta(found.start, found.end)
        saved.end = found.end
    saved.strange = outer.strange


def read_meta_graph(wire: Wire, saved: Saved) -> None:
    """MetaGraphDef, as in a checkpoint's `.meta`."""
    walk = _Walk(wire, saved)
    outer = Outermost(wire, _META)
    for found in outer:
        walk.meta_part(found)
        saved.end = found.end
    saved.strange = outer.strange


def read_graph(wire: Wire, saved: Saved) -> None:
    """GraphDef, as in a frozen graph."""
    walk = _Walk(wire, saved)
    outer = Outermost(wire, _GRAPH)
    main = walk.new("")
    for found in outer:
        walk.graph_part(found, main)
        saved.end = found.end
    saved.strange = outer.strange


class _Walk:
    def __init__(self, wire: Wire, saved: Saved) -> None:
        self._wire = wire
        self._saved = saved

    def new(self, name: str) -> Graph:
        """A graph to be filled."""
        graph = Graph(name)
        self._saved.graphs.append(graph)
        return graph

    def meta(self, start: int, end: int) -> None:
        """MetaGraphDef."""
        for found in self._wire.fields(start, end):
            if found.kind == BYTES:
                self.meta_part(found)

    def meta_part(self, found: Field) -> None:
        """One field of a MetaGraphDef."""
        if found.number == 1:
            self._info(found)
        elif found.number == 2:
            main = self.new("")
            for inner in self._wire.fields(found.start, found.end):
                if inner.kind == BYTES:
                    self.graph_part(inner, main)
        elif found.number == 6:
            self._asset(found)
        elif found.number == 7:
            self._objects(found)

    def _info(self, found: Field) -> None:
        names = {5: "tensorflow", 6: "git version"}
        for inner in self._wire.fields(found.start, found.end):
            if inner.number in names and inner.kind == BYTES:
                self._saved.facts[names[inner.number]] = self._wire.text(inner, 256)
            elif inner.number == 4 and inner.kind == BYTES:
                tags = self._saved.facts.get("tags", "")
                self._saved.facts["tags"] = f"{tags} {self._wire.text(inner, 64)}".strip()[:200]

    def _asset(self, found: Field) -> None:
        tensor = name = ""
        for inner in self._wire.fields(found.start, found.end):
            if inner.number == 1 and inner.kind == BYTES:
                for one in self._wire.fields(inner.start, inner.end):
                    if one.number == 1 and one.kind == BYTES:
                        tensor = self._wire.text(one, 1024)
            elif inner.number == 2 and inner.kind == BYTES:
                name = self._wire.text(inner, 4096)
        if len(self._saved.assets) < MAX_KEPT:
            self._saved.assets.append((tensor, name, found.start))

    def _objects(self, found: Field) -> None:
        """SavedObjectGraph: only what Keras writes about its layers is of interest."""
        for node in self._wire.fields(found.start, found.end):
            if node.number != 1 or node.kind != BYTES:
                continue
            for kind in self._wire.fields(node.start, node.end):
                if kind.number == 4 and kind.kind == BYTES:
                    self._user_object(kind)

    def _user_object(self, found: Field) -> None:
        for inner in self._wire.fields(found.start, found.end):
            told = inner.number == 3 and inner.kind == BYTES and inner.size > 2
            if told and len(self._saved.metadata) < MAX_KEPT:
                self._saved.metadata.append((self._wire.text(inner, 1 << 20), inner.start))

    def graph_part(self, found: Field, graph: Graph) -> None:
        """One field of a GraphDef."""
        if found.number == 1 and found.kind == BYTES:
            self._node(found, graph)
        elif found.number == 2 and found.kind == BYTES:
            for inner in self._wire.fields(found.start, found.end):
                if inner.number == 1 and inner.kind == BYTES:
                    self._function(inner)

    def _function(self, found: Field) -> None:
        graph = self.new("")
        for inner in self._wire.fields(found.start, found.end):
            if inner.number == 1 and inner.kind == BYTES:
                for one in self._wire.fields(inner.start, inner.end):
                    if one.number == 1 and one.kind == BYTES:
                        graph.name = self._wire.text(one, 1024)
                        self._saved.functions.add(graph.name)
            elif inner.number == 3 and inner.kind == BYTES:
                self._node(inner, graph)

    def _node(self, found: Field, graph: Graph) -> None:
        name = op = ""
        inputs: list[str] = []
        texts: list[str] = []
        for inner in self._wire.fields(found.start, found.end):
            if inner.kind != BYTES:
                continue
            if inner.number == 1:
                name = self._wire.text(inner, 1024)
            elif inner.number == 2:
                op = self._wire.text(inner, 256)
            elif inner.number == 3 and len(inputs) < 16:
                inputs.append(self._wire.text(inner, 1024))
            elif inner.number == 5:
                texts.extend(self._attribute(inner)[: 32 - len(texts)])
        self._saved.nodes += 1
        if self._saved.nodes > MAX_NODES:
            raise MalformedError(f"more than {MAX_NODES:,} nodes")
        graph.operators.setdefault(op, found.start)
        if len(graph.nodes) < MAX_KEPT:
            graph.names[name] = len(graph.nodes)
            graph.nodes.append(Node(op, tuple(inputs), found.start, tuple(texts)))
        else:
            graph.left_out += 1

    def _attribute(self, found: Field) -> list[str]:
        key, texts = "", list[str]()
        for inner in self._wire.fields(found.start, found.end):
            if inner.number == 1 and inner.kind == BYTES:
                key = self._wire.text(inner, 128)
            elif inner.number == 2 and inner.kind == BYTES:
                texts = self._attribute_value(inner, wanted=key in _TELLING, constant=key == "value")
        return texts

    def _attribute_value(self, found: Field, *, wanted: bool, constant: bool) -> list[str]:
        texts: list[str] = []
        for inner in self._wire.fields(found.start, found.end):
            if inner.kind != BYTES:
                continue
            if inner.number == 8:
                texts.extend(self._tensor(inner, wanted=constant))
            elif inner.number == 2 and wanted:
                texts.append(self._wire.text(inner, 1024))
            elif inner.number == 2 and inner.size > 4096:
                self._saved.data += inner.size
            elif inner.number == 1 and wanted:
                strings = (f for f in self._wire.fields(inner.start, inner.end) if f.number == 2)
                texts.extend(self._wire.text(f, 1024) for f in strings if f.kind == BYTES)
        return texts[:32]

    def _tensor(self, found: Field, *, wanted: bool) -> list[str]:
        texts: list[str] = []
        for inner in self._wire.fields(found.start, found.end):
            if inner.kind != BYTES:
                continue
            if inner.number == 8 and wanted and len(texts) < 32:
                texts.append(self._wire.text(inner, 1024))
            elif inner.number in (4, 5, 6, 7, 9, 10, 11, 12, 13, 16, 17):
                self._saved.data += inner.size
        return texts
