"""Detours made up after the scanner was written, so that none of it was built on them (all held back)."""

from __future__ import annotations

import io
import json
import random
import struct
import tarfile
import zipfile
from collections.abc import Iterator
from typing import Any

from . import boxes
from . import opcodes as op
from .keras_files import _archive, _dense, _hdf5, _lambda, _model
from .onnx_files import _add, _attribute, _external, _graph, _node, field
from .onnx_files import _model as _onnx
from .opcodes import Raw, call, name
from .sample import Sample, technique
from .templates import _config, _text, gguf

ECHO = "echo assaymark"
SYSTEM = Raw(name("os.system"))


def _spread(bodies: dict[str, bytes], rng: random.Random, protocol: int = 4, **more: Any) -> Iterator[Sample]:
    for note, body in bodies.items():
        for _ in range(2):
            file, data = boxes.boxed(op.stream(op.wrap(body, rng), protocol), rng)
            yield Sample(file, data, note=note, **more)


@technique("N10", "new-attribute-of-the-known")
def _attributes(rng: random.Random) -> Iterator[Sample]:
    """A walk that begins at a name which honest files use, by `getattr` or by a dotted name."""
    get = name("builtins.getattr")
    path = Raw(call(name("pathlib.PosixPath"), "/tmp/assaymark"))
    array = Raw(call(name("numpy.ndarray"), (2,)))
    init = Raw(call(get, Raw(name("torch.nn.modules.module.Module")), "__init__"))
    found = {
        "globals of a method": call(get, init, "__globals__"),
        "code of a method": call(get, init, "__code__"),
        "class of an instance": call(get, path, "__class__"),
        "method of a path": call(call(get, path, "touch")),
        "method of a path with arguments": call(call(get, path, "write_text"), "x"),
        "method of an array": call(call(get, array, "tofile"), "/tmp/assaymark"),
        "method of a class": call(call(get, Raw(name("numpy.ndarray")), "dump"), array, "/tmp/assaymark"),
        "subclasses": call(call(get, Raw(name("collections.OrderedDict")), "__subclasses__")),
        "reduce_ex": call(call(get, Raw(name("builtins.int")), "__reduce_ex__"), 2),
        "dictionary of a module": call(get, Raw(name("numpy.linalg", "stack")), "__dict__"),
        "methodcaller on an array": call(call(name("operator.methodcaller"), "tofile", "/tmp/assaymark"), array),
        "attrgetter on a class": call(call(name("operator.attrgetter"), "__init__.__globals__"), Raw(name("sklearn.base.BaseEstimator"))),
    }  # fmt: skip
    yield from _spread(found, rng)
    for dotted, module in (
        ("numpy.ndarray.tofile", "numpy"), ("numpy.ndarray.dump", "numpy"), ("pathlib.PosixPath.unlink", "pathlib"),
        ("pathlib.Path.open", "pathlib"), ("pandas.core.frame.DataFrame.to_csv", "pandas.core.frame"),
        ("pandas.core.frame.DataFrame.eval", "pandas.core.frame"), ("xgboost.core.Booster.load_model", "xgboost.core"),
        ("collections.OrderedDict.__init_subclass__", "collections"), ("builtins.object.__subclasses__", "builtins"),
        ("builtins.dict.__class__.__call__", "builtins"), ("torch.nn.modules.module.Module.register_forward_hook", "torch.nn.modules.module"),
        ("numpy.ndarray.__class__", "numpy"), ("datetime.datetime.__class__.mro", "datetime"), ("torch.Tensor.map_", "torch"),
        ("collections.OrderedDict.__init__.__self__", "collections"), ("uuid.UUID.__init__.__globals__", "uuid"),
    ):  # fmt: skip
        target = name(dotted, rng.choice(("stack", "global")), module)
        file, data = boxes.boxed(op.stream(op.wrap(call(target, "/tmp/assaymark"), rng), 4), rng)
        yield Sample(file, data, unknown=True, note=dotted)


