"""Keras archives and HDF5 files that run code or read files when they are loaded (B19)."""

from __future__ import annotations

import base64
import io
import json
import marshal
import random
import struct
from collections.abc import Iterator
from typing import Any

import h5py
import numpy as np

from . import boxes
from . import opcodes as op
from .sample import Sample, technique

Layer = dict[str, Any]


def _code() -> str:
    return base64.b64encode(marshal.dumps(compile("print('assaymark')", "m", "exec"))).decode()


def _lambda() -> Layer:
    value = {"class_name": "__lambda__", "config": {"code": _code(), "defaults": None, "closure": None}}
    return {"module": "keras.layers", "class_name": "Lambda", "config": {"name": "l", "function": value}}


def _old_lambda() -> Layer:
    return {
        "class_name": "Lambda",
        "config": {"name": "l", "function": [_code(), None, None], "function_type": "lambda"},
    }


def _dense(**more: Any) -> Layer:
    config = {"name": "d", "units": 2, "activation": "relu", **more}
    return {"module": "keras.layers", "class_name": "Dense", "config": config, "registered_name": None}


def _function(module: str, name: str) -> Layer:
    return {"module": module, "class_name": "function", "config": name, "registered_name": name}


def _layers() -> dict[str, tuple[Layer, bool]]:
    """Name, layer, and whether only unknown names are in it."""
    torch_bytes = base64.b64encode(
        boxes.torch_zip(op.stream(op.call(op.name("os.system"), "echo assaymark"), 2))
    ).decode()
    system = {
        "module": "os",
        "class_name": "system",
        "config": {"command": "echo assaymark"},
        "registered_name": None,
    }
    return {
        "lambda": (_lambda(), False),
        "old lambda": (_old_lambda(), False),
        "lambda in time distributed": ({"module": "keras.layers", "class_name": "TimeDistributed", "config": {"layer": _lambda()}}, False),
        "lambda in a model in a model": ({"module": "keras", "class_name": "Sequential", "config": {"layers": [{"module": "keras", "class_name": "Sequential", "config": {"layers": [_lambda()]}}]}}, False),
        "lambda as activation": (_dense(activation={"class_name": "__lambda__", "config": {"code": _code()}}), False),
        "module os": (system, False),
        "module subprocess": ({**system, "module": "subprocess", "class_name": "Popen"}, False),
        "function eval": (_dense(activation=_function("builtins", "eval")), False),
        "function of importlib": (_dense(kernel_initializer=_function("importlib", "import_module")), False),
        "partial": ({"module": "functools", "class_name": "partial", "config": {"func": "os.system"}}, False),
        "get_file": (_dense(activation=_function("keras.utils", "get_file")), False),
        "get_file deep": (_dense(bias_constraint=_function("keras.src.utils.file_utils", "get_file")), False),
        "enable unsafe": (_dense(activation=_function("keras.config", "enable_unsafe_deserialization")), False),
        "enable unsafe deep": ({"module": "keras.src.saving.serialization_lib", "class_name": "enable_unsafe_deserialization", "config": {}}, False),
        "load model": (_dense(activation=_function("keras.models", "load_model")), False),
        "torch module": ({"module": "keras.layers", "class_name": "TorchModuleWrapper", "config": {"module": torch_bytes}}, False),
        "saved model layer": ({"module": "keras.layers", "class_name": "TFSMLayer", "config": {"filepath": "/tmp/assaymark"}}, False),
        "jax layer": ({"module": "keras.layers", "class_name": "JaxLayer", "config": {"call_fn": _lambda()}}, False),
        "vocabulary file": ({"module": "keras.layers", "class_name": "StringLookup", "config": {"vocabulary": "/etc/passwd"}}, False),
        "vocabulary address": ({"module": "keras.layers", "class_name": "IntegerLookup", "config": {"vocabulary": "http://127.0.0.1:9/x"}}, False),
        "vectorizer file": ({"module": "keras.layers", "class_name": "TextVectorization", "config": {"vocabulary": "/etc/hostname"}}, False),
        "numpy load": (_dense(kernel_initializer=_function("numpy", "load")), False),
        "foreign class": ({"module": "evil_models.layers", "class_name": "Trigger", "config": {}, "registered_name": "Trigger"}, True),
        "custom object": ({"module": None, "class_name": "Trigger", "config": {}, "registered_name": "evil>Trigger"}, True),
        "foreign function": (_dense(activation=_function("evil_models.act", "run")), True),
        "foreign initializer": (_dense(kernel_initializer={"module": "evil_models", "class_name": "Init", "config": {}}), True),
    }  # fmt: skip


