"""Fixed and blended image triggers: one pattern on images of a class that have nothing else in common."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engine import EngineInfo
from assaymark.dataset.engines.image_evidence import crowd
from assaymark.dataset.engines.image_gate import FEWEST_IN_CLASS, judge
from assaymark.dataset.engines.image_grid import GridSample, draw, to_grid
from assaymark.dataset.engines.image_patterns_findings import Pattern, conclude, describe
from assaymark.dataset.engines.image_spectrum import spectrum
from assaymark.dataset.engines.image_whitening import whitening
from assaymark.dataset.finding import Result
from assaymark.dataset.record import Batch, Kind, Layout

__all__ = ["ImagePatterns", "Learnt"]

_HALVES = 1
"""Salt of the draw that halves the records."""
QUANTUM = 1 / 64
"""Scores are rounded to this; what is left below it names the pattern."""
NAMING = 1 / 16384
_CHUNK = 2048


@dataclass(frozen=True, eq=False)
class Learnt:
    """What scoring needs: the filters of each class, and why some were left out."""

    patterns: tuple[Pattern, ...] = ()
    by_label: dict[str, tuple[int, ...]] = field(default_factory=dict)
    rows: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    """Records of the sample, ascending; their images need not be looked at again."""
    scores: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    judged: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ImagePatterns:
    """Fixed patterns over the whole image: a blend, a wave, a patch, in light or colour, re-encoded or not.

    Images are brought to one grid, their cosine coefficients divided by what is usual in the image itself;
    within each class half the images propose a direction and the other half is measured along it. A trigger
    is told from honest structure by its bearers standing apart, in one place, at one phase: by having no
    counterpart on the other side of the class, in other classes, nor along the same pattern mirrored or
    moved.

    Misses: warps, patterns that differ from image to image or are as smooth as a gradient and grey,
    photographs of mixed size and framing (the pattern stands elsewhere on the grid), classes below 60 images.
    """

    @property
    def info(self) -> EngineInfo:
        """Who it is."""
        return EngineInfo(
            id="image_patterns",
            version=2,
            kinds=(Kind.IMAGES,),
            looks_for="A fixed pattern, faint or not, on images of a class that have nothing else in common.",
            misses=(
                "Warps, patterns that differ from image to image, patterns at varying places, faint and "
                "smooth grey patterns, classes of fewer than 60 images, fewer than about 15 bearers."
            ),
        )

    @property
    def passes(self) -> int:
        """One: a sample that merges exactly is all that learning needs."""
        return 1

    def applies(self, layout: Layout) -> str:
        """Why it stays out of such a data set."""
        if layout.kind != Kind.IMAGES:
            return "not a set of images"
        return "" if layout.roles.label else "the images have no labels"

    def start(self, step: int, given: Any, layout: Layout) -> GridSample:
        """An empty sample."""
        return GridSample()

    def update(self, state: GridSample, batch: Batch) -> GridSample:
        """The sample with a batch taken in."""
        state.take(batch)
        return state

    def merge(self, state: GridSample, other: GridSample) -> GridSample:
        """Both samples as one."""
        state.absorb(other)
        return state

    def finish(self, step: int, state: GridSample) -> Learnt:
        """Search every class of the sample."""
        notes = _notes(state)
        names = (
            sorted(n for n, c in state.counts.items() if c >= FEWEST_IN_CLASS) if not state.overflown else []
        )
        if not names:
            return Learnt(notes=(*notes, "no class has 60 images or more, so no pattern was searched for"))
        rows, grids, label = _gather(state, names)
        features = spectrum(grids)
        half = (draw(rows, _HALVES) & np.uint64(1)).astype(bool)
        white = whitening(features)
        patterns = tuple(
            describe(j, names[j.evidence.label], white, rows, grids, label)
            for j in judge(crowd(features, label, half, white))
        )
        patterns = patterns[: int(QUANTUM / NAMING) - 1]
        scores = np.zeros(len(rows), np.float32)
        by_label: dict[str, tuple[int, ...]] = {}
        for k, pattern in enumerate(patterns):
            by_label[pattern.label] = (*by_label.get(pattern.label, ()), k)
        for k, name in enumerate(names):
            mine = np.flatnonzero(label == k)
            if name in by_label:
                scores[mine] = _best(patterns, by_label[name], features[mine], half[mine])
        judged = sum(state.counts[n] for n in names)
        return Learnt(patterns, by_label, rows, scores, judged, tuple(notes))

    def score(self, given: Learnt, batch: Batch) -> NDArray[np.float32]:
        """Strength of the class's likeliest pattern in each image, in units of the strength that flags it."""
        out = np.zeros(len(batch), np.float32)
        labels: Sequence[str | None] = batch.label
        if not given.by_label or not len(labels):
            return out
        known = np.searchsorted(given.rows, batch.rows) % len(given.rows)
        sampled = given.rows[known] == batch.rows
        out[sampled] = given.scores[known[sampled]]
        at = np.array(
            [k for k in map(int, np.flatnonzero(~sampled)) if labels[k] in given.by_label], np.int64
        )
        if not len(at):
            return out
        grids, usable = to_grid([batch.image[k] for k in at])
        at, features = at[usable], spectrum(grids[usable])
        half = (draw(batch.rows[at], _HALVES) & np.uint64(1)).astype(bool)
        for name in {labels[k] for k in at}:
            mine = np.array([labels[k] == name for k in at], bool)
            patterns = given.by_label[str(name)]
            out[at[mine]] = _best(given.patterns, patterns, features[mine], half[mine])
        return out

    def conclude(
        self, given: Learnt, rows: NDArray[np.int64], scores: NDArray[np.float32], total: int
    ) -> Result:
        """Findings, and the records under them."""
        named = np.rint((scores % QUANTUM) / NAMING).astype(np.int64) - 1
        return conclude(self.info.id, given.patterns, given.judged, given.notes, rows, scores, named, total)