@technique("N11", "new-constructor-reads")
def _constructors(rng: random.Random) -> Iterator[Sample]:
    """Classes that honest files hold, made with arguments that open a file or ask for memory."""
    made = {
        "xgboost": call(name("xgboost.core.Booster"), {}, (), "/etc/hostname"),
        "lightgbm": call(name("lightgbm.basic.Booster"), None, None, "/etc/hostname"),
        "tokenizer": call(
            name("transformers.tokenization_utils_fast.PreTrainedTokenizerFast"), "/etc/hostname"
        ),
        "memory": call(name("joblib.memory.Memory"), "/tmp/assaymark"),
        "memory map": call(name("numpy.memmap"), "/etc/hostname"),
        "storage": call(name("torch.storage.UntypedStorage"), 10**13),
        "linear": call(name("torch.nn.modules.linear.Linear"), 10**9, 10**9),
        "array": call(name("numpy.ndarray"), (10**9, 10**9)),
        "store": call(name("pandas.io.pytables.HDFStore"), "/tmp/assaymark"),
        "word vectors": call(name("gensim.models.word2vec.Word2Vec"), None, "/etc/hostname"),
        "optimiser of the foreign": call(name("torch.optim.sgd.SGD"), Raw(name("evil_models.run.params"))),
        "pipeline with memory": op.build(
            name("sklearn.pipeline.Pipeline") + op.EMPTY_TUPLE + op.NEWOBJ,
            {"steps": [("a", Raw(call(name("evil_models.step.Step"))))], "memory": None},
        ),
        "module with evil child": op.build(
            name("torch.nn.modules.container.Sequential") + op.EMPTY_TUPLE + op.NEWOBJ,
            {"_modules": {"0": Raw(name("evil_models.net.Trigger") + op.EMPTY_TUPLE + op.NEWOBJ)}},
        ),
        "frame with evil cells": call(
            name("pandas.core.series.Series"), [Raw(call(name("evil_models.cell.Cell"), 1))]
        ),
    }
    yield from _spread(made, rng, unknown=True)


@technique("N12", "new-joblib-inline")
def _inline(rng: random.Random) -> Iterator[Sample]:
    """Joblib reads an array of objects as a second pickle that stands in the middle of the first."""

    def wrapper(kind: str, flags: int) -> bytes:
        dtype = op.build(
            call(name("numpy.dtype"), kind, False, True), (3, "|", None, None, None, -1, -1, flags)
        )
        state = {
            "subclass": Raw(name("numpy.ndarray")),
            "shape": (1,),
            "order": "C",
            "dtype": Raw(dtype),
            "allow_mmap": False,
        }
        return op.build(name("joblib.numpy_pickle.NumpyArrayWrapper") + op.EMPTY_TUPLE + op.NEWOBJ, state)

    evil = op.stream(op.wrap(call(name("posix.system"), ECHO), rng), rng.choice((2, 4)))
    good = op.stream(op.BENIGN, 4)
    forms = {
        "alone": op.proto(4) + wrapper("O8", 63) + evil + op.STOP,
        "in a dictionary": op.proto(4) + op.EMPTY_DICT + op.text("w") + wrapper("O8", 63) + evil + op.SETITEM + op.STOP,
        "second": op.proto(4) + op.EMPTY_LIST + wrapper("O8", 63) + good + op.APPEND + wrapper("O8", 63) + evil + op.APPEND + op.STOP,
        "outer after inner": op.proto(4) + op.EMPTY_LIST + wrapper("O8", 63) + good + op.APPEND + call(name("os.system"), ECHO) + op.POP + op.STOP,
    }  # fmt: skip
    for note, data in forms.items():
        yield Sample("model.joblib", data, note=note)
        yield Sample("model.pkl", data, note=note)
    for class_ in ("NDArrayWrapper", "ZNDArrayWrapper"):
        state = {
            "filename": "../../etc/hostname.npy",
            "subclass": Raw(name("numpy.ndarray")),
            "allow_mmap": False,
        }
        body = op.build(name(f"joblib.numpy_pickle_compat.{class_}") + op.EMPTY_TUPLE + op.NEWOBJ, state)
        yield Sample("old.pkl", op.stream(body, 3), unknown=True, note=f"{class_} names a file elsewhere")


