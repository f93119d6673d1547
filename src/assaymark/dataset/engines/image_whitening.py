"""Whitening: directions in which images differ by nature count little, the others much."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Whitening", "whiten", "whitening"]

RIDGE = 0.05
"""Share of the mean variance added to every direction, so that an empty one cannot dominate."""
FEW = 0.4
"""The same, times dimensions per image: the fewer images, the less is known of how they differ."""
LEARNT_FROM = 16_384
"""Images from which the variances are estimated; spread over the sample."""
_CHUNK = 4096


@dataclass(frozen=True)
class Whitening:
    """Affine map after which the sample has no mean and (nearly) unit variance in every direction."""

    mean: NDArray[np.float32]
    matrix: NDArray[np.float32]
    """Dimensions × dimensions; whitened = (x - mean) @ matrix."""


def whitening(features: NDArray[np.int8]) -> Whitening:
    """Learn the map from a sample of features."""
    step = max(1, -(-len(features) // LEARNT_FROM))
    centred = features[::step].astype(np.float32)
    mean = centred.mean(axis=0)
    centred -= mean
    covariance = (centred.T @ centred).astype(np.float64) / len(centred)
    size = len(covariance)
    ridge = RIDGE + FEW * size / len(centred)
    covariance += (ridge * np.trace(covariance) / size + 1e-6) * np.eye(size)
    lower = np.linalg.cholesky(covariance)
    inverse = np.linalg.solve(lower, np.eye(size))
    return Whitening(mean, np.ascontiguousarray(inverse.T, dtype=np.float32))


def whiten(features: NDArray[np.int8], by: Whitening) -> NDArray[np.float32]:
    """Whitened features, in 32 bits."""
    out = np.empty(features.shape, np.float32)
    for start in range(0, len(features), _CHUNK):
        part = slice(start, start + _CHUNK)
        out[part] = (features[part].astype(np.float32) - by.mean) @ by.matrix
    return out
