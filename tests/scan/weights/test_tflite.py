"""TensorFlow Lite, written by hand after its schema.fbs: operators by name, buffers, and what is attached."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scan.weights.flat import Fields, flat
from tests.scan.weights.looking import covered, formats, hazards, header, holes, members, parts, rules

from assaymark.inspection import HoleKind, Level


def model(
    *codes: Fields,
    buffers: list[Fields] | None = None,
    tensors: list[Fields] | None = None,
    description: str = "by hand",
) -> bytes:
    """A model of these operator codes with one subgraph."""
    tensors = tensors if tensors is not None else [{0: [2, 3], 2: ("I", 1), 3: "w", 4: {2: b""}}]
    buffers = buffers if buffers is not None else [{}, {0: b"\0" * 24}]
    graph: Fields = {0: tensors, 1: [0], 2: [0], 3: [{0: ("I", 0), 1: [0], 2: [0]}], 4: "main"}
    root: Fields = {
        0: ("I", 3),
        1: list(codes),
        2: [graph],
        3: description,
        4: buffers,
        6: [{0: "min_runtime_version", 1: ("I", 0)}],
    }
    return flat(b"TFL3", root)


def custom(name: str) -> Fields:
    """A custom operator."""
    return {0: ("b", 32), 1: name, 3: ("i", 32)}


BUILTIN: Fields = {0: ("b", 9), 2: ("i", 1), 3: ("i", 9)}
REAL = model(BUILTIN)


def test_an_ordinary_model_is_clean_and_covered() -> None:
    """Weights are data, tables are structure, and its words are shown."""
    found = header("m.tflite", REAL)
    assert (found.tensors, found.parameters) == (1, 6)
    assert dict(found.metadata) == {
        "description": "by hand",
        "schema": "3",
        "metadata": "min_runtime_version",
    }
    assert hazards("m.tflite", REAL) == []
    assert holes("m.tflite", REAL) == []
    assert covered("m.tflite", REAL) == (len(REAL) - 24, 24)


@pytest.mark.parametrize(
    ("name", "level", "rule"),
    [
        ("MyOperator", Level.UNKNOWN, "tflite-custom-operator"),
        ("edgetpu-custom-op", Level.UNKNOWN, "tflite-compiled"),
        ("FlexWriteFile", Level.DANGEROUS, "tflite-acts"),
        ("FlexReadFile", Level.DANGEROUS, "tflite-acts"),
        ("FlexPyFunc", Level.DANGEROUS, "tflite-acts"),
        ("FlexNonsense", Level.UNKNOWN, "tflite-flex"),
        ("FlexBincount", Level.NOTE, "tflite-flex"),
    ],
)
def test_operators_of_others_are_named(name: str, level: Level, rule: str) -> None:
    """A library's own, an accelerator's, and TensorFlow's, some of which act."""
    found = [(h.level, h.rule) for h in hazards("m.tflite", model(BUILTIN, custom(name)))]
    assert found == [(level, rule)]


def test_bundled_custom_operators_are_silent() -> None:
    """The runtime brings some along although they count as custom."""
    assert hazards("m.tflite", model(custom("TFLite_Detection_PostProcess"))) == []


def test_texts_are_judged() -> None:
    """A description with an address."""
    assert rules("m.tflite", model(BUILTIN, description="see https://x.example/m"), Level.NOTE) == {
        "metadata-url"
    }


def test_attached_files_are_left_to_the_zip() -> None:
    """A zip behind the model holds labels; whatever else is there is handed on."""
    assert rules("m.tflite", REAL + b"PK\3\4rest") == set()
    assert rules("m.tflite", REAL + b"\x80\x04N.") == {"unclaimed-bytes"}
    assert list(members("m.tflite", REAL + b"\x80\x04N.").values()) == [b"\x80\x04N."]


def test_buffers_behind_the_tables_are_data() -> None:
    """Models beyond 2 GB keep weights outside of the flat buffer; a cut shows."""
    data = model(BUILTIN, buffers=[{}, {1: ("Q", 2048), 2: ("Q", 24)}]).ljust(2048, b"\0") + b"\1" * 24
    assert holes("m.tflite", data) == []
    assert rules("m.tflite", data) == set()
    assert holes("m.tflite", data[:-1])[0].kind is HoleKind.BROKEN


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xff\xff\x7fTFL3",
        b"\x08\0\0\0TFL3" + b"\xff" * 8,
        b"\x08\0\0\0TFL3",
        b"TFL3",
        model(BUILTIN, tensors=[{0: [2], 2: ("I", 99)}]),
        model(BUILTIN, tensors=[{0: [-2], 2: ("I", 1)}]),
        b"not a model",
    ],
)
def test_offsets_that_lead_astray_are_holes(data: bytes) -> None:
    """Beyond the file, to buffers that are not, or not a model at all."""
    assert {h.kind for h in holes("m.tflite", data)} == {HoleKind.BROKEN}


def test_a_list_that_repeats_itself_is_bounded() -> None:
    """A billion elements that are not there, or tables that all are the same one."""
    at = REAL.index(struct.pack("<I", 1) + b"\0" * 0, 100)
    hurt = REAL[:at] + struct.pack("<I", 1 << 30) + REAL[at + 4 :]
    assert parts("m.tflite", hurt)


def test_it_is_known_by_content() -> None:
    """The name tells nothing."""
    assert formats("model.bin", REAL) == ["tflite"]


def test_every_cut_shows() -> None:
    """Cut at any byte it is broken; only the zero behind the last text may be missing."""
    for length in range(1, len(REAL) - 1):
        assert holes("m.tflite", REAL[:length]), length


@settings(max_examples=150, deadline=None)
@given(st.integers(8, len(REAL)), st.binary(max_size=40), st.integers(0, 60))
def test_any_bytes_end_in_parts(keep: int, middle: bytes, skip: int) -> None:
    """Damaged anywhere, it ends in hazards or holes and never in a defect of the parser."""
    assert parts("m.tflite", REAL[:keep] + middle + REAL[keep + skip :])
