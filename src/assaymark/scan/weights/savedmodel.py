"""TensorFlow graphs: a SavedModel is a program, and some of its operations act outside of the graph."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from assaymark.inspection import Hazard, Header, Hole, HoleKind, Level
from assaymark.scan.blob import Blob
from assaymark.scan.part import Covered, Inspector, Limits, Look, Part
from assaymark.scan.weights._paths import leaves_folder
from assaymark.scan.weights._protobuf import BYTES, Wire
from assaymark.scan.weights._reader import MalformedError, TooMuchError
from assaymark.scan.weights._tables import table
from assaymark.scan.weights._tail import beside
from assaymark.scan.weights._words import short
from assaymark.scan.weights.savedmodel_graph import (
    Graph,
    Node,
    Saved,
    read_graph,
    read_meta_graph,
    read_saved_model,
)

__all__ = ["INSPECTORS"]

_ACTS = {
    "python": ("tf-python", "calls a Python function of its host"),
    "writes": ("tf-file-write", "writes a file"),
    "connects": ("tf-network", "speaks with other machines"),
    "ends": ("tf-abort", "ends the process"),
}
MAX_LISTED = 40


def _saved_model(look: Look) -> bool:
    named = look.name == "saved_model.pb"
    return named or (look.head[:2] == b"\x08\x01" and look.head[2:3] == b"\x12" and _begins(look, 2))


def _begins(look: Look, number: int) -> bool:
    """Whether a MetaGraphDef stands in the first field of that number: its own first fields say so."""
    wire = Wire(look.blob, fields=64, limit=1 << 20)
    try:
        for found in wire.fields(0, look.blob.size):
            if found.number == number and found.kind == BYTES:
                inner = next(iter(wire.fields(found.start, found.end)), None)
                return inner is not None and inner.number in (1, 2) and inner.kind == BYTES and inner.size > 8
    except (MalformedError, TooMuchError):
        return False
    return False


def _graph_def(look: Look) -> bool:
    """A first node with name and operation, as GraphDef begins."""
    if look.head[:1] != b"\x0a" or look.name == "saved_model.pb" or look.name.endswith(".meta"):
        return False
    wire = Wire(look.blob, fields=64, limit=1 << 20)
    try:
        first = next(wire.fields(0, look.blob.size))
        inner = [f for f, _ in zip(wire.fields(first.start, first.end), range(2), strict=False)]
        if [f.number for f in inner] != [1, 2] or any(f.kind != BYTES for f in inner):
            return False
        op = wire.text(inner[1], 256)
        return inner[1].size < 256 and op[:1].isalpha() and op.replace("_", "").replace(">", "").isalnum()
    except (MalformedError, TooMuchError, StopIteration):
        return False


def _meta_graph(look: Look) -> bool:
    return look.name.endswith(".meta") and look.head[:1] in (b"\x0a", b"\x12")


def _inspect(form: str, read: Callable[[Wire, Saved], None]) -> Callable[[Blob, Limits], Iterator[Part]]:
    def inspect(blob: Blob, limits: Limits) -> Iterator[Part]:
        saved, problem = Saved(), None
        try:
            read(Wire(blob), saved)
        except TooMuchError as error:
            problem = Hole(kind=HoleKind.BOUND, reason=f"TensorFlow: {error}", size=blob.size - saved.end)
        except (MalformedError, ValueError) as error:
            problem = Hole(kind=HoleKind.BROKEN, reason=f"TensorFlow: {error}", size=blob.size - saved.end)
        facts = {key: short(value) for key, value in saved.facts.items()} | {"nodes": str(saved.nodes)}
        acts = [
            name for graph in saved.graphs for name in graph.operators if _kind(name) in (*_ACTS, "reads")
        ]
        if acts:
            facts["operations"] = ", ".join(dict.fromkeys(map(short, acts)))[:300]
        yield Header(format=form, metadata=tuple(sorted(facts.items())))
        yield from _judged(saved)
        data = min(saved.data, saved.end)
        strange = sum(f.size for f in saved.strange)
        yield Covered(interpreted=max(0, saved.end - data - strange), data=data)
        if problem is not None:
            yield problem
        if problem is None or (problem.kind is HoleKind.BROKEN and saved.nodes):
            yield from beside(blob, saved.end, saved.strange, broken=problem is not None)

    return inspect


def _kind(op: str) -> str:
    kinds = ("python", "writes", "saves", "restores", "reads", "connects", "ends", "compiled")
    return next((k for k in kinds if op in table("tensorflow.yaml", k)), "")


def _judged(saved: Saved) -> Iterator[Part]:
    yield from _assets(saved)
    yield from _lambdas(saved)
    foreign: dict[str, int] = {}
    for graph in saved.graphs:
        for op, at in graph.operators.items():
            if (
                not _kind(op)
                and op not in table("tensorflow.yaml", "operators")
                and op not in saved.functions
            ):
                foreign.setdefault(op, at)
        yield from _nodes(graph, saved)
        if graph.left_out:
            reason = (
                f"{graph.left_out:,} nodes of one graph were not kept, so that their paths were not traced"
            )
            yield Hole(kind=HoleKind.BOUND, reason=reason)
    for op, at in list(foreign.items())[:MAX_LISTED]:
        yield Hazard(
            rule="tf-custom-operator", level=Level.UNKNOWN, subject=short(op, 80), offset=at,
            message=f"It needs a library of operators from outside: {short(op, 80)} is none of TensorFlow's.",
        )  # fmt: skip


def _assets(saved: Saved) -> Iterator[Hazard]:
    for _, name, at in saved.assets[:MAX_LISTED]:
        if problem := leaves_folder(name):
            message = f"Loading reads another file as asset, and its path {problem}: {short(name)}."
            yield Hazard(
                rule="tf-asset-path", level=Level.DANGEROUS, subject=short(name), message=message, offset=at
            )


def _nodes(graph: Graph, saved: Saved) -> Iterator[Hazard]:
    trace = _Trace(graph, {tensor.partition(":")[0] for tensor, _, _ in saved.assets})
    where = f" in function {short(graph.name, 60)}" if graph.name else ""
    seen: set[tuple[str, str]] = set()
    for node in graph.nodes:
        kind = _kind(node.op)
        if not kind and node.op not in ("PrintV2", "Print"):
            continue
        for found in _acts(kind, node, trace, bool(saved.assets)):
            rule, level, subject, message = found
            if (rule, subject) not in seen and len(seen) < MAX_LISTED:
                seen.add((rule, subject))
                yield Hazard(
                    rule=rule, level=level, subject=short(subject), offset=node.at,
                    message=f"Running it{where} {message}.",
                )  # fmt: skip


Act = tuple[str, Level, str, str]


def _acts(kind: str, node: Node, trace: "_Trace", has_assets: bool) -> Iterator[Act]:
    paths = trace.paths(node)
    shown = f" ({short(paths[0], 80)})" if paths else ""
    if kind in _ACTS:
        rule, does = _ACTS[kind]
        yield rule, Level.DANGEROUS, node.op, f"{does}{shown}: {node.op}"
    elif kind == "compiled":
        yield "tf-compiled", Level.UNKNOWN, node.op, f"calls what was compiled elsewhere: {node.op}"
    elif kind in ("saves", "restores"):
        for path in paths:
            if problem := leaves_folder(path):
                does = "writes" if kind == "saves" else "reads"
                rule = "tf-file-write" if kind == "saves" else "tf-file-read"
                yield (
                    rule,
                    Level.DANGEROUS,
                    path,
                    f"{does} a file whose path {problem}: {short(path)} ({node.op})",
                )
    elif kind == "reads" and not trace.of_asset(node):
        level = Level.UNKNOWN if has_assets and not paths else Level.DANGEROUS
        yield "tf-file-read", level, node.op, f"reads files{shown}: {node.op}"
    elif node.op in ("PrintV2", "Print"):
        for stream in node.texts:
            if stream.startswith("file://"):
                yield "tf-file-write", Level.DANGEROUS, stream, f"prints into a file: {short(stream)}"


class _Trace:
    """Where a path that a node takes comes from, followed back through what passes texts on."""

    def __init__(self, graph: Graph, assets: set[str]) -> None:
        self._graph = graph
        self._assets = assets

    def paths(self, node: Node) -> list[str]:
        """Constant texts that come first in the path that a node takes."""
        found, _ = self._follow(node)
        return found

    def of_asset(self, node: Node) -> bool:
        """Whether the path is that of one of the model's own assets."""
        found, asset = self._follow(node)
        return asset and not found

    def _follow(self, node: Node) -> tuple[list[str], bool]:
        texts = list(node.texts)
        asset = False
        pending, seen = list(node.inputs[:2]), set[str]()
        if node.op in ("SaveV2", "RestoreV2", "Save", "Restore", "ReadFile", "WriteFile", "MatchingFiles"):
            pending = list(node.inputs[:1])
        while pending and len(seen) < 64:
            name = pending.pop().partition(":")[0].lstrip("^")
            if name in seen:
                continue
            seen.add(name)
            asset = asset or name in self._assets
            place = self._graph.names.get(name)
            if place is None or name in self._assets:
                continue
            source = self._graph.nodes[place]
            if source.op == "Const":
                texts.extend(source.texts)
            elif source.op in table("tensorflow.yaml", "passing"):
                pending.extend(source.inputs[:1])
            elif source.op in ("Select", "SelectV2", "Merge", "Switch"):
                pending.extend(source.inputs)
        return texts[:32], asset