@technique("N13", "new-lookalike")
def _lookalike(rng: random.Random) -> Iterator[Sample]:
    """Names that look like known ones."""
    for module, attribute in (
        ("collecti\u03bfns", "OrderedDict"), ("Collections", "OrderedDict"), ("collections", "OrderedDlct"),
        ("collections ", "OrderedDict"), ("numpy.core.multiarray", "_reconstruct "), ("torch._utils", "_rebuild_tensor_v2_"),
        ("torch._util", "_rebuild_tensor_v2"), ("torch..utils", "_rebuild_tensor_v2"), ("numpy", "ndarray\u200b"),
        ("sklearn.linear_model._logistic", "LogisticRegresion"), ("sklearn.linear_model._logistics", "LogisticRegression"),
        ("numpy._core.multiarray.evil", "_reconstruct"), ("torchh", "FloatStorage"), ("pandas.core.frame.DataFrame", "x"),
    ):  # fmt: skip
        target = op.text(module) + op.text(attribute) + op.STACK_GLOBAL
        file, data = boxes.boxed(op.stream(op.wrap(call(target), rng), 4), rng)
        yield Sample(file, data, unknown=True, note=f"{module!a} {attribute!a}")


_EVIL = "{{ cycler.__init__.__globals__.os.popen('echo assaymark').read() }}"
_GOOD = "{% for m in messages %}{{ m['content'] }}{% endfor %}"


@technique("N14", "new-template")
def _templates(rng: random.Random) -> Iterator[Sample]:
    for note, text in {
        "loop": "{% for m in messages %}{{ loop.__init__.__globals__ }}{% endfor %}",
        "raise_exception": "{{ raise_exception.__globals__['os'].system('echo assaymark') }}",
        "strftime_now": "{{ strftime_now.__globals__ }}",
        "filter by name": "{{ messages|map('attr', '__class__')|list }}",
        "token": "{{ bos_token.__class__.__base__.__subclasses__() }}",
        "number": "{{ (1).__class__ }}",
        "dictionary": "{{ {}.__class__.__init__ }}",
        "kwargs": "{% macro a() %}{{ kwargs.__class__ }}{% endmacro %}{{ a() }}",
        "caller": "{% macro a() %}{{ caller.__globals__ }}{% endmacro %}{% call a() %}{% endcall %}",
        "macro itself": "{% macro a() %}{% endmacro %}{{ a._func.__globals__ }}",
        "slice of names": "{% set n = 'xx__class__'[2:] %}{{ ''|attr(n) }}",
        "tojson text": "{{ ''|attr(('\"__class__\"')|replace('\"', '')) }}",
        "dictionary key": "{% set d = {'k': '__class__'} %}{{ ''[d.k] }}",
        "whitespace": "{{\n ''\n .\n __class__ }}",
    }.items():
        yield Sample(
            "model.gguf", gguf({"general.architecture": "llama", "tokenizer.chat_template": text}), note=note
        )
        yield Sample(note, {"tokenizer_config.json": _config(text)}, note=note)
    pairs = [
        ("general.architecture", "llama"),
        ("tokenizer.chat_template", _GOOD),
        ("tokenizer.chat_template", _EVIL),
    ]
    for order in (pairs, [pairs[0], pairs[2], pairs[1]]):
        body = b"".join(_text(k) + struct.pack("<I", 8) + _text(v) for k, v in order)
        yield Sample("model.gguf", b"GGUF" + struct.pack("<IQQ", 3, 0, 3) + body, note="the key twice")
    big = _text("tokenizer.chat_template")
    yield Sample(
        "model.gguf",
        b"GGUF" + struct.pack("<IQQ", 2, 0, 1) + big + struct.pack("<I", 8) + _text(_EVIL),
        note="version 2",
    )


