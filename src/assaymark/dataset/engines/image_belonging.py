"""Whether the bearers of a pattern look like their labels when the pattern is taken away.

Bearers of a trigger were taken from other classes; bearers of a watermark or a camera's stamp were not. What
all bearers of one class have in common cannot be told from the pattern itself, so this is asked of patterns
that several classes bear.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.image_evidence import Crowd, Reals
from assaymark.dataset.engines.image_whitening import whiten

__all__ = ["Belonging", "belonging"]

_MOST = 2_000
"""Images of each kind that are compared, at most."""
_APART = 0.25
"""Standard deviations by which right labels have to stand apart from wrong ones for a denial to count."""
_BELONGS = 0.75
"""Share of belonging below which, sampling errors allowed for, the labels are denied."""
_ERRORS = 2.5


@dataclass(frozen=True)
class Belonging:
    """How much the images of a group look like their labels."""

    share: float
    """1: like others of their labels; 0: like images of any other label."""
    error: float
    """Standard error of `share`."""
    separable: float
    """How far right labels stand apart from wrong ones, in standard deviations; low: `share` says little."""

    @property
    def denied(self) -> bool:
        """Whether the rest of the images plainly speaks for other labels."""
        return self.separable > _APART and self.share + _ERRORS * self.error < _BELONGS


_SAYS_NOTHING = Belonging(1.0, np.inf, 0.0)
Side = tuple[int, NDArray[np.int64], Reals, Reals]


def _means(of: Crowd, calm: NDArray[np.bool_]) -> Reals:
    """By half and class: whitened mean of the calm images of the class that are in the other half."""
    made = np.zeros((2, *of.means.shape), np.float32)
    for side in (0, 1):
        for k in range(len(of.means)):
            some = of.features[calm & (of.label == k) & (of.half != bool(side))]
            if len(some):
                made[side, k] = (some.mean(axis=0, dtype=np.float64) - of.white.mean) / of.white.scale
    return made


def _ranks(of: Crowd, means: Reals, axis: Reals, at: NDArray[np.int64], label: NDArray[np.int64]) -> Reals:
    """Share of other classes that each image is less like than the label, pattern and contrast apart."""
    out = np.empty(len(at), np.float32)
    for side, mine, z, apart in _sides(of, means, axis, at):
        likeness = z @ apart.T
        own = likeness[np.arange(len(mine)), label[mine]]
        out[mine] = (likeness < own[:, None]).sum(axis=1) / (len(means[side]) - 1)
    return out


def _sides(of: Crowd, means: Reals, axis: Reals, at: NDArray[np.int64]) -> Iterator[Side]:
    """By half: number, which of `at` are in it, these whitened, class means of the other half."""
    for side in (0, 1):
        mine = np.flatnonzero(of.half[at] == bool(side))
        if len(mine):
            apart = means[side] - means[side].mean(axis=0)
            yield side, mine, whiten(of.features[at[mine]], of.white), apart - np.outer(apart @ axis, axis)


def _thin(at: NDArray[np.int64]) -> NDArray[np.int64]:
    return at[:: max(1, -(-len(at) // _MOST))]


def _compared(mine: Reals, right: Reals, wrong: Reals) -> Belonging:
    gap = float(right.mean() - wrong.mean())
    scale = float(np.sqrt((right.var() + wrong.var()) / 2)) + 1e-9
    if abs(gap) < 1e-9:
        return Belonging(1.0, np.inf, 0.0)
    error = float(mine.std() / np.sqrt(len(mine))) / abs(gap)
    return Belonging(float(mine.mean() - wrong.mean()) / gap, error, abs(gap) / scale)


def belonging(of: Crowd, axis: Reals, bearing: NDArray[np.bool_], calm: NDArray[np.bool_]) -> Belonging:
    """Whether bearers of whatever classes are like their classes.

    Args:
        of: the sample.
        axis: the pattern.
        bearing: the images that bear it.
        calm: images that do not.
    """
    bearers, others = _thin(np.flatnonzero(bearing)), np.flatnonzero(calm)
    alike = _thin(others[np.isin(of.label[others], of.label[bearers])])
    others = _thin(others)
    if len(of.means) < 2 or min(len(bearers), len(alike), len(others)) < 2:
        return _SAYS_NOTHING
    given = of.label[bearers[np.arange(len(others)) % len(bearers)]]
    others, given = others[of.label[others] != given], given[of.label[others] != given]
    if len(others) < 2:
        return _SAYS_NOTHING
    means = _means(of, calm)
    return _compared(
        _ranks(of, means, axis, bearers, of.label[bearers]),
        _ranks(of, means, axis, alike, of.label[alike]),
        _ranks(of, means, axis, others, given),
    )
