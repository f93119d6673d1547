"""The linear model over hashed n-grams: logits of any windows, what moved them, and its file.

`logit(window) = bias + scale * sum(weights) / sqrt(number of features)`, one row of weights a head.
The file is safetensors with integer weights and a scale per head, so that sums are exact.
"""

import json
from typing import Any

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from assaymark.errors import AssaymarkError
from assaymark.guard.detector.features import BUCKETS, Features, window_slices, window_sums
from assaymark.guard.event import Reason

__all__ = ["LinearModel"]

_MAX_HEADER = 4096
_TYPES: dict[str, np.dtype[Any]] = {"I8": np.dtype("<i1"), "I16": np.dtype("<i2"), "F32": np.dtype("<f4")}
_LEVELS = 32_767
_TOP = 48
"""Features that may found a piece of the explanation."""


class _Tensor(msgspec.Struct, frozen=True):
    """An entry of a safetensors header."""

    dtype: str
    shape: tuple[int, ...]
    data_offsets: tuple[int, int]


class LinearModel:
    """Integer weights with a scale and a bias for each head.

    Args:
        weights: (heads, BUCKETS), int8 or int16.
        scale: (heads,) what one step of a weight is worth.
        bias: (heads,)
    """

    def __init__(self, weights: NDArray[Any], scale: NDArray[Any], bias: NDArray[Any]) -> None:
        heads = len(weights)
        shapes = (weights.shape, scale.shape, bias.shape)
        if shapes != ((heads, BUCKETS), (heads,), (heads,)) or weights.dtype.kind != "i":
            raise _damaged(f"shapes {shapes}")
        if not (np.isfinite(scale).all() and np.isfinite(bias).all()):
            raise _damaged("a scale or bias is not a number")
        self.heads = heads
        """Number of heads."""
        self._weights = np.ascontiguousarray(weights)
        self._scale, self._bias = scale.astype(np.float64), bias.astype(np.float64)

    @classmethod
    def quantised(cls, weights: NDArray[Any], bias: NDArray[Any]) -> "LinearModel":
        """From float weights (heads, BUCKETS), rounded to 16 bits."""
        largest = np.abs(weights).max(axis=1)
        scale = np.where(largest > 0, largest / _LEVELS, 1.0)
        return cls(np.rint(weights / scale[:, None]).astype("<i2"), scale, bias)

    @classmethod
    def from_bytes(cls, data: bytes) -> "LinearModel":
        """Read `linear.safetensors`: tensors `weights`, `scale` and `bias`, nothing else."""
        length = int.from_bytes(data[:8], "little")
        if len(data) < 8 or not 2 <= length <= min(_MAX_HEADER, len(data) - 8):
            raise _damaged("no header")
        try:
            header = msgspec.json.decode(data[8 : 8 + length], type=dict[str, _Tensor])
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise _damaged(str(error)) from error
        body = data[8 + length :]
        missing = {"weights", "scale", "bias"} ^ header.keys()
        if missing:
            raise _damaged(f"missing or unknown: {', '.join(sorted(missing))}")
        return cls(*(_array(header[name], body) for name in ("weights", "scale", "bias")))

    def to_bytes(self) -> bytes:
        """The content of `linear.safetensors`."""
        kind = "I8" if self._weights.dtype.itemsize == 1 else "I16"
        tensors = {
            "weights": (kind, self._weights),
            "scale": ("F32", self._scale),
            "bias": ("F32", self._bias),
        }
        header: dict[str, Any] = {}
        body = b""
        for name, (dtype, array) in tensors.items():
            content = array.astype(_TYPES[dtype]).tobytes()
            offsets = [len(body), len(body) + len(content)]
            header[name] = {"dtype": dtype, "shape": list(array.shape), "data_offsets": offsets}
            body += content
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 8)
        return len(text).to_bytes(8, "little") + text + body

    def logits(self, features: Features, windows: ArrayLike, head: int | None = None) -> NDArray[np.float64]:
        """(count, heads) log-odds of each window; the bias alone where a window has no feature.

        Args:
            features: of the whole text.
            windows: (count, 2) code points, half-open.
            head: only this one, which costs less.
        """
        which = slice(None) if head is None else slice(head, head + 1)
        sums, counts = window_sums(features, self._weights[which], windows)
        scaled: NDArray[np.float64] = sums * self._scale[which]
        scaled /= np.sqrt(np.maximum(counts, 1))[:, None]
        return scaled + self._bias[which]

    def reasons(
        self, features: Features, text: str, head: int, span: tuple[int, int], most: int = 5
    ) -> tuple[Reason, ...]:
        """The pieces of `text` within `span` that raised the head's logit most, as people read them.

        The strongest n-grams are joined where they overlap and widened to whole words; a piece weighs
        what all n-grams inside it add.
        """
        first, last = window_slices(features, [span])
        inside = np.concatenate([np.arange(a, b) for a, b in zip(first[:, 0], last[:, 0], strict=True)])
        if not inside.size:
            return ()
        unit = self._scale[head] / np.sqrt(inside.size)
        weights = self._weights[head].take(features.buckets[inside]).astype(np.float64) * unit
        starts, ends = features.starts[inside], features.ends[inside]
        strongest = np.argsort(-weights, kind="stable")[:_TOP]
        strongest = strongest[weights[strongest] > 0]
        pieces = _joined(sorted(zip(starts[strongest].tolist(), ends[strongest].tolist(), strict=True)))
        found: dict[str, float] = {}
        for start, end in _joined([_widened(text, *piece, *span) for piece in pieces]):
            weight = float(weights[(starts >= start) & (ends <= end)].sum())
            piece = " ".join(text[start:end].split())
            found[piece] = found.get(piece, 0.0) + weight
        ranked = sorted(found.items(), key=lambda item: -item[1])[:most]
        return tuple(Reason(piece, round(weight, 3)) for piece, weight in ranked if weight > 0)


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sorted spans, those that overlap made one."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _widened(text: str, start: int, end: int, low: int, high: int) -> tuple[int, int]:
    """The span with the words at its edges whole, at most 20 characters more each way."""
    for _ in range(20):
        if start > low and text[start].isalnum() and text[start - 1].isalnum():
            start -= 1
        if end < high and text[end - 1].isalnum() and text[end].isalnum():
            end += 1
    return start, end


def _array(tensor: _Tensor, body: bytes) -> NDArray[Any]:
    """One tensor of the file, checked against its declared size."""
    kind = _TYPES.get(tensor.dtype)
    start, end = tensor.data_offsets
    count = 1
    for size in tensor.shape:
        count *= size
    if kind is None or not 0 <= start <= end <= len(body) or end - start != count * kind.itemsize:
        raise _damaged(f"a tensor of {tensor.dtype} {tensor.shape} at {start}")
    values: NDArray[Any] = np.frombuffer(body[start:end], dtype=kind).reshape(tensor.shape)
    return values


def _damaged(what: str) -> AssaymarkError:
    return AssaymarkError(
        f"linear.safetensors cannot be used: {what}.", "Reinstall the package: its weights are damaged."
    )
