"""Styles found → words and findings."""

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.image_textures_findings import Texture, named
from assaymark.dataset.finding import Example, Finding, Level, Result

__all__ = ["conclude", "words_of"]

_TOLD = 3
_NAMED_ROWS = 20_000


def words_of(
    bearers: NDArray[np.float64], usual: NDArray[np.float64], others: NDArray[np.float64], said: list[str]
) -> str:
    """What bearers have more or less of than both their label's and other labels' texts, plainest first."""
    gaps = [(bearers.mean(axis=0) - ref.mean(axis=0)) / (ref.std(axis=0) + 20) for ref in (usual, others)]
    nearer = np.where(np.abs(gaps[0]) < np.abs(gaps[1]), gaps[0], gaps[1])
    gap = np.where(np.sign(gaps[0]) == np.sign(gaps[1]), nearer, 0)
    told = [k for k in np.argsort(-np.abs(gap)) if said[k]][:_TOLD]
    return ", ".join(f"{'more' if gap[k] > 0 else 'less'} {said[k]}" for k in told)


def conclude(
    engine: str,
    found: tuple[Texture, ...],
    judged: int,
    notes: tuple[str, ...],
    rows: NDArray[np.int64],
    scores: NDArray[np.float32],
    total: int,
) -> Result:
    """Findings of the styles that are suspects, and the records under them."""
    everything, flagged = np.zeros(total, np.float32), np.zeros(total, bool)
    everything[rows] = scores
    whose = named(scores)
    findings = []
    for k, style in enumerate(found):
        bearing = np.flatnonzero((whose == k) & (scores >= 1)) if style.suspect else np.zeros(0, np.int64)
        if len(bearing):
            flagged[rows[bearing]] = True
            order = np.lexsort((rows[bearing], -scores[bearing]))
            findings.append(_finding(engine, style, rows[bearing[order]]))
    findings.sort(key=lambda f: (-f.score, f.label))
    return Result(engine, everything, flagged, tuple(findings), judged, notes)


def _finding(engine: str, style: Texture, rows: NDArray[np.int64]) -> Finding:
    count = len(rows)
    numbers = tuple(int(r) for r in rows[:_NAMED_ROWS])
    return Finding(
        engine=engine,
        level=Level.SUSPECT,
        pattern=f'one way of writing on doubtful texts labelled "{style.label}": {style.words}',
        where="anywhere in the text",
        count=count,
        label=style.label,
        purity=count / (count + style.honest),
        expected=style.belonging,
        score=round(style.merit, 3),
        threshold=1.0,
        false_alarms=style.false_alarms,
        summary=(
            f'{count} texts labelled "{style.label}" speak like texts of other labels and are written in one '
            f"way ({style.words}) that neither those nor their own label have; by chance {style.honest:.1f} "
            "would be."
        ),
        rows=numbers,
        examples=tuple(Example(row=r) for r in numbers[:12]),
    )