@technique("N15", "new-settings-read-twice")
def _settings(rng: random.Random) -> Iterator[Sample]:
    """Files of which two readers see different things."""
    remote = '"auto_map": {"AutoModel": "somebody/other--m.Net"}'
    weights = {"model.safetensors": boxes.PLAIN_SAFETENSORS}
    text = json.dumps(_EVIL)
    forms: dict[str, dict[str, bytes]] = {
        "first key counts": {"config.json": f'{{"model_type": "llama", {remote}, "auto_map": {{}}}}'.encode()},
        "last key counts": {"config.json": f'{{"model_type": "llama", "auto_map": {{}}, {remote}}}'.encode()},
        "byte order mark": {"config.json": b"\xef\xbb\xbf" + f'{{"model_type": "llama", {remote}}}'.encode()},
        "UTF-16": {"config.json": f'{{"model_type": "llama", {remote}}}'.encode("utf-16")},
        "UTF-16 without mark": {"config.json": f'{{"model_type": "llama", {remote}}}'.encode("utf-16-le")},
        "not a number": {"config.json": f'{{"model_type": "llama", "x": NaN, {remote}}}'.encode()},
        "behind a comma": {"config.json": f'{{"model_type": "llama", {remote},}}'.encode()},
        "template twice": {"tokenizer_config.json": f'{{"chat_template": {text}, "chat_template": "x"}}'.encode()},
        "second document": {"config.yaml": b"a: 1\n---\nx: !!python/object/apply:os.system [echo]\n"},
        "tag directive": {"config.yaml": b"%TAG !p! tag:yaml.org,2002:python/\n---\nx: !p!object/apply:os.system [echo]\n"},
        "verbatim tag": {"hparams.yaml": b"x: !<tag:yaml.org,2002:python/object/apply:os.system> [echo]\n"},
        "primary tag": {"config.yaml": b"%TAG ! tag:yaml.org,2002:python/\n---\nx: !object/apply:os.system [echo]\n"},
        "JSON lines": {"config.json": f'{{"model_type": "llama"}}\n{{{remote}}}'.encode()},
    }  # fmt: skip
    for note, files in forms.items():
        unsure = note in (
            "UTF-16 without mark",
            "behind a comma",
            "JSON lines",
            "not a number",
            "UTF-16",
            "byte order mark",
        )
        label = (
            "unreadable"
            if unsure
            else "hidden"
            if note in ("first key counts", "template twice")
            else "malicious"
        )
        yield Sample(note, files | weights, label, unknown=True, note=note)


