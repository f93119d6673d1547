"""Formats that hold tensors, graphs and configurations; one file a format."""

from assaymark.scan.part import Inspector
from assaymark.scan.weights import gguf, numpy_file, onnx_file, safetensors, savedmodel

__all__ = ["INSPECTORS"]

INSPECTORS: tuple[Inspector, ...] = (
    safetensors.INSPECTOR,
    gguf.INSPECTOR,
    numpy_file.INSPECTOR,
    onnx_file.INSPECTOR,
    *savedmodel.INSPECTORS,
)
