"""ExecuTorch programs, written by hand after program.fbs: operators and backends by name."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scan.weights.flat import Fields, flat
from tests.scan.weights.looking import covered, hazards, header, holes, parts, rules

from assaymark.inspection import HoleKind


def program(*operators: str, backends: tuple[str, ...] = ()) -> bytes:
    """A program of one plan."""
    plan: Fields = {0: "forward", 6: [{0: o, 1: "out"} for o in operators], 7: [{0: b} for b in backends]}
    return flat(b"ET12", {0: ("I", 0), 1: [plan]})


def test_an_ordinary_program_is_clean() -> None:
    """Operators of PyTorch's own sets."""
    data = program("aten::add", "quantized_decomposed::dequantize")
    assert hazards("m.pte", data) == []
    assert holes("m.pte", data) == []
    assert sum(covered("m.pte", data)) == len(data)


def test_operators_of_others_are_named() -> None:
    """They need native code that the program does not hold."""
    assert rules("m.pte", program("aten::add", "evil::run")) == {"executorch-custom-operator"}


def test_backends_hold_what_cannot_be_seen() -> None:
    """Named, and a hole."""
    data = program("aten::add", backends=("QnnBackend",))
    assert dict(header("m.pte", data).metadata)["backends"] == "QnnBackend"
    assert [h.kind for h in holes("m.pte", data)] == [HoleKind.UNSUPPORTED]


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 300), st.binary(max_size=20))
def test_any_bytes_end_in_parts(keep: int, rest: bytes) -> None:
    """Damaged anywhere, it ends in hazards or holes."""
    data = program("aten::add", "evil::run")[:keep] + rest
    assert parts("m.pte", data, "executorch")