def _lambdas(saved: Saved) -> Iterator[Hazard]:
    """Layers that Keras rebuilds from marshalled Python code when it loads a SavedModel."""
    for text, at in saved.metadata:
        if '"Lambda"' in text and _has_code(text):
            yield _lambda(at)


def _lambda(at: int) -> Hazard:
    message = "Keras rebuilds a Lambda layer from the Python code in its metadata and runs it."
    return Hazard(rule="tf-keras-lambda", level=Level.DANGEROUS, subject="Lambda", message=message, offset=at)


def _has_code(text: str) -> bool:
    try:
        stack: list[Any] = [msgspec.json.decode(text)]
    except (msgspec.DecodeError, RecursionError, ValueError):
        return True  # it cannot be read, and names a Lambda layer
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            if value.get("class_name") == "Lambda":
                return True
            stack.extend(value.values())
        elif isinstance(value, list):
            stack.extend(value)
    return False


def _keras_metadata(blob: Blob, limits: Limits) -> Iterator[Part]:
    """SavedMetadata of Keras 2: one JSON text a layer."""
    wire = Wire(blob)
    yield Header(format="savedmodel", metadata=(("kind", "Keras metadata"),))
    try:
        for node in wire.fields(0, blob.size):
            for inner in wire.fields(node.start, node.end) if node.kind == BYTES else ():
                if inner.number == 5 and inner.kind == BYTES:
                    text = wire.text(inner, 4 << 20)
                    if '"Lambda"' in text and _has_code(text):
                        yield _lambda(inner.start)
    except TooMuchError as error:
        yield Hole(kind=HoleKind.BOUND, reason=f"Keras metadata: {error}")
        return
    except (MalformedError, ValueError) as error:
        yield Hole(kind=HoleKind.BROKEN, reason=f"Keras metadata: {error}")
        return
    yield Covered(interpreted=blob.size)


INSPECTORS = (
    Inspector(format="savedmodel", claims=_saved_model, inspect=_inspect("savedmodel", read_saved_model)),
    Inspector(format="graphdef", claims=_graph_def, inspect=_inspect("graphdef", read_graph)),
    Inspector(format="metagraph", claims=_meta_graph, inspect=_inspect("metagraph", read_meta_graph)),
    Inspector(
        format="keras-metadata", claims=lambda look: look.name == "keras_metadata.pb", inspect=_keras_metadata
    ),
)
