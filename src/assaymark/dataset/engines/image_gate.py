"""Evidence → a decision: trigger or honest structure. One operating point for every data set and attack.

Honest shapes turn up light on dark and dark on light, here and there, facing left or right, and in other
classes too; their bearers are the far end of a tail. A trigger is one pattern, in one place, at one phase, on
a group of images that stands apart. How far an honest pattern comes is measured on this very set: by its
other classes.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.image_directions import Direction, search
from assaymark.dataset.engines.image_evidence import (
    CUTS,
    FEWEST,
    Crowd,
    Evidence,
    Tails,
    along,
    tails,
    weigh,
)
from assaymark.dataset.engines.image_shared import Judged, shared

__all__ = ["FEWEST_IN_CLASS", "judge"]

FEWEST_IN_CLASS = 60
"""Images below which a class is too small to be searched."""
DIRECTIONS = 3
"""Directions that are kept of a class."""
EVERYWHERE = 0.4
"""Share of classes with suspects from which patterns are how the set was made, not how it was attacked."""
BEARERS = (12, 16)
"""For a pattern of many coefficients, and for one of few: along those, honest tails are longer."""
EXCESS, EXCESS_ELSEWHERE = 5.0, 3.0
"""Times as many bearers as there are on the other side and along twins; and in other classes, where a careful
attacker has some images bear the pattern under their own labels."""
AGREEMENT = (0.45, 0.85)
WHOLE = (0.62, 0.85)
_MANY, _FEW = 0.3, 0.7
"""Share of a pattern in its strongest coefficients up to which it is one of many, from which one of few."""
_STRONGEST = 20
ABOVE_USUAL = ((0.75, 1.5), (0.5, 2.0))
"""Share of this set's classes and times the merit that they stay below: the lesser is asked for."""
_FEW_CLASSES = 5
"""Below so many classes, the least merit stands for what is usual."""
LARGE = 0.6
"""Share of its class from which a group is the class, and the others are another source of images."""
_WORTH = 0.5
"""Share of the agreement asked for below which a direction is not looked at."""
_LOWEST = 3.0
_SPURIOUS = 0.08
"""Share of honest images among those flagged, as estimated, from which the cut is set higher."""
_SPURIOUS_OF_ALL = 0.0002
"""The same, of all images of the sample."""

Reals = NDArray[np.float32]
Members = NDArray[np.int64]


def _few(direction: Direction) -> float:
    """0 for a pattern of many coefficients, 1 for one of few."""
    share = float(np.sort(direction.axis**2)[-_STRONGEST:].sum())
    return min(1.0, max(0.0, (share - _MANY) / (_FEW - _MANY)))


def _asked(between: tuple[float, float], few: float) -> float:
    return between[0] + few * (between[1] - between[0])


def _merit(e: Evidence, everywhere: bool = False) -> float:
    """The least of the ratios to their thresholds, so that 1 means that all hold.

    Args:
        e: the evidence.
        everywhere: leave out of account that other classes have the pattern as well.
    """
    few = _few(e.direction)
    return min(
        e.bearers / _asked(BEARERS, few),
        e.bearers / (1 + e.honest) / EXCESS,
        e.bearers / (1 + (0 if everywhere else e.elsewhere)) / EXCESS_ELSEWHERE,
        max(e.direction.agreement, 0) / _asked(AGREEMENT, few),
        e.whole / _asked(WHOLE, few),
    )


def _cut(by: Tails, highest: float, images: int, few: float) -> float:
    """The lowest strength at which hardly an honest image is flagged, by the other side and by twins.

    Along patterns of few coefficients an honest tail may be longer on this side: there the worst twin counts.
    """
    for cut in np.arange(_LOWEST, highest, 0.25):
        usual = max(float(by.mirrored(cut)), by.displaced_usually(cut))
        honest = usual + few * (by.mirrored(cut) + by.displaced(cut) - usual)
        if honest <= max(1.0, min(_SPURIOUS_OF_ALL * images, _SPURIOUS * by.beyond(cut))):
            return float(cut)
    return highest


def _judge(
    of: Crowd, label: int, members: Members, z: Reals, direction: Direction, all_along: Reals
) -> Judged | None:
    """The cut that speaks most for a direction, and what follows."""
    if max(direction.agreement, 0) < _WORTH * AGREEMENT[0] or (direction.strength > CUTS[0]).sum() < FEWEST:
        return None
    by = tails(of, label, z, direction, all_along)
    found = weigh(label, members, z, direction, by)
    if not found:
        return None
    best = max(found, key=lambda e: (_merit(e), _merit(e, everywhere=True), -e.cut))
    most = max(_merit(e, everywhere=True) for e in found)
    return Judged(best, False, _cut(by, best.cut, len(of.label), _few(direction)), _merit(best), most)


def _overlap(one: Judged, other: Judged) -> float:
    """Share of the smaller one's bearers that both have."""
    first, second = one.evidence.strength > one.cut, other.evidence.strength > other.cut
    return float((first & second).sum()) / max(1, min(int(first.sum()), int(second.sum())))


def _distinct(judged: list[Judged]) -> list[Judged]:
    """The best of each group of directions that have the same bearers."""
    kept: list[Judged] = []
    for j in sorted(judged, key=lambda j: (-j.merit, -j.evidence.bearers)):
        if not any(_overlap(j, k) > 0.5 for k in kept):
            kept.append(j)
    return kept[:DIRECTIONS]


def _least(found: dict[int, list[Judged]]) -> float:
    """Merit that is asked for: more than patterns of honest classes of this set reach."""
    best = [max((j.merit for j in patterns), default=0.0) for patterns in found.values()]
    if len(best) < _FEW_CLASSES:
        return max(1.0, ABOVE_USUAL[-1][1] * min(best))
    return max(1.0, min(times * float(np.quantile(best, share)) for share, times in ABOVE_USUAL))


def judge(of: Crowd) -> tuple[Judged, ...]:
    """The directions worth keeping, those of most merit first."""
    sizes = np.bincount(of.label, minlength=len(of.means))
    middle = (sizes @ of.means / len(of.label)).astype(np.float32)
    searched: dict[int, list[Direction]] = {}
    for label in map(int, np.flatnonzero(sizes >= FEWEST_IN_CLASS)):
        members, z = of.of(label)
        searched[label] = search(z, of.half[members], middle)
    axes = [d.axis for directions in searched.values() for d in directions]
    if not axes:
        return ()
    everywhere = iter(along(of, np.stack(axes, axis=1)).T)
    found: dict[int, list[Judged]] = {}
    for label, directions in searched.items():
        members, z = of.of(label)
        judged = [_judge(of, label, members, z, d, next(everywhere)) for d in directions]
        found[label] = _distinct([j for j in judged if j is not None])
    return _decided(of, found)


def _decided(of: Crowd, found: dict[int, list[Judged]]) -> tuple[Judged, ...]:
    """Which of them are suspects, by the measure of this set."""
    least = _least(found)
    patterns = [
        replace(j, merit=j.merit / least, everywhere=j.everywhere / least)
        for judged in found.values()
        for j in judged
    ]
    hit = len({j.evidence.label for j in patterns if j.merit >= 1})
    many = hit > max(2, EVERYWHERE * len(found))
    decided = []
    for j in patterns:
        small = float((j.evidence.strength > j.cut).mean()) < LARGE
        suspect = j.merit >= 1 and small and not many
        decided.append(replace(j, suspect=suspect, explain=max(j.merit, j.everywhere) >= 1 and not suspect))
    return tuple(sorted(shared(of, decided), key=lambda j: -j.merit))
