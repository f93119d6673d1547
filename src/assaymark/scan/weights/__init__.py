"""Formats that hold tensors, graphs and configurations; one file a format."""

from assaymark.scan.part import Inspector
from assaymark.scan.weights import (
    coreml,
    executorch,
    gguf,
    native,
    numpy_file,
    onnx_file,
    opaque,
    openvino,
    paddle,
    safetensors,
    savedmodel,
    tflite,
)

__all__ = ["INSPECTORS"]

INSPECTORS: tuple[Inspector, ...] = (
    safetensors.INSPECTOR,
    gguf.INSPECTOR,
    numpy_file.INSPECTOR,
    onnx_file.INSPECTOR,
    *savedmodel.INSPECTORS,
    tflite.INSPECTOR,
    *coreml.INSPECTORS,
    openvino.INSPECTOR,
    *paddle.INSPECTORS,
    executorch.INSPECTOR,
    *opaque.INSPECTORS,
    native.INSPECTOR,
)
"""The first that claims a blob names its format."""
