"""Textures found → how they are measured on any image, words and findings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.image_textures_evidence import Evidence, Images
from assaymark.dataset.engines.image_textures_features import KINDS
from assaymark.dataset.engines.image_textures_gate import Judged
from assaymark.dataset.engines.image_textures_search import standard
from assaymark.dataset.finding import Example, Finding, Level, Result

__all__ = [
    "Ruler",
    "Said",
    "Texture",
    "conclude",
    "describe",
    "described",
    "ruler_of",
    "say",
    "strengths",
]

_WHOLE = 2.0**22
"""Filters are whole numbers of at most this size: their products with textures sum without rounding."""
_QUANTUM = 1 / 64
_NAMING = 1 / 16384
"""Scores are rounded to the first; what is left below it names the texture, in units of the second."""
_UNFLAGGED = 0.95
"""Most that an image may score for a texture that is no suspect."""
_UNSURE = 0.4
_NAMED_ROWS = 20_000
_NEAR = 2.0
"""Standard deviations from which an image's oddness is looked at."""


@dataclass(frozen=True, eq=False)
class Ruler:
    """How odd an image is altogether, so that odd images are not taken for bearers; in whole numbers."""

    matrix: NDArray[np.float64]
    offset: NDArray[np.float64]
    step: float


@dataclass(frozen=True, eq=False)
class Texture:
    """One direction: how to measure it and what to say of it."""

    label: str
    suspect: bool
    explain: bool
    merit: float
    cut: float
    weight: float
    """Times its strength that goes into the score; below 1 where it is no suspect."""
    filters: NDArray[np.float64]
    """Two (one for each half of the records) × textures, whole numbers."""
    centre: tuple[float, float]
    width: tuple[float, float]
    expected: float
    false_alarms: float
    honest: float
    words: str
    belonging: float
    crowding: float


@dataclass(frozen=True)
class Said:
    """What an engine says of a direction that records bear."""

    pattern: str
    where: str
    expected: float
    summary: str


def ruler_of(sample: Images) -> Ruler:
    """The whitening of a sample in whole numbers."""
    matrix = sample.matrix.astype(np.float64)
    step = float(np.abs(matrix).max()) / 2**20 + 1e-30
    whole = np.rint(matrix / step)
    return Ruler(whole, np.rint(sample.mean.astype(np.float64) * 64) @ whole / 64, step)


def describe(judged: Judged, name: str, sample: Images, textures: NDArray[np.int16]) -> Texture:
    """A judged direction as something that measures new images and can be told."""
    e = judged.evidence
    words = _words(textures[e.members[e.bearing]], textures[e.members[~e.bearing]])
    return described(
        e, name, sample, textures[e.members].astype(np.float64), words,
        suspect=judged.suspect, explain=judged.explain, merit=judged.merit,
    )  # fmt: skip


def described(
    e: Evidence,
    name: str,
    sample: Images,
    values: NDArray[np.float64],
    words: str,
    *,
    suspect: bool,
    explain: bool,
    merit: float,
) -> Texture:
    """A direction as something that measures new records; `values` are its members', in whole numbers."""
    filters, centre, width = [], [], []
    half = sample.half[e.members]
    for side in (False, True):
        raw = sample.matrix.astype(np.float64) @ e.found.pair[int(side)].astype(np.float64)
        step = float(np.abs(raw).max()) / _WHOLE + 1e-30
        filters.append(np.rint(raw / step))
        middle, spread = standard(values[half == side] @ filters[-1])
        centre.append(middle)
        width.append(spread)
    return Texture(
        label=name,
        suspect=suspect,
        explain=explain,
        merit=merit,
        cut=e.cut,
        weight=1.0 if suspect else _UNSURE * min(1.0, merit) ** 2,
        filters=np.stack(filters),
        centre=(centre[0], centre[1]),
        width=(width[0], width[1]),
        expected=float((sample.label == e.label).mean()),
        false_alarms=min(1.0, (e.honest + 1) / max(1, len(sample.label))),
        honest=e.honest,
        words=words,
        belonging=min(1.0, max(0.0, e.belonging)),
        crowding=e.crowding,
    )


