"""ONNX: every graph, function and tensor is walked; what leaves the folder or the standard is named."""

from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from tests.scan.weights.looking import covered, formats, hazards, header, holes, members, parts, rules

from assaymark.inspection import HoleKind, Level

WEIGHT = numpy_helper.from_array(np.ones((3, 4), np.float32), "w")


def graph(nodes: list[Any], tensors: list[Any] | None = None, name: str = "g") -> Any:
    """A graph of these nodes."""
    ends = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1]) for n in "xy"]
    return helper.make_graph(nodes, name, ends[:1], ends[1:], initializer=tensors or [])


def model(nodes: list[Any], tensors: list[Any] | None = None, **more: Any) -> bytes:
    """A model by the onnx package."""
    found = helper.make_model(graph(nodes, tensors), producer_name="pytorch", **more)
    return bytes(found.SerializeToString())


def node(name: str, domain: str = "", **attributes: Any) -> Any:
    """A node."""
    return helper.make_node(name, ["x"], ["y"], domain=domain, **attributes)


def external(location: str, **more: str) -> Any:
    """A tensor whose values lie elsewhere."""
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[2], data_location=TensorProto.EXTERNAL)
    for key, value in {"location": location, **more}.items():
        entry = tensor.external_data.add()
        entry.key, entry.value = key, value
    return tensor


REAL = model([node("Relu")], [WEIGHT])


def test_what_the_package_writes_is_clean_and_covered() -> None:
    """Weights are data, everything else is structure, and nothing is left over."""
    found = header("m.onnx", REAL)
    assert (found.tensors, found.parameters) == (1, 12)
    facts = dict(found.metadata)
    assert (facts["producer"], facts["graph"], facts["nodes"]) == ("pytorch", "g", "1")
    assert facts["opset"].startswith("ai.onnx ")
    assert hazards("m.onnx", REAL) == []
    assert holes("m.onnx", REAL) == []
    assert covered("m.onnx", REAL) == (len(REAL) - 48, 48)


@pytest.mark.parametrize("kind", [k for k in TensorProto.DataType.values() if k not in (0, 8)])
def test_sizes_of_all_types_are_those_of_the_package(kind: int) -> None:
    """A tensor of any type that the package packs is of the size that we expect."""
    dtype = helper.tensor_dtype_to_np_dtype(kind)
    tensor = numpy_helper.from_array(np.ones((3, 5)).astype(dtype), "w")
    assert tensor.data_type == kind
    assert rules("m.onnx", model([node("Relu")], [tensor])) == set()


def inside(tensor_or_node: Any, place: str) -> bytes:
    """The same thing in every place where a model can hold it."""
    is_node = isinstance(tensor_or_node, onnx.NodeProto)
    nodes = [tensor_or_node] if is_node else [helper.make_node("Constant", [], ["c"], value=tensor_or_node)]
    small = graph(nodes, name="inner")
    match place:
        case "graph" if is_node:
            return model(nodes)
        case "graph":
            return model([node("Relu")], [tensor_or_node])
        case "constant":
            return model(nodes)
        case "branch":
            return model([node("If", then_branch=small, else_branch=small)])
        case "graphs":
            return model([node("Relu", several=[small])])
        case "deep":
            middle = graph([node("Loop", body=small)], name="middle")
            return model([node("If", then_branch=middle, else_branch=middle)])
        case "function":
            opsets = [helper.make_opsetid("", 17)]
            function = helper.make_function("mine", "F", ["a"], ["b"], nodes, opsets)
            return model([node("F", "mine")], functions=[function])
        case "training":
            found = helper.make_model(graph([node("Relu")]))
            found.training_info.add().algorithm.CopyFrom(small)
            return bytes(found.SerializeToString())
        case _:
            found = helper.make_model(graph([node("Relu")]))
            if is_node:
                found.graph.node.append(tensor_or_node)
            else:
                found.graph.sparse_initializer.add().values.CopyFrom(tensor_or_node)
            return bytes(found.SerializeToString())


