"""Warped, re-encoded, re-drawn or noised images of one class: no fixed pattern, but changed fine detail."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engine import EngineInfo
from assaymark.dataset.engines.image_grid import draw
from assaymark.dataset.engines.image_textures_evidence import images
from assaymark.dataset.engines.image_textures_features import measure
from assaymark.dataset.engines.image_textures_findings import (
    Ruler,
    Texture,
    conclude,
    describe,
    ruler_of,
    say,
    strengths,
)
from assaymark.dataset.engines.image_textures_gate import FEWEST_IN_CLASS, judge
from assaymark.dataset.engines.image_textures_sample import SAMPLE, TextureSample
from assaymark.dataset.finding import Result
from assaymark.dataset.record import Batch, Kind, Layout

__all__ = ["ImageTextures", "Learnt"]

_HALVES = 6
"""Salt of the draw that halves the records."""
_AT_ONCE = 4_096


@dataclass(frozen=True, eq=False)
class Learnt:
    """What scoring needs."""

    textures: tuple[Texture, ...] = ()
    by_label: dict[str, tuple[int, ...]] | None = None
    ruler: Ruler | None = None
    rows: NDArray[np.int64] | None = None
    """Records of the sample, ascending: they were measured already."""
    scores: NDArray[np.float32] | None = None
    judged: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ImageTextures:
    """What a warp, a re-encoding, a filter or noise that differs by image leaves behind.

    Of every image: how strong its finest detail is, place by place, in brightness and colour; how often it
    changes sign; its waves over blocks of 8 × 8; the comb of its grey values. Within a class, half the images
    propose a direction of these numbers and the other half is measured along it. A group that stands apart is
    a suspect if it is as varied in what it shows as all the data, and shows what other classes show.

    Misses: triggers that change the finest detail by less than images differ among themselves (a warp in a
    set of blurred and sharp photographs, noise in a noisy set), groups in classes whose coarse colours do not
    tell them from others (to be explained at most), classes below 60 images, images under 24 pixels a side.
    """

    sample: int = SAMPLE
    """Images that are searched, at most; all are scored."""

    @property
    def info(self) -> EngineInfo:
        """Who it is."""
        return EngineInfo(
            id="image_textures",
            version=1,
            kinds=(Kind.IMAGES,),
            looks_for=(
                "Images of one label that were warped, filtered, re-encoded or given noise, each in its own "
                "way, and that show what other labels show."
            ),
            misses=(
                "Traces weaker than what images differ by among themselves, fewer than 20 bearers, classes "
                "of fewer than 60 images or of contents that coarse colours do not tell apart, images under "
                "24 pixels a side."
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

    def start(self, step: int, given: Any, layout: Layout) -> TextureSample:
        """An empty sample."""
        return TextureSample(self.sample)

    def update(self, state: TextureSample, batch: Batch) -> TextureSample:
        """The sample with a batch taken in."""
        state.take(batch)
        return state

    def merge(self, state: TextureSample, other: TextureSample) -> TextureSample:
        """Both samples as one."""
        state.absorb(other)
        return state

    def finish(self, step: int, state: TextureSample) -> Learnt:
        """Search every class of the sample."""
        notes = _notes(state)
        drawn = state.drawn()
        half = (draw(drawn.rows, _HALVES) & np.uint64(1)).astype(bool)
        names, kept, label = _classes(drawn.labels, half)
        if len(names) < 2:
            return Learnt(
                notes=(*notes, "fewer than two classes have 60 images, so no texture was searched for")
            )
        drawn, half = drawn.take(kept), half[kept]
        sample = images(drawn.textures, drawn.pictures, label, half)
        ruler = ruler_of(sample)
        found = tuple(describe(j, names[j.evidence.label], sample, drawn.textures) for j in judge(sample))
        by_label: dict[str, tuple[int, ...]] = {}
        for k, texture in enumerate(found):
            by_label[texture.label] = (*by_label.get(texture.label, ()), k)
        learnt = Learnt(found, by_label, ruler, judged=sum(state.counts[n] for n in names), notes=notes)
        parts = [slice(at, at + _AT_ONCE) for at in range(0, len(half), _AT_ONCE)]
        scores = [_scores(learnt, drawn.labels[p], drawn.textures[p], half[p]) for p in parts]
        return Learnt(found, by_label, ruler, drawn.rows, np.concatenate(scores), learnt.judged, tuple(notes))

    def score(self, given: Learnt, batch: Batch) -> NDArray[np.float32]:
        """Strength of the class's likeliest texture in each image, in units of the strength that flags it."""
        out = np.zeros(len(batch), np.float32)
        if given.rows is None or given.scores is None or not given.by_label:
            return out
        at = np.searchsorted(given.rows, batch.rows)
        known = given.rows[np.minimum(at, len(given.rows) - 1)] == batch.rows
        out[known] = given.scores[at[known]]
        fresh = [
            k for k in map(int, np.flatnonzero(~known)) if batch.label and batch.label[k] in given.by_label
        ]
        textures, _, usable = measure([batch.image[k] for k in fresh])
        places = np.array(fresh, np.int64)[usable]
        half = (draw(batch.rows[places], _HALVES) & np.uint64(1)).astype(bool)
        labels = [str(batch.label[int(k)]) for k in places]
        out[places] = _scores(given, labels, textures, half)
        return out

    def conclude(
        self, given: Learnt, rows: NDArray[np.int64], scores: NDArray[np.float32], total: int
    ) -> Result:
        """Findings, and the records under them."""
        return conclude(self.info.id, given.textures, given.judged, given.notes, rows, scores, total, say)


def _classes(
    labels: Sequence[str], half: NDArray[np.bool_]
) -> tuple[list[str], NDArray[np.int64], NDArray[np.int64]]:
    """Names of the classes that can be searched, the places of their images, and which class each is of."""
    names = sorted(set(labels))
    numbers = {name: k for k, name in enumerate(names)}
    label = np.array([numbers[name] for name in labels], np.int64)
    sides = [np.bincount(label[half == side], minlength=len(names)) for side in (False, True)]
    large = (sides[0] + sides[1] >= FEWEST_IN_CLASS) & (np.minimum(*sides) >= FEWEST_IN_CLASS // 4)
    kept = np.flatnonzero(large[label])
    number = np.cumsum(large) - 1
    return [name for name, fits in zip(names, large, strict=True) if fits], kept, number[label[kept]]


def _scores(
    given: Learnt, labels: Sequence[str], textures: NDArray[np.int16], half: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """Of images that were measured, by label."""
    assert given.by_label is not None
    assert given.ruler is not None
    out = np.zeros(len(labels), np.float32)
    groups: dict[str, list[int]] = {}
    for k, label in enumerate(labels):
        groups.setdefault(label, []).append(k)
    for label, members in groups.items():
        if label in given.by_label:
            mine = [(k, given.textures[k]) for k in given.by_label[label]]
            out[members] = strengths(given.ruler, mine, textures[members].astype(np.float64), half[members])
    return out


def _notes(state: TextureSample) -> tuple[str, ...]:
    small = sum(c < FEWEST_IN_CLASS for c in state.counts.values())
    said = []
    if state.overflown:
        said.append("there are so many different labels that they are identifiers, no classes")
    elif small:
        said.append(f"{small} classes have fewer than {FEWEST_IN_CLASS} images and were not searched")
    if state.unmeasured:
        said.append(
            f"{state.unmeasured} images could not be measured: not decoded, or under 24 pixels a side"
        )
    return tuple(said)