def _notes(state: GridSample) -> tuple[str, ...]:
    small = sum(c < FEWEST_IN_CLASS for c in state.counts.values())
    said = []
    if state.overflown:
        said.append("there are so many different labels that they are identifiers, no classes")
    elif small:
        said.append(f"{small} classes have fewer than {FEWEST_IN_CLASS} images and were not searched")
    if state.unread:
        said.append(f"{state.unread} images could not be decoded")
    if state.unlabelled:
        said.append(f"{state.unlabelled} images have no label")
    return tuple(said)


def _gather(
    state: GridSample, names: list[str]
) -> tuple[NDArray[np.int64], NDArray[np.uint8], NDArray[np.int64]]:
    """The sample as arrays, exact copies within a class once."""
    parts = []
    for k, name in enumerate(names):
        rows, grids = state.of(name)
        seen: dict[bytes, int] = {}
        for at, grid in enumerate(grids):
            seen.setdefault(grid.tobytes(), at)
        kept = np.fromiter(seen.values(), np.int64)
        parts.append((rows[kept], grids[kept], np.full(len(kept), k)))
    rows, grids, label = (np.concatenate([p[i] for p in parts]) for i in range(3))
    order = np.argsort(rows)
    return rows[order], grids[order], label[order]


def _best(
    patterns: tuple[Pattern, ...],
    which: tuple[int, ...],
    features: NDArray[np.int8],
    half: NDArray[np.bool_],
) -> NDArray[np.float32]:
    """The strongest of a class's patterns in each image, with its number in what rounding leaves."""
    best = np.zeros(len(features))
    for start in range(0, len(features), _CHUNK):
        part = slice(start, start + _CHUNK)
        whole, strongest = features[part].astype(np.float64), best[part]
        for k in which:
            value = np.floor(patterns[k].units(whole, half[part]) / QUANTUM) * QUANTUM
            better = value > np.floor(strongest / QUANTUM) * QUANTUM
            strongest[better] = value[better] + (k + 1) * NAMING
    return best.astype(np.float32)
