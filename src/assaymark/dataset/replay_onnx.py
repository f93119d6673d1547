"""An ONNX file as the model of a replay: its graph is computed, nothing in it is loaded as code.

What goes into its input is told by the user, or by its form: text where it takes strings, an image where it
has four dimensions, a table's numbers where it has two.
"""

import re
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from assaymark.dataset.onnx_session import failures, opened
from assaymark.dataset.replay import Predict
from assaymark.errors import UsageError

__all__ = ["Input", "by_onnx"]

_WORD = re.compile(r"\w+")
_BATCH = 64
_OTHER = "Say what goes into it with --input and --columns, or replay from Python."


class Input(Struct, frozen=True, kw_only=True):
    """How records become the model's input."""

    form: str = ""
    """`text`, `image`, `columns`, `hashed`; empty to tell it by the input's form."""
    columns: tuple[str, ...] = ()
    """With `columns`: those that the model takes, in order; all if empty."""
    scale: float = 255.0
    """With `image`: pixels are divided by it."""
    mean: tuple[float, ...] = (0.0,)
    deviation: tuple[float, ...] = (1.0,)
    """With `image`: subtracted, then divided by, for each channel."""
    classes: tuple[str, ...] = ()
    """Labels in the order of the model's outputs, where it does not give labels itself."""


def by_onnx(path: Path, given: Input) -> Predict:
    """The model in an ONNX file.

    Raises:
        UsageError: it cannot be loaded, or its input fits nothing that is known.
        AssaymarkError: onnxruntime is missing.
    """
    session = opened(
        str(path), str(path), purpose="Replaying against an ONNX file", advice="Name an ONNX file."
    )
    failed = failures()
    taken = session.get_inputs()[0]
    form = given.form or _form(taken)

    def predict(records: Sequence[dict[str, Any]]) -> list[str]:
        found: list[str] = []
        for start in range(0, len(records), _BATCH):
            values = _values(records[start : start + _BATCH], form, taken, given)
            try:
                found += _labels(session.run(None, {taken.name: values}), given.classes)
            except failed as error:
                raise UsageError(f"{path} takes no such records: {str(error)[:300]}", _OTHER) from error
        return found

    return predict


def _form(taken: Any) -> str:
    if taken.type == "tensor(string)":
        return "text"
    if len(taken.shape) == 4:
        return "image"
    if len(taken.shape) == 2:
        return "columns"
    raise UsageError(
        f"The model's input {taken.name} of form {taken.shape} fits no kind of record.",
        "Say what goes into it with --input text, image, columns or hashed; or replay from Python.",
    )


def _values(records: Sequence[dict[str, Any]], form: str, taken: Any, given: Input) -> NDArray[Any]:
    if form == "text":
        texts = [str(r.get("text") or r.get("prompt") or "") for r in records]
        shape = (len(texts), 1) if len(taken.shape) == 2 else (len(texts),)
        return np.array(texts, dtype=object).reshape(shape)
    if form == "hashed":
        return _hashed(records, taken)
    if form == "image":
        return _images(records, taken, given)
    names = given.columns or tuple(records[0].get("cells", {}))
    rows = [[_number(r.get("cells", {}).get(name)) for name in names] for r in records]
    return np.array(rows, np.float32)


def _hashed(records: Sequence[dict[str, Any]], taken: Any) -> NDArray[np.float32]:
    """Counts of words, each in the column that its CRC-32 gives."""
    width = taken.shape[-1]
    if not isinstance(width, int):
        raise UsageError(f"The model's input {taken.name} has no fixed width.", "Replay from Python.")
    found = np.zeros((len(records), width), np.float32)
    for row, record in enumerate(records):
        for word in _WORD.findall(str(record.get("text") or record.get("prompt") or "").lower()):
            found[row, zlib.crc32(word.encode("utf-8", "replace")) % width] += 1
    return found


def _images(records: Sequence[dict[str, Any]], taken: Any, given: Input) -> NDArray[Any]:
    images: list[Any] = [r.get("image") for r in records]
    if any(i is None for i in images) or len({i.shape for i in images}) != 1:
        raise UsageError(
            "The images are not all of one size.", "Replay from Python, with your own transform."
        )
    values: NDArray[Any] = np.stack(images).astype(np.float32) / np.float32(given.scale)
    values = (values - np.array(given.mean, np.float32)) / np.array(given.deviation, np.float32)
    channels_first = taken.shape[1] in (1, 3)
    if (taken.shape[1] if channels_first else taken.shape[3]) == 1:
        values = values.mean(axis=3, keepdims=True)
    return values.transpose(0, 3, 1, 2) if channels_first else values


def _labels(outputs: Sequence[Any], classes: Sequence[str]) -> list[str]:
    """Labels: the first output if it holds labels, else the class whose output is largest."""
    first = np.asarray(outputs[0])
    if first.dtype.kind in "OUS" or (first.dtype.kind in "iu" and first.ndim == 1):
        return [_named(value, classes) for value in first.ravel().tolist()]
    if first.ndim == 2 and first.shape[1] > 1:
        return [_named(int(n), classes) for n in first.argmax(axis=1)]
    return [_named(int(v > 0), classes) for v in first.ravel().tolist()]


def _named(value: Any, classes: Sequence[str]) -> str:
    if isinstance(value, int) and classes:
        return classes[value] if 0 <= value < len(classes) else str(value)
    return str(value)


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")
