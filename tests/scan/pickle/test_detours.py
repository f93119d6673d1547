"""Lesser known ways by which real libraries, and attacks, put things into pickles."""

import pickle

import cloudpickle
import dill
import joblib
import numpy as np
from tests.scan.pickle.reading import call, glob, inspect, one, rules, subjects, text

from assaymark.inspection import HoleKind, Level
from assaymark.scan.blob import BytesBlob
from assaymark.scan.pickle.disassembly import around, shown
from assaymark.scan.pickle.skim import text_of
from assaymark.scan.pickle.values import Box, Computed, Made, Opaque, Persistent, Run, walk

P4 = b"\x80\x04"


def test_types_by_dill() -> None:
    """`_load_type('FloatType')` is `float`, and is judged as that; code types are no harmless builtin."""
    load = glob("dill._dill", "_load_type")

    assert rules(P4 + load + one("FloatType") + b"R" + one("1.5") + b"R.", None) == set()
    assert rules(P4 + load + one("PartialType") + b"R" + glob("os", "system") + b"\x85R.") >= {
        "pickle-arguments"
    }
    assert rules(P4 + load + one("CodeType") + b"R.", None) != set()


def test_functions_by_value_of_the_real_libraries() -> None:
    """What cloudpickle and dill write for a function is unknown, and nothing else."""

    def add(a: int, b: int = 1) -> int:
        return a + b

    add.__module__ = "__main__"
    for data in (cloudpickle.dumps(add), dill.dumps(add, recurse=True)):
        assert rules(data) == set()
        assert "pickle-code-object" in rules(data, Level.UNKNOWN)


def skeleton(attributes: bytes = b"}") -> bytes:
    """A class by value, and an instance of it."""
    made = (
        glob("cloudpickle.cloudpickle", "_make_skeleton_class") + b"(" + glob("builtins", "type") + text("A")
    )
    made += glob("builtins", "object") + b"\x85}" + text("id") + b"NtR\x94"
    state = glob("cloudpickle.cloudpickle", "_class_setstate") + b"h\x00(" + attributes + b"}t\x86R0"
    return P4 + made + b"0" + state + b"h\x00)\x81."


def test_instances_of_classes_by_value() -> None:
    """Such an instance is unknown."""
    assert rules(skeleton()) == set()
    assert rules(skeleton(), Level.UNKNOWN) == {"pickle-code-object"}


def test_instances_made_by_known_functions() -> None:
    """What counts is the class: known, dangerous, or on no list."""
    new = glob("copyreg", "__newobj__")

    assert rules(P4 + new + glob("uuid", "UUID") + b"\x85R.", None) == set()
    assert subjects(P4 + new + glob("subprocess", "Popen") + b"\x85R.") == {"subprocess.Popen"}
    assert subjects(P4 + new + glob("ours", "Model") + b"\x85R.", Level.UNKNOWN) == {"ours.Model"}
    assert rules(P4 + new + b"K\x01\x85R.", Level.UNKNOWN) == {"pickle-arguments"}


def test_calls_with_computed_arguments() -> None:
    """Arguments that are themselves computed cannot be held to a contract."""
    computed = call("builtins", "list", b")")[2:-1]

    assert rules(P4 + glob("numpy", "dtype") + computed + b"R.") == {"pickle-arguments"}
    assert rules(P4 + glob("numpy", "dtype") + b"Pabc\n\x85R.") == {"pickle-arguments"}
    assert rules(P4 + b"Pabc\n)R.") == {"pickle-indirect-call"}
    assert rules(P4 + b"Pabc\n}b.") == {"pickle-foreign-mutation"}


def test_what_a_call_found_is_not_ours() -> None:
    """The result of a look-up belongs to somebody else: it may not be changed."""
    found = glob("numpy.core", "_ufunc_reconstruct") + text("numpy") + text("log") + b"\x86R"

    assert rules(P4 + found + b".", None) == set()
    assert rules(P4 + found + b"}b.") == {"pickle-foreign-mutation"}
    assert rules(P4 + found + b"K\x01a.") == {"pickle-foreign-mutation"}


def test_items_for_what_is_no_container() -> None:
    """A known class that holds no items is not filled by any library."""
    assert rules(P4 + call("datetime", "date", b"K\x01K\x01K\x01\x87")[2:-1] + b"K\x01a.", Level.UNKNOWN) == {
        "pickle-state"
    }
    assert rules(P4 + glob("joblib.numpy_pickle", "NDArrayWrapper") + b")\x81K\x01b.", Level.UNKNOWN) == {
        "pickle-state"
    }


def test_companion_files_stay_in_the_folder() -> None:
    """Old joblib files name their arrays' files; a path is not such a name."""
    wrapper = P4 + glob("joblib.numpy_pickle", "NDArrayWrapper") + b")\x81}" + text("filename")

    assert rules(wrapper + text("m.pkl_01.npy") + b"sb.", None) == set()
    assert rules(wrapper + text("../../m.npy") + b"sb.", None) == {"pickle-state"}


