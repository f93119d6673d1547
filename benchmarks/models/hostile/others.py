"""skops, TorchServe, TorchScript, XML formats, native code, polyglots (B23)."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

from . import boxes
from . import opcodes as op
from .opcodes import call, name
from .sample import Sample, technique

_SCRIPT = b"import os\n\nos.system('echo assaymark')\n"


def _skops(node: dict[str, Any]) -> bytes:
    state = {"__class__": "dict", "__module__": "builtins", "__loader__": "DictNode", "__id__": 1,
             "key_types": {"__class__": "list", "__module__": "builtins", "__loader__": "ListNode", "content": []},
             "content": {"x": node}}  # fmt: skip
    schema = {**state, "protocol": 2, "_skops_version": "0.13.0"}
    return boxes.zipped({"schema.json": json.dumps(schema).encode()})


def _typed(loader: str, module: str, class_: str, **more: Any) -> dict[str, Any]:
    return {"__class__": class_, "__module__": module, "__loader__": loader, "__id__": 2, **more}


@technique("B23", "skops")
def _skops_nodes(rng: random.Random) -> Iterator[Sample]:
    text = {
        "__class__": "str",
        "__module__": "builtins",
        "__loader__": "JsonNode",
        "content": '"echo assaymark"',
    }
    arguments = {"__class__": "tuple", "__module__": "builtins", "__loader__": "TupleNode", "content": [text]}
    nodes = {
        "function os.system": _typed("FunctionNode", "os", "system", content=None),
        "function eval": _typed("FunctionNode", "builtins", "eval", content=None),
        "type": _typed("TypeNode", "subprocess", "Popen", content=None),
        "operator": _typed("OperatorFuncNode", "operator", "methodcaller", attrs=arguments),
        "operator getter": _typed("OperatorFuncNode", "operator", "attrgetter", attrs=arguments),
        "operator itself": _typed("OperatorFuncNode", "operator", "call", attrs=arguments),
        "method": _typed("MethodNode", "os", "system", content={"func": "system", "obj": text}),
        "method getattr": _typed("MethodNode", "builtins", "method", content={"func": "__reduce__", "obj": text}),
        "partial": _typed("PartialNode", "functools", "partial", content={"func": _typed("FunctionNode", "os", "system")}),
        "object": _typed("ObjectNode", "subprocess", "Popen", content=text),
        "reduce": _typed("ReduceNode", "os", "system", content={"args": arguments}),
        "tree": _typed("TreeNode", "os", "system", content={"args": arguments}),
        "class differs from loader": _typed("ListNode", "os", "system", content=[]),
        "numpy object": _typed("NdArrayNode", "numpy", "ndarray", type="json", content=[_typed("FunctionNode", "os", "system")]),
        "generator": _typed("RandomGeneratorNode", "os", "system", content={"bit_generator": text}),
        "set of functions": _typed("SetNode", "builtins", "set", content=[_typed("FunctionNode", "posix", "system")]),
    }  # fmt: skip
    for note, node in nodes.items():
        yield Sample("model.skops", _skops(node), note=note)
    for note, node in {
        "foreign object": _typed("ObjectNode", "evil_models.run", "Trigger", content=text),
        "foreign function": _typed("FunctionNode", "evil_models.run", "go", content=None),
        "unknown loader": _typed("EvilNode", "evil_models", "Trigger", content=text),
    }.items():
        yield Sample("model.skops", _skops(node), unknown=True, note=note)
    evil = op.stream(call(name("os.system"), "echo assaymark"))
    plain = json.dumps(
        {"__class__": "dict", "__module__": "builtins", "__loader__": "DictNode", "content": {}}
    ).encode()
    yield Sample(
        "model.skops", boxes.zipped({"schema.json": plain, "1.npy": boxes.npy(evil)}), note="npy with objects"
    )


@technique("B23", "torchserve")
def _mar(rng: random.Random) -> Iterator[Sample]:
    manifest = {
        "createdOn": "x",
        "runtime": "python",
        "model": {"modelName": "m", "handler": "handler.py", "serializedFile": "m.pt"},
    }
    good = boxes.torch_zip(op.stream(op.BENIGN, 2))
    head = {"MAR-INF/MANIFEST.json": json.dumps(manifest).encode(), "m.pt": good}
    yield Sample("model.mar", boxes.zipped({**head, "handler.py": _SCRIPT}), unknown=True, note="handler")
    yield Sample("model.mar", boxes.zipped({**head, "model.py": _SCRIPT}), unknown=True, note="model file")
    yield Sample(
        "model.mar",
        boxes.zipped({**head, "requirements.txt": b"evil @ http://127.0.0.1:9/x.whl\n"}),
        unknown=True,
        note="requirements",
    )
    yield Sample("model.mar", boxes.zipped({**head, "../../outside.py": _SCRIPT}), note="path")
    yield Sample(
        "folder",
        {"MAR-INF/MANIFEST.json": head["MAR-INF/MANIFEST.json"], "m.pt": good, "handler.py": _SCRIPT},
        unknown=True,
    )


def _script(code: str, constants: bytes = b"") -> bytes:
    body = op.stream(op.build(name("__torch__.Net") + op.EMPTY_TUPLE + op.NEWOBJ, {"training": False}), 2)
    module = f"class Net(Module):\n  __parameters__ = []\n  __buffers__ = []\n  training : bool\n{code}"
    members = {"net/data.pkl": body, "net/code/__torch__.py": module.encode(),
               "net/constants.pkl": constants or op.stream(op.EMPTY_TUPLE, 2), "net/version": b"3\n"}  # fmt: skip
    return boxes.zipped(members)


@technique("B23", "torchscript")
def _torchscript(rng: random.Random) -> Iterator[Sample]:
    def method(line: str) -> str:
        return f"  def forward(self: __torch__.Net,\n    x: Tensor) -> Tensor:\n    {line}\n    return x\n"

    lines = {
        "save": 'ops.aten.save(x, "/tmp/assaymark")',
        "torch save": 'torch.save(x, "/tmp/assaymark")',
        "from file": '_0 = torch.from_file("/etc/passwd", False, 10)',
        "from file by ops": '_0 = ops.aten.from_file("/etc/passwd", False, 10, 0)',
        "memory": 'ops.inductor._reinterpret_tensor(x, [99], [1], 10)',
        "load library": 'torch.ops.load_library("/tmp/assaymark.so")',
        "foreign operator": "_0 = ops.evil_models.run(x)",
        "remote": '_0 = ops.rpc.rpc_sync("w", "f")',
        "constant file": 'torch.load("/tmp/x")',
    }  # fmt: skip
    for note, line in lines.items():
        unknown = note in ("foreign operator", "memory", "remote")
        label = "hidden" if note == "load library" else "malicious"
        yield Sample("scripted.pt", _script(method(line)), label, unknown=unknown, note=note)
    deep = f"  def forward(self: __torch__.Net, x: Tensor) -> Tensor:\n    if True:\n      for i in range(3):\n        {lines['save']}\n    return x\n"
    yield Sample("scripted.pt", _script(deep), note="deep")
    evil = op.stream(op.tuple_(call(name("os.system"), "echo assaymark")), 2)
    yield Sample("scripted.pt", _script(method("pass"), evil), note="constants")
    yield Sample(
        "scripted.pt", _script("import os\nos.system('echo assaymark')\n"), note="python in the code"
    )
    base = {
        "m/archive_format": b"pt2",
        "m/version": b"0",
        "m/data/aotinductor/model/x.so": b"\x7fELF\x02\x01\x01" + bytes(60),
        "m/models/model.json": b"{}",
    }
    yield Sample("compiled.pt2", boxes.zipped(base), note="machine code in an export")
    yield Sample(
        "weights.pt2",
        boxes.zipped(
            {"m/archive_format": b"pt2", "m/data/sample_inputs/model.pt": evil, "m/models/model.json": b"{}"}
        ),
        note="pickle in an export",
    )
    package = {
        "p/.data/version": b"6",
        "p/.data/extern_modules": b"os\n",
        "p/model/model.pkl": evil,
        "p/evil.py": _SCRIPT,
    }
    yield Sample("package.pt", boxes.zipped(package), note="torch.package")


_XXE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
_STEPS = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 9))
_LOL = f'<!DOCTYPE x [<!ENTITY a0 "ha">{_STEPS}]>'


@technique("B23", "xml")
def _xml(rng: random.Random) -> Iterator[Sample]:
    pmml = '<PMML version="4.4" xmlns="http://www.dmg.org/PMML-4_4"><Header/>&e;</PMML>'
    net = '<net name="n" version="11"><layers><layer id="0" name="x" type="Parameter" version="opset1"/>%s</layers></net>'
    forms = {
        "entity.pmml": f'<?xml version="1.0"?>{_XXE}{pmml}',
        "parameter entity.pmml": f'<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x">%p;]>{pmml.replace("&e;", "")}',
        "laughs.pmml": f'{_LOL}{pmml.replace("&e;", "&a8;")}',
        "entity.xml": f"<?xml version='1.0'?>{_XXE}{net % '&e;'}",
        "remote definition.pmml": f'<!DOCTYPE PMML SYSTEM "http://127.0.0.1:9/x.dtd">{pmml.replace("&e;", "")}',
        "utf16.pmml": f'<?xml version="1.0" encoding="UTF-16"?>{_XXE}{pmml}',
    }  # fmt: skip
    for file, text in forms.items():
        yield Sample(file, text.encode("utf-16" if file.startswith("utf16") else "utf-8"))
    extension = '<layer id="1" name="e" type="Evil" version="extension"/>'
    yield Sample(
        "custom.xml", f"<?xml version='1.0'?>{net % extension}".encode(), unknown=True, note="extension layer"
    )
    include = (
        '<PMML xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="file:///etc/hostname"/></PMML>'
    )
    yield Sample("include.pmml", include.encode(), unknown=True)


@technique("B23", "native-code")
def _native(rng: random.Random) -> Iterator[Sample]:
    elf = b"\x7fELF\x02\x01\x01\x00" + bytes(8) + b"\x03\x00\x3e\x00" + bytes(44)
    windows = b"MZ" + bytes(58) + b"\x40\0\0\0" + b"PE\0\0" + bytes(40)
    for file in ("model.bin", "pytorch_model.bin", "model.safetensors", "weights.pt", "plugin.engine"):
        yield Sample(file, elf, "hidden", note="ELF")
    yield Sample("model.pkl", windows, "hidden", note="Windows")
    yield Sample("model.ckpt", b"\xcf\xfa\xed\xfe" + bytes(60), "hidden", note="Mach-O")
    yield Sample("model.gguf", b"MZqFpD='\n" + bytes(50) + b"GGUF", "hidden", note="executable before GGUF")
    yield Sample("model.pt", b"#!/bin/sh\necho assaymark\n", "hidden", note="script")
    yield Sample(
        "ops",
        {"config.json": b'{"model_type": "x"}', "custom_ops.so": elf, "model.onnx": b"\x08\x08"},
        unknown=True,
    )


@technique("B12", "polyglot")
def _polyglot(rng: random.Random) -> Iterator[Sample]:
    evil = op.stream(call(name("posix.system"), "echo assaymark"), 2)
    bundle = boxes.torch_zip(evil)
    tensors = boxes.PLAIN_SAFETENSORS
    header = b'{"__metadata__":{"format":"pt"},"w":{"dtype":"U8","shape":[%d],"data_offsets":[0,%d]}}'
    inside = boxes.safetensors(header % (len(bundle), len(bundle)), bundle)
    script = b"cposix\nsystem\n(S'echo assaymark'\ntR.#\n"
    forms = {
        "zip after safetensors.safetensors": tensors + bundle,
        "zip as a tensor.safetensors": inside,
        "zip as a tensor.pt": inside,
        "pickle in the header.safetensors": boxes.safetensors(b'{"__metadata__":{"x":"cposix\\nsystem\\n"}}'),
        "zip after gguf.gguf": b"GGUF" + bytes(20) + bundle,
        "zip after onnx.onnx": b"\x08\x08\x12\x04test" + bundle,
        "pickle and script.py": script,
        "pickle and zip.pkl": evil + boxes.zipped({"a.txt": b"x"}),
        "zip and pickle.zip": boxes.zipped({"a.txt": b"x"}) + evil,
        "gzip before zip.gz": __import__("gzip").compress(b"x", mtime=0) + bundle,
        "tar with zip behind.tar": boxes.tarred({"a": b"x"}) + bundle,
        "png with zip behind.png": b"\x89PNG\r\n\x1a\n" + bytes(40) + bundle,
        "pdf with pickle.pdf": b"%PDF-1.7\n" + evil,
        "html in a pickle.html": op.stream(op.text("<html><script>eval(1)</script>") + op.POP + call(name("os.system"), "echo")),
        "json then pickle.json": b'{"model_type": "llama"}\n' + evil,
    }  # fmt: skip
    for file, data in forms.items():
        quiet = file.startswith(("pickle in the header", "png", "pdf", "json then", "zip as a tensor.safe"))
        yield Sample(file, data, "hidden" if quiet else "malicious")
