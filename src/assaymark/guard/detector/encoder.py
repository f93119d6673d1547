"""The sentence encoder: token rows → logits, through ONNX Runtime on the CPU.

Rows run one at a time. The model's activations are quantised over the whole batch, so in a batch a row's
logits would depend on its neighbours: a stranger's text could shift another's score, and no score could
be kept or repeated. On one core a batch is hardly faster either (4 rows of 122 tokens: 6 % measured).
"""

import threading
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from importlib import import_module
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from assaymark.errors import AssaymarkError

__all__ = ["Encoder", "Recent"]

_Key = TypeVar("_Key", bound=Hashable)
_Value = TypeVar("_Value")


class Recent(Generic[_Key, _Value]):
    """The `most` entries used last; safe between threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._entries: OrderedDict[_Key, _Value] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: _Key) -> _Value | None:
        """The value, which counts as a use; None if it is not here."""
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
            return self._entries.get(key)

    def put(self, key: _Key, value: _Value) -> None:
        """Keep `value`; the entry unused for longest makes room."""
        with self._lock:
            self._entries[key] = value
            self._entries.move_to_end(key)
            while len(self._entries) > self._most:
                self._entries.popitem(last=False)


class Encoder:
    """A session for one model; may be used by several threads.

    Args:
        model: ONNX with inputs `input_ids` and `attention_mask`, int64 (batch, length), and output
            `logits`, float32 (batch, heads).
        heads: number of heads that the model must have.
        threads: within one row.
    """

    def __init__(self, model: bytes, heads: int, threads: int = 1) -> None:
        runtime = _runtime()
        options = runtime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Rows differ in length: patterns for each would only be kept, never reused.
        options.enable_mem_pattern = False
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._heads = heads
        try:
            self._session: Any = runtime.InferenceSession(
                model, sess_options=options, providers=["CPUExecutionProvider"]
            )
            names = {node.name for node in self._session.get_inputs()}
            shape = self._session.get_outputs()[0].shape
        except _failures() as error:
            raise AssaymarkError(
                f"encoder.onnx cannot be loaded: {str(error)[:300]}", "Reinstall the package."
            ) from error
        if names != {"input_ids", "attention_mask"} or shape[-1] not in (heads, None, "heads"):
            raise AssaymarkError(
                f"encoder.onnx has inputs {sorted(names)} and output {shape}, not those of the detector.",
                "Reinstall the package.",
            )

    def logits(self, row: Sequence[int]) -> NDArray[np.float64]:
        """(heads,) log-odds for one row of token numbers.

        Raises:
            AssaymarkError: the model gave no numbers; the caller must not take that for a low score.
        """
        ids = np.array([row], dtype=np.int64)
        inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        found: NDArray[np.float64] = np.asarray(self._session.run(["logits"], inputs)[0], dtype=np.float64)
        if found.shape != (1, self._heads) or not np.isfinite(found).all():
            raise AssaymarkError(
                "The encoder gave no usable logits.", "Reinstall the package: its weights are damaged."
            )
        logits: NDArray[np.float64] = found[0]
        return logits


def _failures() -> tuple[type[Exception], ...]:
    """What loading may raise; ONNX Runtime's own exceptions have no common base."""
    state = vars(import_module("onnxruntime.capi.onnxruntime_pybind11_state")).values()
    own = (kind for kind in state if isinstance(kind, type) and issubclass(kind, Exception))
    return (*own, RuntimeError, ValueError, IndexError)


def _runtime() -> Any:
    """ONNX Runtime, imported when first needed."""
    try:
        return import_module("onnxruntime")
    except ImportError as error:
        raise AssaymarkError(
            "The detector needs ONNX Runtime, which is not installed.",
            "Run: pip install 'assaymark[guard]'",
        ) from error
