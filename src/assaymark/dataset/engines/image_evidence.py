"""What speaks for a direction being a trigger, and what for honest structure of the class."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.image_directions import Direction, middle_and_width
from assaymark.dataset.engines.image_twins import twins
from assaymark.dataset.engines.image_whitening import Whitening, whiten

__all__ = ["CUTS", "FEWEST", "Crowd", "Evidence", "Tails", "along", "crowd", "tails", "weigh"]

CUTS = (4.5, 5.0, 6.0, 7.0, 8.0, 9.5, 11.0)
"""Strengths from which an image may be taken to bear the pattern, while judging. Behind the higher ones an
honest tail is left behind; a trigger that is strong stays whole."""
FEWEST = 8
_ALIKE = 0.5
"""Cosine, pattern aside, from which two images show the same thing."""
_PAIRS = 300
"""Bearers that are compared pair by pair, at most."""
_NEARER = 0.6
"""Share of a cut from which an image lies between bearers and others."""
_CHUNK = 4096

Reals = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Crowd:
    """All images of the sample and what is used again for every direction."""

    features: NDArray[np.int8]
    label: NDArray[np.int64]
    half: NDArray[np.bool_]
    white: Whitening
    means: Reals
    """classes × dimensions, whitened."""

    def of(self, label: int) -> tuple[NDArray[np.int64], Reals]:
        """The images of a class: their numbers in the sample, and whitened."""
        members = np.flatnonzero(self.label == label)
        return members, whiten(self.features[members], self.white)


@dataclass(frozen=True, eq=False)
class Tails:
    """Strengths along one direction, and along what should show no more of it than nature does."""

    strength: Reals
    """Of the class's images."""
    away: Reals
    """Of images of other classes, each measured from its own class's middle."""
    twin: Reals = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    """Class's images × twins: strength along the pattern's mirror images and at other places."""

    def beyond(self, cut: float) -> int:
        """Images of the class that stand beyond the cut."""
        return int((self.strength > cut).sum())

    def mirrored(self, cut: float) -> int:
        """The same on the other side: an honest tail often has two."""
        return int((self.strength < -cut).sum())

    def elsewhere(self, cut: float) -> float:
        """The same of the other classes, as many as there would be among as many images as the class has."""
        return float((self.away > cut).sum()) * len(self.strength) / max(1, len(self.away))

    def displaced(self, cut: float) -> int:
        """The same of the class along the worst of the twins."""
        return int((self.twin > cut).sum(axis=0).max(initial=0))

    def displaced_usually(self, cut: float) -> float:
        """The same along all twins, on average."""
        beyond = int((self.twin > cut).sum())
        return beyond / max(1, int(self.twin.shape[1]))


@dataclass(frozen=True, eq=False)
class Evidence:
    """How a direction looks beyond one cut, in numbers."""

    label: int
    direction: Direction
    members: NDArray[np.int64]
    """The class's images, as numbers of the sample."""
    tails: Tails
    cut: float
    """Strength from which an image counts as a bearer."""
    bearers: float
    """Of the class; near copies of each other counted once."""
    honest: float
    """The most that the other side or twins have beyond the cut."""
    elsewhere: float
    """What other classes have."""
    whole: float
    """Bearers, by them and those that lie between them and the rest: near 1 for a group that stands apart."""

    @property
    def strength(self) -> Reals:
        """Of each of the members."""
        return self.direction.strength


def crowd(
    features: NDArray[np.int8], label: NDArray[np.int64], half: NDArray[np.bool_], white: Whitening
) -> Crowd:
    """Prepare the sample."""
    classes = int(label.max()) + 1
    sums = np.stack([features[label == k].sum(axis=0, dtype=np.int64) for k in range(classes)])
    counts = np.bincount(label, minlength=classes)[:, None]
    means = ((sums / np.maximum(counts, 1) - white.mean) / white.scale).astype(np.float32)
    return Crowd(features, label, half, white, means)


def along(of: Crowd, axes: Reals) -> Reals:
    """All images along some axes, each from its own class's middle."""
    centre = of.means @ axes
    out = np.empty((len(of.label), axes.shape[1]), np.float32)
    for start in range(0, len(of.label), _CHUNK):
        part = slice(start, start + _CHUNK)
        out[part] = whiten(of.features[part], of.white) @ axes - centre[of.label[part]]
    return out


def _standard(values: Reals) -> Reals:
    middle, width = middle_and_width(values)
    standard: Reals = (values - middle) / width
    return standard


def tails(of: Crowd, label: int, z: Reals, direction: Direction, all_along: Reals) -> Tails:
    """Strengths along a direction that is worth the effort.

    Args:
        of: the sample.
        label: the class.
        z: its images, whitened.
        direction: what is judged.
        all_along: all images along the direction's axis.
    """
    away = all_along[of.label != label][:, None]
    away = _standard(away)[:, 0] if len(away) else np.zeros(0, np.float32)
    return Tails(direction.strength, away, _standard(z @ twins(direction.axis, of.white)))


def _single(bearers: Reals, axis: Reals) -> float:
    """Share of bearers that are, pattern aside, no near copies of another."""
    rest = bearers - np.outer(bearers @ axis, axis)
    rest /= np.linalg.norm(rest, axis=1, keepdims=True) + 1e-9
    return float((np.tril(rest @ rest.T, -1).max(axis=1) <= _ALIKE).mean())


def weigh(
    label: int, members: NDArray[np.int64], z: Reals, direction: Direction, by: Tails
) -> list[Evidence]:
    """Evidence for a direction at each cut that leaves enough bearers."""
    found = []
    for cut in CUTS:
        at = np.flatnonzero(direction.strength > cut)
        if len(at) < FEWEST:
            break
        near = max(3.0, _NEARER * cut)
        between = by.beyond(near) - by.mirrored(near)
        found.append(
            Evidence(
                label=label,
                direction=direction,
                members=members,
                tails=by,
                cut=cut,
                bearers=len(at) * _single(z[at[:: -(-len(at) // _PAIRS)]], direction.axis),
                honest=max(by.mirrored(cut), by.displaced(cut)),
                elsewhere=by.elsewhere(cut),
                whole=len(at) / max(1, between),
            )
        )
    return found
