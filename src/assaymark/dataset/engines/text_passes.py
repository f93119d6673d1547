"""The first two passes over labelled texts: which n-grams may determine the label against the rest.

Pass 0 counts n-grams by label and flags places of the table whose n-grams lean to one label. Pass 1 counts
the flagged ones again in another table, together with how often the rest of the text speaks for another
label. What remains is few enough to be counted exactly.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.ngrams import ONE, GroupCounts, Labels, bucket, pack, unpack
from assaymark.dataset.engines.text_model import WORD_BITS, Model, Reading, fit, read
from assaymark.dataset.engines.words import Tokens, chunks, ngrams, tokenise
from assaymark.dataset.record import Batch

__all__ = [
    "FEWEST",
    "ORDERS",
    "THIN_BITS",
    "Candidates",
    "Counting",
    "Flags",
    "Part",
    "Sifting",
    "clean",
    "count",
    "flags",
    "labelled",
    "sift",
    "sifted",
]

ORDERS = (1, 2, 3, 5)
FEWEST = 5
"""Texts that a pattern must stand in to be looked at."""
_GRAM_BITS = 22
_SECOND_BITS = {1: 20, 2: 22, 3: 22, 5: 21}
_SECOND_SALT = 0xC4CEB9FE1A85EC53
_PURE, _SURELY, _MAJORITY = 0.8, 3.0, 0.6
THIN_BITS = 12
_LOOKED = 200.0
"""Texts of a pattern around which the words are looked at; of more, so many are drawn."""
_CONTRADICTED, _WORDS, _PHRASES = 16_000, 6_000, 3_000


class Counting:
    """State of pass 0."""

    def __init__(self) -> None:
        self.labels = Labels()
        self.words = GroupCounts(WORD_BITS)
        self.grams = GroupCounts(_GRAM_BITS)
        self.unlabelled = 0

    def merge(self, other: "Counting") -> None:
        """`other` taken in."""
        self._admit(other.labels.texts)
        if other.labels.folded:
            where = [(group, group) for group in range(len(other.labels.groups))]
        else:
            where = [(group, self.labels.group(label)) for label, group in other.labels.groups.items()]
        self.words.join(other.words, where)
        self.grams.join(other.grams, where)
        self.unlabelled += other.unlabelled

    def _admit(self, labels: Counter[str]) -> None:
        moved = self.labels.admit(labels)
        if moved is not None:
            self.words.move(moved)
            self.grams.move(moved)

    def take(self, batch: Batch) -> None:
        """Count a batch."""
        counted: Counter[str] = Counter()
        for raw, texts in Counter(batch.label).items():
            label = clean(raw)
            if label is not None:
                counted[label] += texts
        self.unlabelled += len(batch) - counted.total()
        self._admit(counted)
        groups = {label: self.labels.group(label) for label in counted}
        for part in labelled(batch, groups):
            group = part.group[part.tokens.text]
            self.words.add(group, part.tokens.key)
            for order in ORDERS:
                keys = ngrams(part.tokens, order)
                self.grams.add(group[: len(keys)], keys)


@dataclass(frozen=True, eq=False)
class Part:
    """Some labelled texts of a batch."""

    tokens: Tokens
    group: NDArray[np.int64]
    rows: NDArray[np.int64]
    at: NDArray[np.int64]
    """Index of each text in the batch."""


def clean(label: str | None) -> str | None:
    """A label as it is counted: outer space is no difference, and a label of pages is cut."""
    return None if label is None else label.strip()[:200]


def labelled(batch: Batch, groups: Mapping[str, int]) -> Iterator[Part]:
    """The texts of a batch that have one of these labels, tokenised in lots."""
    if not batch.label:
        return
    place = {label: -1 if label is None else groups.get(clean(label) or "", -1) for label in set(batch.label)}
    group = np.fromiter((place[label] for label in batch.label), np.int64, len(batch.label))
    keep = np.flatnonzero(group >= 0)
    texts = batch.text if len(keep) == len(batch) else [batch.text[int(index)] for index in keep]
    for begin, lot in chunks(texts):
        at = keep[begin : begin + len(lot)]
        yield Part(tokenise(lot), group[at], batch.rows[at], at)


@dataclass(frozen=True, eq=False)
class Flags:
    """What pass 0 gives."""

    groups: dict[str, int]
    texts: dict[str, int]
    """Texts with each label."""
    folded: bool
    model: Model
    target: NDArray[np.uint8]
    """For each place of the table, 1 + the group its n-grams lean to, or 0."""
    share: NDArray[np.float64]
    """Share of the texts in each group."""
    unlabelled: int

    @property
    def judged(self) -> bool:
        """Whether there are two groups to tell apart."""
        return int((self.share > 0).sum()) > 1


def flags(state: Counting) -> Flags:
    """Pass 0 finished."""
    order, groups = state.labels.order(), state.labels.final()
    texts = np.zeros(max(len(order), 1))
    for label, count_ in state.labels.texts.items():
        texts[groups[label]] += count_
    words, grams = state.words.table[order], state.grams.table[order]
    share = texts / max(texts.sum(), 1)
    target = np.zeros(1 << _GRAM_BITS, np.uint8)
    if len(order) > 1:
        weight = (grams.sum(1, dtype=np.float64) + 1) / (grams.sum(dtype=np.float64) + len(order))
        load = float(grams.sum(dtype=np.float64)) / (1 << _GRAM_BITS)
        for begin in range(0, len(target), 1 << 18):
            part = slice(begin, begin + (1 << 18))
            target[part] = _leaning(grams[:, part], weight, load)
    return Flags(
        groups=groups,
        texts=dict(sorted(state.labels.texts.items())),
        folded=state.labels.folded,
        model=fit(words) if len(order) > 1 else Model(np.zeros((1, 1, 1), np.int16)),
        target=target,
        share=share,
        unlabelled=state.unlabelled,
    )


def _leaning(grams: NDArray[np.uint32], weight: NDArray[np.float64], load: float) -> NDArray[np.uint8]:
    """1 + the group that each place leans to; `load` is what other n-grams put there on average."""
    whole = grams.sum(0, dtype=np.float64)
    gain = np.zeros(grams.shape)
    for group, have in enumerate(grams.astype(np.float64)):
        with np.errstate(divide="ignore", invalid="ignore"):
            gain[group] = np.where(have > 0, have * np.log(have / (whole * weight[group])), 0)
    best = gain.argmax(0)
    most = np.take_along_axis(grams, best[None], 0)[0]
    enough = (most >= FEWEST) & (most >= _PURE * np.maximum(whole - load, most * 0.5))
    # for a label that most texts have, only what the rest of the text says can tell
    sure = np.take_along_axis(gain, best[None], 0)[0] >= _SURELY
    enough &= sure | (weight[best] > _MAJORITY)
    return np.where(enough, best + 1, 0).astype(np.uint8)


class Sifting:
    """State of pass 1."""

    def __init__(self, groups: int) -> None:
        self.tables = {order: np.zeros((3, 1 << bits), np.uint32) for order, bits in _SECOND_BITS.items()}
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


def count(state: Counting, batch: Batch) -> Counting:
    """Pass 0 on a batch."""
    state.take(batch)
    return state


def sift(state: Sifting, given: Flags, batch: Batch) -> Sifting:
    """Pass 1 on a batch."""
    if not given.judged:
        return state
    for part in labelled(batch, given.groups):
        reading = read(given.model, part.tokens, part.group)
        own = reading.margin[np.arange(len(part.group)), part.group]
        groups = len(state.contrary)
        state.contrary[:, 0] += np.bincount(part.group, minlength=groups)
        state.contrary[:, 1] += np.bincount(part.group[own < 0], minlength=groups)
        for order in ORDERS:
            _sift(state.tables[order], given, part, reading, order)
    return state


def _sift(table: NDArray[np.uint32], given: Flags, part: Part, reading: Reading, order: int) -> None:
    keys = ngrams(part.tokens, order)
    target = given.target[bucket(keys, _GRAM_BITS)]
    at = np.flatnonzero((target > 0) & (keys != 0))
    place = bucket(keys[at], _SECOND_BITS[order], _SECOND_SALT)
    text = part.tokens.text[at]
    hit = part.group[text] == target[at].astype(np.int64) - 1
    lean = reading.lean
    ends = lean[part.tokens.first]
    rest = (ends[text + 1] - ends[text]) - (lean[at + order] - lean[at])
    for row, which in enumerate((slice(None), hit, hit & (rest < 0))):
        np.add.at(table[row], place[which], ONE)


@dataclass(frozen=True, eq=False)
class Candidates:
    """What pass 1 gives: places of the second tables that are counted exactly."""

    flags: Flags
    keep: dict[int, NDArray[np.uint16]]
    """0 for none; else 1 + of 2 ** `THIN_BITS` records, for how many the words around it are looked at."""
    contrary: NDArray[np.float64]
    """Share of texts of each group whose words speak for another one."""

    def hits(
        self, keys: NDArray[np.uint64], order: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Where candidates begin, the group that each leans to, and for how many records of 2 ** `THIN_BITS`
        the words around it are looked at.
        """
        target = self.flags.target[bucket(keys, _GRAM_BITS)]
        at = np.flatnonzero((target > 0) & (keys != 0))
        kept = self.keep[order][bucket(keys[at], _SECOND_BITS[order], _SECOND_SALT)]
        at, kept = at[kept > 0], kept[kept > 0]
        return at, target[at].astype(np.int64) - 1, kept.astype(np.int64) - 1


