"""The machine does what CPython's C unpickler does, opcode by opcode."""

import pickle
import pickletools
from typing import Any

import pytest
from tests.scan.pickle.reading import follow, glob, one, plain, text

from assaymark.scan.pickle.opcodes import FORMS, NAMES
from assaymark.scan.pickle.values import Box, Computed, Imported, Opaque, Persistent

STREAMS: dict[str, tuple[bytes, Any]] = {
    "none": (b"N.", None),
    "true and false": (b"\x80\x02\x88\x89\x86.", (True, False)),
    "int": (b"I42\n.", 42),
    "bools as ints": (b"I01\nI00\n\x86.", (True, False)),
    "negative int": (b"I-7\n.", -7),
    "long": (b"L123456789012345678901L\n.", 123456789012345678901),
    "float": (b"F1.5\n.", 1.5),
    "binfloat": (b"G?\xf8\x00\x00\x00\x00\x00\x00.", 1.5),
    "binint": (b"J\xff\xff\xff\xff.", -1),
    "binint1": (b"K\xff.", 255),
    "binint2": (b"M\x01\x02.", 513),
    "long1": (b"\x8a\x02\x00\x80.", -32768),
    "long1 of nothing": (b"\x8a\x00.", 0),
    "long4": (b"\x8b\x02\x00\x00\x00\x01\x00.", 1),
    "string": (b"S'a\\x62\\n'\n.", "ab\n"),
    "string in the other quotes": (b'S"it\'s"\n.', "it's"),
    "string with octal": (b"S'\\101'\n.", "A"),
    "binstring": (b"T\x02\x00\x00\x00ab.", "ab"),
    "short binstring": (b"U\x02ab.", "ab"),
    "unicode": (b"Va\\u0062\n.", "ab"),
    "binunicode": (b"X\x02\x00\x00\x00ab.", "ab"),
    "short binunicode": (b"\x8c\x02ab.", "ab"),
    "binunicode8": (b"\x8d\x02\x00\x00\x00\x00\x00\x00\x00ab.", "ab"),
    "binbytes": (b"B\x02\x00\x00\x00ab.", b"ab"),
    "short binbytes": (b"C\x02ab.", b"ab"),
    "binbytes8": (b"\x8e\x02\x00\x00\x00\x00\x00\x00\x00ab.", b"ab"),
    "empty containers": (b"\x80\x04]})\x87.", ([], {}, ())),
    "list from a mark": (b"(K\x01K\x02l.", [1, 2]),
    "tuple from a mark": (b"(K\x01K\x02t.", (1, 2)),
    "dict from a mark": (b"(K\x01K\x02d.", {1: 2}),
    "frozenset": (b"(K\x01\x91.", frozenset({1})),
    "tuples": (b"K\x01\x85K\x02K\x03\x86K\x04K\x05K\x06\x87\x87.", ((1,), (2, 3), (4, 5, 6))),
    "append and appends": (b"]K\x01a(K\x02K\x03e.", [1, 2, 3]),
    "setitem and setitems": (b"}K\x01K\x02s(K\x03K\x04u.", {1: 2, 3: 4}),
    "additems": (b"\x8f(K\x01\x90.", {1}),
    "put and get": (b"Va\np7\n0g7\n.", "a"),
    "binput and binget": (b"Va\nq\x070h\x07.", "a"),
    "long binput and get": (b"Va\nr\x07\x01\x00\x000j\x07\x01\x00\x00.", "a"),
    "memoize": (b"Va\n\x940h\x00.", "a"),
    "memoize after put counts entries": (b"Va\nq\x05Vb\n\x94\x86h\x01\x86.", (("a", "b"), "b")),
    "put twice": (b"Va\nq\x000Vb\nq\x000h\x00.", "b"),
    "dup": (b"K\x012\x86.", (1, 1)),
    "pop": (b"K\x01K\x020.", 1),
    "pop takes a mark off": (b"K\x01(0.", 1),
    "pop_mark": (b"K\x01(K\x02K\x031.", 1),
    "frame that straddles": (b"\x80\x04\x95\x01\x00\x00\x00\x00\x00\x00\x00K\x07.", 7),
    "data after stop": (b"K\x01.garbage", 1),
}


