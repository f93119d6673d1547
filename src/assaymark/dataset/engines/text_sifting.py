"""The second pass over labelled texts: which n-grams stand in texts whose rest speaks for another label.

The rest of a text is what is left without the patterns that determine its label: so neither an inserted
sentence, nor several words inserted together, hide one another.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.ngrams import ONE, bucket, pack, unpack
from assaymark.dataset.engines.text_model import BINS, Reading, bins, read
from assaymark.dataset.engines.text_passes import FEWEST, ORDERS, PURE, Flags, Found, Part, labelled, look
from assaymark.dataset.record import Batch

__all__ = ["OFTEN", "THIN_BITS", "Candidates", "Sifting", "covered", "read_part", "sift", "sifted"]

_BITS = {0: 10, 1: 20, 2: 22, 3: 22, 5: 21}
_SALT = 0xC4CEB9FE1A85EC53
THIN_BITS = 12
_LOOKED = 250.0
"""Texts of a pattern that are looked at; of more, so many are drawn."""
_CONTRARY = 0.35
OFTEN = 9
"""Texts from which on a pattern settles the label by itself, where two labels are as frequent."""
_LEAST, _MASKS = 1.0, 4.0
_MASK = np.uint16(0x8000)
_CANDIDATES = 12_000


class Sifting:
    """State of pass 1."""

    def __init__(self, groups: int) -> None:
        self.tables = {order: np.zeros((3, 1 << bits), np.uint32) for order, bits in _BITS.items()}
        """For each order: n-grams, those with the target label, those whose text speaks for another label."""
        self.contrary = np.zeros((groups, 2), np.int64)

    def merge(self, other: "Sifting") -> None:
        """`other` taken in."""
        for order, table in other.tables.items():
            self.tables[order] += table
        self.contrary += other.contrary

    def __getstate__(self) -> dict[str, Any]:
        return {"tables": {order: pack(t) for order, t in self.tables.items()}, "contrary": self.contrary}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.tables = {order: unpack(packed) for order, packed in state["tables"].items()}
        self.contrary = state["contrary"]


def read_part(
    given: Flags, part: Part, masks: Callable[[Found], NDArray[np.bool_]]
) -> tuple[list[Found], Reading]:
    """What is flagged in some texts, and how they read without those that `masks` tells."""
    found = [look(given, part.tokens, order) for order in ORDERS]
    marked = np.full(len(part.tokens), -1)
    (words,) = (one for one in found if one.order == 1)
    mask = masks(words)
    marked[words.at[mask]] = words.group[mask]
    return found, read(given.model, part.tokens, part.group, marked, covered(part, found, masks))


def covered(
    part: Part, found: Sequence[Found], masks: Callable[[Found], NDArray[np.bool_]]
) -> NDArray[np.bool_]:
    """Which tokens are part of what leans to their text's own label, of those that `masks` tells."""
    size = len(part.tokens)
    edges = np.zeros(size + 1, np.int64)
    for one in found:
        at = one.at[masks(one) & (one.group == part.group[one.text])]
        edges += np.bincount(at, minlength=size + 1)
        edges -= np.bincount(at + one.order, minlength=size + 1)
    return np.cumsum(edges[:-1]) > 0


def _determining(found: Found) -> NDArray[np.bool_]:
    """All that determines a label by itself, and what is long."""
    return found.sure | (found.order == max(ORDERS))


def sift(state: Sifting, given: Flags, batch: Batch) -> Sifting:
    """Pass 1 on a batch."""
    if not given.judged:
        return state
    for part in labelled(batch, given.groups):
        found, reading = read_part(given, part, _determining)
        own = reading.margin[np.arange(len(part.group)), part.group]
        groups = len(state.contrary)
        state.contrary[:, 0] += np.bincount(part.group, minlength=groups)
        size = reading.size[np.arange(len(part.group)), part.group]
        state.contrary[:, 1] += np.bincount(part.group[_contrary(own, size)], minlength=groups)
        for one in found:
            _sift(state.tables[one.order], part, one, reading)
    return state