def sifted(state: Sifting, given: Flags) -> Candidates:
    """Pass 1 finished."""
    texts, against = state.contrary[:, 0], state.contrary[:, 1]
    usual = float(np.clip(against.sum() / max(texts.sum(), 1), 0.01, 0.5))
    strength = {}
    keep, looks = {}, {}
    for order, table in state.tables.items():
        whole, most, contrary = table.astype(np.float32)
        sound = (most >= FEWEST) & (most >= _PURE * whole)
        strength[order] = np.where(sound, _excess(contrary, most, usual), 0)
        thin = np.ceil(_LOOKED * (1 << THIN_BITS) / np.maximum(most, _LOOKED))
        looks[order] = thin.astype(np.uint16)
        budget = {1: _WORDS, 5: _PHRASES}.get(order, 0)
        keep[order] = _strongest(np.where(sound, most, 0), budget)
    floor = _cut(np.concatenate([values[values > 0] for values in strength.values()]), _CONTRADICTED)
    for order, values in strength.items():
        keep[order] |= values > floor
    places = {order: np.where(kept, looks[order] + 1, 0).astype(np.uint16) for order, kept in keep.items()}
    return Candidates(given, places, (against + 1) / (texts + 2))


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


def _strongest(values: NDArray[np.float32], most: int) -> NDArray[np.bool_]:
    return values > _cut(values[values > 0], most) if most else np.zeros(len(values), np.bool_)
