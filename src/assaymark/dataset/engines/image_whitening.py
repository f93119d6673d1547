"""Whitening: coefficients that vary much by nature count little, the others much.

Cosine coefficients in units of their band are nearly uncorrelated in images of all kinds. So each is divided
by its own spread, and no more: a full covariance costs much more, and would learn the trigger as well.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Whitening", "whiten", "whitening"]

LEARNT_FROM = 8_192
"""Images from which the spread is estimated; taken evenly from the sample."""
_FLOOR = 0.8
"""Added to every spread (in steps of the coefficients), so that one that hardly varies cannot dominate."""


@dataclass(frozen=True, eq=False)
class Whitening:
    """After this map each coefficient has no mean and about unit variance in the sample."""

    mean: NDArray[np.float32]
    scale: NDArray[np.float32]


def whitening(features: NDArray[np.int8]) -> Whitening:
    """Learn the map from a sample of features."""
    some = features[:: max(1, -(-len(features) // LEARNT_FROM))].astype(np.float32)
    mean = some.mean(axis=0, dtype=np.float64)
    square = np.einsum("ij,ij->j", some, some, dtype=np.float64) / len(some)
    spread = np.sqrt(np.maximum(square - mean**2, 0)) + _FLOOR
    return Whitening(mean.astype(np.float32), spread.astype(np.float32))


def whiten(features: NDArray[np.int8], by: Whitening) -> NDArray[np.float32]:
    """Whitened features, in 32 bits."""
    out = features.astype(np.float32)
    out -= by.mean
    out *= 1 / by.scale
    return out
