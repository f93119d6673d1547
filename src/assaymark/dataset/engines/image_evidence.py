"""What speaks for a direction being a trigger, and what for honest structure of the class."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.image_directions import Direction, standard

__all__ = ["CUTS", "Belonging", "Crowd", "Evidence", "belonging", "crowd", "elsewhere", "weigh"]

CUTS = (4.5, 6.0, 8.0, 11.0)
"""Strengths from which an image may be taken to bear the pattern, while judging. Behind the higher ones an
honest tail is left behind; a trigger that is strong stays whole."""
FEWEST = 10
_ALIKE = 0.5
"""Cosine, pattern aside, from which two images show the same thing."""
_PAIRS = 400
"""Bearers that are compared pair by pair, at most."""


@dataclass(frozen=True, eq=False)
class Crowd:
    """All whitened images of the sample and what is used again for every direction."""

    z: NDArray[np.float32]
    label: NDArray[np.int64]
    half: NDArray[np.bool_]
    norm: NDArray[np.float32]
    """Root mean square of each image's whitened features: 1 for a usual image, more for an odd one."""
    means: NDArray[np.float32]
    """halves × classes × dimensions: class means of the half that an image is not in."""
    likeness: NDArray[np.float32]
    """images × classes: product of each image with the class means of the other half."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """How a direction looks, in numbers."""

    label: int
    direction: Direction
    members: NDArray[np.int64]
    """The class's images, as numbers of the sample."""
    strength: NDArray[np.float32]
    """Of each of them."""
    cut: float
    """Strength from which an image counts as a bearer."""
    bearers: int
    """Of the class; near copies of each other counted once."""
    mirrored: int
    """Of the class, as far on the other side: an honest tail has two."""
    elsewhere: float
    """Of the other classes, as many as there would be among as many images as the class has."""
    agreement: float
    """Cosine between the directions that the two halves proposed."""
    crowding: float
    """How much more alike bearers are, pattern aside, than other images of the class; 1 for no more."""
    thorough: float
    """The same, with their mean and their widest variation taken away as well: an opaque patch varies with
    what it hides, a strong blend with the contrast of its bearer."""


@dataclass(frozen=True)
class Belonging:
    """Whether bearers of a pattern look like their class when the pattern is taken away."""

    share: float
    """1: like their class; 0: like any other class."""
    error: float
    """Standard error of `share`."""
    separable: float
    """How far the class stands apart from others, in standard deviations; low: `share` says little."""

    @property
    def denied(self) -> bool:
        """Whether the rest of the image plainly speaks for another label."""
        return self.separable > 0.5 and self.share + 3 * self.error < 0.9


def crowd(z: NDArray[np.float32], label: NDArray[np.int64], half: NDArray[np.bool_]) -> Crowd:
    """Prepare the sample."""
    classes = int(label.max()) + 1
    means = np.zeros((2, classes, z.shape[1]), np.float32)
    for side in (0, 1):
        for k in range(classes):
            other = (label == k) & (half != bool(side))
            if other.any():
                means[side, k] = z[other].mean(axis=0)
    likeness = np.empty((len(z), classes), np.float32)
    for side, members in enumerate((~half, half)):
        likeness[members] = z[members] @ means[side].T
    norm = np.sqrt(np.einsum("ij,ij->i", z, z) / z.shape[1]).astype(np.float32)
    return Crowd(z, label, half, norm, means, likeness)


def _margins(of: Crowd, axis: NDArray[np.float32], label: int) -> NDArray[np.float32]:
    """By how much each image looks more like `label` than like the likeliest other class, pattern aside."""
    out = np.empty(len(of.z), np.float32)
    for side, members in enumerate((~of.half, of.half)):
        along = of.means[side] @ axis
        rest = of.likeness[members] - np.outer(of.z[members] @ axis, along)
        rest -= 0.5 * ((of.means[side] ** 2).sum(axis=1) - along**2)
        own = rest[:, label].copy()
        rest[:, label] = -np.inf
        out[members] = own - rest.max(axis=1)
    return out


def _belonging(
    calm: NDArray[np.float32], bearers: NDArray[np.float32], away: NDArray[np.float32]
) -> Belonging:
    gap = float(calm.mean() - away.mean())
    scale = float(np.sqrt((calm.var() + away.var()) / 2)) + 1e-9
    if gap <= 0 or len(bearers) < 2:
        return Belonging(1.0, np.inf, 0.0)
    error = float(bearers.std() / np.sqrt(len(bearers))) / gap
    return Belonging(float(bearers.mean() - away.mean()) / gap, error, gap / scale)


