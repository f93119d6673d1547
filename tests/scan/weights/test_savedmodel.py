"""TensorFlow graphs, written by hand after its .proto files: who acts outside, and where paths lead."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scan.weights.looking import covered, formats, hazards, header, holes, members, parts, rules
from tests.scan.weights.wire import joined, number, told

from assaymark.inspection import Level


def const(name: str, *texts: str) -> bytes:
    """A constant of texts: NodeDef with an attribute `value` of a string tensor."""
    tensor = joined(number(1, 7), *(told(8, t) for t in texts))
    return node(name, "Const", value=told(8, tensor))


def node(name: str, op: str, *inputs: str, **attributes: bytes) -> bytes:
    """NodeDef."""
    pairs = [told(5, joined(told(1, key), told(2, value))) for key, value in attributes.items()]
    return joined(told(1, name), told(2, op), *(told(3, i) for i in inputs), *pairs)


def graph(*nodes: bytes, functions: tuple[bytes, ...] = ()) -> bytes:
    """GraphDef with a library of functions."""
    return joined(*(told(1, n) for n in nodes), told(2, joined(*(told(1, f) for f in functions))))


def function(name: str, *nodes: bytes) -> bytes:
    """FunctionDef."""
    return joined(told(1, told(1, name)), *(told(3, n) for n in nodes))


def saved(graph_def: bytes, *, assets: dict[str, str] | None = None, objects: bytes = b"") -> bytes:
    """SavedModel with one meta graph."""
    info = joined(told(4, "serve"), told(5, "2.21.0"))
    files = [
        told(6, joined(told(1, told(1, tensor)), told(2, name))) for tensor, name in (assets or {}).items()
    ]
    meta = joined(told(1, info), told(2, graph_def), *files, told(7, objects) if objects else b"")
    return joined(number(1, 1), told(2, meta))


SAVING = (
    node("filename", "Placeholder"),
    const("part", ".part"),
    const("temp", "_temp/part"),
    node("select", "Select", "match", "part", "temp"),
    node("match", "StaticRegexFullMatch", "filename"),
    node("join", "StringJoin", "filename", "select"),
    node("shard", "ShardedFilename", "join"),
    node("save", "SaveV2", "shard", "names"),
    node("merge", "MergeV2Checkpoints", "shard", "filename"),
    node("restore", "RestoreV2", "filename"),
    node("w", "VarHandleOp"),
    node("call", "StatefulPartitionedCall", "w"),
)
"""What every SavedModel holds for saving and restoring its variables."""
ORDINARY = saved(
    graph(*SAVING, functions=(function("f", node("m", "MatMul"), node("r", "Relu", "m:product:0")),))
)


def test_an_ordinary_model_is_clean_and_covered() -> None:
    """Saving and restoring variables is what such a file is for."""
    assert hazards("saved_model.pb", ORDINARY) == []
    assert holes("saved_model.pb", ORDINARY) == []
    assert sum(covered("saved_model.pb", ORDINARY)) == len(ORDINARY)
    facts = dict(header("saved_model.pb", ORDINARY).metadata)
    assert (facts["tensorflow"], facts["tags"], facts["nodes"]) == ("2.21.0", "serve", "14")


def test_a_vocabulary_of_its_own_is_clean() -> None:
    """Tables are filled from assets, whose paths come from the loader."""
    nodes = (
        const("asset", "vocab.txt"),
        node("table", "HashTableV2"),
        node("init", "InitializeTableFromTextFileV2", "table", "asset"),
    )
    assert (
        rules("saved_model.pb", saved(graph(*nodes), assets={"asset:0": "vocab.txt"}), Level.DANGEROUS)
        == set()
    )
    reads = graph(const("asset", "/made/where/it/was/trained"), node("read", "ReadFile", "asset"))
    assert rules("saved_model.pb", saved(reads, assets={"asset:0": "vocab.txt"}), Level.DANGEROUS) == set()


@pytest.mark.parametrize(
    ("nodes", "rule"),
    [
        ((node("p", "PyFunc"),), "tf-python"),
        ((node("p", "EagerPyFunc"),), "tf-python"),
        ((node("p", "PyFuncStateless"),), "tf-python"),
        ((const("c", "/tmp/x"), node("w", "WriteFile", "c", "y")), "tf-file-write"),
        ((node("w", "WriteFile", "x", "y"),), "tf-file-write"),
        ((const("c", "/etc/passwd"), node("r", "ReadFile", "c")), "tf-file-read"),
        ((const("c", "notes.txt"), node("r", "ReadFile", "c")), "tf-file-read"),
        ((node("r", "ReadFile", "x"),), "tf-file-read"),
        ((node("d", "TextLineDataset", "x"),), "tf-file-read"),
        ((node("m", "MatchingFiles", "x"),), "tf-file-read"),
        ((const("c", "/home/a/.bashrc"), node("s", "SaveV2", "c")), "tf-file-write"),
        ((const("c", "../x"), node("i", "Identity", "c"), node("s", "SaveV2", "i:output:0")),
         "tf-file-write"),
        ((const("c", "s3://x/y"), node("j", "StringJoin", "c", "d"), node("s", "ShardedFilename", "j"),
          node("v", "SaveV2", "s")), "tf-file-write"),
        ((const("c", "/etc/x"), node("r", "RestoreV2", "c")), "tf-file-read"),
        ((const("c", "/etc/x"), node("t", "InitializeTableFromTextFileV2", "h", "c")), "tf-file-read"),
        ((node("n", "RpcCall"),), "tf-network"),
        ((node("n", "DataServiceDatasetV2"),), "tf-network"),
        ((node("a", "Abort"),), "tf-abort"),
        ((node("p", "PrintV2", "x", output_stream=told(2, "file:///tmp/x")),), "tf-file-write"),
        ((node("d", "DebugIdentityV2", "x"),), "tf-file-write"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("place", ["graph", "function"])
def test_what_acts_outside_is_dangerous(nodes: tuple[bytes, ...], rule: str, place: str) -> None:
    """In the main graph as in the library of functions."""
    inside = graph(functions=(function("f", *nodes),)) if place == "function" else graph(*nodes)
    assert rule in rules("saved_model.pb", saved(inside), Level.DANGEROUS)


def test_the_path_is_quoted() -> None:
    """The message holds what is read, and in which function."""
    (found,) = hazards("saved_model.pb", saved(graph(functions=(
        function("serve", const("c", "/etc/passwd"), node("r", "ReadFile", "c")),))))  # fmt: skip
    assert "/etc/passwd" in found.message
    assert "serve" in found.message


@pytest.mark.parametrize("op", ["MyOp", "IO>ReadAvro", "Nonsense"])
def test_operations_on_no_list_are_unknown(op: str) -> None:
    """They need a library of native code; a function of the graph's own does not."""
    assert rules("saved_model.pb", saved(graph(node("n", op)))) == {"tf-custom-operator"}
    assert rules("saved_model.pb", saved(graph(node("n", "own"), functions=(function("own"),)))) == set()


