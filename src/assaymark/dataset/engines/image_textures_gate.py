"""Evidence → a decision: the trace of an attack, another source of images, or nothing. One operating point.

Honest images that share a texture share what they show: a flag, a kind of drawing, a patterned wall. An
attack changes whatever images it gets, so that its bearers are as varied as *all* the data, and look like the
other classes that they were taken from. A camera or a program that made some images of one class leaves a
texture as well; its images look like their class: they are to be explained.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from assaymark.dataset.engines.image_textures_evidence import Evidence, Images, weigh
from assaymark.dataset.engines.image_textures_search import search

__all__ = ["FEWEST_IN_CLASS", "Judged", "judge"]

FEWEST_IN_CLASS = 60
"""Images below which a class is too small to be searched."""
DIRECTIONS = 2
"""Directions that are kept of a class."""
EVERYWHERE = 0.4
"""Share of classes with suspects from which textures are how the set was made, not how it was attacked."""
BEARERS = 20
EXCESS = 6.0
"""Times as many bearers as there are on the other side and in other classes."""
EXCESS_TO_EXPLAIN = 10.0
"""The same where nothing but the texture speaks for an attack."""
AGREEMENT = 0.6
CROWDING = 1.35
BELONGING = 0.75
"""Most that the contents may look like the class, standard errors included."""
_ERRORS = 1.5
STRANGER = -0.5
"""Least: what looks like no class at all is another kind of image."""
SEPARABLE = 0.35
APART = 0.12
_LEAST = 1.5
"""Excess below which a direction is not worth keeping."""


@dataclass(frozen=True, eq=False)
class Judged:
    """A direction and what was decided of it."""

    evidence: Evidence
    suspect: bool
    explain: bool
    merit: float
    """1 and more from where the group is beyond chance; below, how near it came."""


def _merit(e: Evidence, crowding: float, excess: float) -> float:
    """The least of the ratios to their thresholds."""
    return min(
        e.bearers / BEARERS,
        e.excess / excess,
        max(e.agreement, 0) / AGREEMENT,
        CROWDING / max(crowding, 0.2),
    )


def _denied(e: Evidence) -> bool:
    """Whether the contents plainly speak for other labels, and for those that other images have."""
    return (
        e.separable >= SEPARABLE
        and e.belonging + _ERRORS * e.error <= BELONGING
        and e.belonging + _ERRORS * e.error >= STRANGER
        and e.apart <= APART
    )


def _judged(e: Evidence) -> Judged:
    merit = _merit(e, e.crowding, EXCESS)
    within = _merit(e, min(e.crowding, e.crowding_in_class), EXCESS_TO_EXPLAIN)
    suspect = merit >= 1 and _denied(e)
    explain = not suspect and within >= 1 and min(e.apart, e.apart_in_class) <= APART
    return Judged(e, suspect, explain, merit if suspect else within)


def _overlap(one: Judged, other: Judged) -> float:
    """Share of the smaller one's bearers that both have."""
    first, second = one.evidence.bearing, other.evidence.bearing
    return float((first & second).sum()) / max(1, min(int(first.sum()), int(second.sum())))


def _best(judged: list[Judged]) -> Iterator[Judged]:
    """The best of each group of directions that have the same bearers."""
    kept: list[Judged] = []
    for j in sorted(
        judged, key=lambda j: (-j.suspect, -j.explain, -j.merit * (j.evidence.bearers + 1) ** 0.25)
    ):
        if len(kept) < DIRECTIONS and not any(_overlap(j, k) > 0.5 for k in kept):
            kept.append(j)
            yield j


def judge(of: Images) -> tuple[Judged, ...]:
    """The directions worth keeping, suspects first."""
    middle = (of.z / of.norm[:, None]).mean(axis=0)
    found: list[Judged] = []
    for label in range(of.classes):
        members = np.flatnonzero(of.label == label)
        if len(members) < FEWEST_IN_CLASS:
            continue
        margin = of.margin(label)[0][members]
        directions = list(search(of.z[members], of.norm[members], of.half[members], margin, middle))
        found += _best([_judged(e) for e in weigh(of, label, members, directions, _LEAST)])
    hit = len({j.evidence.label for j in found if j.suspect})
    if hit > max(2, EVERYWHERE * of.classes):
        found = [replace(j, suspect=False, explain=j.explain or j.suspect) for j in found]
    return tuple(sorted(found, key=lambda j: (-j.suspect, -j.explain, -j.merit)))
