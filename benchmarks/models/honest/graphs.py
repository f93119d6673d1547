"""Formats that are not pickles: ONNX, GGUF, safetensors, HDF5, Keras."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from .item import Item
from .templates import TEMPLATES

os.environ.setdefault("KERAS_BACKEND", "torch")
_X = np.random.default_rng(1).random((60, 4)).astype(np.float32)


def _onnx_graph() -> Any:
    from onnx import TensorProto, helper, numpy_helper

    weights = numpy_helper.from_array(np.ones((4, 3), np.float32), "w")
    node = helper.make_node("MatMul", ["x", "w"], ["y"])
    graph = helper.make_graph(
        [node],
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 3])],
        [weights],
    )
    return helper.make_model(graph, producer_name="assaymark-benchmark")


def _onnx_branch() -> Any:
    from onnx import TensorProto, helper

    def branch(name: str, value: float) -> Any:
        constant = helper.make_node(
            "Constant", [], [name], value=helper.make_tensor("v", TensorProto.FLOAT, [1], [value])
        )
        return helper.make_graph(
            [constant], name, [], [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1])]
        )

    node = helper.make_node("If", ["c"], ["y"], then_branch=branch("a", 1.0), else_branch=branch("b", 2.0))
    graph = helper.make_graph(
        [node],
        "net",
        [helper.make_tensor_value_info("c", TensorProto.BOOL, [])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])],
    )
    return helper.make_model(graph)


def _onnx_function() -> Any:
    from onnx import helper

    model = _onnx_graph()
    body = [helper.make_node("Mul", ["a", "a"], ["b"])]
    square = helper.make_function("local", "Square", ["a"], ["b"], body, [helper.make_opsetid("", 21)])
    model.functions.append(square)
    model.opset_import.append(helper.make_opsetid("local", 1))
    model.graph.node.append(helper.make_node("Square", ["y"], ["z"], domain="local"))
    return model


def _onnx_sklearn(kind: str) -> Any:
    import sklearn.ensemble
    import sklearn.linear_model
    import sklearn.preprocessing
    from skl2onnx import to_onnx

    cls = {
        "forest": sklearn.ensemble.RandomForestClassifier,
        "linear": sklearn.linear_model.LogisticRegression,
        "boosting": sklearn.ensemble.GradientBoostingRegressor,
        "scaler": sklearn.preprocessing.StandardScaler,
    }[kind]
    model = cls().fit(_X, np.arange(60) % 3) if kind != "scaler" else cls().fit(_X)
    return to_onnx(model, _X[:1])


def _onnx_torch(path: Path) -> None:
    import torch

    net = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 2)).eval()
    torch.onnx.export(net, (torch.ones(1, 4),), str(path), dynamo=True, external_data=False)


def _onnx_external(path: Path) -> None:
    import onnx

    path.mkdir(parents=True)
    onnx.save_model(
        _onnx_graph(),
        str(path / "model.onnx"),
        save_as_external_data=True,
        location="model.onnx.data",
        size_threshold=0,
    )


def _onnx_quantised() -> Any:
    from onnx import TensorProto, helper

    nodes = [
        helper.make_node("QuantizeLinear", ["x", "s", "z"], ["q"]),
        helper.make_node("DequantizeLinear", ["q", "s", "z"], ["y"]),
        helper.make_node("FusedMatMul", ["y", "y"], ["m"], domain="com.microsoft"),
    ]
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 2])],
        [helper.make_tensor_value_info("m", TensorProto.FLOAT, [2, 2])],
        [
            helper.make_tensor("s", TensorProto.FLOAT, [], [0.1]),
            helper.make_tensor("z", TensorProto.UINT8, [], [0]),
        ],
    )
    return helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)]
    )


def _onnx() -> Iterator[Item]:
    graphs: dict[str, Callable[[], Any]] = {
        "graph": _onnx_graph,
        "branch": _onnx_branch,
        "function": _onnx_function,
        "quantised": _onnx_quantised,
    }
    for kind in ("forest", "linear", "boosting", "scaler"):
        graphs[kind] = lambda k=kind: _onnx_sklearn(k)
    for subject, make in graphs.items():
        yield Item(
            "onnx", subject, "model.onnx", lambda path, m=make: path.write_bytes(m().SerializeToString())
        )
    yield Item("onnx", "external", "external", _onnx_external)
    yield Item("onnx", "torch", "exported.onnx", _onnx_torch)


def _gguf(template: str | None, kind: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        import gguf

        writer = gguf.GGUFWriter(str(path), kind)
        writer.add_context_length(128)
        writer.add_embedding_length(16)
        writer.add_block_count(1)
        writer.add_head_count(2)
        writer.add_tokenizer_model("llama")
        writer.add_token_list([b"<unk>", b"<s>", b"os.system", b"{{ x }}", b"hello"])
        writer.add_token_scores([0.0] * 5)
        writer.add_token_types([1] * 5)
        writer.add_license("apache-2.0")
        if template:
            writer.add_chat_template(template)
        writer.add_tensor("token_embd.weight", np.ones((5, 16), np.float32))
        writer.add_tensor("output.weight", np.ones((5, 16), np.float16))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()

    return write


def _safetensors() -> Iterator[Item]:
    from safetensors.numpy import save_file

    def write(tensors: dict[str, Any], note: dict[str, str] | None) -> Callable[[Path], None]:
        return lambda path: save_file(tensors, str(path), metadata=note)

    many = {f"layer.{i}.weight": np.ones((3, i + 1), np.float32) for i in range(40)}
    note = {"format": "pt", "author": "a person", "url": "https://example.org/model"}
    yield Item("safetensors", "plain", "model.safetensors", write({"w": np.eye(3)}, None))
    yield Item("safetensors", "many", "many.safetensors", write(many, note))
    yield Item("safetensors", "empty", "empty.safetensors", write({"e": np.zeros((0, 2), np.int8)}, None))
    mixed = {"a": np.ones(3, np.float16), "b": np.ones(3, np.int64), "c": np.array([True])}
    yield Item("safetensors", "mixed", "mixed.safetensors", write(mixed, {"format": "np"}))


def _hdf5(path: Path) -> None:
    import h5py

    with h5py.File(path, "w") as file:
        group = file.create_group("model_weights")
        group.create_dataset("kernel", data=_X, compression="gzip", chunks=True)
        group.attrs["layer_names"] = [b"dense"]
        group["again"] = h5py.SoftLink("/model_weights/kernel")
        file.create_dataset("labels", data=["a", "b"])


def _keras_models() -> dict[str, Callable[[], Any]]:
    import keras
    from keras import layers

    def functional() -> Any:
        inputs = keras.Input((4,))
        hidden = layers.Dense(8, activation="relu")(inputs)
        joined = layers.Concatenate()([inputs, layers.Dropout(0.1)(hidden)])
        return keras.Model(inputs, layers.Dense(2, activation="softmax")(joined))

    def image() -> Any:
        return keras.Sequential(
            [keras.Input((8, 8, 1)), layers.Rescaling(1 / 255), layers.Conv2D(2, 3), layers.BatchNormalization(),
             layers.MaxPooling2D(), layers.Flatten(), layers.Dense(2)]
        )  # fmt: skip

    def sequence() -> Any:
        return keras.Sequential(
            [
                keras.Input((5,)),
                layers.Embedding(20, 4),
                layers.Bidirectional(layers.LSTM(3)),
                layers.Dense(1),
            ]
        )

    def compiled() -> Any:
        model = functional()
        model.compile(keras.optimizers.Adam(0.01), "mse", ["mae"])
        model.optimizer.build(model.trainable_variables)
        return model

    def attention() -> Any:
        inputs = keras.Input((5, 8))
        out = layers.LayerNormalization()(layers.MultiHeadAttention(2, 4)(inputs, inputs))
        return keras.Model(inputs, layers.GlobalAveragePooling1D()(out))

    return {
        "functional": functional,
        "image": image,
        "sequence": sequence,
        "compiled": compiled,
        "attention": attention,
    }


def _keras() -> Iterator[Item]:
    for subject in ("functional", "image", "sequence", "compiled", "attention"):
        for suffix in ("keras", "h5"):
            yield Item(
                "keras",
                subject,
                f"model.{suffix}",
                lambda path, s=subject: _keras_models()[s]().save(str(path)),
            )
    for subject in ("functional", "image"):
        write = lambda path, s=subject: _keras_models()[s]().save_weights(str(path))  # noqa: E731
        yield Item("keras", f"weights {subject}", "model.weights.h5", write)


def items() -> Iterator[Item]:
    """Give the items of graph and tensor formats."""
    yield from _onnx()
    for number, (name, template) in enumerate(TEMPLATES.items()):
        kind = ("llama", "qwen2", "gemma", "phi3")[number % 4]
        yield Item("gguf", f"template {name}", f"{kind}.gguf", _gguf(template, kind))
    yield Item("gguf", "no template", "base.gguf", _gguf(None, "llama"))
    yield from _safetensors()
    yield Item("h5py", "weights", "weights.h5", _hdf5)
    yield from _keras()
