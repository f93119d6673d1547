"""Core ML, written by hand after the .proto files of coremltools: custom code, and paths that leave."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scan.weights.looking import covered, formats, hazards, header, holes, members, parts, rules
from tests.scan.weights.wire import joined, number, told

from assaymark.inspection import HoleKind, Level


def model(kind: int, body: bytes, version: int = 4) -> bytes:
    """Model with a description of author and licence."""
    metadata = joined(told(1, "a classifier"), told(3, "somebody"), told(4, "MIT"))
    return joined(number(1, version), told(2, told(100, metadata)), told(kind, body))


def layer(kind: int, body: bytes = b"") -> bytes:
    """A layer of a neural network."""
    return told(1, joined(told(1, "a layer"), told(kind, body)))


def mapped(field: int, key: str, value: bytes) -> bytes:
    """An entry of a map."""
    return told(field, joined(told(1, key), told(2, value)))


def program(*operations: bytes) -> bytes:
    """MILSpec.Program of one block."""
    block = joined(*(told(3, o) for o in operations))
    return model(502, mapped(2, "main", mapped(3, "CoreML7", block)), 8)


NETWORK = model(500, joined(layer(100, b"\0" * 500), layer(130)))
OPERATION = joined(
    told(1, "conv"),
    mapped(5, "val", told(5, joined(told(1, "@model_path/weights/weight.bin"), number(2, 64)))),
)


@pytest.mark.parametrize(
    "data", [NETWORK, program(OPERATION), model(402, b"\x0a\x02ab")], ids=["network", "program", "trees"]
)
def test_ordinary_models_are_clean_and_covered(data: bytes) -> None:
    """Layers, programs with weights in their package, and trees."""
    assert hazards("m.mlmodel", data) == []
    assert holes("m.mlmodel", data) == []
    assert sum(covered("m.mlmodel", data)) == len(data)
    assert dict(header("m.mlmodel", data).metadata)["licence"] == "MIT"


CUSTOM = layer(500, told(10, "MyLayer"))


@pytest.mark.parametrize(
    "data",
    [
        model(500, CUSTOM),
        model(403, CUSTOM),
        model(555, told(10, "MyModel")),
        model(202, told(1, model(500, CUSTOM))),
        model(200, told(1, told(1, model(555, told(10, "M"))))),
        model(500, layer(615, told(4, CUSTOM))),
        model(500, layer(605, told(1, CUSTOM))),
        program(told(1, "custom_op")),
        program(joined(told(1, "cond"), told(4, told(3, told(1, "custom_op"))))),
    ],
)
def test_code_of_the_app_is_unknown(data: bytes) -> None:
    """Custom layers and models, in pipelines, loops and branches too."""
    assert rules("m.mlmodel", data) == {"coreml-custom"}


@pytest.mark.parametrize("path", ["/etc/passwd", "@model_path/../../x", "../x"])
def test_weights_from_outside_are_dangerous(path: str) -> None:
    """Blob files of programs, and linked models."""
    value = told(5, told(1, path))
    by_attribute = program(joined(told(1, "const"), mapped(5, "val", value)))
    by_input = program(joined(told(1, "const"), mapped(2, "x", told(1, told(2, value)))))
    linked = model(556, told(1, told(1, told(1, path))))
    for data in (by_attribute, by_input, linked):
        assert rules("m.mlmodel", data, Level.DANGEROUS) == {"coreml-path"}


def test_models_in_models_are_bounded() -> None:
    """A pipeline of pipelines."""
    data = NETWORK
    for _ in range(200):
        data = model(202, told(1, data))
    assert {h.kind for h in holes("m.mlmodel", data)} == {HoleKind.BOUND}


def test_what_follows_is_named_and_handed_on() -> None:
    """A pickle behind the model."""
    tail = b"\x80\x04" + b"N" * 80 + b"."
    assert "unclaimed-bytes" in rules("m.mlmodel", NETWORK + tail)
    assert members("m.mlmodel", NETWORK + tail) == {f"@{len(NETWORK)}": tail}


def test_packages_stay_in_their_folder() -> None:
    """The manifest of a package lists files by path."""
    for path, expected in (("com.apple.CoreML/model.mlmodel", set()), ("../../x", {"coreml-path"})):
        data = json.dumps({"fileFormatVersion": "1.0.0", "itemInfoEntries": {"A": {"path": path}}}).encode()
        assert rules("a.mlpackage/Manifest.json", data, Level.DANGEROUS) == expected
        assert covered("a.mlpackage/Manifest.json", data) == (len(data), 0)
    assert holes("Manifest.json", b'{"itemInfoEntries": 7}')


def test_it_is_known_by_content() -> None:
    """The name tells nothing."""
    assert formats("model.bin", NETWORK) == ["coreml"]


@settings(max_examples=120, deadline=None)
@given(st.sampled_from([NETWORK, program(OPERATION)]), st.integers(0, 700), st.binary(max_size=30))
def test_any_bytes_end_in_parts(data: bytes, keep: int, rest: bytes) -> None:
    """Damaged anywhere, it ends in hazards or holes."""
    assert parts("m.mlmodel", data[:keep] + rest, "coreml")
