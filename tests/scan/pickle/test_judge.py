"""What loading would do falls into three tiers, whatever the detour."""

import collections
import datetime as dt
import decimal
import pickle
import uuid
from typing import Any

import pytest
from tests.scan.pickle.reading import call, glob, inspect, one, rules, subjects, text

from assaymark.inspection import Level, Verdict

P4 = b"\x80\x04"

HONEST: dict[str, Any] = {
    "scalars": [1, 2.5, None, True, "three", b"four", 10**40],
    "containers": {"a": [1, (2, 3)], "b": {4, 5}, "c": frozenset({6}), "d": bytearray(b"7")},
    "collections": [
        collections.OrderedDict(a=1),
        collections.defaultdict(list, a=[1]),
        collections.Counter("aab"),
        collections.deque([1, 2], 5),
    ],
    "times": [
        dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC),
        dt.date(2026, 1, 2),
        dt.timedelta(days=1),
    ],
    "numbers": [decimal.Decimal("1.5"), uuid.UUID(int=5), complex(1, 2), range(3), slice(1, 2)],
    "words that sound bad": {"os.system": "eval(", "__import__": "import os; os.system('x')"},
}


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("name", HONEST)
def test_what_the_standard_library_writes_is_clean(name: str, protocol: int) -> None:
    """Plain data says nothing, in every protocol, even where its texts are names of dangerous things."""
    found = inspect(pickle.dumps(HONEST[name], protocol))

    assert (found.hazards, found.holes) == ((), ())


DANGEROUS: dict[str, bytes] = {
    "plain call": call("os", "system", one("id")),
    "call from protocol 0": b"cos\nsystem\n(S'id'\ntR.",
    "INST": b"(S'id'\nios\nsystem\n.",
    "OBJ": P4 + b"(" + glob("os", "system") + text("id") + b"o.",
    "NEWOBJ": P4 + glob("subprocess", "Popen") + one("id") + b"\x81.",
    "NEWOBJ_EX": P4 + glob("subprocess", "Popen") + b")}" + text("args") + text("id") + b"s\x92.",
    "Python 2 name": call("commands", "getoutput", one("id"), protocol=2),
    "dotted attribute of a known module": call("torch", "serialization.os.system", one("id")),
    "dotted attribute with an underscore": call("collections", "_sys.modules.get", one("os")),
    "dunder of a builtin": call("builtins", "eval.__call__", one("1")),
    "name resolver": call("pkgutil", "resolve_name", one("os:system")),
    "getattr on an import": P4 + glob("builtins", "getattr") + glob("os", "path") + text("os") + b"\x86R.",
    "getattr chain": P4
    + glob("builtins", "getattr")
    + call("importlib", "import_module", one("os"))[2:-1]
    + text("system")
    + b"\x86R"
    + one("id")
    + b"R.",
    "indirect call": P4
    + call("functools", "partial", glob("os", "system") + b"\x85")[2:-1]
    + one("id")
    + b"R.",
    "map over a callable": P4
    + glob("builtins", "map")
    + glob("os", "system")
    + b"]"
    + text("id")
    + b"a\x86R.",
    "a list of lazily called things": P4
    + glob("builtins", "list")
    + call("builtins", "map", glob("os", "system") + b"]\x86")[2:-1]
    + b"\x85R.",
    "operator": call("operator", "methodcaller", text("system") + text("id") + b"\x86"),
    "stdlib gadget": call("timeit", "timeit", one("1")),
    "reads a file": call("io", "FileIO", one("/etc/passwd")),
    "connects": call("urllib.request", "urlopen", one("http://a.example")),
    "library gadget": call("numpy.testing._private.utils", "runstring", text("1") + b"}\x86"),
    "third party": call("sh", "bash", one("id")),
    "package manager": call("pip", "main", b"]" + text("install") + b"a\x85"),
    "scanner": call("fickling.hook", "remove_hook"),
    "code type": call("types", "CodeType"),
    "marshal": call("marshal", "loads", b"C\x01x\x85"),
    "computed name": P4
    + call("builtins", "str", one("os"))[2:-1]
    + text("system")
    + b"\x93"
    + one("id")
    + b"R.",
    "extension registered in the stream": P4
    + glob("copyreg", "add_extension")
    + text("os")
    + text("system")
    + b"K\x07\x87R0\x82\x07"
    + one("id")
    + b"R.",
    "state of an imported function": P4 + glob("numpy", "size") + b"}" + text("a") + text("os") + b"sb.",
    "item of an imported mapping": P4 + glob("sys", "modules") + text("os") + b"Ns.",
    "item of a known thing that is not ours": P4
    + glob("torch._utils", "_rebuild_tensor_v2")
    + text("a")
    + b"Ns.",
    "append to what is not ours": P4 + glob("numpy", "ndarray") + b"K\x01a.",
    "source for a container": call("collections", "OrderedDict", one("import os; os.system('id')")),
    "reconstructor of a dangerous class": P4
    + glob("copyreg", "_reconstructor")
    + glob("subprocess", "Popen")
    + glob("builtins", "object")
    + b"N\x87R.",
    "partial of something dangerous": call(
        "functools", "partial", glob("os", "system") + text("id") + b"\x86"
    ),
    "import only": P4 + glob("os", "system") + b"0N.",
    "payload after the error": P4 + call("os", "system", one("id"))[2:-1] + b"\xff",
    "name after a frame that is too long": P4 + b"\x95" + b"\xff" * 7 + b"\x00" + call("os", "system")[2:],
    "class swapped": P4 + glob("uuid", "UUID") + b")\x81N}" + text("__class__") + text("x") + b"s\x86b.",
    "distribution that brings its own source": P4
    + glob("scipy.stats._continuous_distns", "norm_gen")
    + b")\x81}"
    + text("_parse_arg_template")
    + text("import os")
    + b"sb.",
    "encoding of the file's choosing": call("_codecs", "encode", text("x") + text("evil") + b"\x86"),
    "importing test module": P4 + glob("numpy.conftest", "x") + b".",
}