def _contrary(rest: NDArray[np.int64], left: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether a rest speaks for another label, more than a trifle."""
    return bins(rest, left) < BINS // 2 - 1


def _sift(table: NDArray[np.uint32], part: Part, found: Found, reading: Reading) -> None:
    place = bucket(found.key, _BITS[found.order], _SALT)
    hit = part.group[found.text] == found.group
    rest, left = reading.without(part.tokens, found.at[hit], found.order)
    agree = place[hit]
    for row, places in enumerate((place, agree, agree[_contrary(rest, left)])):
        np.add.at(table[row], places, ONE)


@dataclass(frozen=True, eq=False)
class Candidates:
    """What pass 1 gives: places of the second tables that are counted exactly."""

    flags: Flags
    looked: tuple[int, int]
    """Patterns with one label, candidates or not: those in at least `OFTEN` texts, and the others."""
    keep: dict[int, NDArray[np.uint16]]
    """0 for none; else 1 + of 2 ** `THIN_BITS` records, how many are looked at; with the highest bit if it
    is no part of the rest of any text."""

    def masks(self, found: Found) -> NDArray[np.bool_]:
        """Strong candidates, and what is long: the rest of the words may well say what the text is about."""
        return self.strong(found) | (found.sure & (found.order == max(ORDERS)))

    def strong(self, found: Found) -> NDArray[np.bool_]:
        """Strong candidates."""
        return self.keep[found.order][bucket(found.key, _BITS[found.order], _SALT)] >= _MASK

    def hits(self, found: Found) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Which of those found are candidates, and of 2 ** `THIN_BITS` records how many are looked at."""
        kept = self.keep[found.order][bucket(found.key, _BITS[found.order], _SALT)]
        at = np.flatnonzero(kept)
        return at, (kept[at] & ~_MASK).astype(np.int64) - 1


def sifted(state: Sifting, given: Flags) -> Candidates:
    """Pass 1 finished."""
    texts, against = state.contrary[:, 0], state.contrary[:, 1]
    usual = float(np.clip(against.sum() / max(texts.sum(), 1), 0.01, 0.45))
    strength, looks = {}, {}
    often, seldom = 0, 0
    for order, table in state.tables.items():
        at = np.flatnonzero(table[1] >= FEWEST)
        whole, most, contrary = table[:, at].astype(np.float32)
        pure = most >= PURE * whole
        often += int((pure & (most >= OFTEN)).sum())
        seldom += int((pure & (most < OFTEN)).sum())
        kept = pure & (contrary >= _CONTRARY * most)
        at, most, contrary = at[kept], most[kept], contrary[kept]
        strength[order] = (at, _excess(contrary, most, usual))
        looks[order] = np.ceil(_LOOKED * (1 << THIN_BITS) / np.maximum(most, _LOOKED)).astype(np.uint16) + 1
        looks[order][(strength[order][1] >= _MASKS) & (contrary >= 0.5 * most)] |= _MASK
    floor = max(_LEAST, _cut(np.concatenate([values for _, values in strength.values()]), _CANDIDATES))
    keep = {}
    for order, (at, values) in strength.items():
        keep[order] = np.zeros(1 << _BITS[order], np.uint16)
        above = values > floor
        keep[order][at[above]] = looks[order][above]
    return Candidates(given, (often, seldom), keep)


def _excess(contrary: NDArray[np.float32], most: NDArray[np.float32], usual: float) -> NDArray[np.float32]:
    """How unlikely so many contrary texts are, if `usual` is the share elsewhere; 0 if no more than usual."""
    share = contrary / np.maximum(most, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        one = np.where(contrary > 0, contrary * np.log(share / usual), 0)
        two = np.where(most > contrary, (most - contrary) * np.log((1 - share) / (1 - usual)), 0)
    return np.where(share > usual, one + two, 0).astype(np.float32)


def _cut(values: NDArray[np.float32], most: int) -> float:
    """The value that at most `most` of `values` exceed."""
    if len(values) <= most:
        return 0.0
    return float(np.partition(values, len(values) - most - 1)[len(values) - most - 1])
