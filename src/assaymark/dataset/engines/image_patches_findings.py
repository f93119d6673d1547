"""Patches → words, findings and the records under them."""

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.image_patches_judge import Patch
from assaymark.dataset.engines.image_patches_picture import Drawn
from assaymark.dataset.engines.image_patches_test import MARGIN
from assaymark.dataset.finding import Example, Finding, Level, Result

__all__ = ["conclude"]

_NAMED_ROWS = 20_000


def conclude(
    engine: str,
    patches: tuple[Patch, ...],
    judged: int,
    false_alarms: float,
    notes: tuple[str, ...],
    rows: NDArray[np.int64],
    scores: NDArray[np.float32],
    named: NDArray[np.int64],
    total: int,
) -> Result:
    """Findings, strongest first, and the records under the suspects."""
    everything, flagged = np.zeros(total, np.float32), np.zeros(total, bool)
    everything[rows] = scores
    findings = []
    for k, patch in enumerate(patches):
        if patch.picture is None or not (patch.shown or patch.suspect):
            continue
        bearing = np.flatnonzero((named == k) & (scores >= (1 if patch.suspect else 0.26 * patch.strength)))
        if not len(bearing):
            continue
        if patch.suspect:
            flagged[rows[bearing]] = True
        findings.append(_finding(engine, patch, patch.picture, np.sort(rows[bearing]), false_alarms))
    findings.sort(key=lambda f: (f.level != Level.SUSPECT, -f.score, f.label))
    return Result(engine, everything, flagged, tuple(findings), judged, notes)


def _finding(
    engine: str, patch: Patch, picture: Drawn, rows: NDArray[np.int64], false_alarms: float
) -> Finding:
    numbers = tuple(int(r) for r in rows[:_NAMED_ROWS])
    window = patch.window
    return Finding(
        engine=engine,
        level=Level.SUSPECT if patch.suspect else Level.EXPLAIN,
        pattern=f'patch of {picture.size} on images labelled "{patch.label}"',
        trigger=picture.trigger(),
        where=picture.where,
        count=len(rows),
        label=patch.label,
        purity=window.bearers / window.everywhere,
        expected=patch.expected,
        score=round(window.evidence, 3),
        threshold=MARGIN,
        false_alarms=false_alarms if patch.suspect else None,
        summary=(
            f"{window.bearers} of {window.everywhere} images that bear the patch ({picture.size}) are "
            f'labelled "{patch.label}", where {patch.expected:.1%} would be by chance; {patch.why}.'
        ),
        rows=numbers,
        examples=tuple(Example(row=r) for r in numbers[:12]),
    )