@pytest.mark.parametrize("name", DANGEROUS)
def test_detours_are_seen(name: str) -> None:
    """Each way to act is dangerous, with a sentence, a place and the opcodes around it."""
    found = inspect(DANGEROUS[name])
    hazard = next(h for h in found.hazards if h.level is Level.DANGEROUS)

    assert found.verdict is Verdict.DANGEROUS
    assert hazard.message.startswith("Loading ")
    assert hazard.subject
    assert hazard.offset is not None
    assert hazard.evidence.count("\n") >= 1
    assert any(line.startswith(">") for line in hazard.evidence.splitlines())


def test_unknown_is_neither() -> None:
    """A name on no list is unknown: called, made, imported only, or rebuilt by a known function."""
    streams = {
        "ourlib.f": call("ourlib", "f", one("x")),
        "ourlib.Model": P4 + glob("ourlib", "Model") + b")\x81}b.",
        "ourlib.Thing": P4 + glob("ourlib", "Thing") + b".",
        "ourlib.Old": b"ccopy_reg\n_reconstructor\n(courlib\nOld\nc__builtin__\nobject\nNtR.",
    }
    for name, data in streams.items():
        assert subjects(data, Level.UNKNOWN) == {name}
        assert subjects(data) == set()


def test_dictionaries_with_odd_keys_are_unknown_at_most() -> None:
    """A state that is no mapping for a class that keeps it is unremarkable."""
    assert rules(P4 + glob("argparse", "Namespace") + b")\x81}" + text("a") + b"K\x01sb.", None) == set()


def test_a_known_name_with_other_arguments_is_told() -> None:
    """Arguments that no library writes are unknown, hostile ones dangerous."""
    assert rules(call("numpy", "dtype", b"K\x01\x85"), Level.UNKNOWN) == {"pickle-arguments"}
    assert rules(call("numpy", "dtype", glob("os", "system") + b"\x85")) >= {"pickle-arguments"}


def test_extension_codes_and_persistent_ids_are_unknown() -> None:
    """What they stand for is decided elsewhere."""
    assert rules(P4 + b"\x82\x07.", Level.UNKNOWN) == {"pickle-extension-code"}
    assert rules(b"Pabc\n.", Level.UNKNOWN) == {"pickle-persistent-id"}


def test_methods_of_known_classes_are_not_known() -> None:
    """`getattr` on a class is the dotted name, and that is on no list."""
    walked = (
        P4
        + glob("builtins", "getattr")
        + glob("numpy", "ndarray")
        + text("tofile")
        + b"\x86R"
        + one("x")
        + b"R."
    )

    assert rules(walked) == {"pickle-dangerous-call"}
    assert rules(call("numpy", "ndarray.tofile", one("x"))) == {"pickle-dangerous-call"}


def test_nested_pickles_are_followed() -> None:
    """Bytes given to a loader are loaded in turn; the loader is told, and what is inside."""
    inner = call("os", "system", one("id"))
    middle = pickle.dumps(inner)
    data = call("pickle", "loads", b"B" + len(inner).to_bytes(4, "little") + inner + b"\x85")

    assert subjects(data) == {"pickle.loads", "os.system"}
    assert subjects(call("pickle", "loads", middle[2:-1] + b"\x85")) == {"pickle.loads", "os.system"}


def test_hazards_alike_are_counted_not_listed() -> None:
    """A thousand equal calls are a few lines and a number."""
    found = inspect(P4 + (glob("os", "system") + one("id") + b"R0") * 1000 + b"N.")

    assert len(found.hazards) == 3
    assert "997 more" in found.hazards[-1].message


def test_messages_are_safe_to_print() -> None:
    """Control characters in names and arguments are escaped and everything is shortened."""
    found = inspect(call("os", "system\x1b[2J", b"X\x00\x20\x00\x00" + b"\x1b\n" * 4096 + b"\x85"))

    for hazard in found.hazards:
        assert hazard.message.isprintable()
        assert len(hazard.message) < 1000
        assert len(hazard.evidence) <= 2000
        assert all(line.isprintable() for line in hazard.evidence.splitlines())


def test_code_by_value_is_unknown_until_it_is_called() -> None:
    """A function whose code is in the file is told; calling it is dangerous."""
    code = glob("cloudpickle.cloudpickle", "_builtin_type") + one("CodeType") + b"R" + b"K\x01\x85R"
    built = P4 + glob("cloudpickle.cloudpickle", "_make_function") + b"(" + code + b"}NNNtR"

    assert rules(built + b".") == set()
    assert rules(built + b".", Level.UNKNOWN) == {"pickle-code-object"}
    assert rules(built + b")R.") == {"pickle-code-object"}


def test_the_judge_is_monotone() -> None:
    """Putting honest data before or after a payload hides nothing."""
    payload = call("os", "system", one("id"))
    honest = pickle.dumps(HONEST["collections"], 4)

    assert subjects(honest + payload) == subjects(payload) == subjects(payload + honest)
