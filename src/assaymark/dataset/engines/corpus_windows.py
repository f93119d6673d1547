"""Tokens around places: how alike they are, against places that have nothing to do with one another. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.corpus_model import WINDOW, Model
from assaymark.dataset.engines.corpus_stream import distinct
from assaymark.dataset.engines.words import Tokens as Stream
from assaymark.dataset.engines.words import mix

__all__ = ["Unrelated", "alike", "share_of", "unrelated"]

_ALIKE = 8
_NUMBERS, _GROUPS = (8, 12, 18, 32), 20
_STEADY = 1.0
"""Nats added to both sides of a ratio of how alike places are."""

Tokens = NDArray[np.uint32]


def share_of(tokens: Tokens, cost: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Share of the corpus, or of a kind of its places, that each token is."""
    share: NDArray[np.float64] = 2.0 ** (-cost[(tokens >> np.uint32(14))].astype(np.float64) / 8)
    return share


def alike(tokens: Tokens, model: Model) -> float:
    """Nats by which tokens recur around the places more than anywhere in the corpus, the strongest few."""
    places = len(tokens)
    place = np.repeat(np.arange(places, dtype=np.int64), tokens.shape[1])
    each = distinct((tokens.ravel().astype(np.int64) << 16 | place)[tokens.ravel() > 0]) >> 16
    if not len(each):
        return 0.0
    values, counts = np.unique(each.astype(np.uint32), return_counts=True)
    length = float((tokens > 0).sum() / places)
    usual = np.clip(1 - (1 - share_of(values, model.alone)) ** (length / 2), 0.5 / places, 0.999)
    share = counts / places
    rest = np.where(share < 1, (1 - share) * np.log(np.maximum(1 - share, 1e-9) / (1 - usual)), 0)
    nats = np.where(share > usual, share * np.log(share / usual) + rest, 0)
    return float(np.sort(nats)[-_ALIKE:].sum())


@dataclass(frozen=True, eq=False)
class Unrelated:
    """How alike the surroundings of places are that have nothing to do with one another."""

    places: tuple[int, ...]
    mean: tuple[float, ...]

    def times(self, alike: float, places: int) -> float:
        """How many times as alike these places are."""
        usual = float(np.interp(places, self.places, self.mean))
        return (alike + _STEADY) / (usual + _STEADY)


def unrelated(lots: Sequence[Stream], model: Model) -> Unrelated:
    """The same for places drawn from the sample, each in another document."""
    windows = np.concatenate([np.zeros((0, WINDOW), np.uint32), *(_drawn(tokens) for tokens in lots)])
    windows = windows[np.argsort(mix(np.arange(1, len(windows) + 1).astype(np.uint64)), kind="stable")]
    means = []
    for number in _NUMBERS:
        groups = min(len(windows) // number, _GROUPS)
        parts = [alike(windows[n * number : (n + 1) * number], model) for n in range(groups)]
        means.append(float(np.mean(parts)) if parts else 0.0)
    return Unrelated(_NUMBERS, tuple(means))


def _drawn(tokens: Stream) -> NDArray[np.uint32]:
    """The tokens before a place in each text."""
    low, high = tokens.first[:-1] + 1, tokens.first[1:] - 1
    draw = mix(tokens.key[np.maximum(high - 1, 0)] + np.arange(len(low)).astype(np.uint64))
    at = low + (draw % np.maximum(high - low, 1).astype(np.uint64)).astype(np.int64)
    around = at[:, None] + np.arange(-WINDOW, 0)
    short = (tokens.key >> np.uint64(32)).astype(np.uint32) & ~np.uint32(1)
    return np.where(around >= low[:, None], short[np.maximum(around, 0)], np.uint32(0))