def test_sizes_of_inline_arrays_must_be_known() -> None:
    """An array whose size cannot be told ends the reading, with the reason."""
    wrapper = P4 + glob("joblib.numpy_pickle", "NumpyArrayWrapper") + b")\x81}("
    dtype = text("dtype") + glob("numpy", "dtype") + text("V8") + b"\x89\x88\x87R"
    odd = text("dtype") + text("f8")
    structure = text("shape") + b"K\x02\x85" + text("order") + text("C")

    assert inspect(wrapper + structure + dtype + b"ub" + b"\0" * 16 + b".").holes == ()
    assert inspect(wrapper + structure + odd + b"ub" + b"\0" * 16 + b".").holes[0].kind is HoleKind.BROKEN
    assert inspect(wrapper + structure + dtype + b"ub" + b"\0" * 9).holes[0].kind is HoleKind.BROKEN


def test_booleans_texts_and_dates_in_joblib(tmp_path: object) -> None:
    """Every width of an item is known."""
    import io

    for made in (
        np.array([True]),
        np.array(["äb"]),
        np.array(["2026-01-01"], dtype="M8[D]"),
        np.array([b"abc"]),
    ):
        file = io.BytesIO()
        joblib.dump([made, "end"], file)
        assert inspect(file.getvalue()).holes == ()


def test_bytes_that_cannot_be_followed() -> None:
    """Bytes that are computed, or too deep, are a hole for a known loader, and a hazard otherwise."""
    computed = call("builtins", "bytes", b")")[2:-1]
    loaded = P4 + glob("torch.storage", "_load_from_bytes")

    assert inspect(loaded + computed + b"\x85R.").holes
    assert rules(P4 + glob("pickle", "loads") + computed + b"\x85R.") == {"pickle-dangerous-call"}
    inner = b"K\x01."
    for _ in range(8):
        inner = P4 + glob("pickle", "loads") + b"B" + len(inner).to_bytes(4, "little") + inner + b"\x85R."
    assert subjects(inner) == {"pickle.loads"}
    old = b"cpickle\nloads\n(S'cos\\nsystem\\n(S\"id\"\\ntR.'\ntR."
    assert subjects(old) >= {"pickle.loads", "os.system"}
    encoded = call("_codecs", "encode", text("cos\nsystem\n.") + text("latin1") + b"\x86")[2:-1]
    assert subjects(P4 + glob("pickle", "loads") + encoded + b"\x85R.") == {"pickle.loads", "os.system"}


def test_long_numbers_and_texts() -> None:
    """What is too long to keep is followed all the same."""
    data = [10**2000, "x" * 10_000, b"y" * 10_000]

    for protocol in range(6):
        assert inspect(pickle.dumps(data, protocol)).holes == ()
    assert inspect(b"S'" + b"x" * 100_000 + b"'\n.").holes == ()
    assert inspect(b"F" + b"1" * 1000 + b"\n.").holes == ()
    assert inspect(b"I0x10\n.").holes == ()


def test_values_are_shown_shortly() -> None:
    """Whatever a value is, it has a short text."""
    values = [
        Persistent("x", 0),
        Computed("why", 0),
        Run(0, 9, frozenset()),
        Opaque("str", -1),
        Opaque("bytes", 5000),
    ]
    texts = [shown(value) for value in values]

    assert texts == ["<persistent>", "<computed>", "…", "<str>", "<bytes of 5,000>"]
    assert shown(Box("dict", ["a", 1] * 20)).endswith("…}")
    assert len(shown("x" * 1000)) < 100
    made: Made = Made(None, None, None, "REDUCE", 0)
    for _ in range(5000):
        made = Made(made, None, None, "REDUCE", 0)
    assert len(shown(made)) < 100
    assert len(list(walk(Box("list", [Box("list", [1])] * 5)))) == 3


def test_disassembly_at_the_edges() -> None:
    """At an unknown opcode, at the end, and behind it."""
    blob = BytesBlob("x", b"K\x01\xff")

    assert "0xff" in around(blob, [0, 2], 2)
    assert "(end)" in around(blob, [3], 3)
    assert isinstance(text_of(blob, 0), Computed)
    assert text_of(BytesBlob("x", b"U\x02ab"), 0) == "ab"
    assert isinstance(text_of(BytesBlob("x", b"X\x00\x20\x00\x00" + b"a" * 0x2000), 0), Opaque)


def test_methods_that_read_and_write() -> None:
    """`Class.from_pretrained` of a known library is dangerous, of somebody's own module unknown."""
    assert subjects(call("transformers", "AutoModel.from_pretrained", one("x"))) == {
        "transformers.AutoModel.from_pretrained"
    }
    assert subjects(call("ours", "Model.from_pretrained", one("x"))) == set()
