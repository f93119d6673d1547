"""One pattern in many classes: an attack that turns each label into another, or a mark that images have.

Both stand apart like a trigger, and other classes have them as well. Bearers of the attack do not look like
their labels; bearers of a watermark or of a camera's stamp do.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.image_belonging import belonging
from assaymark.dataset.engines.image_directions import Direction, middle_and_width, unit
from assaymark.dataset.engines.image_evidence import CUTS, Crowd, Evidence, Tails, along

__all__ = ["Judged", "shared"]

_SAME = 0.5
"""Cosine from which two classes have the same pattern."""
_CALM = 3.0
_FEWEST = 3
"""Bearers from which a class is taken to have the pattern of others."""

Reals = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Judged:
    """A direction and what was decided of it."""

    evidence: Evidence
    suspect: bool
    cut: float
    """Strength from which an image is flagged."""
    merit: float
    """1 from where it is a suspect; below, how near it came."""
    everywhere: float
    """The same, if it did not count that other classes have the pattern as well."""
    explain: bool = False
    """Whether it stands apart like a trigger, but other classes, or most of its own, have it too."""


def _groups(judged: list[Judged]) -> list[list[Judged]]:
    groups: list[list[Judged]] = []
    for j in judged:
        axis = j.evidence.direction.axis
        near = [g for g in groups if float(g[0].evidence.direction.axis @ axis) > _SAME]
        if near:
            near[0].append(j)
        else:
            groups.append([j])
    return groups


def shared(of: Crowd, judged: list[Judged]) -> list[Judged]:
    """The same, with suspects where a pattern of several classes is on images that do not look like them."""
    kept = [j for j in judged if not j.explain]
    for group in _groups([j for j in judged if j.explain]):
        labels = {j.evidence.label for j in group}
        found = _attack(of, group) if len(labels) > 1 else []
        kept += found or group
    return kept


def _attack(of: Crowd, group: list[Judged]) -> list[Judged]:
    """The pattern in each class that has it, where bearers deny their labels; else nothing."""
    axis = unit(np.sum([j.evidence.direction.axis for j in group], axis=0))
    values = along(of, axis[:, None])[:, 0]
    strength = np.empty(len(values), np.float32)
    middles, widths = np.zeros(len(of.means)), np.ones(len(of.means))
    for label in np.unique(of.label):
        here = of.label == label
        middle, width = middle_and_width(values[here][:, None])
        strength[here] = (values[here] - middle[0]) / width[0]
        middles[label], widths[label] = middle[0] + float(of.means[label] @ axis), width[0]
    if not belonging(of, axis, strength > CUTS[0], strength < _CALM).denied:
        return []
    best = max(group, key=lambda j: j.everywhere)
    made = []
    for label in map(int, np.unique(of.label)):
        centre, wide = float(middles[label]), float(widths[label])
        here = np.flatnonzero(of.label == label)
        direction = Direction((axis, axis), (centre, centre), (wide, wide), strength[here], 1.0)
        by = Tails(strength[here], strength[of.label != label])
        if by.beyond(best.cut) >= _FEWEST:
            evidence = Evidence(
                label=label,
                direction=direction,
                members=here,
                tails=by,
                cut=best.cut,
                bearers=by.beyond(best.cut),
                honest=max(by.mirrored(best.cut), best.evidence.honest),
                elsewhere=by.elsewhere(best.cut),
                whole=best.evidence.whole,
            )
            made.append(replace(best, evidence=evidence, suspect=True, explain=False, merit=best.everywhere))
    return made
