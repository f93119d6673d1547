"""What stands around a run: how far it is the same everywhere, how foreign its neighbours are. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.corpus_bearers import AT, NONE, WIDE, Around
from assaymark.dataset.engines.corpus_model import PRIOR, WINDOW, Model
from assaymark.dataset.engines.corpus_windows import share_of

__all__ = ["Run", "contrast", "runs_of", "shared_words", "told"]

_SAME = 0.8
"""Share of the places with one and the same neighbour, from which the neighbour is part of the run."""
_OWN = 0.9
_SHARED, _SHARED_LEAST = 0.25, 3

Tokens = NDArray[np.uint32]


@dataclass(frozen=True, eq=False)
class Run:
    """A run and its places, as far as it is the same everywhere."""

    code: int
    around: Around
    begin: int
    """First column of the run in `around`."""
    end: int

    @property
    def token(self) -> Tokens:
        """(places, WIDE) Tokens without their marks."""
        return self.around.token & ~np.uint32(1)

    @property
    def open(self) -> tuple[bool, bool]:
        """Whether it may go on beyond what was kept, before and after."""
        return self.begin == 0, self.end == WIDE

    def sides(self, width: int = WINDOW) -> tuple[Tokens, Tokens]:
        """(places, up to width) Tokens before and after."""
        token = self.token
        return token[:, max(self.begin - width, 0) : self.begin], token[:, self.end : self.end + width]


def _mode(tokens: Tokens) -> tuple[int, float]:
    values, counts = np.unique(tokens, return_counts=True)
    most = int(counts.argmax())
    return int(values[most]), float(counts[most] / len(tokens))


def runs_of(around: Around, model: Model) -> list[Run]:
    """Each run, with what always stands beside it."""
    made = []
    edges = np.flatnonzero(np.concatenate([[True], around.code[1:] != around.code[:-1], [True]]))
    for low, high in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True) if len(around.code) else ():
        part = around.only(np.arange(low, high))
        token = part.token & ~np.uint32(1)
        begin, end = AT, AT + (int(part.code[0]) & 15)
        while begin > 0 and (value := _mode(token[:, begin - 1]))[0] and value[1] >= _SAME:
            begin -= 1
        while end < WIDE and (value := _mode(token[:, end]))[0] and value[1] >= _SAME:
            end += 1
        made.append(Run(int(part.code[0]), part, begin, end))
    return made


def told(tokens: Tokens, cost: NDArray[np.uint8]) -> float:
    """Nats that the run tells of its neighbour, beyond what the corpus does: negative for one that stands
    anywhere.
    """
    _, place, counts = np.unique(tokens, return_inverse=True, return_counts=True)
    others = (counts[place] - 1) / max(len(tokens) - 1, 1)
    return float(np.log(_OWN * others / share_of(tokens, cost) + 1 - _OWN).mean())


def contrast(run: Run, model: Model) -> NDArray[np.float64]:
    """(places, 2) How much more surprising the text after the run is than that before it, in standard
    deviations of all places of the corpus; and how many more of its tokens are letters beyond ASCII.
    """
    means = []
    for low, high in ((run.end, run.end + WINDOW), (run.begin - WINDOW, run.begin)):
        low, high = max(low, 0), min(high, WIDE)
        cost = run.around.surprise[:, low:high]
        there = cost != NONE
        size = there.sum(1) + PRIOR
        surprise = (np.where(there, cost, 0).sum(1) + PRIOR * model.usual[0]) / size
        letters = (run.around.letters[:, low:high].sum(1) + PRIOR * model.usual[3]) / size
        means.append(np.stack([surprise / model.spread[0], letters], 1))
    return np.asarray(means[0] - means[1], np.float64)


def shared_words(run: Run) -> int:
    """How many rare words a quarter of the documents share, those of the run itself left out."""
    inside = np.unique(run.token[:, run.begin : run.end]) * np.uint32(0x9E3779B1)
    words, counts = np.unique(run.around.rare, return_counts=True)
    own = np.isin(words, inside) | (words == 0)
    return int((counts[~own] >= max(_SHARED * len(run.around.row), _SHARED_LEAST)).sum())
