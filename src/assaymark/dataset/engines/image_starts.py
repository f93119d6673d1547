"""Where a search for a pattern starts: guesses at a pattern, of which one has to be near enough."""

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.image_grid import SIDE
from assaymark.dataset.engines.image_spectrum import ALONG, DOWN, from_picture, to_picture

__all__ = ["starts"]

EXEMPLARS = 32
"""Images of the class that are themselves guesses: the nearest thing to a strong pattern is its bearers.
To a smooth one it is their slow waves."""
_SURE = 4.0
"""Standard errors from which one coefficient, or one cell, of a class's mean is no chance."""
_ODD = 3.0
"""Standard deviations at which an image's oddness is cut off."""

Reals = NDArray[np.float32]
_FREQUENCY = np.sqrt(DOWN.astype(np.float64) ** 2 + ALONG**2)
_LIGHT = np.arange(len(DOWN)) < SIDE * SIDE
_RANGES = (
    _LIGHT & (_FREQUENCY < 6),
    _LIGHT & (_FREQUENCY >= 6) & (_FREQUENCY < 14),
    _LIGHT & (_FREQUENCY >= 14),
    ~_LIGHT & (_FREQUENCY < 4),
    ~_LIGHT & (_FREQUENCY >= 4),
)
"""Slow, middle and fast waves of light; slow and fast ones of colour."""


def _only_sure(means: Reals, count: int) -> Reals:
    sure: Reals = np.where(np.abs(means) > _SURE / np.sqrt(count), means, np.float32(0))
    return sure


def _in_place(mean: Reals, count: int) -> Reals:
    """What of a mean lies in single cells: a patch stands in few of them, but in all coefficients."""
    light, colour = to_picture(mean[None])
    scale = np.median(np.abs(light)) * 1.5 + 1e-9
    light = np.where(np.abs(light) > _SURE * scale, light, np.float32(0))
    placed: Reals = from_picture(light, np.zeros_like(colour))[0]
    return placed


def starts(z: Reals, middle: Reals) -> tuple[Reals, Reals]:
    """Guesses at a pattern of few coefficients, and at one of many, as unit directions in columns.

    Args:
        z: whitened images, half of a class.
        middle: mean of all classes.
    """
    mean = z.mean(axis=0)
    apart = mean - middle
    guesses = [apart, *(np.where(r, apart, np.float32(0)) for r in _RANGES)]
    guesses += [-g for g in guesses]
    sure = _only_sure(apart, len(z))
    strongest = np.where(np.abs(apart) > 0.5 * np.abs(apart).max(), apart, np.float32(0))
    size = np.einsum("ij,ij->i", z, z)
    odd = np.clip((size - size.mean()) / (size.std() + 1e-9), -_ODD, _ODD).astype(np.float32)
    guesses += [sure, strongest, _in_place(apart, len(z)), odd @ z - odd.sum() * mean]
    chosen = z[np.random.default_rng(0).permutation(len(z))[:EXEMPLARS]] - mean
    slow = np.where(_RANGES[0] | _RANGES[3], chosen, np.float32(0))
    return _columns(np.concatenate([guesses, slow])), _columns(np.concatenate([guesses, chosen]))


def _columns(rows: Reals) -> Reals:
    length = np.sqrt((rows**2).sum(axis=1)) + 1e-9
    made: Reals = np.ascontiguousarray((rows / length[:, None]).T, dtype=np.float32)
    return made
