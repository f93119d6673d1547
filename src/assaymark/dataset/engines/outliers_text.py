"""How unlike the other texts a text is: how surprising its letters are, and how long it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.fields import LONGEST, whole_texts
from assaymark.dataset.record import Batch

__all__ = ["TextBackground", "TextMeasure"]

_BLOCK = 1 << 19
_UNIT = 256
"""Parts of a bit in which surprise is counted, so that sums are exact."""
_STEADY = 400
"""Bytes from which a longer text is no steadier: texts differ in what they are about."""


@dataclass
class TextBackground:
    """Counts of pairs of bytes of UTF-8."""

    pairs: NDArray[np.int64] = field(default_factory=lambda: np.zeros(1 << 16, dtype=np.int64))

    def take(self, batch: Batch) -> None:
        """Count a batch."""
        for data, starts in _blocks(whole_texts(batch)):
            pairs = _pairs(data)
            within = np.ones(len(pairs), dtype=bool)
            borders = starts[1:-1] - 1  # a pair of two texts is of neither, and would depend on the order
            within[borders[(borders >= 0) & (borders < len(pairs))]] = False
            self.pairs += np.bincount(pairs[within], minlength=1 << 16)

    def join(self, other: "TextBackground") -> None:
        """Add up."""
        self.pairs += other.pairs

    def measure(self) -> "TextMeasure":
        """What is usual."""
        counts = self.pairs.reshape(256, 256).astype(np.float64) + 0.5
        bits = -np.log2(counts / counts.sum(axis=1, keepdims=True)).ravel()
        weights = self.pairs / max(int(self.pairs.sum()), 1)
        mean = float((weights * bits).sum())
        spread = float((weights * (bits - mean) ** 2).sum())
        return TextMeasure(np.round(bits * _UNIT).astype(np.int64), mean, max(spread, 0.1))


@dataclass(frozen=True, eq=False)
class TextMeasure:
    """Surprise of each pair of bytes, and what a text has on average."""

    bits: NDArray[np.int64]
    mean: float
    spread: float
    names = ("letters and signs that are rare here", "length")
    raw = False

    def of(self, batch: Batch) -> NDArray[np.float64]:
        """(records, 2) Surprise beyond the mean in standard errors; logarithm of the length, times eight."""
        made = [np.zeros((0, 2))]
        for data, starts in _blocks(whole_texts(batch)):
            sums = np.concatenate([[0], np.cumsum(self.bits[_pairs(data)]), [0]])
            lengths = np.diff(starts)
            last = np.maximum(starts[1:] - 1, starts[:-1])
            total = np.where(lengths > 1, sums[last] - sums[starts[:-1]], 0) / _UNIT
            count = np.maximum(lengths - 1, 1)
            surprise = np.where(lengths > 4, total / count - self.mean, 0.0)
            made.append(
                np.stack(
                    [
                        surprise * np.sqrt(np.minimum(count, _STEADY) / self.spread),
                        8 * np.log(np.maximum(lengths, 1)),
                    ],
                    axis=1,
                )
            )
        return np.concatenate(made)


def _blocks(texts: Sequence[str]) -> Iterator[tuple[bytes, NDArray[np.int64]]]:
    """Texts one after the other as UTF-8, and where each begins; the end is the last."""
    part: list[bytes] = []
    size = 0
    for text in texts:
        part.append(text[:LONGEST].encode("utf-8", "surrogatepass"))
        size += len(part[-1])
        if size >= _BLOCK:
            yield _joined(part)
            part, size = [], 0
    if part:
        yield _joined(part)


def _joined(part: list[bytes]) -> tuple[bytes, NDArray[np.int64]]:
    lengths = np.fromiter(map(len, part), dtype=np.int64, count=len(part))
    return b"".join(part), np.concatenate([[0], np.cumsum(lengths)])


def _pairs(data: bytes) -> NDArray[np.int64]:
    points = np.frombuffer(data, dtype=np.uint8).astype(np.int64)
    return points[:-1] * 256 + points[1:]
