"""NumPy arrays: numbers are data, objects are a pickle, and the header is a literal, never evaluated."""

import io
import pickle
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scan.weights.looking import covered, formats, hazards, header, holes, members, parts, rules

from assaymark.inspection import HoleKind, Level


def saved(array: Any, version: tuple[int, int] | None = None) -> bytes:
    """The array as NumPy writes it."""
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.asanyarray(array), version=version, allow_pickle=True)
    return buffer.getvalue()


def built(text: str, data: bytes = b"", version: int = 1) -> bytes:
    """A file by hand, after NEP 1."""
    length = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + length + text.encode("latin-1") + data


PLAIN = [
    np.zeros((3, 4)),
    np.float32(1),
    np.asfortranarray(np.ones((2, 3), np.int16)),
    np.array(["a", "longer"]),
    np.array([b"x", b"yz"]),
    np.zeros(3, "M8[ns]"),
    np.zeros(3, "m8[25s]"),
    np.zeros(2, bool),
    np.zeros(2, "c16"),
    np.zeros(2, ">f8"),
    np.zeros((0, 5)),
    np.zeros(2, [("a", "<f4", (2, 3)), ("b", "U5"), ("c", [("x", "M8[ns]"), ("y", "?")])]),
    np.zeros(2, {"names": ["a", "b"], "formats": ["<i4", "<f8"], "offsets": [0, 16], "itemsize": 24}),
    np.zeros(2, [(("a title", "a"), "<f4")]),
    np.zeros(3, "V7"),
]


@pytest.mark.parametrize("array", PLAIN, ids=lambda a: str(a.dtype)[:30])
@pytest.mark.parametrize("version", [None, (2, 0), (3, 0)])
def test_plain_arrays_are_clean_and_covered(array: Any, version: tuple[int, int] | None) -> None:
    """Type and shape account for every byte, in each version of the header."""
    data = saved(array, version)
    assert hazards("a.npy", data) == []
    assert holes("a.npy", data) == []
    assert sum(covered("a.npy", data)) == len(data)
    assert header("a.npy", data).parameters == array.size


@pytest.mark.parametrize(
    "dtype", ["O", [("a", "<f4"), ("b", "O")], [("a", [("b", "O")])], [("a", "O", (2,))]]
)
def test_objects_are_handed_on_as_a_pickle(dtype: Any) -> None:
    """Any field of objects makes the whole array a pickle, however deep it stands."""
    data = saved(np.zeros(2, dtype))
    assert rules("a.npy", data, Level.NOTE) == {"numpy-objects"}
    (inside,) = members("a.npy", data).values()
    assert pickle.PROTO + bytes([4]) == inside[:2]


def test_shape_and_order_are_shown() -> None:
    """What the header says is kept."""
    found = header("a.npy", saved(np.asfortranarray(np.ones((2, 3)))))
    assert dict(found.metadata) == {"type": "number", "shape": "(2, 3)", "order": "Fortran"}


def test_bytes_behind_the_array_are_named() -> None:
    """A second file behind the numbers."""
    data = saved(np.zeros(3))
    assert rules("a.npy", data + b"\x80\x04N.") == {"unclaimed-bytes"}
    assert members("a.npy", data + b"\x80\x04N.") == {f"@{len(data)}": b"\x80\x04N."}


def test_every_cut_shows() -> None:
    """Cut at any byte it is never clean."""
    data = saved(np.zeros((3, 4)))
    for length in range(1, len(data)):
        assert holes("a.npy", data[:length]), length


GOOD = "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }"


@pytest.mark.parametrize(
    "text",
    [
        "{'descr': '<f8', 'fortran_order': False}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': 3}",
        "{'descr': 'Z9', 'fortran_order': False, 'shape': (3,)}",
        "{'descr': 7, 'fortran_order': False, 'shape': (3,)}",
        "{'descr': [('a',)], 'fortran_order': False, 'shape': (3,)}",
        "__import__('os').system('true')",
        "-" * 5000 + "1",
        "(" * 5000,
        "[" * 150 + "]" * 150,
        "[]",
        "",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (" + "9" * 5000 + ",)}",
        "'" * 3,
    ],
)
def test_what_is_no_header_is_broken(text: str) -> None:
    """Only a plain dictionary of the three keys is a header; nothing is ever evaluated."""
    (hole,) = holes("a.npy", built(text, b"\0" * 24))
    assert hole.kind is HoleKind.BROKEN


def test_long_numbers_of_python_2_are_read() -> None:
    """Old files write `3L`."""
    assert holes("a.npy", built(GOOD.replace("3,", "3L,"), b"\0" * 24)) == []


@pytest.mark.parametrize("shape", ["(9223372036854775807, 9223372036854775807)", "(1152921504606846976,)"])
def test_absurd_shapes_are_named(shape: str) -> None:
    """They overflow in careless readers."""
    data = built(f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}")
    assert "tensor-shape" in rules("a.npy", data)
    assert holes("a.npy", data)


@pytest.mark.parametrize(
    "data", [b"\x93NUMPY\x09\0aaaa", b"\x93NUMPY\x02\0\xff\xff\xff\xff", b"\x93NUMPY", b"<html>"]
)
def test_hostile_beginnings_are_broken(data: bytes) -> None:
    """Unknown versions, and headers longer than the bound."""
    assert {h.kind for h in holes("a.npy", data)} == {HoleKind.BROKEN}


def test_it_is_known_by_content() -> None:
    """The name tells nothing."""
    assert formats("weights.bin", saved(np.zeros(3))) == ["numpy"]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(PLAIN), st.integers(0, 200), st.binary(max_size=30), st.integers(0, 30))
def test_any_bytes_end_in_parts(array: Any, keep: int, middle: bytes, skip: int) -> None:
    """Damaged anywhere, it ends in hazards or holes and never in a defect of the parser."""
    data = saved(array)
    data = data[:keep] + middle + data[keep + skip :]
    assert not any("parser broke" in h.reason for h in holes("a.npy", data))
    assert parts("a.npy", data) or not data
