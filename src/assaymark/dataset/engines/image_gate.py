"""Evidence → a decision: trigger or honest structure. One operating point for every data set and attack.

What an honest group of images has in common goes beyond one pattern: bearers of a horizon are alike also once
the horizon is taken away, edges come light-on-dark and dark-on-light, and other classes have some. A trigger
is one pattern on images that have nothing else in common. The yardstick is the class itself: its other
images, the other side of the same direction, the other classes along it.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.image_directions import search
from assaymark.dataset.engines.image_evidence import Belonging, Crowd, Evidence, belonging, elsewhere, weigh

__all__ = ["FEWEST_IN_CLASS", "Judged", "judge"]

FEWEST_IN_CLASS = 60
"""Images below which a class is too small to be searched."""
DIRECTIONS = 3
"""Directions that are kept of a class."""
EVERYWHERE = 0.4
"""Share of classes with suspects from which patterns are how the set was made, not how it was attacked."""
BEARERS = 15
EXCESS = 5.0
"""Times as many bearers as there are on the other side and in other classes."""
AGREEMENT = 0.35
CROWDING = 1.9
CROWDING_DENIED = 2.6
"""The same, where the rest of the images denies the label."""
BEARERS_THOROUGH = 30
EXCESS_THOROUGH = 20.0
AGREEMENT_THOROUGH = 0.65
CROWDING_THOROUGH = 1.7
CROWDING_AT_MOST = 8.0
"""The same where variation along one more direction is granted: more has to be shown otherwise."""
_LOWEST = 3.0
_SPURIOUS = 0.1
"""Share of honest images among those flagged, as estimated, from which the cut is set higher."""
_SPURIOUS_OF_ALL = 0.0004
"""The same, of all images of the sample."""


@dataclass(frozen=True, eq=False)
class Judged:
    """A direction and what was decided of it."""

    evidence: Evidence
    belonging: Belonging
    suspect: bool
    cut: float
    """Strength from which an image is flagged."""
    merit: float
    """1 from where it is a suspect; below, how near it came."""
    explain: bool = False
    """Whether it would be a suspect if most other classes had none of their own."""


def _merit(e: Evidence, crowding: float) -> float:
    """The least of the ratios to their thresholds, so that 1 means that all hold; the better of two ways."""
    excess = e.bearers / (1 + e.mirrored + e.elsewhere)
    agreement = max(e.agreement, 0)
    plain = min(e.bearers / BEARERS, excess / EXCESS, agreement / AGREEMENT, crowding / max(e.crowding, 0.5))
    thorough = min(
        e.bearers / BEARERS_THOROUGH,
        excess / EXCESS_THOROUGH,
        agreement / AGREEMENT_THOROUGH,
        CROWDING_THOROUGH / max(e.thorough, 0.5),
        CROWDING_AT_MOST / max(e.crowding, 0.5),
    )
    return max(plain, thorough)


def _cut(of: Crowd, e: Evidence) -> float:
    """The lowest strength at which hardly an honest image is flagged, by the other side and other classes."""
    away = elsewhere(of, e.direction, of.label != e.label)
    scale = len(e.members) / max(1, len(away))
    most = _SPURIOUS_OF_ALL * len(of.label)
    for cut in np.arange(_LOWEST, e.cut, 0.25):
        honest = max(float((e.strength < -cut).sum()), float((away > cut).sum()) * scale)
        if honest <= max(2.0, min(most, _SPURIOUS * float((e.strength > cut).sum()))):
            return float(cut)
    return e.cut


def _judge_class(of: Crowd, label: int, middle: NDArray[np.float32]) -> list[Judged]:
    members = np.flatnonzero(of.label == label)
    best: list[Judged] = []
    for direction in search(of.z[members], of.half[members], middle):
        for e in weigh(of, label, members, direction):
            merit = _merit(e, CROWDING_DENIED)
            if merit <= 0.3:
                continue
            seen = belonging(of, e) if merit >= 1 else Belonging(1.0, np.inf, 0.0)
            merit = _merit(e, CROWDING_DENIED if seen.denied else CROWDING)
            best.append(Judged(e, seen, merit >= 1, _cut(of, e) if merit >= 1 else e.cut, merit))
    best.sort(key=lambda j: (-j.merit, -j.evidence.bearers))
    return _distinct(best)


def _overlap(one: Judged, other: Judged) -> float:
    """Share of the smaller one's bearers that both have."""
    first, second = one.evidence.strength > one.cut, other.evidence.strength > other.cut
    return float((first & second).sum()) / max(1, min(int(first.sum()), int(second.sum())))


def _distinct(judged: list[Judged]) -> list[Judged]:
    """The best of each group of directions that have the same bearers."""
    kept: list[Judged] = []
    for j in judged:
        if not any(_overlap(j, k) > 0.5 for k in kept):
            kept.append(j)
    return kept[:DIRECTIONS]


def judge(of: Crowd) -> tuple[Judged, ...]:
    """The directions worth keeping, suspects first."""
    middle = of.z.mean(axis=0)
    found: list[Judged] = []
    for label in range(of.means.shape[1]):
        if (of.label == label).sum() >= FEWEST_IN_CLASS:
            found += _judge_class(of, label, middle)
    hit = len({j.evidence.label for j in found if j.suspect})
    if hit > max(2, EVERYWHERE * of.means.shape[1]):
        found = [replace(j, suspect=False, explain=j.suspect) for j in found]
    return tuple(sorted(found, key=lambda j: -j.merit))
