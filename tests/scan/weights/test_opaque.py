"""Formats that are recognised and not read say so, with the reason, and are never called clean."""

import pytest
from tests.scan.weights.looking import formats, hazards, header, holes

from assaymark.inspection import HoleKind, Level

SAMPLES = [
    ("m.engine", b"ptrt" + b"\0" * 40, "tensorrt"),
    ("m.plan", b"\1\0\0\0" + b"\0" * 40, "tensorrt"),
    ("m.bin", b"ftrt" + b"\0" * 40, "tensorrt"),
    ("m.bin", b"lmgg\1\0\0\0" + b"\0" * 40, "ggml"),
    ("m.bin", b"tjgg\3\0\0\0" + b"\0" * 40, "ggml"),
    ("m.t7", b"\4\0\0\0\1\0\0\0\0", "torch7"),
    ("m.rds", b"X\n\0\0\0\3", "r-data"),
    ("m.RData", b"RDX3\nX\n", "r-data"),
    ("m.ort", b"\x18\0\0\0ORTM" + b"\0" * 8, "ort"),
    ("m.rknn", b"RKNN\0\0\0\0", "rknn"),
    ("m.params", b"\x12\x01" + b"\0" * 22, "mxnet"),
]


@pytest.mark.parametrize(("path", "data", "form"), SAMPLES)
def test_they_are_known_and_holes(path: str, data: bytes, form: str) -> None:
    """The header names the format; the hole says why it was not read, and how much."""
    assert formats(path, data) == [form]
    assert header(path, data).format == form
    (hole,) = holes(path, data)
    assert hole.kind is HoleKind.UNSUPPORTED
    assert hole.size == len(data)
    assert hole.reason


def test_engines_name_their_plugins() -> None:
    """Plugins are shared libraries; their names can be seen in the bytes."""
    data = b"ptrt\0\0" + b"\0EfficientNMS_TRT\0\0MyEvilPluginV2\0" + b"\0" * 20
    assert dict(header("m.engine", data).metadata)["plugins"] == "EfficientNMS_TRT, MyEvilPluginV2"
    (note,) = hazards("m.engine", data)
    assert note.level is Level.NOTE
    assert "machine code" in note.message


@pytest.mark.parametrize("path", ["plan.plan", "a.engine", "b.t7", "c.rds"])
def test_text_of_the_same_name_is_left_alone(path: str) -> None:
    """A plan can be a plain text."""
    assert formats(path, b"the plan is to write things down") == []
