"""Small identical patches that determine the label, at one place or anywhere in the image."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engine import EngineInfo
from assaymark.dataset.engines.image_patch_counts import BUCKETS, Buckets, Examples, Tally
from assaymark.dataset.engines.image_patches_findings import Patch, conclude, judge
from assaymark.dataset.engines.image_patches_test import Window, determined
from assaymark.dataset.engines.image_windows import windows
from assaymark.dataset.finding import Result
from assaymark.dataset.record import Batch, Kind, Layout

__all__ = ["ImagePatches", "Plan"]

_BUSIEST = 16_384
"""Buckets that are counted exactly, at most."""
_MOST_LABELS = 5_000
QUANTUM = 1 / 64
NAMING = 1 / 16384


@dataclass(frozen=True, eq=False)
class Plan:
    """What a pass hands to the next."""

    busy: NDArray[np.bool_] | None = None
    names: tuple[str, ...] = ()
    sizes: tuple[int, ...] = ()
    tests: int = 1
    found: tuple[Window, ...] = ()
    patches: tuple[Patch, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ImagePatches:
    """A small patch, pixel for pixel the same, whose bearers share a label and nothing else.

    Windows of 3 × 3 pixels, colours rounded twice with different borders, are counted wherever they stand;
    those that go with one label far beyond chance, all windows looked at allowed for, are set beside other
    images of the label: bearers that are alike throughout are copies or honest structure of the class.

    Misses: flat patches without a pattern inside, patches re-encoded as JPEG (`image_patterns`
    sees those that keep their place), semi-transparent ones; in images above 96 pixels, patches outside the
    corners and the middle.
    """

    @property
    def info(self) -> EngineInfo:
        """Who it is."""
        return EngineInfo(
            id="image_patches",
            version=1,
            kinds=(Kind.IMAGES,),
            looks_for="A small patch, the same to the pixel, wherever it stands, that determines the label.",
            misses=(
                "Flat or re-encoded patches, semi-transparent ones; above 96 pixels, patches outside "
                "the corners and the middle."
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
            return given, Tally(busy, {n: k for k, n in enumerate(given.names)})
        return given, Examples(np.array(sorted({w.key for w in given.found}), np.uint64))

    def update(self, state: Any, batch: Batch) -> Any:
        """The state with a batch taken in."""
        if isinstance(state, Buckets):
            state.take(batch)
            return state
        given, counts = state
        if isinstance(counts, Tally):
            counts.take(batch)
        else:
            label_of = {w.key: w.label for w in given.found}
            counts.take(batch, np.array([label_of[int(k)] for k in counts.keys], np.int64), given.names)
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
        given, counts = state
        if isinstance(counts, Tally):
            found = determined(counts.table(), given.sizes, given.tests)
            return Plan(None, given.names, given.sizes, given.tests, found, (), given.notes)
        patches = judge(given.found, counts, given.names, given.sizes)
        return Plan(None, given.names, given.sizes, given.tests, given.found, patches, given.notes)

    def score(self, given: Plan, batch: Batch) -> NDArray[np.float32]:
        """How strongly a patch in the image goes with its label, in units of the strength that flags it."""
        out = np.zeros(len(batch), np.float32)
        if not given.patches or not len(batch.label):
            return out
        keys = [(key, k) for k, p in enumerate(given.patches) for key in p.keys]
        order = sorted(keys)
        known = np.array([key for key, _ in order], np.uint64)
        which = np.array([k for _, k in order], np.int64)
        for found in windows(batch.image):
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
        return conclude(
            self.info.id, given.patches, sum(given.sizes), given.notes, rows, scores, named, total
        )


def _plan(state: Buckets) -> Plan:
    """The busy buckets: those with more windows than an even spread would bring."""
    names = tuple(sorted(state.labels))
    if len(names) < 2 or len(names) > _MOST_LABELS:
        why = "one label only: no patch can determine it" if len(names) < 2 else "labels are identifiers"
        return Plan(notes=(why,), names=names[:_MOST_LABELS])
    windows_seen = int(state.counts.sum())
    usual = windows_seen / BUCKETS
    least = max(10.0, usual + 4 * usual**0.5 + 8)
    level = int(np.partition(state.counts, -_BUSIEST)[-_BUSIEST])
    busy = state.counts >= max(least, level)
    sizes = tuple(state.labels[n] for n in names)
    return Plan(busy, names, sizes, max(1, windows_seen))
