"""PyTorch: state dictionaries, checkpoints, tensors of every kind, whole modules, TorchScript, exports."""

from __future__ import annotations

import collections
import io
import pickle
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn, optim

from .item import Item

State = Callable[[], Any]


def _net() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.1), nn.Linear(8, 3))


MODULES: dict[str, Callable[[], nn.Module]] = {
    "linear": _net,
    "conv": lambda: nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.MaxPool2d(2), nn.Flatten()),
    "lstm": lambda: nn.LSTM(4, 8, 2),
    "gru": lambda: nn.GRU(4, 8, bidirectional=True),
    "embedding": lambda: nn.Embedding(20, 4, padding_idx=0),
    "embedding bag": lambda: nn.EmbeddingBag(20, 4),
    "transformer": lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 2),
    "attention": lambda: nn.MultiheadAttention(8, 2),
    "norms": lambda: nn.ModuleList(
        [nn.LayerNorm(4), nn.GroupNorm(2, 4), nn.RMSNorm(4), nn.InstanceNorm1d(3)]
    ),
    "activations": lambda: nn.ModuleList([nn.GELU(), nn.SiLU(), nn.LeakyReLU(), nn.Softmax(-1), nn.PReLU()]),
    "losses": lambda: nn.ModuleList(
        [nn.CrossEntropyLoss(torch.ones(3)), nn.MSELoss(), nn.BCEWithLogitsLoss()]
    ),
    "module dict": lambda: nn.ModuleDict({"a": nn.Linear(2, 2), "b": nn.Identity()}),
    "parameter list": lambda: nn.ParameterList([nn.Parameter(torch.ones(2)), nn.Parameter(torch.zeros(3))]),
    "transposed": lambda: nn.Sequential(
        nn.ConvTranspose2d(2, 2, 3), nn.Upsample(scale_factor=2), nn.PixelShuffle(2)
    ),
    "bilinear": lambda: nn.Bilinear(2, 3, 4),
    "weight norm": lambda: nn.utils.parametrizations.weight_norm(nn.Linear(2, 2)),
    "spectral norm": lambda: nn.utils.spectral_norm(nn.Linear(2, 2)),
    "pruned": lambda: _pruned(),  # noqa: PLW0108 - defined below
}


def _pruned() -> nn.Module:
    from torch.nn.utils import prune

    return prune.l1_unstructured(nn.Linear(4, 4), "weight", amount=0.5)


TENSORS: dict[str, State] = {
    "dtypes": lambda: {str(d): torch.zeros(3, dtype=d) for d in _DTYPES},
    "bfloat16": lambda: {"w": torch.randn(4, 4).bfloat16()},
    "float8": lambda: {"w": torch.randn(4, 4).to(torch.float8_e4m3fn)},
    "half": lambda: {"w": torch.randn(4, 4).half()},
    "complex": lambda: torch.zeros(2, dtype=torch.complex64),
    "sparse coo": lambda: torch.eye(4).to_sparse(),
    "sparse csr": lambda: torch.eye(4).to_sparse_csr(),
    "view": lambda: {"a": (t := torch.arange(12.0)), "b": t.view(3, 4), "c": t[2:5]},
    "conjugate": lambda: torch.zeros(2, dtype=torch.complex64).conj(),
    "parameter": lambda: {"p": nn.Parameter(torch.ones(2)), "b": torch.ones(1, requires_grad=True)},
    "buffer": lambda: nn.Buffer(torch.ones(2)),
    "meta": lambda: torch.empty(3, device="meta"),
    "quantised": lambda: torch.quantize_per_tensor(torch.randn(4), 0.1, 0, torch.qint8),
    "quantised by channel": lambda: torch.quantize_per_channel(
        torch.randn(2, 3), torch.ones(2), torch.zeros(2, dtype=torch.long), 0, torch.quint8
    ),
    "size and device": lambda: {"s": torch.Size([2, 3]), "d": torch.device("cpu"), "t": torch.float32},
    "generator state": lambda: {
        "torch": torch.get_rng_state(),
        "numpy": np.random.default_rng(3).bit_generator.state,
    },
    "nested tensor": lambda: torch.nested.nested_tensor([torch.ones(2), torch.ones(3)]),
    "numpy beside tensor": lambda: {"w": torch.ones(2), "m": np.eye(2), "s": np.float64(2.0)},
    "storage": lambda: torch.ones(3).untyped_storage(),
    "typed storage": lambda: torch.ones(3).storage(),
    "list of tensors": lambda: [torch.ones(i) for i in range(1, 6)],
    "empty": lambda: {"w": torch.empty(0)},
    "scalar": lambda: {"step": torch.tensor(3), "loss": torch.tensor(0.5)},
}
_DTYPES = (
    torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8,
    torch.uint8, torch.bool, torch.complex64, torch.complex128, torch.uint16, torch.uint32,
)  # fmt: skip


def _trained(optimiser: Callable[..., Any]) -> tuple[nn.Module, Any]:
    net = _net()
    step = optimiser(net.parameters())
    net(torch.ones(2, 4)).sum().backward()
    if not isinstance(step, optim.LBFGS):
        step.step()
    return net, step


def _checkpoint(optimiser: Callable[..., Any]) -> dict[str, Any]:
    net, step = _trained(optimiser)
    plan = optim.lr_scheduler.StepLR(step, 2)
    return {
        "epoch": 3,
        "model_state_dict": net.state_dict(),
        "optimizer_state_dict": step.state_dict(),
        "scheduler": plan.state_dict(),
        "loss": torch.tensor(0.5),
        "args": {"lr": 0.1, "name": "net"},
        "best": np.float64(0.25),
    }


