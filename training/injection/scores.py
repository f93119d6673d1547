"""Both models' logits for the held-back and the development windows, from the files that are shipped."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assaymark.guard.detector.encoder import Encoder
from assaymark.guard.detector.features import bucketed
from assaymark.guard.detector.linear import LinearModel
from assaymark.guard.detector.wordpiece import WordPiece
from training.injection.prepare import HEADS, MAX_TOKENS, labels_of, windows_of
from training.injection.rows import Row

__all__ = ["Scored", "best_of_rows", "scored"]


@dataclass(frozen=True)
class Scored:
    """Windows of some rows with what each model says of them."""

    rows: tuple[Row, ...]
    owner: NDArray[np.int64]
    """Row of each window."""
    linear: NDArray[np.float64]
    """(windows, 3)"""
    encoder: NDArray[np.float64]
    """(windows, 3)"""
    labels: NDArray[np.int8]
    """(windows, 3): 1, 0, or -1 for unknown."""


def scored(rows: Sequence[Row], linear: LinearModel, encoder: Encoder, tokens: WordPiece) -> Scored:
    """Score every window of `rows`."""
    owner, lin, enc, labels = [], [], [], []
    for n, row in enumerate(rows):
        windows = list(windows_of(row))
        if not windows:
            continue
        spans = [(w.start, w.end) for w in windows]
        lin.append(linear.logits(bucketed(row.text), spans))
        for window in windows:
            ids = tokens.encode(row.text[window.start : window.end], MAX_TOKENS)
            enc.append(encoder.logits(ids))
            owner.append(n)
            known = window.label >= 0
            labels.append(labels_of(row, window.label) if known else (-1, -1, -1))
    return Scored(
        tuple(rows),
        np.array(owner),
        np.concatenate(lin).astype(np.float64),
        np.array(enc, np.float64),
        np.array(labels, np.int8),
    )


def best_of_rows(data: Scored, combined: NDArray[np.float64]) -> NDArray[np.float64]:
    """Highest value of `combined` (windows, 3) over each row's windows, on the row's own head."""
    heads = np.array([HEADS.index(row.head) for row in data.rows])
    best = np.full(len(data.rows), -np.inf)
    np.maximum.at(best, data.owner, combined[np.arange(len(combined)), heads[data.owner]])
    return best


def thinned(rows: Sequence[Row], most: int, seed: int = 0) -> list[Row]:
    """At most `most` rows of each family."""
    rng = random.Random(seed)
    by_family: dict[str, list[Row]] = {}
    for row in rows:
        by_family.setdefault(row.family, []).append(row)
    return [
        row
        for family in sorted(by_family)
        for row in rng.sample(by_family[family], min(most, len(by_family[family])))
    ]
