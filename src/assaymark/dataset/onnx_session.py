"""ONNX files opened to be computed: on the CPU, on one thread, without libraries of operators."""

from importlib import import_module
from typing import Any

from assaymark.errors import AssaymarkError, UsageError

__all__ = ["failures", "opened"]

_INSTALL = "pip install 'assaymark[guard]'"


def opened(model: bytes | str, name: str, *, purpose: str, advice: str, threads: int = 0) -> Any:
    """A session for a model, given by its bytes or its path.

    Raises:
        UsageError: it cannot be loaded.
        AssaymarkError: onnxruntime is missing.
    """
    try:
        ort: Any = import_module("onnxruntime")
    except ModuleNotFoundError as error:
        raise AssaymarkError(f"{purpose} needs onnxruntime.", _INSTALL) from error
    options = ort.SessionOptions()
    options.log_severity_level = 4
    if threads:
        options.intra_op_num_threads = options.inter_op_num_threads = threads
        options.enable_mem_pattern = False
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except failures() as error:
        raise UsageError(f"{name} cannot be loaded: {str(error)[:300]}", advice) from error


def failures() -> tuple[type[Exception], ...]:
    """What onnxruntime may raise: its own exceptions share no class below `Exception`."""
    state = vars(import_module("onnxruntime.capi.onnxruntime_pybind11_state")).values()
    own = (kind for kind in state if isinstance(kind, type) and issubclass(kind, Exception))
    return (*own, RuntimeError, ValueError, IndexError)
