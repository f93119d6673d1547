"""The machine is the target: time and memory stay bounded whatever the stream asks, and bounds are told."""

import pickle
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from tests.scan.pickle.reading import Seen, call, follow, inspect, one, subjects

from assaymark.inspection import HoleKind
from assaymark.scan.blob import BytesBlob
from assaymark.scan.part import LIMITS
from assaymark.scan.pickle import inspect_pickle, memo
from assaymark.scan.pickle.machine import Machine
from assaymark.scan.pickle.stream import Stream

BOMBS: dict[str, bytes] = {
    "laughs by DUP": b"]" + b"2a" * 50_000 + b".",
    "laughs by memo": b"]q\x00" + b"".join(b"(" + b"h\x00" * 50 + b"lq\x00" for _ in range(2_000)) + b".",
    "tuples in tuples": b")" + b"\x85" * 100_000 + b".",
    "pairs of the same": b")" + b"2\x86" * 50_000 + b".",
    "lists in lists": b"]" * 50_000 + b"a" * 49_999 + b".",
    "marks": b"(" * 1_100_000,
    "calls of calls": b"\x80\x04cm\nf\n" + b")R" * 20_000 + b".",
    "calls with all before": b"\x80\x04cm\nf\n" + b"cm\nf\n2\x85R" * 10_000 + b".",
    "one line without an end": b"V" + b"x" * 5_000_000,
    "many long lines": (b"V" + b"y" * 70_000 + b"\n0") * 60 + b"N.",
    "a number of a million digits": b"L" + b"9" * 1_000_000 + b"L\n.",
    "many memo entries": b"N" + b"\x94" * 200_000 + b".",
    "far memo keys": b"N" + b"".join(b"r" + (i * 4096).to_bytes(4, "little") for i in range(50_000)) + b".",
    "many pickles": b"N." * 11_000,
    "candidates everywhere": b"N." + b"\x80\x04]x" * 5_000,
    "imports everywhere": b"N." + b"ca\nb\n\xff" * 5_000,
    "frames": b"\x80\x04" + b"\x95\x00\x00\x00\x00\x00\x00\x00\x00" * 50_000 + b"N.",
    "names without end": b"".join(b"cm\nf%d\n0" % i for i in range(6_000)) + b"N.",
    "pops into runs": (b"K\x01" * 5000 + b"0" * 5000) * 10 + b"N.",
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_followed_or_given_up(name: str) -> None:
    """Each takes seconds at most."""
    data = BOMBS[name]
    started = time.process_time()
    list(inspect_pickle(BytesBlob("x.pkl", data), LIMITS))
    spent = time.process_time() - started

    assert spent < 20


def test_memory_is_bounded() -> None:
    """A list of many texts costs a fraction of what it would cost to load."""
    data = pickle.dumps([f"some text with the number {i}" for i in range(300_000)], 4)
    tracemalloc.start()
    list(inspect_pickle(BytesBlob("x.pkl", data), LIMITS))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 12 << 20


def test_the_stack_is_bounded() -> None:
    """More than a million objects on the stack is a hole that says so."""
    found = inspect(b"N" + b"]" * 1_010_000)

    assert [h.kind for h in found.holes] == [HoleKind.BOUND]
    assert "1,000,000" in found.holes[0].reason


def test_steps_are_bounded() -> None:
    """A machine with few steps left stops there, and says what its limit was."""
    machine = Machine(Stream(BytesBlob("x", b"K\x01c" + b"m\nf\n0" * 5)), Seen())
    machine.limit = 1
    ended = machine.run()

    assert (ended.how, "1 opcodes" in ended.reason) == ("bound", True)


def test_a_payload_after_a_million_memo_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names taken from a large memo are still names: nothing is lost in it, nor beyond its bound."""
    texts = b"(" + b"".join(b"\x8c\x06t%05d\x94" % i for i in range(99_999)) + b"1"
    stored = (
        b"\x80\x04"
        + texts
        + b"\x8c\x02os\x94\x8c\x06system\x940"
        + b"0"
        + b"j\x9f\x86\x01\x00j\xa0\x86\x01\x00\x93"
    )
    data = stored + one("id") + b"R."

    assert subjects(data) == {"os.system"}
    monkeypatch.setattr(memo, "PLACES", 1000)
    monkeypatch.setattr(memo, "VALUES", 1000)
    monkeypatch.setattr(memo, "KEPT", 10)
    assert {h.rule for h in inspect(data).hazards} >= {"pickle-computed-name", "pickle-indirect-call"}


def test_blobs_are_read_in_windows() -> None:
    """A long array is stepped over: of a hundred megabytes hardly two are read."""

    class Counting(BytesBlob):
        """Counts what is read."""

        read_bytes = 0

        def read(self, offset: int = 0, length: int = -1) -> bytes:
            """As `BytesBlob`, counting."""
            found = super().read(offset, length)
            self.read_bytes += len(found)
            return found

    blob = Counting("x", pickle.dumps([b"\0" * (100 << 20), "end"], 4))
    list(inspect_pickle(blob, LIMITS))

    assert blob.read_bytes < 4 << 20


@pytest.mark.parametrize(
    "make",
    [
        lambda: [i * 0.5 for i in range(300_000)],
        lambda: list(range(300_000)),
        lambda: [None, True, False, 7, 700, 70_000, 7.5] * 40_000,
        lambda: [f"text {i}" for i in range(100_000)],
        lambda: {f"key {i}": i * 0.5 for i in range(100_000)},
        lambda: tuple(range(1000, 200_000)),
        lambda: [(i, f"{i}") for i in range(50_000)],
    ],
    ids=["floats", "ints", "mixed", "texts", "dict", "tuple", "pairs"],
)
def test_runs_end_where_the_opcodes_end(make: Callable[[], Any]) -> None:
    """Stepping over runs changes neither the end nor the result's kind, in any protocol."""
    made = make()
    for protocol in range(1, 6):
        dumped = pickle.dumps(made, protocol)
        ended, seen, _ = follow(dumped + call("os", "system"))

        assert (ended.how, ended.offset) == ("stop", len(dumped))
        assert ended.value.kind == type(made).__name__
        assert seen.names == []


def test_a_run_can_be_taken_apart() -> None:
    """Popping, duplicating and storing reach into a run exactly."""
    run = b"".join(b"G" + bytes(7) + bytes([i]) for i in range(50)) + b"".join(
        b"K" + bytes([i]) for i in range(200)
    )
    name = b"\x8c\x02os\x8c\x06system"

    assert follow(b"\x80\x04" + name + run + b"0" * 250 + b"\x93.")[1].names == [("os", "system")]
    assert follow(b"\x80\x04" + run + b"q\x07h\x07\x86.")[0].value.items == [199, 199]
    assert follow(b"\x80\x04" + run + b"\x87.")[0].value.items == [197, 198, 199]
    assert follow(b"\x80\x04(" + run + b"(t" + name + b"\x93" + b".")[1].names == [("os", "system")]


def test_texts_in_runs_keep_their_memo_numbers() -> None:
    """A name out of the middle of a long run of texts is still that name."""
    texts = b"".join(b"\x8c\x04t%03d\x94" % i for i in range(300))
    hidden = b"\x8c\x02os\x94\x8c\x06system\x94" + b"".join(b"\x8c\x04u%03d\x94" % i for i in range(300))
    data = b"\x80\x04](" + texts + hidden + b"e0j\x2c\x01\x00\x00j\x2d\x01\x00\x00\x93."

    assert follow(data)[1].names == [("os", "system")]


def test_names_beyond_the_bound_are_judged_at_once() -> None:
    """Thousands of names before it do not hide an import."""
    many = b"".join(b"cm%d\nf\n0" % i for i in range(6000))

    assert subjects(b"\x80\x04" + many + b"cos\nsystem\n.") == {"os.system"}


def test_memos_of_earlier_pickles_are_not_kept_for_ever() -> None:
    """One unpickler may load several and keep its memo: the last is kept, others are unknown."""
    first = b"\x8c\x02os\x94\x8c\x06system\x94\x86."

    assert subjects(first + b"\x80\x04h\x00h\x01\x93.") == {"os.system"}
    assert {h.rule for h in inspect(first + b"N.N.\x80\x04h\x00h\x01\x93.").hazards} == {
        "pickle-computed-name"
    }
    assert inspect(b"N\x94." * 2000).holes == ()
