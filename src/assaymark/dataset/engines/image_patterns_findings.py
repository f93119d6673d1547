"""Patterns found in images → their pictures, words and findings."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.image_gate import Judged
from assaymark.dataset.engines.image_grid import SIDE, as_rgb
from assaymark.dataset.engines.image_trigger import trigger
from assaymark.dataset.engines.image_whitening import Whitening
from assaymark.dataset.finding import Example, Finding, Level, Result

__all__ = ["Pattern", "conclude", "describe"]

_WHOLE = 2.0**24
"""Filters are whole numbers of at most this size: their products with features sum without rounding."""
_UNSURE = 0.4
"""Most that a pattern which is no suspect may score, in units of the strength that flags one."""
_NAMED_ROWS = 20_000


@dataclass(frozen=True, eq=False)
class Pattern:
    """One pattern: how to measure it and what to say of it."""

    label: str
    suspect: bool
    explain: bool
    merit: float
    cut: float
    weight: float
    """Times its strength that goes into the score; below 1 where it is no suspect."""
    filters: NDArray[np.float64]
    """Two (one for each half of the records) × dimensions, whole numbers."""
    centre: tuple[float, float]
    width: tuple[float, float]
    expected: float | None
    false_alarms: float
    picture: dict[str, str]
    place: str
    crowding: float
    elsewhere: float

    def distance(self, features: NDArray[np.float64], half: NDArray[np.int64]) -> NDArray[np.float64]:
        """Of each image from the middle of its class, in standard deviations."""
        along = np.where(half == 0, features @ self.filters[0], features @ self.filters[1])
        centre, width = np.array(self.centre)[half], np.array(self.width)[half]
        away: NDArray[np.float64] = (along - centre) / width
        return away


def describe(
    judged: Judged,
    name: str,
    white: Whitening,
    rows: NDArray[np.int64],
    grids: NDArray[np.uint8],
    label: NDArray[np.int64],
) -> Pattern:
    """A judged direction as something that can score new images and be shown."""
    e = judged.evidence
    filters, centre, width = [], [], []
    for side in (0, 1):
        raw = white.matrix.astype(np.float64) @ e.direction.pair[side].astype(np.float64)
        step = float(np.abs(raw).max()) / _WHOLE + 1e-30
        filters.append(np.rint(raw / step))
        offset = float(white.mean.astype(np.float64) @ raw)
        centre.append((e.direction.centre[side] + offset) / step)
        width.append(e.direction.width[side] / step)
    bearing = e.members[e.strength > judged.cut]
    picture, place = _picture(grids[bearing], grids[e.members[e.strength < 2]], grids)
    honest = max(float((e.strength < -judged.cut).sum()), e.elsewhere)
    return Pattern(
        label=name,
        suspect=judged.suspect,
        explain=judged.explain,
        merit=judged.merit,
        cut=judged.cut,
        weight=1.0 if judged.suspect else _UNSURE * min(1.0, judged.merit) / 4,
        filters=np.stack(filters),
        centre=(centre[0], centre[1]),
        width=(width[0], width[1]),
        expected=float((label == e.label).mean()),
        false_alarms=min(1.0, (honest + 1) / max(1, len(rows))),
        picture=picture,
        place=place,
        crowding=e.crowding,
        elsewhere=e.elsewhere,
    )


def _picture(
    bearers: NDArray[np.uint8], usual: NDArray[np.uint8], everything: NDArray[np.uint8]
) -> tuple[dict[str, str], str]:
    """What was added to the bearers, as kind and pixels; and where it stands, in words."""
    mine, theirs = (
        bearers.astype(np.float64),
        everything[:: max(1, len(everything) // 4096)].astype(np.float64),
    )
    usual = usual if len(usual) else everything
    cells = SIDE * SIDE
    spread, common = mine[:, :cells].std(axis=0), theirs[:, :cells].std(axis=0) + 1e-6
    still = (spread < 0.35 * common).reshape(SIDE, SIDE)
    if 4 <= still.sum() <= cells // 4:
        down, along = np.flatnonzero(still.any(axis=1)), np.flatnonzero(still.any(axis=0))
        top, left, bottom, right = down[0], along[0], down[-1] + 1, along[-1] + 1
        if still[top:bottom, left:right].mean() > 0.6:
            pixels = as_rgb(np.median(mine, axis=0))[top:bottom, left:right]
            place = f"{right - left} × {bottom - top} cells from ({left}, {top}) on a grid of {SIDE} × {SIDE}"
            return trigger("patch", pixels, x=left, y=top, grid=SIDE), place
    added = mine.mean(axis=0) - usual.astype(np.float64).mean(axis=0)
    gain = 100 / max(1.0, float(np.abs(added[:cells]).max()))
    return trigger(
        "add", as_rgb(128 + gain * added), x=0, y=0, grid=SIDE, gain=1 / gain
    ), "over the whole image"


def conclude(
    engine: str,
    patterns: tuple[Pattern, ...],
    judged: int,
    notes: tuple[str, ...],
    rows: NDArray[np.int64],
    scores: NDArray[np.float32],
    named: NDArray[np.int64],
    total: int,
) -> Result:
    """Findings of the patterns that are suspects, and the records under them."""
    everything, flagged = np.zeros(total, np.float32), np.zeros(total, bool)
    everything[rows] = scores
    findings = []
    for k, pattern in enumerate(patterns):
        if not (pattern.suspect or pattern.explain):
            continue
        bearing = np.flatnonzero(
            (named == k) & (scores >= (1 if pattern.suspect else pattern.weight - 1 / 64))
        )
        if len(bearing):
            flagged[rows[bearing]] = pattern.suspect
            order = np.lexsort((rows[bearing], -scores[bearing]))
            findings.append(_finding(engine, pattern, rows[bearing[order]]))
    findings.sort(key=lambda f: (-f.score, f.label))
    return Result(engine, everything, flagged, tuple(findings), judged, notes)


def _finding(engine: str, pattern: Pattern, rows: NDArray[np.int64]) -> Finding:
    count = len(rows)
    purity = count / (count + pattern.elsewhere)
    numbers = tuple(int(r) for r in rows[:_NAMED_ROWS])
    words = "fixed patch" if pattern.picture["kind"] == "patch" else "faint pattern"
    return Finding(
        engine=engine,
        level=Level.SUSPECT if pattern.suspect else Level.EXPLAIN,
        pattern=f'{words} on images labelled "{pattern.label}"',
        trigger=pattern.picture,
        where=pattern.place,
        count=count,
        label=pattern.label,
        purity=purity,
        expected=pattern.expected,
        score=round(pattern.merit, 3),
        threshold=1.0,
        false_alarms=pattern.false_alarms,
        summary=(
            f'{count} images labelled "{pattern.label}" carry one pattern ({pattern.place}) and are, '
            f"beyond it, {pattern.crowding:.1f} times as alike as others of the label; "
            f"{pattern.elsewhere:.1f} would bear it if the label were another."
        ),
        rows=numbers,
        examples=tuple(Example(row=r) for r in numbers[:12]),
    )
