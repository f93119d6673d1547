"""Protocol buffers are walked by the published encoding, and every lie about a length ends the walk."""

import pytest
from tests.scan.weights.wire import joined, number, told, varint

from assaymark.scan.blob import BytesBlob
from assaymark.scan.weights._protobuf import BYTES, VARINT, Outermost, Wire
from assaymark.scan.weights._reader import MalformedError, TooMuchError


def wire(data: bytes, fields: int = 1000) -> Wire:
    """A walker."""
    return Wire(BytesBlob("m", data), fields=fields)


def test_all_kinds_of_fields_are_told_apart() -> None:
    """Numbers, negative ones too, fixed widths, and bytes."""
    data = joined(number(1, 300), number(2, -1), b"\x19" + b"\1" * 8, b"\x25" + b"\2" * 4, told(5, "text"))
    found = list(wire(data).fields(0, len(data)))
    assert [(f.number, f.kind) for f in found] == [(1, 0), (2, 0), (3, 1), (4, 5), (5, 2)]
    assert (found[0].value, found[1].signed, found[4].size) == (300, -1, 4)
    assert wire(data).text(found[4]) == "text"


def test_repeated_numbers_are_read_packed_or_not() -> None:
    """Both encodings mean the same."""
    data = joined(number(1, 7), told(1, varint(300) + varint(-2)))
    walk = wire(data)
    assert [walk.numbers(f) for f in walk.fields(0, len(data))] == [[7], [300, -2]]


def test_pairs_are_read() -> None:
    """Entries of a map of texts."""
    data = told(3, joined(told(1, "key"), told(2, "value"), number(9, 1)))
    walk = wire(data)
    (found,) = walk.fields(0, len(data))
    assert walk.pair(found) == ("key", "value")


@pytest.mark.parametrize(
    "data", [b"\x0a", b"\x0a\x05ab", b"\x0b", b"\x00\x01", b"\xff" * 12, b"\x09abc", b"\x08"]
)
def test_what_is_no_message_is_malformed(data: bytes) -> None:
    """Lengths past the end, groups, field zero, numbers without end."""
    with pytest.raises(MalformedError):
        list(wire(data).fields(0, len(data)))


def test_fields_are_counted() -> None:
    """More than the bound ends the walk."""
    with pytest.raises(TooMuchError, match="more than 5 fields"):
        list(wire(b"\x08\x01" * 6, fields=5).fields(0, 12))


def test_the_tail_begins_behind_the_last_known_field() -> None:
    """Unknown fields in between are strange; those at the end are the tail."""
    data = joined(number(1, 1), told(77, "odd"), told(2, "x"))
    tail = told(78, "tail")
    outer = Outermost(wire(data + tail), {1: VARINT, 2: BYTES})
    assert [f.number for f in outer] == [1, 2]
    assert outer.end == len(data)
    assert [f.number for f in outer.strange] == [77]
