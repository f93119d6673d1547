"""Paths that a model names stay beside it, on every system that may load it."""

import pytest

from assaymark.scan.weights._paths import leaves_folder


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "../x", "a/../../x", "..", "C:\\x", "c:/x", "\\\\host\\x", "a\\..\\x", "a\\b", "~/x",
     "a\0b", "a\nb", "http://x.example/x", "file:///x", "s3://bucket/x"],
)  # fmt: skip
def test_what_leaves_the_folder_is_told_how(path: str) -> None:
    """Absolute, climbing, addresses, backslashes, control characters."""
    assert leaves_folder(path)


@pytest.mark.parametrize(
    "path", ["", "weights.bin", "onnx/model.onnx_data", "a..b/c", "..hidden", "model v2.bin", "./w"]
)
def test_what_stays_is_silent(path: str) -> None:
    """Plain names, in folders too."""
    assert leaves_folder(path) == ""