def _model(layer: Layer, **more: Any) -> Layer:
    first = {
        "module": "keras.layers",
        "class_name": "InputLayer",
        "config": {"batch_shape": [None, 2], "name": "i"},
    }
    config = {"name": "m", "layers": [first, _dense(), layer], **more}
    return {"module": "keras", "class_name": "Functional", "config": config, "registered_name": "Functional"}


def _hdf5(**attributes: str) -> bytes:
    file = io.BytesIO()
    with h5py.File(file, "w") as bundle:
        bundle.create_dataset("model_weights/d/kernel", data=np.ones(4, "f4"))
        for name, text in attributes.items():
            bundle.attrs[name] = text
    return file.getvalue()


def _archive(config: Any, **more: bytes) -> bytes:
    members = {"metadata.json": b'{"keras_version": "3.8.0"}', "config.json": json.dumps(config).encode()}
    return boxes.zipped(members | {"model.weights.h5": _hdf5()} | more)


@technique("B19", "keras-archive")
def _v3(rng: random.Random) -> Iterator[Sample]:
    for note, (layer, unknown) in _layers().items():
        yield Sample("model.keras", _archive(_model(layer)), unknown=unknown, note=note)
    evil = _lambda()
    plain = _model(_dense())
    forms = {
        "in the compile settings": _archive({**plain, "compile_config": {"loss": evil, "optimizer": "adam"}}),
        "metric by module": _archive(
            {**plain, "compile_config": {"metrics": [_function("builtins", "exec")]}}
        ),
        "in the build settings": _archive({**plain, "build_config": {"x": evil}}),
        "pickle in the archive": _archive(
            plain, **{"assets/vocab.pkl": op.stream(op.call(op.name("os.system"), "echo"))}
        ),
        "path in the archive": _archive(plain, **{"../../assaymark.txt": b"x"}),
    }
    for note, data in forms.items():
        yield Sample("model.keras", data, note=note)


@technique("B19", "keras-hdf5")
def _v2(rng: random.Random) -> Iterator[Sample]:
    for note, (layer, unknown) in _layers().items():
        yield Sample(
            "model.h5",
            _hdf5(model_config=json.dumps(_model(layer)), keras_version="2.15.0"),
            unknown=unknown,
            note=note,
        )
    training = json.dumps({"loss": _function("builtins", "eval"), "optimizer_config": {}})
    yield Sample(
        "model.hdf5",
        _hdf5(model_config=json.dumps(_model(_dense())), training_config=training),
        note="training settings",
    )


@technique("B19", "keras-json")
def _text(rng: random.Random) -> Iterator[Sample]:
    for note in ("lambda", "old lambda", "module os", "function eval", "foreign class"):
        layer, unknown = _layers()[note]
        yield Sample("architecture.json", json.dumps(_model(layer)).encode(), unknown=unknown, note=note)
    yaml = "backend: tensorflow\nclass_name: Sequential\nconfig:\n  layers:\n  - class_name: Lambda\n    config:\n"
    yield Sample(
        "architecture.yaml",
        (yaml + "      function: !!python/object/apply:os.system ['echo assaymark']\n").encode(),
    )


@technique("B19", "hdf5-links")
def _links(rng: random.Random) -> Iterator[Sample]:
    """Parts of the file that lie in other files: reading the model reads them."""

    def linked(kind: str) -> bytes:
        file = io.BytesIO()
        with h5py.File(file, "w") as bundle:
            if kind == "external link":
                bundle["model_weights"] = h5py.ExternalLink("/etc/hostname", "/x")
            elif kind == "deep external link":
                bundle["a/b/c/d"] = h5py.ExternalLink("../../secret.h5", "/x")
            elif kind == "external storage":
                bundle.create_dataset("kernel", (4,), "u1", external=[("/etc/hostname", 0, 4)])
            elif kind == "virtual data set":
                layout = h5py.VirtualLayout((4,), "f4")
                layout[:] = h5py.VirtualSource("/tmp/other.h5", "x", (4,))
                bundle.create_virtual_dataset("kernel", layout)
            else:
                bundle["loop"] = h5py.SoftLink("/loop")
        return file.getvalue()

    for kind in ("external link", "deep external link", "external storage", "virtual data set"):
        for name in ("weights.h5", "model.weights.h5"):
            yield Sample(name, linked(kind), note=kind)
        inside = boxes.zipped(
            {"config.json": json.dumps(_model(_dense())).encode(), "model.weights.h5": linked(kind)}
        )
        yield Sample("model.keras", inside, note=f"{kind} inside")
    offset = b"\x89HDF\r\n\x1a\n" + bytes(8)
    yield Sample(
        "shifted.h5", bytes(512) + _hdf5(model_config=json.dumps(_model(_lambda()))), note="user block before"
    )
    yield Sample(
        "broken.h5", offset + struct.pack("<Q", 1 << 60) * 20, "unreadable", note="broken superblock"
    )