PLACES = ["graph", "constant", "branch", "graphs", "deep", "function", "training", "sparse"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../secret", "a/../../b", "C:\\x", "\\\\host\\share", "..\\x", "file:///etc/x", "s3://x/w",
             "a\nb", "~/.ssh/id", "a\\b"],
)  # fmt: skip
def test_weights_from_outside_are_dangerous_wherever_they_stand(path: str, place: str) -> None:
    """Initialisers, constants, subgraphs, functions, training graphs and sparse tensors alike."""
    assert rules("m.onnx", inside(external(path), place), Level.DANGEROUS) == {"onnx-external-path"}


def test_weights_beside_the_file_are_a_fact() -> None:
    """A plain relative name is how large models are stored."""
    data = model([node("Relu")], [external("model.onnx_data", offset="0", length="8")])
    assert dict(header("m.onnx", data).metadata)["external data"] == "model.onnx_data"
    assert hazards("m.onnx", data) == []


@pytest.mark.parametrize(
    "extent", [{"offset": "-1"}, {"length": "1e9"}, {"offset": "9" * 30}, {"length": "٣"}]
)
def test_impossible_extents_are_named(extent: dict[str, str]) -> None:
    """Negative, huge or not decimal."""
    assert "onnx-external-extent" in rules("m.onnx", model([node("Relu")], [external("w.bin", **extent)]))


def test_sizes_are_held_against_shapes() -> None:
    """Inside the file and beside it."""
    wrong = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[2, 9], raw_data=b"\0" * 8)
    absurd = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[1 << 50, 1 << 50])
    negative = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[-4])
    assert rules("m.onnx", model([node("Relu")], [wrong])) == {"tensor-size"}
    assert rules("m.onnx", model([node("Relu")], [external("w.bin", length="9")])) == {"tensor-size"}
    assert rules("m.onnx", model([node("Relu")], [absurd])) == {"tensor-shape"}
    assert rules("m.onnx", model([node("Relu")], [negative])) == {"tensor-shape"}


@pytest.mark.parametrize("place", PLACES)
def test_operators_of_a_foreign_domain_are_unknown(place: str) -> None:
    """The domain is named, since it stands for a library of native code."""
    data = inside(node("Run", "evil.ops"), place)
    assert rules("m.onnx", data) == {"onnx-custom-operator"}
    assert [h.subject for h in hazards("m.onnx", data)] == ["evil.ops"]


@pytest.mark.parametrize(
    ("name", "domain"),
    [("Relu", ""), ("Relu", "ai.onnx"), ("TreeEnsembleClassifier", "ai.onnx.ml"),
     ("Attention", "com.microsoft"), ("Adam", "ai.onnx.preview.training"), ("AffineGrid", "")],
)  # fmt: skip
def test_known_operators_are_silent(name: str, domain: str) -> None:
    """The standard's, and those that runtimes bring along."""
    assert rules("m.onnx", model([node(name, domain)])) == set()


@pytest.mark.parametrize(
    ("name", "domain", "rule"),
    [("Nonsense", "", "onnx-unknown-operator"), ("Nonsense", "ai.onnx.ml", "onnx-unknown-operator"),
     ("PyOp", "com.microsoft", "onnx-python-operator"), ("ATen", "", "onnx-python-operator")],
)  # fmt: skip
def test_operators_that_are_none_are_unknown(name: str, domain: str, rule: str) -> None:
    """Not in any version of the standard, or calling Python."""
    assert rules("m.onnx", model([node(name, domain)])) == {rule}


def test_functions_of_the_file_are_known_and_may_not_shadow() -> None:
    """What the file defines itself needs no library, unless it takes an operator's name."""
    opsets = [helper.make_opsetid("", 17)]
    own = helper.make_function("mine", "Act", ["a"], ["b"], [helper.make_node("Relu", ["a"], ["b"])], opsets)
    shadow = helper.make_function("", "Relu", ["a"], ["b"], [helper.make_node("Neg", ["a"], ["b"])], opsets)
    assert rules("m.onnx", model([node("Act", "mine")], functions=[own])) == set()
    assert rules("m.onnx", model([node("Relu")], functions=[shadow])) == {"onnx-shadowed-operator"}


def test_compiled_contexts_are_named() -> None:
    """A node that holds an accelerator's code, or the path to it."""
    data = model([node("EPContext", "com.microsoft", ep_cache_context="../../x.bin")])
    assert rules("m.onnx", data) == {"onnx-compiled"}
    assert rules("m.onnx", data, Level.DANGEROUS) == {"onnx-external-path"}


