"""Detours through the unpickler's own stack, memo, protocol and stream (B4, B5, B10, B15 and new ones)."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator
from typing import Any

from . import opcodes as op
from .boxes import boxed, torch_legacy
from .opcodes import Raw, call, name
from .sample import Sample, technique

ECHO = "echo assaymark"
OS, SYSTEM = op.text("os", op.SHORT), op.text("system", op.SHORT)
_TUPLE = op.tuple_(op.text(ECHO))
_PAYLOAD = call(name("os.system"), ECHO)


def _put(number: int) -> bytes:
    return b"q" + bytes([number]) if number < 256 else b"r" + struct.pack("<I", number)


def _get(number: int) -> bytes:
    return b"h" + bytes([number]) if number < 256 else b"j" + struct.pack("<I", number)


def _as_is(bodies: dict[str, bytes], rng: random.Random, protocol: int = 4, **more: Any) -> Iterator[Sample]:
    """Box each body twice without moving it: positions matter here."""
    for note, body in bodies.items():
        for _ in range(2):
            file, data = boxed(op.stream(body, protocol, frame=rng.random() < 0.3), rng)
            yield Sample(file, data, note=note, **more)


@technique("B4", "memo")
def _memo(rng: random.Random) -> Iterator[Sample]:
    go = op.STACK_GLOBAL + _TUPLE + op.REDUCE
    drop = op.POP
    benign = op.text("collections", op.SHORT), op.text("OrderedDict", op.SHORT)
    yield from _as_is(
        {
            "swapped": SYSTEM + _put(7) + drop + OS + _put(3) + drop + _get(3) + _get(7) + go,
            "overwritten": benign[0] + _put(0) + drop + benign[1] + _put(1) + drop
            + OS + _put(0) + drop + SYSTEM + _put(1) + drop + _get(0) + _get(1) + go,
            "far index": OS + _put(70000) + drop + SYSTEM + b"p99999999\n" + drop + _get(70000) + b"g99999999\n" + go,
            "memoize counts": OS + op.MEMOIZE + drop + SYSTEM + op.MEMOIZE + drop + _get(0) + _get(1) + go,
            "put then memoize": op.text("x") + _put(0) + drop + OS + op.MEMOIZE + drop + SYSTEM + op.MEMOIZE + drop
            + _get(1) + _get(2) + go,
            "memoize after gap": op.text("x") + _put(9) + drop + OS + op.MEMOIZE + drop + SYSTEM + op.MEMOIZE + drop
            + _get(1) + _get(2) + go,
            "text index": OS + b"p5\n" + drop + SYSTEM + b"p6\n" + drop + b"g5\ng6\n" + go,
            "dup": SYSTEM + _put(0) + drop + OS + op.DUP + _put(1) + drop + _get(0) + go,
            "callable from memo": name("os.system") + _put(4) + drop + op.BENIGN + drop + _get(4) + _TUPLE + op.REDUCE,
            "arguments from memo": _TUPLE + _put(4) + drop + name("os.system") + _get(4) + op.REDUCE,
            "overwritten callable": name("collections.OrderedDict") + _put(0) + drop + name("os.system") + _put(0)
            + drop + _get(0) + _TUPLE + op.REDUCE,
            "memo of a list changed later": op.EMPTY_LIST + _put(0) + name("builtins.map") + name("os.system") + _get(0)
            + b"\x86" + op.REDUCE + _put(1) + drop + op.text(ECHO) + op.APPEND + drop
            + name("builtins.list") + _get(1) + b"\x85" + op.REDUCE,
        },
        rng,
    )  # fmt: skip


@technique("B4", "stack")
def _stack(rng: random.Random) -> Iterator[Sample]:
    go = op.STACK_GLOBAL + _TUPLE + op.REDUCE
    yield from _as_is(
        {
            "junk below": op.value(1) * 40 + OS + SYSTEM + go,
            "dup and pop": OS + op.DUP + op.POP + SYSTEM + op.DUP + op.POP + go,
            "mark and pop mark": OS + op.MARK + op.BENIGN + op.POP_MARK + SYSTEM + go,
            "nested marks": op.MARK * 5 + b"t" + op.POP + b"t" + op.POP + OS + SYSTEM + go,
            "text as eight bytes": op.text("os", op.LONG) + op.text("system", op.LONG) + go,
            "escaped text": op.escaped("os") + op.escaped("system") + go,
            "old string": b"S'os'\n" + b'S"system"\n' + go,
            "old string escaped": b"S'\\x6f\\x73'\n" + b"S'\\163ystem'\n" + go,
            "short old string": op.text("os", op.OLD_SHORT) + op.text("system", op.OLD_SHORT) + go,
            "long old string": b"T" + struct.pack("<I", 2) + b"os" + b"T" + struct.pack("<I", 6) + b"system" + go,
            "payload between pair": op.text("collections") + _PAYLOAD + op.POP + op.text("OrderedDict") + op.STACK_GLOBAL,
            "callable under tuple": name("os.system") + op.MARK + op.text(ECHO) + b"t" + op.REDUCE,
            "tuple kept twice": name("os.system") + _TUPLE + op.DUP + op.POP + op.REDUCE,
            "result is called": call(call(name("builtins.getattr"), Raw(name("os.path", "stack")), "join"), "a")
            + op.POP + _PAYLOAD,
            "obj with payload popped": op.MARK + name("os.system") + op.text(ECHO) + op.OBJ + op.POP + op.BENIGN,
            "inst popped": op.inst("os", "system", ECHO) + op.POP + op.BENIGN,
            "inst in a list": op.value([1, 2]) + op.inst("posix", "system", ECHO) + op.APPEND,
            "result as module name": call(name("builtins.str"), "os") + SYSTEM + go,
            "arguments built by list": name("os.system") + call(name("builtins.tuple"), [ECHO]) + op.REDUCE,
            "bytearray before": b"\x96" + struct.pack("<Q", 3) + b"abc" + op.POP + OS + SYSTEM + go,
            "newobj on a function": call(name("os.system"), ECHO, style="newobj"),
            "newobj_ex on a class": call(name("subprocess.Popen"), ECHO, style="newobj_ex") + op.POP + _PAYLOAD,
        },
        rng,
        protocol=5,
    )  # fmt: skip


@technique("B4", "extension")
def _extension(rng: random.Random) -> Iterator[Sample]:
    def added(code: int, opcode: bytes) -> bytes:
        return (
            call(name("copyreg.add_extension"), "os", "system", code) + op.POP + opcode + _TUPLE + op.REDUCE
        )

    yield from _as_is(
        {
            "one byte": added(17, b"\x82\x11"),
            "two bytes": added(4660, b"\x83\x34\x12"),
            "four bytes": added(70000, b"\x84" + struct.pack("<i", 70000)),
            "registry": op.build(call(name("copyreg.add_extension"), "os", "system", 3), None)
            + op.POP
            + b"\x82\x03",
        },
        rng,
    )
    alone = {f"unregistered {code}": b"\x82" + bytes([code]) + _TUPLE + op.REDUCE for code in (1, 200)}
    yield from _as_is(alone, rng, unknown=True)


@technique("B5", "mutate-import")
def _mutate(rng: random.Random) -> Iterator[Sample]:
    state = {"a": "os"}
    inverted = {"__builtins__": {"x": 1}}
    yield from _as_is(
        {
            "function attribute": op.build(name("numpy.prod"), state),
            "rebuild function": op.build(name("torch._utils._rebuild_tensor_v2"), {"__wrapped__": Raw(name("os.system"))}),
            "class attribute": op.build(name("collections.OrderedDict"), (None, {"__init__": Raw(name("builtins.eval"))})),
            "class attribute plain": op.build(name("torch.nn.modules.linear.Linear"), (None, {"forward": "x"})),
            "class without callable": op.build(name("sklearn.linear_model._logistic.LogisticRegression"), (None, {"fit": 1})),
            "numpy and builtins": op.build(name("numpy.size"), inverted) + name("numpy.__builtins__"),
            "module": op.build(name("os.path", "stack"), {"join": "x"}),
            "sys.modules": name("sys.modules") + op.text("numpy") + op.value({}) + op.SETITEM,
            "environment": name("os.environ") + op.text("LD_PRELOAD") + op.text("/tmp/x.so") + op.SETITEM,
            "environment, many": name("os.environ") + op.MARK + op.text("PYTHONPATH") + op.text("/tmp") + op.SETITEMS,
            "sys.path": name("sys.path") + op.text("/tmp/assaymark") + op.APPEND,
            "sys.path, many": name("sys.path") + op.MARK + op.text("/tmp") + op.APPENDS,
            "sys.meta_path": name("sys.meta_path") + op.MARK + op.value(1) + op.APPENDS,
            "dispatch table": name("copyreg.dispatch_table") + op.text("x") + name("os.system") + op.SETITEM,
            "package registry": name("torch.serialization._package_registry") + op.value((1, 2, 3)) + op.APPEND,
            "safe globals": name("torch._weights_only_unpickler._marked_safe_globals_set") + op.MARK + op.text("x") + op.ADDITEMS,
            "set of imports": name("torch._tensor_docs.common_args") + op.text("x") + op.text("y") + op.SETITEM,
            "warnings": name("warnings.filters") + op.value((1,)) + op.APPEND,
            "json decoder": name("json.decoder.BACKSLASH") + op.text("x") + op.text("y") + op.SETITEM,
            "result of a call": call(name("sys.exc_info")) + op.POP + op.build(call(name("sys._getframe")), state),
            "imported via memo": name("numpy.prod") + op.MEMOIZE + op.POP + op.BENIGN + op.POP + _get(0) + op.value(state) + op.BUILD,
            "list element": op.EMPTY_LIST + name("numpy.prod") + op.value(state) + op.BUILD + op.APPEND,
            "setattr by build then look up": op.build(name("numpy.mean"), {"__code__": 1}) + op.POP + name("numpy.mean.__code__", "stack", "numpy"),
        },
        rng,
    )  # fmt: skip


@technique("N1", "own-object-turns")
def _own_object(rng: random.Random) -> Iterator[Sample]:
    """New: an object of the stream is given the callable as `append`, `extend`, `add` or `__setstate__`."""
    ours = call(name("types.SimpleNamespace"))
    system = Raw(name("os.system"))

    def given(attribute: str) -> bytes:
        return op.build(ours, {attribute: system})

    yield from _as_is(
        {
            "append": given("append") + op.text(ECHO) + op.APPEND,
            "appends": given("append") + op.MARK + op.text(ECHO) + op.APPENDS,
            "extend": given("extend") + op.MARK + op.text(ECHO) + op.APPENDS,
            "add": given("add") + op.MARK + op.text(ECHO) + op.ADDITEMS,
            "setstate": op.build(op.build(ours, {"__setstate__": system}), ECHO),
            "class swap": op.build(ours, (None, {"__class__": Raw(name("evil_models.Trigger"))})),
            "class swap to known": op.build(call(name("collections.OrderedDict")), (None, {"__class__": Raw(name("subprocess.Popen"))})),
            "state of a partial": op.build(call(name("functools.partial"), Raw(name("builtins.len"))), (system, (ECHO,), {}, None)),
        },
        rng,
    )  # fmt: skip


@technique("N2", "protocol-switch")
def _switch(rng: random.Random) -> Iterator[Sample]:
    """New: PROTO is an opcode like any other, and turns Python 2 names and dotted names on and off."""
    old = op.proto(0) + b"ccommands\ngetoutput\n" + _TUPLE + op.REDUCE
    builtin = op.proto(1) + b"c__builtin__\neval\n" + op.tuple_(op.text("1")) + op.REDUCE
    dotted = op.proto(4) + b"cpathlib\nos.system\n" + _TUPLE + op.REDUCE
    yield from _as_is(
        {"to old": old, "to old builtins": builtin, "twice": op.proto(4) + op.proto(2) + old}, rng, 5
    )
    yield from _as_is({"to new": dotted, "in the middle": op.BENIGN + op.POP + dotted}, rng, 2)
    yield from _as_is({"without a first": op.BENIGN + op.POP + dotted}, rng, 0)


@technique("N3", "import-runs")
def _import(rng: random.Random) -> Iterator[Sample]:
    """New: the module acts when it is imported; nothing has to be called."""
    names = "antigravity.x this.s idlelib.idle.x pip.__main__.x ensurepip.__main__.x test.autotest.x lib2to3.__main__.x "
    names += "venv.__main__.x turtledemo.__main__.x __phello__.spam.x test.__main__.x unittest.__main__.x json.tool.x "
    names += (
        "torch.utils.bottleneck.__main__.x numpy.f2py.__main__.x sklearn.conftest.x numpy.conftest.x site.x"
    )
    for dotted in names.split():
        for style in ("global", "stack"):
            file, data = boxed(op.stream(op.wrap(name(dotted, style), rng)), rng)
            yield Sample(file, data, note=dotted)


@technique("N4", "latent-callable")
def _latent(rng: random.Random) -> Iterator[Sample]:
    """New: only known classes are made; the callable waits in their state until the model is used."""
    system = Raw(name("os.system", "stack"))
    function = "sklearn.preprocessing._function_transformer.FunctionTransformer"
    scorer = "sklearn.metrics._scorer._Scorer"
    linear = "torch.nn.modules.linear.Linear"

    def made(dotted: str, state: dict[str, Any]) -> bytes:
        return op.build(name(dotted) + op.EMPTY_TUPLE + op.NEWOBJ, state)

    hooks = {"training": True, "_parameters": {}, "_forward_pre_hooks": {0: system}, "_modules": {}}
    yield from _as_is(
        {
            "function transformer": made(function, {"func": system, "inverse_func": None, "validate": False}),
            "scorer": made(scorer, {"_score_func": Raw(name("builtins.eval")), "_sign": 1, "_kwargs": {}}),
            "forward hook": made(linear, hooks),
            "forward method": made(linear, {**hooks, "_forward_pre_hooks": {}, "forward": system}),
            "call super": made(linear, {"_call_impl": system}),
            "tokenizer": made("sklearn.feature_extraction.text.CountVectorizer", {"tokenizer": system, "vocabulary_": {}}),
            "default factory": call(name("collections.defaultdict"), Raw(name("os.abort"))),
            "default factory partial": call(name("collections.defaultdict"), Raw(call(name("functools.partial"), system, ECHO))),
            "plain reference": op.value({"activation": system}),
            "foreign reference": op.value({"activation": Raw(name("evil_models.hooks.run"))}),
            "grid search": made("sklearn.model_selection._search.GridSearchCV", {"scoring": system, "estimator": None}),
            "kernel": made("sklearn.svm._classes.SVC", {"kernel": Raw(name("builtins.exec"))}),
        },
        rng,
    )  # fmt: skip


_BREAKS: dict[str, bytes] = {
    "unknown opcode": b"\xff\xfe",
    "cut in an opcode": b"X\xff\x00",
    "no stop": b"",
    "stack underflow": op.POP * 60 + op.REDUCE,
    "missing memo": b"h\xfe.",
    "missing mark": b"t.",
    "bad frame": b"\x95" + struct.pack("<Q", 2**60) + b"N.",
    "short frame": b"\x95" + struct.pack("<Q", 1) + b"X\x01\x00\x00\x00a.",
    "bad text": b"X\x02\x00\x00\x00\xff\xfe.",
    "bad integer": b"Iabc\n.",
    "bad float": b"Fabc\n.",
    "bad string": b"Sabc\n.",
    "huge bytes": b"\x8e" + struct.pack("<Q", 2**61),
    "negative size": b"\x8b" + struct.pack("<i", -5),
    "protocol from the future": b"\x80\xff.",
    "empty stack at stop": op.POP + op.STOP,
    "bad global": b"cno_newline",
    "bad escape": b"V\\u00zz\n.",
    "reduce of a number": op.value(1) + op.EMPTY_TUPLE + op.REDUCE + op.STOP,
    "set item of a number": op.value(1) * 3 + op.SETITEM + op.STOP,
    "buffers without any": b"\x97.",
    "unhashable key": op.EMPTY_DICT + op.EMPTY_LIST + op.value(1) + op.SETITEM + op.STOP,
}


@technique("B10", "broken-after")
def _broken(rng: random.Random) -> Iterator[Sample]:
    for note, end in _BREAKS.items():
        for protocol in (2, 4):
            body = op.proto(protocol) + op.BENIGN + op.POP + _PAYLOAD + op.POP * rng.randint(0, 1) + end
            file, data = boxed(body, rng)
            yield Sample(file, data, note=note)


@technique("B10", "straddled-frame")
def _straddle(rng: random.Random) -> Iterator[Sample]:
    """A frame ends in the middle of an opcode, or says more or less than there is."""
    body = _PAYLOAD + op.STOP
    for note, size in {"short": len(body) - 9, "long": len(body) + 40, "zero": 0, "one": 1}.items():
        data = op.proto(4) + b"\x95" + struct.pack("<Q", size) + body
        file, boxed_ = boxed(data, rng)
        yield Sample(file, boxed_, note=note)
    inner = b"\x95" + struct.pack("<Q", 4) + OS + b"\x95" + struct.pack("<Q", 8) + SYSTEM
    file, data = boxed(op.proto(4) + inner + op.STACK_GLOBAL + _TUPLE + op.REDUCE + op.STOP, rng)
    yield Sample(file, data, note="names in two frames")


@technique("B14", "trailing-stream")
def _trailing(rng: random.Random) -> Iterator[Sample]:
    evil = op.stream(_PAYLOAD, 2)
    good = [op.stream(op.BENIGN, p) for p in (2, 4)]
    streams = {
        "second": good[1] + evil,
        "fifty-first": good[0] * 50 + evil,
        "padded with zeros": good[1] + bytes(64) + evil,
        "padded with a page": good[1] + bytes(4096) + evil,
        "padded with newlines": good[1] + b"\n" * 100 + evil,
        "padded with junk": good[1] + rng.randbytes(333) + evil,
        "first evil": evil + good[1],
        "protocol 0 second": good[1] + op.stream(call(name("os.system"), ECHO, how=op.LINE), 0),
        "four thousandth": good[0] * 4000 + evil,
        "after many floats": op.stream(op.value([0.5] * 40000), 4) + evil,
    }
    for note, data in streams.items():
        for file in ("model.pkl", "model.joblib", "history.bin"):
            yield Sample(file, data, note=note)
        yield Sample("model.npy", op.stream(op.BENIGN)[:0] + _npy_then(data), note=f"{note}, after an array")


def _npy_then(data: bytes) -> bytes:
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }"
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + bytes(8) + data


@technique("B15", "computed-magic")
def _magic(rng: random.Random) -> Iterator[Sample]:
    number = "0x1950a86a20f9469cfc6c"
    for note, made in {
        "eval": call(name("builtins.eval"), number),
        "int": call(name("builtins.int"), number, 16),
        "system before": _PAYLOAD + op.POP + op.integer(0x1950A86A20F9469CFC6C),
        "getattr": call(name("builtins.getattr"), Raw(name("torch.serialization", "stack")), "MAGIC_NUMBER"),
    }.items():
        evil = op.stream(op.value({"w": Raw(_PAYLOAD)}), 2)
        yield Sample("model.pt", torch_legacy(evil, op.stream(made, 2)), note=note)
        yield Sample("legacy.pth", torch_legacy(op.stream(op.value({}), 2), op.stream(made, 2)),
                     unknown=note in ("int", "getattr"), note=f"{note} alone")  # fmt: skip


@technique("N5", "persistent-id")
def _persistent(rng: random.Random) -> Iterator[Sample]:
    """New: calls inside the persistent id of a storage, and ids that point elsewhere."""
    float_ = Raw(name("torch.FloatStorage"))
    ids: dict[str, Any] = {
        "call in the id": ("storage", float_, "0", Raw(_PAYLOAD), 4),
        "callable as storage type": ("storage", Raw(name("os.system")), "0", "cpu", 4),
        "foreign storage type": ("storage", Raw(name("evil_models.Storage")), "0", "cpu", 4),
        "call as key": ("storage", float_, Raw(_PAYLOAD), "cpu", 4),
        "call as location": ("storage", float_, "0", Raw(call(name("builtins.eval"), "'cpu'")), 4),
        "bare call": Raw(_PAYLOAD),
    }
    for note, pid in ids.items():
        body = op.value({"w": Raw(op.value(pid) + op.BINPERSID)})
        for kind in range(3):
            file, data = boxed(op.stream(body, 2), random.Random(kind + 3))
            yield Sample(file, data, unknown="foreign" in note, note=note)
