"""ONNX, TensorFlow and CoreML graphs (B20, B23), written as protocol buffers by hand."""

from __future__ import annotations

import random
from collections.abc import Iterator

from .sample import Sample, technique


def varint(value: int) -> bytes:
    """Encode an integer as protocol buffers do."""
    out = bytearray()
    value &= (1 << 64) - 1
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def field(number: int, value: bytes | str | int) -> bytes:
    """Encode one field."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def _external(location: str, offset: str = "0", length: str = "16") -> bytes:
    entries = (("location", location), ("offset", offset), ("length", length))
    listed = b"".join(field(13, field(1, key) + field(2, text)) for key, text in entries)
    return field(1, 4) + field(2, 1) + field(8, "w") + listed + field(14, 1)


def _node(kind: str, domain: str = "", *attributes: bytes) -> bytes:
    own = field(7, domain) if domain else b""
    return field(1, "x") + field(2, "y") + field(4, kind) + own + b"".join(field(5, a) for a in attributes)


def _attribute(name: str, kind: int, number: int, value: bytes | str) -> bytes:
    return field(1, name) + field(20, kind) + field(number, value)


def _graph(*parts: bytes) -> bytes:
    return field(2, "net") + b"".join(parts)


def _model(graph: bytes, *more: bytes) -> bytes:
    opset = field(8, field(1, "") + field(2, 21))
    return field(1, 10) + field(2, "assaymark-benchmark") + field(7, graph) + opset + b"".join(more)


def _initial(tensor: bytes) -> bytes:
    return field(5, tensor)


def _add(node: bytes) -> bytes:
    return field(1, node)


_RELU = _add(_node("Relu"))
_PLACES = (
    "../../../etc/passwd", "/etc/passwd", "..\\..\\secret.bin", "C:\\Windows\\win.ini", "file:///etc/hostname",
    "sub/../../x.bin", "~/.ssh/id_rsa", "/proc/self/environ", "//server/share/x", "weights/../../../x", "..",
)  # fmt: skip


@technique("B20", "onnx-external-data")
def _outside(rng: random.Random) -> Iterator[Sample]:
    for place in _PLACES:
        tensor = _external(place)
        branch = _attribute("then_branch", 5, 6, _graph(_initial(tensor), _RELU))
        forms = {
            "initializer": _model(_graph(_RELU, _initial(tensor))),
            "constant": _model(_graph(_add(_node("Constant", "", _attribute("value", 4, 5, tensor))))),
            "branch": _model(_graph(_add(_node("If", "", branch)))),
            "function": _model(_graph(_RELU), field(25, field(1, "F") + field(7, _node("Constant", "", _attribute("value", 4, 5, tensor))))),
            "sparse": _model(_graph(_RELU, field(15, field(1, tensor)))),
        }  # fmt: skip
        for note in rng.sample(sorted(forms), 3):
            yield Sample("model.onnx", forms[note], note=f"{note} {place}")
    for note, tensor in {
        "negative offset": _external("w.bin", "-8"),
        "offset beyond": _external("w.bin", str(1 << 62)),
        "length beyond": _external("w.bin", "0", str(1 << 62)),
    }.items():
        folder = {"model.onnx": _model(_graph(_RELU, _initial(tensor))), "w.bin": bytes(16)}
        yield Sample(note, folder, "hidden", note=note)


@technique("B20", "onnx-operators")
def _operators(rng: random.Random) -> Iterator[Sample]:
    for domain, kind in (
        ("ai.onnx.contrib", "PyOp"), ("ai.onnx.contrib", "PyCustomOpDef"), ("com.microsoft", "PythonOp"), ("com.microsoft", "PythonOpGrad"),
        ("evil.models", "Run"), ("com.example.custom", "Exec"), ("org.pytorch.aten", "ATen"), ("", "PyFunc"), ("", "ShellExec"),
    ):  # fmt: skip
        node = _node(kind, domain, _attribute("code", 3, 4, "print('assaymark')"))
        forms = {
            "graph": _model(_graph(_RELU, _add(node))),
            "branch": _model(_graph(_add(_node("If", "", _attribute("else_branch", 5, 6, _graph(_add(node))))))),
            "loop in a branch": _model(_graph(_add(_node("If", "", _attribute("then_branch", 5, 6, _graph(
                _add(_node("Loop", "", _attribute("body", 5, 6, _graph(_add(node)))))))))),
            ),
            "function": _model(_graph(_RELU), field(25, field(1, "F") + field(7, node))),
            "training": _model(_graph(_RELU), field(20, field(2, _graph(_add(node))))),
        }  # fmt: skip
        for note in rng.sample(sorted(forms), 3):
            yield Sample("model.onnx", forms[note], unknown=True, note=f"{note} {domain} {kind}")
    context = _node(
        "EPContext",
        "com.microsoft",
        _attribute("ep_cache_context", 3, 4, "../../x.bin"),
        _attribute("embed_mode", 2, 3, b"")[:-2] + field(3, 0),
    )
    yield Sample("model.onnx", _model(_graph(_add(context))), unknown=True, note="context outside")


def _tf_graph(kind: str, value: str) -> bytes:
    attribute = field(5, field(1, "filename") + field(2, field(2, value)))
    return field(1, field(1, "n") + field(2, kind) + attribute)


def _saved_model(graph: bytes) -> bytes:
    meta = field(1, field(4, "serve")) + field(2, graph)
    return field(1, 1) + field(2, meta)


@technique("B23", "tensorflow-operators")
def _tensorflow(rng: random.Random) -> Iterator[Sample]:
    for kind in (
        "ReadFile", "WriteFile", "PyFunc", "EagerPyFunc", "PyFuncStateless", "MatchingFiles", "LoadDataset",
        "SaveDataset", "ImmutableConst", "DebugIdentityV2", "TextLineDataset", "RpcCall", "EvilCustomOp",
    ):  # fmt: skip
        graph = _tf_graph(kind, "/etc/passwd")
        library = field(2, field(1, field(1, field(1, "f")) + field(3, field(1, "n") + field(2, kind))))
        unknown = kind in (
            "EvilCustomOp",
            "RpcCall",
            "DebugIdentityV2",
            "TextLineDataset",
        )
        yield Sample("saved", {"saved_model.pb": _saved_model(graph)}, unknown=unknown, note=kind)
        yield Sample(
            "function",
            {"saved_model.pb": _saved_model(library)},
            unknown=unknown,
            note=f"{kind} in a function",
        )
        yield Sample("frozen.pb", graph + _tf_graph("Const", "x"), unknown=unknown, note=kind)


@technique("B23", "coreml-custom")
def _coreml(rng: random.Random) -> Iterator[Sample]:
    custom = field(555, field(10, "EvilModel") + field(40, "x"))
    description = field(2, field(1, field(1, "x")))
    yield Sample("model.mlmodel", field(1, 4) + description + custom, unknown=True, note="custom model")
    layer = field(1, field(1, "l") + field(500, field(10, "EvilLayer")))
    yield Sample(
        "model.mlmodel", field(1, 4) + description + field(500, layer), unknown=True, note="custom layer"
    )