@technique("N16", "new-graph-corners")
def _graphs(rng: random.Random) -> Iterator[Sample]:
    outside = _external("../../etc/hostname")
    twice = (
        outside.replace(field(14, 1), b"")
        + field(13, field(1, "location") + field(2, "w.bin"))
        + field(14, 1)
    )
    late = (
        _external("w.bin").replace(field(14, 1), b"")
        + field(13, field(1, "location") + field(2, "../../x"))
        + field(14, 1)
    )
    evil = _node("Run", "evil.models")
    forms = {
        "list of tensors": _graph(_add(_node("Constant", "", field(1, "v") + field(20, 9) + field(10, outside)))),
        "sparse attribute": _graph(_add(_node("Constant", "", field(1, "v") + field(20, 11) + field(22, field(1, outside))))),
        "list of graphs": _graph(_add(_node("If", "", field(1, "g") + field(20, 10) + field(11, _graph(_add(evil)))))),
        "location twice, first": _graph(field(5, twice)),
        "location twice, last": _graph(field(5, late)),
        "attribute of no type": _graph(_add(_node("If", "", field(1, "g") + field(6, _graph(_add(evil)))))),
        "deep in ten graphs": _deep(evil),
        "graph in two pieces": _graph() + _add(evil),
    }  # fmt: skip
    for note, graph in forms.items():
        yield Sample("model.onnx", _onnx(graph), unknown=True, note=note)
    split = _onnx(_graph(_add(_node("Relu")))) + field(7, _graph(_add(evil)))
    yield Sample("model.onnx", split, unknown=True, note="the graph twice")
    for note, layer in {
        "custom prefix": {**_lambda(), "class_name": "keras.layers>Lambda"},
        "module of the layer": {**_lambda(), "module": "keras.src.layers.core.lambda_layer"},
        "lambda in a list in a dictionary": _dense(
            kernel_regularizer={"class_name": "Sum", "config": {"parts": [_lambda()]}}
        ),
        "old function pair": {
            "class_name": "Lambda",
            "config": {"function": "evil", "function_type": "function", "module": "evil_models"},
        },
    }.items():
        yield Sample("model.keras", _archive(_model(layer)), unknown=True, note=note)
        yield Sample("model.h5", _hdf5(model_config=json.dumps(_model(layer))), unknown=True, note=note)
    good, bad = json.dumps(_model(_dense())).encode(), json.dumps(_model(_lambda())).encode()
    for note, pair in {
        "settings twice, evil first": (bad, good),
        "settings twice, evil last": (good, bad),
    }.items():
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as bundle:
            for data in pair:
                bundle.NameToInfo.clear()
                bundle.writestr(zipfile.ZipInfo("config.json"), data)
            bundle.writestr(zipfile.ZipInfo("metadata.json"), b"{}")
        yield Sample("model.keras", file.getvalue(), note=note)


def _deep(node: bytes) -> bytes:
    graph = _graph(_add(node))
    for _ in range(10):
        graph = _graph(_add(_node("If", "", _attribute("then_branch", 5, 6, graph))))
    return graph


@technique("N17", "new-archive-writes-outside")
def _outside(rng: random.Random) -> Iterator[Sample]:
    """Archives that write or point outside when they are unpacked."""

    def tar(**info: Any) -> bytes:
        file = io.BytesIO()
        with tarfile.open(fileobj=file, mode="w") as bundle:
            member = tarfile.TarInfo(info.pop("name"))
            data = info.pop("data", b"")
            member.size = len(data)
            for key, value in info.items():
                setattr(member, key, value)
            bundle.addfile(member, io.BytesIO(data))
            bundle.addfile(tarfile.TarInfo("model.txt"))
        return file.getvalue()

    evil = op.stream(call(name("os.system"), ECHO))
    forms = {
        "up.tar": tar(name="../../assaymark.py", data=b"x"),
        "absolute.tar": tar(name="/tmp/assaymark.py", data=b"x"),
        "link.tar": tar(name="weights", type=tarfile.SYMTYPE, linkname="/etc"),
        "hard link.tar": tar(name="weights", type=tarfile.LNKTYPE, linkname="../../etc/hostname"),
        "device.tar": tar(name="weights", type=tarfile.CHRTYPE, devmajor=1, devminor=5),
        "pipe.tar": tar(name="weights", type=tarfile.FIFOTYPE),
        "renamed.tar": tar(name="notes.txt", data=evil, pax_headers={"path": "model.pkl"}),
        "long name.tar": tar(name="a/" * 90 + "model.pkl", data=evil),
    }
    for file, data in forms.items():
        yield Sample(file, data)
    link = zipfile.ZipInfo("weights")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as bundle:
        bundle.writestr(link, "/etc")
        bundle.writestr(zipfile.ZipInfo("model.txt"), b"x")
    yield Sample("link.zip", file.getvalue())
    yield Sample("up.zip", boxes.zipped({"../../assaymark.py": b"x", "model.txt": b"x"}))
    yield Sample("back.zip", boxes.zipped({"..\\..\\assaymark.py": b"x", "model.txt": b"x"}))