def _words(bearers: NDArray[np.int16], usual: NDArray[np.int16]) -> str:
    """What of the bearers differs most from the class's other images."""
    gap = (bearers.mean(axis=0) - usual.mean(axis=0)) / (usual.std(axis=0) + 1)
    kinds = np.array(KINDS)
    by_kind = {str(k): gap[kinds == k] for k in dict.fromkeys(KINDS)}
    kind = max(by_kind, key=lambda k: float(np.abs(by_kind[k]).mean()))
    if kind in ("fine detail", "colour detail"):
        side = "stronger" if by_kind[kind].mean() > 0 else "weaker"
        return f"{kind} is {side} than is usual"
    return f"{kind} {'is' if kind == 'direction of detail' else 'are'} not as is usual"


def strengths(
    ruler: Ruler, found: Sequence[tuple[int, Texture]], textures: NDArray[np.float64], half: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """The strongest of a class's textures in each image, with its number in what rounding leaves."""
    best = np.zeros(len(textures))
    side = half.astype(np.int64)
    norm, known = np.ones(len(textures)), np.zeros(len(textures), bool)
    for number, texture in found:
        both = textures @ texture.filters.T
        along = both[np.arange(len(both)), side]
        z = (along - np.array(texture.centre)[side]) / np.array(texture.width)[side]
        fresh = np.flatnonzero((z > _NEAR) & ~known)
        white = (textures[fresh] @ ruler.matrix - ruler.offset) * ruler.step
        norm[fresh] = np.sqrt((white**2).mean(axis=1)) + 1e-6
        known[fresh] = True
        units = np.clip(z / np.where(z > _NEAR, norm, 1) / texture.cut, 0, 15)
        units = units if texture.suspect else np.minimum(units * texture.weight, _UNFLAGGED)
        value = np.floor(units / _QUANTUM) * _QUANTUM
        better = value > np.floor(best / _QUANTUM) * _QUANTUM
        best[better] = value[better] + (number % 250 + 1) * _NAMING
    return best.astype(np.float32)


def _named(scores: NDArray[np.float32]) -> NDArray[np.int64]:
    """The number of the texture that gave each score; -1 for none."""
    numbers: NDArray[np.int64] = np.rint((scores % _QUANTUM) / _NAMING).astype(np.int64) - 1
    return numbers


def conclude(
    engine: str,
    found: tuple[Texture, ...],
    judged: int,
    notes: tuple[str, ...],
    rows: NDArray[np.int64],
    scores: NDArray[np.float32],
    total: int,
    say: Callable[[Texture, int], Said],
) -> Result:
    """Findings of what is suspect or to be explained, in the words of `say`, and the records under them."""
    everything, flagged = np.zeros(total, np.float32), np.zeros(total, bool)
    everything[rows] = scores
    whose = _named(scores)
    findings = []
    for k, texture in enumerate(found):
        if not (texture.suspect or texture.explain):
            continue
        least = 1.0 if texture.suspect else min(texture.weight, _UNFLAGGED) - _QUANTUM
        bearing = np.flatnonzero((whose == k) & (scores >= least))
        if len(bearing):
            flagged[rows[bearing]] = texture.suspect
            order = np.lexsort((rows[bearing], -scores[bearing]))
            findings.append(_finding(engine, texture, rows[bearing[order]], say(texture, len(bearing))))
    findings.sort(key=lambda f: (f.level != Level.SUSPECT, -f.score, f.label))
    return Result(engine, everything, flagged, tuple(findings), judged, notes)


def _finding(engine: str, texture: Texture, rows: NDArray[np.int64], said: Said) -> Finding:
    count = len(rows)
    numbers = tuple(int(r) for r in rows[:_NAMED_ROWS])
    return Finding(
        engine=engine,
        level=Level.SUSPECT if texture.suspect else Level.EXPLAIN,
        pattern=said.pattern,
        where=said.where,
        count=count,
        label=texture.label,
        purity=count / (count + texture.honest),
        expected=said.expected,
        score=round(texture.merit, 3),
        threshold=1.0,
        false_alarms=texture.false_alarms,
        summary=said.summary,
        rows=numbers,
        examples=tuple(Example(row=r) for r in numbers[:12]),
    )


def say(texture: Texture, count: int) -> Said:
    """What is said of a texture that `count` images bear."""
    told = (
        f'On {count} images labelled "{texture.label}" {texture.words}, as if they had been warped, '
        f"filtered, re-encoded or given noise; {texture.honest:.1f} would be so if the label were another."
    )
    if texture.suspect:
        told = f"{told} What they show is as varied as all the data and looks like other labels."
    else:
        told = f"{told} They may come from another camera, program or source than the rest."
    pattern = f'{texture.words} on some images labelled "{texture.label}"'
    return Said(pattern, "over the image", texture.expected, told)