def test_texts_are_judged_and_kept() -> None:
    """Licence and addresses in properties and documentation."""
    found = helper.make_model(graph([node("Relu")]), doc_string="see https://x.example/a")
    helper.set_model_props(found, {"license": "mit", "note": "<script>x</script>"})
    data = found.SerializeToString()
    assert dict(header("m.onnx", data).metadata)["licence"] == "mit"
    assert rules("m.onnx", data, Level.NOTE) == {"metadata-url", "metadata-code"}


def test_a_pickle_behind_the_model_is_named_and_handed_on() -> None:
    """Its bytes happen to begin like a field of an unknown number."""
    tail = b"\x80\x04cposix\nsystem\n(S'true'\ntR."
    assert "unclaimed-bytes" in rules("m.onnx", REAL + tail)
    assert members("m.onnx", REAL + tail) == {f"@{len(REAL)}": tail}


def test_fields_of_unknown_numbers_are_handed_on() -> None:
    """A field that no loader reads, before one that they do."""
    hidden = b"\xfa\x07\x80\x10" + b"\x80\x04" + b"N" * 2045 + b"."
    assert rules("m.onnx", hidden + REAL) == {"unknown-field"}
    assert members("m.onnx", hidden + REAL) == {"@4": hidden[4:]}


def test_graphs_in_graphs_are_bounded() -> None:
    """A hundred levels of branches are a hole, not a crash; written by hand, since the package refuses."""
    inner = b"\x12\x01g"
    for _ in range(100):
        attribute = b"\x32" + varint(len(inner)) + inner
        branch = b"\x2a" + varint(len(attribute)) + attribute
        inner = b"\x0a" + varint(len(branch)) + branch
    data = b"\x08\x09\x3a" + varint(len(inner)) + inner
    assert {h.kind for h in holes("m.onnx", data)} == {HoleKind.BOUND}


def test_every_cut_shows() -> None:
    """Cut anywhere inside of a field it is broken; cut between fields it lacks what comes after."""
    for length in range(1, len(REAL)):
        assert holes("m.onnx", REAL[:length]) or header("m.onnx", REAL[:length]) != header("m.onnx", REAL), (
            length
        )


def test_large_weights_are_passed_over() -> None:
    """Half a gigabyte of weights costs the structure around it."""
    from assaymark.scan.part import LIMITS, Covered
    from assaymark.scan.weights.onnx_file import INSPECTOR

    size = 500 << 20
    whole = TensorProto(
        name="w", data_type=TensorProto.UINT8, dims=[size], raw_data=b"\0"
    ).SerializeToString()
    tensor = whole[:-3] + b"\x4a\x80\x80\x80\xfa\x01"
    body = b"\x2a" + varint(len(tensor) + size) + tensor
    head = b"\x08\x09\x3a" + varint(len(body) + size) + body

    class Huge:
        path = "m.onnx"
        sha256 = ""
        read_bytes = 0

        @property
        def size(self) -> int:
            return len(head) + size

        def read(self, offset: int = 0, length: int = -1) -> bytes:
            self.read_bytes += length
            return head[offset : offset + length].ljust(length, b"\0")

    huge = Huge()
    found = [p for p in INSPECTOR.inspect(huge, LIMITS) if isinstance(p, Covered)]
    assert sum(c.data for c in found) == size
    assert huge.read_bytes < 1 << 16


def varint(value: int) -> bytes:
    """A number as protocol buffers write it."""
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def test_it_is_known_by_content() -> None:
    """The name tells nothing; other protocol buffers and text are left alone."""
    assert formats("weights.bin", REAL) == ["onnx"]
    for data in (b"\x08\x01\x12\x04abcd", b"hello world, this is text", b"\x08\x05\x12\x10" + b"\0" * 16):
        assert "onnx" not in formats("x.bin", data)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(REAL)), st.binary(max_size=40), st.integers(0, 60))
def test_any_bytes_end_in_parts(keep: int, middle: bytes, skip: int) -> None:
    """Damaged anywhere, it ends in hazards or holes and never in a defect of the parser."""
    data = REAL[:keep] + middle + REAL[keep + skip :]
    assert not any("parser broke" in h.reason for h in holes("m.onnx", data))
    assert parts("m.onnx", data) or not data
