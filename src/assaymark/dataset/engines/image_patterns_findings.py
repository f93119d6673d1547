"""Patterns found in images → their pictures, words and findings."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.image_grid import SIDE, as_rgb
from assaymark.dataset.engines.image_shared import Judged
from assaymark.dataset.engines.image_trigger import trigger
from assaymark.dataset.engines.image_whitening import Whitening
from assaymark.dataset.finding import Example, Finding, Level, Result

__all__ = ["Pattern", "conclude", "describe"]

_WHOLE = 2.0**24
"""Filters are whole numbers of at most this size: their products with features sum without rounding."""
_UNFLAGGED = 0.95
"""Most that an image may score which is not flagged, in units of the strength that flags one."""
_AT_MOST = 3
"""Added to honest images counted beyond the cut: none seen may be three (95 % sure)."""
_FAR = 12.0
"""Strength at which half of what a pattern that is no suspect may score is reached."""
_NAMED_ROWS = 20_000


@dataclass(frozen=True, eq=False)
class Pattern:
    """One pattern: how to measure it and what to say of it."""

    label: str
    suspect: bool
    explain: bool
    merit: float
    cut: float
    filters: NDArray[np.float64]
    """Two (one for each half of the records) × dimensions, whole numbers."""
    centre: tuple[float, float]
    width: tuple[float, float]
    expected: float | None
    false_alarms: float
    picture: dict[str, str]
    place: str
    honest: float
    elsewhere: float

    def distance(self, features: NDArray[np.float64], half: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Of each image from the middle of its class, in standard deviations."""
        both = features @ self.filters.T
        side = half.astype(np.int64)
        centre, width = np.array(self.centre)[side], np.array(self.width)[side]
        away: NDArray[np.float64] = (both[np.arange(len(both)), side] - centre) / width
        return away

    @property
    def least(self) -> float:
        """Score from which an image is a bearer."""
        if self.suspect:
            return 1.0
        seen = self.cut * min(self.merit, 1.0)
        return _UNFLAGGED * seen / (seen + _FAR)

    def units(self, features: NDArray[np.float64], half: NDArray[np.bool_]) -> NDArray[np.float64]:
        """What each image scores: 1 from where it is flagged; below, the nearer the more likely."""
        away = self.distance(features, half)
        if self.suspect:
            return np.where(away > self.cut, np.clip(away / self.cut, 1, 15), _below(away / self.cut))
        seen = np.maximum(away, 0) * min(self.merit, 1.0)
        return _UNFLAGGED * seen / (seen + _FAR)


def _below(units: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.clip(units, 0, 1) * _UNFLAGGED


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
        raw = e.direction.pair[side].astype(np.float64) / white.scale
        step = float(np.abs(raw).max()) / _WHOLE + 1e-30
        filters.append(np.rint(raw / step))
        offset = float(white.mean.astype(np.float64) @ raw)
        centre.append((e.direction.centre[side] + offset) / step)
        width.append(e.direction.width[side] / step)
    bearing = e.members[e.strength > judged.cut]
    picture: dict[str, str] = {}
    place = ""
    if judged.suspect or judged.explain:
        picture, place = _picture(grids[bearing], grids[e.members[e.strength < 2]], grids)
    honest = max(e.tails.mirrored(judged.cut), e.tails.displaced(judged.cut))
    return Pattern(
        label=name,
        suspect=judged.suspect,
        explain=judged.explain,
        merit=judged.merit,
        cut=judged.cut,
        filters=np.stack(filters),
        centre=(centre[0], centre[1]),
        width=(width[0], width[1]),
        expected=float((label == e.label).mean()),
        false_alarms=min(1.0, (honest + _AT_MOST) / max(1, len(rows))),
        picture=picture,
        place=place,
        honest=e.honest,
        elsewhere=e.tails.elsewhere(judged.cut),
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
        bearing = np.flatnonzero((named == k) & (scores >= pattern.least))
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
            f'{count} images labelled "{pattern.label}" carry one pattern ({pattern.place}) and stand apart '
            f"from the rest; on its other side, along it mirrored or moved, and in as many images of other "
            f"labels there are at most {pattern.honest:.1f}."
        ),
        rows=numbers,
        examples=tuple(Example(row=r) for r in numbers[:12]),
    )
