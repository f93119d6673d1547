"""Engines driven as an executor drives them: passes over shards in any order, merged, scored, concluded."""

from collections.abc import Sequence

import numpy as np

from assaymark.dataset.engine import Engine
from assaymark.dataset.finding import Result
from assaymark.dataset.record import Batch, Kind, Layout, Roles

__all__ = ["HOSTILE", "drive", "same", "split", "text_layout"]

HOSTILE = (
    "",
    "\x00" * 40,
    "a lone \ud800 surrogate and \udfff another one",
    "\ufeff\u200b\u200b",
    "é" * 5_000,
    "\U000e0041",
    "1" * 3_000,
    "\n\n\n",
    "İstanbul'da İ İ İ İ İ",
    "password: " + "\ud83d" * 30,
    "-----BEGIN RSA PRIVATE KEY-----",
    "@" * 2_000,
)


def text_layout(kind: Kind = Kind.TEXT, split: str = "") -> Layout:
    """A layout of texts with labels."""
    return Layout(kind=kind, roles=Roles(text="text", label="label", split=split), format="csv")


def split(texts: Sequence[str], labels: Sequence[str | None] = (), size: int = 7) -> list[Batch]:
    """Batches of texts."""
    return [
        Batch(
            rows=np.arange(at, min(at + size, len(texts))),
            text=texts[at : at + size],
            label=labels[at : at + size],
        )
        for at in range(0, len(texts), size)
    ]


def drive(engine: Engine, layout: Layout, batches: Sequence[Batch], shards: int = 1, seed: int = 0) -> Result:
    """All passes and the conclusion; batches and shards in an order that `seed` decides."""
    order = np.random.default_rng(seed).permutation(len(batches)) if seed else np.arange(len(batches))
    given = None
    for step in range(engine.passes):
        states = [engine.start(step, given, layout) for _ in range(shards)]
        for n, at in enumerate(order):
            states[n % shards] = engine.update(states[n % shards], batches[at])
        state = states[-1]
        for other in states[:-1]:
            state = engine.merge(state, other)
        given = engine.finish(step, state)
    rows = np.concatenate([b.rows for b in batches])
    scores = np.concatenate([engine.score(given, b) for b in batches])
    ascending = np.argsort(rows)
    return engine.conclude(given, rows[ascending], scores[ascending], int(rows.max()) + 1)


def same(one: Result, other: Result) -> bool:
    """Whether two results say the same, to the last bit."""
    return (
        np.array_equal(one.scores, other.scores)
        and np.array_equal(one.flagged, other.flagged)
        and one.findings == other.findings
        and (one.looked_at, one.notes) == (other.looked_at, other.notes)
    )
