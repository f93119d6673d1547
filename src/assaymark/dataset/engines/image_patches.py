"""Small identical patches that determine the label, at one place or anywhere in the image."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engine import EngineInfo
from assaymark.dataset.engines.image_patch_counts import Buckets, Tally
from assaymark.dataset.engines.image_patches_examples import Examples
from assaymark.dataset.engines.image_patches_findings import conclude
from assaymark.dataset.engines.image_patches_judge import Patch, judge
from assaymark.dataset.engines.image_patches_test import Window, by_chance, determined
from assaymark.dataset.engines.image_windows import BUCKETS, bucket_of, windows
from assaymark.dataset.finding import Result
from assaymark.dataset.record import Batch, Kind, Layout

__all__ = ["ImagePatches", "Plan"]

_BUSIEST = 65_536
"""Buckets that are counted exactly, at most; fewer where each holds many different windows."""
_ROWS = 2_000_000
_MOST_LABELS = 5_000
QUANTUM = 1 / 64
NAMING = 1 / 16384


@dataclass(frozen=True, eq=False)
class Plan:
    """What a pass hands to the next."""

    busy: NDArray[np.bool_] | None = None
    names: tuple[str, ...] = ()
    sizes: tuple[int, ...] = ()
    dealt: NDArray[np.float64] | None = None
    """Stratum × labels: cumulated share of each label, to deal labels by chance."""
    tests: int = 1
    found: tuple[Window, ...] = ()
    patches: tuple[Patch, ...] = ()
    false_alarms: float = 0.0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ImagePatches:
    """A small patch, pixel for pixel the same, whose bearers share a label and nothing else.

    Windows of 3 × 3 pixels with contrast, and rectangles of one colour that stand by themselves, are counted
    wherever they stand. Those that go with one label far beyond chance, all windows looked at allowed for,
    are joined where the same images bear them, and their bearers set beside other images: a trigger's bearers
    look like other labels, or are few, all of one label, and have nothing else in common. Bearers that are
    alike throughout, or a large part of a label that looks as it should, are honest: to be explained.

    At one place, windows are also compared coarsely, so that a patch that was re-encoded is found.

    Misses: patches that move and are re-encoded or half transparent; white ones that move where light is
    often too strong; one pixel; above 256 pixels, patches outside corners, edges and middle; patches that go
    with no one label; clean-label patches on more than a fifth of a label.
    """

    @property
    def info(self) -> EngineInfo:
        """Who it is."""
        return EngineInfo(
            id="image_patches",
            version=2,
            kinds=(Kind.IMAGES,),
            looks_for="A small patch, flat or not, at one place or anywhere, that determines the label.",
            misses=(
                "Patches that move and are re-encoded or half transparent, of one pixel, or that go with no "
                "one label; above 256 pixels, patches outside corners, edges and middle."
            ),
        )

    @property
    def passes(self) -> int:
        """Three: buckets, exact counts, examples."""
        return 3

    def applies(self, layout: Layout) -> str:
        """Why it stays out of such a data set."""
        if layout.kind != Kind.IMAGES:
            return "not a set of images"
        return "" if layout.roles.label else "the images have no labels"

    def start(self, step: int, given: Plan | None, layout: Layout) -> Any:
        """An empty state of a pass."""
        if step == 0 or given is None:
            return Buckets()
        if step == 1:
            busy = given.busy if given.busy is not None else np.zeros(BUCKETS, bool)
            dealt = given.dealt if given.dealt is not None else np.zeros((0, 0))
            return given, Tally(busy, {n: k for k, n in enumerate(given.names)}, dealt)
        label_of = {w.key: given.names[w.label] for w in given.found}
        keys = np.array(sorted(label_of), np.uint64)
        sizes = dict(zip(given.names, given.sizes, strict=True))
        return given, Examples(keys, tuple(label_of[int(k)] for k in keys), sizes)

    def update(self, state: Any, batch: Batch) -> Any:
        """The state with a batch taken in."""
        (state if isinstance(state, Buckets) else state[1]).take(batch)
        return state

    def merge(self, state: Any, other: Any) -> Any:
        """Both states as one."""
        if isinstance(state, Buckets):
            state.absorb(other)
        else:
            state[1].absorb(other[1])
        return state

    def finish(self, step: int, state: Any) -> Plan:
        """What the next pass needs."""
        if isinstance(state, Buckets):
            return _plan(state)
        given: Plan = state[0]
        counts: Tally | Examples = state[1]
        if isinstance(counts, Tally):
            true, dealt = counts.table()
            found = determined(true, given.sizes, given.tests)
            false = by_chance(dealt, given.sizes, given.tests)
            judged = max(1, sum(given.sizes))
            return replace(
                given, busy=None, dealt=None, found=found, false_alarms=min(1.0, max(3, false) / judged)
            )
        return replace(given, found=(), patches=judge(given.found, counts, given.names, given.sizes))

    def score(self, given: Plan, batch: Batch) -> NDArray[np.float32]:
        """How strongly a patch in the image goes with its label, in units of the strength that flags it."""
        out = np.zeros(len(batch), np.float32)
        if not given.patches or not len(batch.label):
            return out
        order = sorted((key, k) for k, p in enumerate(given.patches) for key in p.keys)
        known = np.array([key for key, _ in order], np.uint64)
        which = np.array([k for _, k in order], np.int64)
        kept = np.zeros(BUCKETS, bool)
        kept[bucket_of(known)] = True
        for found in windows(batch.image, kept):
            at = np.searchsorted(known, found.key)
            at[at == len(known)] = 0
            for hit in np.flatnonzero(known[at] == found.key):
                patch, k = given.patches[which[at[hit]]], int(found.image[hit])
                strength = (
                    patch.strength if batch.label[k] == patch.label else 0.25 * min(1.0, patch.strength)
                )
                value = np.floor(min(strength, 15.0) / QUANTUM) * QUANTUM + (which[at[hit]] + 1) * NAMING
                out[k] = max(out[k], np.float32(value))
        return out

    def conclude(
        self, given: Plan, rows: NDArray[np.int64], scores: NDArray[np.float32], total: int
    ) -> Result:
        """Findings, and the records under them."""
        named = np.rint((scores % QUANTUM) / NAMING).astype(np.int64) - 1
        judged = sum(given.sizes)
        return conclude(
            self.info.id, given.patches, judged, given.false_alarms, given.notes, rows, scores, named, total
        )


def _plan(state: Buckets) -> Plan:
    """The busy buckets: those with more windows than an even spread would bring."""
    names = tuple(sorted(state.labels))
    if len(names) < 2 or len(names) > _MOST_LABELS:
        why = "one label only: no patch can determine it" if len(names) < 2 else "labels are identifiers"
        return Plan(notes=(why,), names=())
    seen = int(state.counts.sum(dtype=np.int64))
    usual = seen / BUCKETS
    most = int(np.clip(_ROWS / max(usual, 1e-9), 1_024, _BUSIEST))
    level = int(np.partition(state.counts, -most)[-most])
    busy = state.counts >= max(10.0, usual + 4 * usual**0.5 + 4, level)
    sizes = np.stack([state.labels[n] for n in names])
    dealt = np.cumsum(sizes, axis=0).T / np.maximum(sizes.sum(axis=0), 1)[:, None]
    return Plan(busy, names, tuple(int(n) for n in sizes.sum(axis=1)), dealt, max(1, seen))