OPTIMISERS: dict[str, Callable[..., Any]] = {
    "sgd": lambda p: optim.SGD(p, lr=0.1, momentum=0.9),
    "adam": optim.Adam,
    "adamw": optim.AdamW,
    "adagrad": optim.Adagrad,
    "rmsprop": optim.RMSprop,
    "lbfgs": optim.LBFGS,
    "nadam": optim.NAdam,
    "adamax": optim.Adamax,
}
SCHEDULERS: dict[str, Callable[[Any], Any]] = {
    "cosine": lambda o: optim.lr_scheduler.CosineAnnealingLR(o, 10),
    "one cycle": lambda o: optim.lr_scheduler.OneCycleLR(o, 0.1, 10),
    "plateau": optim.lr_scheduler.ReduceLROnPlateau,
    "multi step": lambda o: optim.lr_scheduler.MultiStepLR(o, [2, 4]),
    "sequential": lambda o: optim.lr_scheduler.SequentialLR(
        o, [optim.lr_scheduler.ConstantLR(o), optim.lr_scheduler.ExponentialLR(o, 0.9)], [2]
    ),
}


def _save(make: State, **options: Any) -> Callable[[Path], None]:
    return lambda path: torch.save(make(), path, **options)


def _both(subject: str, make: State) -> Iterator[Item]:
    yield Item("torch", subject, "model.pt", _save(make))
    yield Item("torch", subject, "legacy.pth", _save(make, _use_new_zipfile_serialization=False))


def _states() -> Iterator[Item]:
    for subject, make in MODULES.items():
        yield from _both(f"state {subject}", lambda m=make: m().state_dict())
        yield Item("torch", f"module {subject}", "whole.pt", _save(make))
    for subject, make in TENSORS.items():
        yield from _both(f"tensor {subject}", make)
    for subject, optimiser in OPTIMISERS.items():
        yield from _both(f"checkpoint {subject}", lambda o=optimiser: _checkpoint(o))
        yield Item("torch", f"optimiser {subject}", "optimizer.pt", _save(lambda o=optimiser: _trained(o)[1]))
    for subject, plan in SCHEDULERS.items():
        make = lambda p=plan: p(_trained(OPTIMISERS["sgd"])[1]).state_dict()  # noqa: E731
        yield Item("torch", f"scheduler {subject}", "scheduler.pt", _save(make))


def _other_pickles() -> Iterator[Item]:
    state = lambda: _net().state_dict()  # noqa: E731
    yield Item("torch", "plain pickle", "model.pkl", lambda path: path.write_bytes(pickle.dumps(state())))
    yield Item("torch", "plain pickle", "module.pkl", lambda path: path.write_bytes(pickle.dumps(_net(), 4)))
    yield Item("torch", "protocol 4", "model.p4.pt", _save(state, pickle_protocol=4))
    yield Item("torch", "protocol 4", "model.p5.bin", _save(state, pickle_protocol=5))
    yield Item("torch", "ema", "ema.pt", _save(lambda: optim.swa_utils.AveragedModel(_net()).state_dict()))
    yield Item(
        "torch", "ordered", "pytorch_model.bin", _save(lambda: collections.OrderedDict(_net().state_dict()))
    )
    yield Item(
        "torch", "data set", "dataset.pt", _save(lambda: torch.utils.data.TensorDataset(torch.ones(4, 2)))
    )
    yield Item(
        "torch", "gradient scaler", "scaler.pt", _save(lambda: torch.amp.GradScaler("cpu").state_dict())
    )
    yield Item("torch", "dynamic quantised", "quantised.pt", _save(_quantised))
    yield Item(
        "torch", "embedded bytes", "with_bytes.pt", _save(lambda: {"w": torch.ones(1), "cfg": _buffer()})
    )
    yield Item("torch", "tar of models", "models.tar", _tar)


def _quantised() -> Any:
    return torch.ao.quantization.quantize_dynamic(_net().eval(), {nn.Linear}, dtype=torch.qint8).state_dict()


def _buffer() -> bytes:
    buffer = io.BytesIO()
    torch.save({"w": torch.ones(1)}, buffer)
    return buffer.getvalue()


def _tar(path: Path) -> None:
    with tarfile.open(path, "w") as bundle:
        for name in ("a.pt", "b.pt"):
            info = tarfile.TarInfo(name)
            data = _buffer()
            info.size = len(data)
            bundle.addfile(info, io.BytesIO(data))


def _script() -> Iterator[Item]:
    def write(make: Callable[[], nn.Module], trace: torch.Tensor | None) -> Callable[[Path], None]:
        def save(path: Path) -> None:
            module = make().eval()
            script = torch.jit.script(module) if trace is None else torch.jit.trace(module, trace)
            torch.jit.save(script, str(path), _extra_files={"config.json": '{"a": 1}'})

        return save

    yield Item("torch", "script linear", "scripted.pt", write(_net, None))
    yield Item("torch", "script conv", "traced.pt", write(MODULES["conv"], torch.ones(1, 3, 8, 8)))
    yield Item("torch", "script lstm", "lstm.ts", write(MODULES["lstm"], None))


def _export() -> Iterator[Item]:
    def write(make: Callable[[], nn.Module], example: torch.Tensor) -> Callable[[Path], None]:
        return lambda path: torch.export.save(torch.export.export(make().eval(), (example,)), path)

    yield Item("torch", "export linear", "model.pt2", write(_net, torch.ones(2, 4)))
    yield Item("torch", "export conv", "conv.pt2", write(MODULES["conv"], torch.ones(1, 3, 8, 8)))


def items() -> Iterator[Item]:
    """Give PyTorch's items."""
    yield from _states()
    yield from _other_pickles()
    yield from _script()
    yield from _export()