def test_compiled_engines_are_unknown() -> None:
    """An engine of TensorRT within a graph."""
    assert rules("saved_model.pb", saved(graph(node("n", "TRTEngineOp")))) == {"tf-compiled"}


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "a/../../b"])
def test_assets_stay_in_the_folder(name: str) -> None:
    """An asset's file name is joined to the folder and opened."""
    assert rules("saved_model.pb", saved(graph(), assets={"x:0": name}), Level.DANGEROUS) == {"tf-asset-path"}


LAMBDA = {
    "class_name": "Lambda",
    "config": {"function": {"class_name": "__tuple__", "items": ["4wAA", None, None]}},
}


def test_lambda_layers_are_dangerous() -> None:
    """In the object graph, and in the file that Keras 2 writes beside it; a word is not a layer."""
    objects = told(1, told(4, joined(told(1, "_tf_keras_layer"), told(3, json.dumps(LAMBDA)))))
    assert rules("saved_model.pb", saved(graph(), objects=objects), Level.DANGEROUS) == {"tf-keras-lambda"}
    beside = told(1, joined(number(2, 1), told(5, json.dumps({"config": {"layers": [LAMBDA]}}))))
    assert rules("keras_metadata.pb", beside, Level.DANGEROUS) == {"tf-keras-lambda"}
    plain = told(1, told(5, json.dumps({"class_name": "Dense", "config": {"name": "Lambda"}})))
    assert hazards("keras_metadata.pb", plain) == []
    assert covered("keras_metadata.pb", plain) == (len(plain), 0)


def test_frozen_graphs_and_meta_graphs_are_read() -> None:
    """A `.pb` without a SavedModel around it, and a checkpoint's `.meta`."""
    body = graph(node("x", "Placeholder"), node("p", "PyFunc", "x"))
    assert formats("frozen.pb", body) == ["graphdef"]
    assert rules("frozen.pb", body, Level.DANGEROUS) == {"tf-python"}
    meta = joined(told(1, told(4, "serve")), told(2, body))
    assert formats("model.ckpt.meta", meta) == ["metagraph"]
    assert rules("model.ckpt.meta", meta, Level.DANGEROUS) == {"tf-python"}


def test_weights_are_passed_over() -> None:
    """A constant's numbers are data."""
    tensor = joined(number(1, 1), told(4, b"\0" * 5000))
    data = graph(node("w", "Const", value=told(8, tensor)))
    assert covered("frozen.pb", data) == (len(data) - 5000, 5000)


def test_a_pickle_behind_the_model_is_named_and_handed_on() -> None:
    """Whatever follows the last meta graph."""
    tail = b"\x80\x04" + b"N" * 100 + b"."
    assert "unclaimed-bytes" in rules("saved_model.pb", ORDINARY + tail)
    assert members("saved_model.pb", ORDINARY + tail) == {f"@{len(ORDINARY)}": tail}


def test_it_is_known_by_content() -> None:
    """The name tells nothing."""
    assert formats("model.bin", ORDINARY) == ["savedmodel"]
    assert formats("notes.pb", b"\nhello world") == []


def test_every_cut_shows() -> None:
    """A model cut at any byte is broken."""
    for length in range(1, len(ORDINARY)):
        assert holes("saved_model.pb", ORDINARY[:length]) or length < 3, length


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, len(ORDINARY)),
    st.binary(max_size=40),
    st.integers(0, 60),
    st.sampled_from(["saved_model.pb", "a.meta", "keras_metadata.pb"]),
)
def test_any_bytes_end_in_parts(keep: int, middle: bytes, skip: int, path: str) -> None:
    """Damaged anywhere, it ends in hazards or holes and never in a defect of the parser."""
    data = ORDINARY[:keep] + middle + ORDINARY[keep + skip :]
    found: list[Any] = parts(path, data)
    assert not any("parser broke" in getattr(h, "reason", "") for h in found)