@pytest.mark.parametrize("name", STREAMS)
def test_literals_and_containers(name: str) -> None:
    """What the stream makes is what CPython makes of it."""
    data, wanted = STREAMS[name]
    ended, _, _ = follow(data)

    assert ended.how == "stop"
    assert plain(ended.value) == wanted
    assert pickle.loads(data) == wanted
    assert ended.offset == data.index(
        b".", data.rindex(b"R") if b"R" in data else 0
    ) + 1 or ended.offset == len(data)


BROKEN: dict[str, bytes] = {
    "nothing": b"",
    "no stop": b"K\x01",
    "unknown opcode": b"\xff.",
    "stop on nothing": b".",
    "stop on a mark": b"K\x01(.",
    "pop on nothing": b"0.",
    "argument cut off": b"X\xff\x00\x00\x00ab",
    "line cut off": b"Vab",
    "two lines cut off": b"cos\nsystem",
    "negative length": b"T\xff\xff\xff\xff.",
    "huge length": b"\x8d\xff\xff\xff\xff\xff\xff\xff\xffab.",
    "missing memo": b"h\x07.",
    "odd dict": b"(K\x01d.",
    "odd setitems": b"}(K\x01u.",
    "append to a dict": b"}K\x01a.",
    "additems to a list": b"](K\x01\x90.",
    "tuple below a mark": b"K\x01(\x85.",
    "no mark": b"K\x01t.",
    "protocol 6": b"\x80\x06N.",
    "not UTF-8": b"\x8c\x01\xff.",
    "string without quotes": b"Sabc\n.",
    "string with a broken escape": b"S'\\xg'\n.",
    "int that is none": b"I?\n.",
    "reduce of a number": b"K\x01)R.",
    "reduce with a number": b"c__main__\nf\nK\x01R.",
    "stack_global of bytes": b"C\x02osC\x06system\x93.",
    "stack_global of ints": b"K\x01K\x02\x93.",
    "build on a list": b"]}b.",
    "extension code 0": b"\x82\x00.",
    "put below nothing": b"q\x00.",
    "key that is none": b"Va\np-1\n.",
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cpython_refuses_breaks(name: str) -> None:
    """Where CPython raises, the machine stops too, and says why."""
    ended, _, _ = follow(BROKEN[name])

    assert ended.how == "broken"
    assert ended.reason
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever CPython raises
        pickle.loads(BROKEN[name])


def test_import_opcodes() -> None:
    """GLOBAL, INST and STACK_GLOBAL import the same name, however the texts got on the stack."""
    memoized = text("system") + b"\x94" + text("os") + b"\x94" + b"00h\x01h\x00\x93."
    streams = (b"cos\nsystem\n.", text("os") + text("system") + b"\x93.", b"(ios\nsystem\n.", memoized)

    assert [follow(b"\x80\x04" + data)[1].names for data in streams] == [[("os", "system")]] * 4


def test_call_opcodes() -> None:
    """Each opcode that calls is told, with the name."""
    f = glob("m", "f")
    streams = {
        "REDUCE": f + b")R.",
        "NEWOBJ": f + b")\x81.",
        "NEWOBJ_EX": f + b")}\x92.",
        "OBJ": b"(" + f + b"K\x01o.",
        "INST": b"(K\x01im\nf\n.",
    }

    assert {how: follow(b"\x80\x04" + data)[1].calls for how, data in streams.items()} == {
        how: [("m.f", how)] for how in streams
    }


def test_python_2_names_are_mapped_below_protocol_3() -> None:
    """`commands.getoutput` is `subprocess.getoutput` for CPython, and so here; from protocol 3 it is not."""
    wanted = {0: "subprocess", 2: "subprocess", 3: "commands", 4: "commands"}

    assert {
        p: follow(b"\x80" + bytes([p]) + b"ccommands\ngetoutput\n.")[1].names[0][0] for p in wanted
    } == wanted
    assert follow(b"c__builtin__\nxrange\n.")[1].names == [("builtins", "range")]
    assert follow(b"ccopy_reg\n_reconstructor\n.")[1].names == [("copyreg", "_reconstructor")]


def test_the_protocol_can_change_in_the_middle() -> None:
    """CPython maps by the last PROTO it read."""
    assert follow(b"\x80\x04\x80\x02ccommands\nrun\n.")[1].names == [("subprocess", "run")]


def test_computed_names_are_not_followed() -> None:
    """A name that is the result of a call is told as computed, never guessed."""
    made = glob("m", "f") + b")R"
    ended, seen, _ = follow(b"\x80\x04" + made + text("system") + b"\x93.")

    assert isinstance(ended.value, Computed)
    assert seen.names[-1] == ("<made>", "system")


def test_persistent_ids_and_extension_codes() -> None:
    """PERSID and BINPERSID ask the loader, EXT1 to EXT4 the registry."""
    assert isinstance(follow(b"Pabc\n.")[0].value, Persistent)
    assert follow(b"Pabc\n.")[1].ids == ["abc"]
    assert follow(b"K\x07Q.")[1].ids == [7]
    assert follow(b"\x82\x01\x83\x02\x01\x84\x03\x00\x00\x01\x87.")[1].codes == [1, 258, 16777219]


def test_buffers() -> None:
    """BYTEARRAY8, NEXT_BUFFER and READONLY_BUFFER are stepped over."""
    ended, _, _ = follow(b"\x80\x05\x97\x98\x96\x02\x00\x00\x00\x00\x00\x00\x00ab\x86.")

    assert [item.kind for item in ended.value.items] == ["buffer", "bytearray"]


def test_long_literals_are_not_kept() -> None:
    """Of a long text or array only the beginning and the place are kept."""
    ended, _, machine = follow(pickle.dumps(b"x" * 100_000, 4))

    assert isinstance(ended.value, Opaque)
    assert (ended.value.kind, ended.value.length, len(ended.value.head)) == ("bytes", 100_000, 256)
    assert machine.stream.blob.read(ended.value.offset, 3) == b"xxx"


def test_state_and_mutation_are_told() -> None:
    """BUILD, and items put into what the stream only imported, reach the observer."""
    _, seen, _ = follow(b"\x80\x04" + glob("m", "f") + b"}bK\x01a" + one("k") + b"K\x01s(K\x01e(K\x01K\x02u.")

    assert len(seen.states) == 1
    assert seen.mutations == ["APPEND", "SETITEM", "APPENDS", "SETITEMS"]


def test_list_items_can_be_set() -> None:
    """`SETITEM` on a list is what CPython allows."""
    assert follow(b"]K\x00K\x01s.")[0].how == "stop"


def test_values_are_bounded_in_depth() -> None:
    """A tuple a million deep is followed without recursion."""
    ended, _, _ = follow(b")" + b"\x85" * 1_000_000 + b".")

    assert ended.how == "stop"
    assert isinstance(ended.value, Box)


def test_every_opcode_is_known_by_its_name() -> None:
    """The table of opcodes is that of pickletools."""
    assert {ord(op.code): op.name for op in pickletools.opcodes} == NAMES
    assert FORMS.keys() == NAMES.keys()


def test_imported_values_know_their_full_name() -> None:
    """A dotted name is kept as it is written."""
    value = follow(b"\x80\x04ca.b\nc.d\n.")[0].value

    assert isinstance(value, Imported)
    assert value.full == "a.b.c.d"
