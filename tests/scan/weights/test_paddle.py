"""PaddlePaddle, written by hand after framework.proto: programs that act, and raw parameters."""

import math
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scan.weights.looking import covered, formats, hazards, header, holes, parts, rules
from tests.scan.weights.wire import joined, number, told

from assaymark.inspection import HoleKind, Level


def operator(name: str, **texts: str) -> bytes:
    """OpDesc with attributes of text."""
    attributes = [told(4, joined(told(1, k), number(2, 2), told(5, v))) for k, v in texts.items()]
    return told(4, joined(told(1, told(1, "X")), told(3, name), *attributes))


def program(*operators: bytes) -> bytes:
    """ProgramDesc of one block."""
    block = joined(number(1, 0), number(2, -1), told(3, told(1, "x")), *operators)
    return joined(told(1, block), told(4, number(1, 0)))


def tensor(shape: list[int], kind: int = 5, data: bytes | None = None) -> bytes:
    """A tensor of `.pdiparams`."""
    description = joined(number(1, kind), *(number(2, n) for n in shape))
    head = struct.pack("<IQIi", 0, 0, 0, len(description))
    return head + description + (b"\0" * 4 * math.prod(shape) if data is None else data)


PROGRAM = program(operator("conv2d"), operator("relu"), operator("feed"))
PARAMETERS = tensor([2, 3]) + tensor([4])


def test_ordinary_files_are_clean_and_covered() -> None:
    """A program, known by content, and its parameters."""
    assert formats("inference.bin", PROGRAM) == ["paddle"]
    assert hazards("m.pdmodel", PROGRAM) == []
    assert covered("m.pdmodel", PROGRAM) == (len(PROGRAM), 0)
    found = header("m.pdiparams", PARAMETERS)
    assert (found.tensors, found.parameters) == (2, 10)
    assert covered("m.pdiparams", PARAMETERS) == (len(PARAMETERS) - 40, 40)
    assert holes("m.pdiparams", PARAMETERS) == []


@pytest.mark.parametrize(
    ("made", "rule"),
    [
        (operator("py_func"), "paddle-python"),
        (operator("listen_and_serv"), "paddle-network"),
        (operator("save_combine", file_path="/etc/cron.d/x"), "paddle-file"),
        (operator("load", file_path="../../x"), "paddle-file"),
    ],
)
def test_operators_that_act_are_dangerous(made: bytes, rule: str) -> None:
    """Python, network, and files elsewhere."""
    assert rules("m.pdmodel", program(operator("relu"), made), Level.DANGEROUS) == {rule}


def test_files_beside_the_program_are_ordinary() -> None:
    """Loading parameters by a plain name."""
    assert hazards("m.pdmodel", program(operator("load_combine", file_path="params"))) == []


@pytest.mark.parametrize(
    "data",
    [
        PARAMETERS[:-1], PARAMETERS + b"\x80\x04N.", tensor([1 << 50], data=b""), tensor([1], kind=77),
        struct.pack("<IQ", 0, 1 << 60), struct.pack("<IQIi", 0, 0, 0, -5), struct.pack("<IQIi", 0, 0, 9, 1),
    ],
)  # fmt: skip
def test_parameters_that_do_not_add_up_are_holes(data: bytes) -> None:
    """Cut, followed by something, absurd or of unknown types."""
    assert [h.kind for h in holes("m.pdiparams", data)] == [HoleKind.BROKEN]


@settings(max_examples=120, deadline=None)
@given(
    st.sampled_from([("m.pdmodel", PROGRAM), ("m.pdiparams", PARAMETERS)]),
    st.integers(0, 150),
    st.binary(max_size=30),
)
def test_any_bytes_end_in_parts(what: tuple[str, bytes], keep: int, rest: bytes) -> None:
    """Damaged anywhere, it ends in hazards or holes."""
    form = "paddle" if what[0].endswith("l") else "paddle-parameters"
    assert parts(what[0], what[1][:keep] + rest, form)