def _cosines(rest: NDArray[np.float32]) -> NDArray[np.float32]:
    rest = rest / (np.linalg.norm(rest, axis=1, keepdims=True) + 1e-9)
    cosine: NDArray[np.float32] = rest @ rest.T
    np.fill_diagonal(cosine, 0)
    return cosine


def _alike(cosine: NDArray[np.float32]) -> float:
    """Mean squared cosine between images; near copies count no more than `_ALIKE`."""
    pairs = len(cosine) * max(1, len(cosine) - 1)
    return float((np.minimum(np.abs(cosine), _ALIKE) ** 2).sum() / pairs)


def _without(z: NDArray[np.float32], axis: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
    """Images without the pattern; and, more thoroughly, without what their group has most in common."""
    centred = z - z.mean(axis=0)
    gram = centred @ centred.T
    first = np.linalg.eigh(gram.astype(np.float64))[1][:, -1].astype(np.float32)
    return z - np.outer(z @ axis, axis), centred - np.outer(first, first @ centred)


def _likeness(
    bearers: NDArray[np.float32], usual: NDArray[np.float32], axis: NDArray[np.float32]
) -> tuple[float, float, int]:
    """How much more alike bearers are than usual images, both ways; and how many are no near copies."""
    theirs = [_cosines(r) for r in _without(bearers, axis)]
    others = [_cosines(r) for r in _without(usual, axis)]
    crowding, thorough = (_alike(t) / max(_alike(o), 1e-9) for t, o in zip(theirs, others, strict=True))
    single = int((np.tril(theirs[0], -1).max(axis=1) <= _ALIKE).sum())
    return crowding, thorough, single


def elsewhere(of: Crowd, direction: Direction, other: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Strength of images of other classes, each measured from its own class's middle."""
    if not other.any():
        return np.zeros(0, np.float32)
    axis = _axis(direction)
    along = of.z[other] @ axis - (of.means.mean(axis=0) @ axis)[of.label[other]]
    centre, width = standard(along)
    strength: NDArray[np.float32] = (along - centre) / width / of.norm[other]
    return strength


def _at(
    of: Crowd,
    label: int,
    members: NDArray[np.int64],
    direction: Direction,
    away: NDArray[np.float32],
    cut: float,
) -> Evidence | None:
    """Evidence with the bearers taken from `cut` upwards; None where there are too few to speak of."""
    strength = direction.z / of.norm[members]
    at = np.flatnonzero(strength > cut)
    if len(at) < FEWEST:
        return None
    axis = _axis(direction)
    some = at[:: -(-len(at) // _PAIRS)]
    calm = np.flatnonzero(strength < 2)
    usual = calm[:: max(1, len(calm) // len(some))][: len(some)]
    if len(usual) < FEWEST:
        return None
    crowding, thorough, single = _likeness(of.z[members[some]], of.z[members[usual]], axis)
    beyond = int((away > cut).sum())
    return Evidence(
        label=label,
        direction=direction,
        members=members,
        strength=strength,
        cut=cut,
        bearers=round(len(at) * single / len(some)),
        mirrored=int((strength < -cut).sum()),
        elsewhere=beyond * len(members) / max(1, len(away)),
        agreement=float(direction.pair[0] @ direction.pair[1]),
        crowding=crowding,
        thorough=thorough,
    )


def _axis(direction: Direction) -> NDArray[np.float32]:
    axis = direction.pair[0] + direction.pair[1]
    return axis / (np.linalg.norm(axis) + 1e-9)


def weigh(of: Crowd, label: int, members: NDArray[np.int64], direction: Direction) -> list[Evidence]:
    """Evidence for a direction at each cut that leaves enough bearers."""
    other = of.label != label
    away = elsewhere(of, direction, other)
    found = (_at(of, label, members, direction, away, cut) for cut in CUTS)
    return [e for e in found if e is not None]


def belonging(of: Crowd, evidence: Evidence) -> Belonging:
    """Whether the bearers, pattern aside, look like their class."""
    other = of.label != evidence.label
    if not other.any():
        return Belonging(1.0, np.inf, 0.0)
    margins = _margins(of, _axis(evidence.direction), evidence.label)
    bearing = evidence.strength > evidence.cut
    return _belonging(margins[evidence.members[~bearing]], margins[evidence.members[bearing]], margins[other])
