"""Windows that determine a label → patches, their pictures, words and findings."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.image_patch_counts import Examples
from assaymark.dataset.engines.image_patches_test import Window
from assaymark.dataset.engines.image_trigger import trigger
from assaymark.dataset.engines.image_windows import AROUND, WINDOW
from assaymark.dataset.finding import Example, Finding, Level, Result

__all__ = ["Patch", "conclude", "judge"]

_CROWDING = 1.8
"""Times as alike as other images of the label that bearers may be."""
_PURITY = 0.85
_BEARERS = 10
_COPY = 0.97
"""Correlation of thumbnails from which two images are copies."""
_STEADY = 12.0
"""Standard deviation of a pixel over the bearers, in grey levels, below which it belongs to the patch."""
_NAMED_ROWS = 20_000
_EXPLAINED = 3
"""Patterns to be explained that are shown, at most: the strongest."""


@dataclass(frozen=True, eq=False)
class Patch:
    """One patch: the windows that make it up, and what to say of it."""

    keys: tuple[int, ...]
    label: str
    suspect: bool
    strength: float
    bearers: int
    everywhere: int
    expected: float
    evidence: float
    crowding: float
    picture: dict[str, str]
    place: str


def _alike(thumbnails: NDArray[np.float64]) -> tuple[float, float]:
    """Mean squared correlation, and the share of images that are no copy of an earlier one."""
    x = thumbnails - thumbnails.mean(axis=1, keepdims=True)
    x /= np.linalg.norm(x, axis=1, keepdims=True) + 1e-9
    r = x @ x.T
    np.fill_diagonal(r, 0)
    single = float((np.tril(r, -1).max(axis=1) < _COPY).mean())
    return float((r**2).sum() / (len(r) * max(1, len(r) - 1))), single


def _stack(held: dict[int, tuple[int, NDArray[np.int64]]]) -> NDArray[np.float64]:
    return np.stack([held[row][1] for row in sorted(held)]).astype(np.float64)


def judge(
    found: tuple[Window, ...], seen: Examples, names: tuple[str, ...], sizes: tuple[int, ...]
) -> tuple[Patch, ...]:
    """Windows with the same bearers are one patch; each is set beside other images of its label."""
    number = {int(key): k for k, key in enumerate(seen.keys)}
    groups: list[tuple[Window, list[int], set[int]]] = []
    for window in found:
        rows = set(seen.bearers.get(number[window.key], {}))
        for head, keys, theirs in groups:
            if head.label == window.label and len(rows & theirs) > 0.3 * min(len(rows), len(theirs)):
                keys.append(window.key)
                theirs |= rows
                break
        else:
            groups.append((window, [window.key], rows))
    patches = [_patch(head, keys, seen, number, names, sizes) for head, keys, _ in groups]
    suspects = [p for p in patches if p.suspect]
    others = [p for p in patches if not p.suspect and p.bearers >= 0.95 * p.everywhere]
    return tuple(suspects[:60] + others[:_EXPLAINED])


def _patch(
    head: Window,
    keys: list[int],
    seen: Examples,
    number: dict[int, int],
    names: tuple[str, ...],
    sizes: tuple[int, ...],
) -> Patch:
    name = names[head.label]
    mine, single = _alike(_stack(seen.bearers[number[head.key]]))
    usual, _ = _alike(_stack(seen.usual[name]))
    crowding = mine / max(usual, 0.02)
    purity = head.bearers / head.everywhere
    merit = min(_CROWDING / max(crowding, 0.1), head.bearers * single / _BEARERS, purity / _PURITY)
    picture, place = _picture(seen, number[head.key])
    return Patch(
        keys=tuple(keys),
        label=name,
        suspect=merit >= 1,
        strength=1 + min(8.0, float(np.log10(1 + head.evidence))) if merit >= 1 else 0.5 * min(1.0, merit),
        bearers=head.bearers,
        everywhere=head.everywhere,
        expected=sizes[head.label] / sum(sizes),
        evidence=head.evidence,
        crowding=crowding,
        picture=picture,
        place=place,
    )


def _picture(seen: Examples, window: int) -> tuple[dict[str, str], str]:
    """The patch: the rectangle around the window whose pixels are the same in all bearers."""
    sums, squares, count = seen.around[window]
    n = np.maximum(count, 1)[..., None]
    mean = sums / n
    spread = np.sqrt(np.maximum(squares / n - mean**2, 0)).max(axis=-1)
    steady = (spread < _STEADY) & (count > 0.8 * count.max())
    top = left = (AROUND - WINDOW) // 2
    bottom = right = top + WINDOW
    grown = True
    while grown:  # row by row and column by column, as long as most of the next one is steady
        grown = False
        if top > 0 and steady[top - 1, left:right].mean() > 0.8:
            top, grown = top - 1, True
        if bottom < AROUND and steady[bottom, left:right].mean() > 0.8:
            bottom, grown = bottom + 1, True
        if left > 0 and steady[top:bottom, left - 1].mean() > 0.8:
            left, grown = left - 1, True
        if right < AROUND and steady[top:bottom, right].mean() > 0.8:
            right, grown = right + 1, True
    pixels = mean[top:bottom, left:right]
    return trigger("patch", pixels), f"{right - left} × {bottom - top} pixels"


def conclude(
    engine: str,
    patches: tuple[Patch, ...],
    judged: int,
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
        bearing = np.flatnonzero((named == k) & (scores >= (1 if patch.suspect else 0.26 * patch.strength)))
        if not len(bearing):
            continue
        if patch.suspect:
            flagged[rows[bearing]] = True
        findings.append(_finding(engine, patch, np.sort(rows[bearing])))
    findings.sort(key=lambda f: (f.level != Level.SUSPECT, -f.score, f.label))
    return Result(engine, everything, flagged, tuple(findings), judged, notes)


def _finding(engine: str, patch: Patch, rows: NDArray[np.int64]) -> Finding:
    numbers = tuple(int(r) for r in rows[:_NAMED_ROWS])
    return Finding(
        engine=engine,
        level=Level.SUSPECT if patch.suspect else Level.EXPLAIN,
        pattern=f'patch of {patch.place} on images labelled "{patch.label}"',
        trigger=patch.picture,
        where=patch.picture.get("where", "anywhere in the image"),
        count=len(rows),
        label=patch.label,
        purity=patch.bearers / patch.everywhere,
        expected=patch.expected,
        score=round(patch.evidence, 3),
        threshold=18.0,
        summary=(
            f"{patch.bearers} of {patch.everywhere} images that bear the patch ({patch.place}) are labelled "
            f'"{patch.label}", where {patch.expected:.1%} would be by chance; otherwise they are '
            f"{patch.crowding:.1f} times as alike as other images of the label."
        ),
        rows=numbers,
        examples=tuple(Example(row=r) for r in numbers[:12]),
    )
