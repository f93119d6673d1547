"""The first pass over labelled texts: n-grams and marks counted by label, and which of them lean to one.

N-grams of two tokens and more share a table of fixed size; a place of it is flagged if what is counted there
leans to one label. Words have a table of their own, which is the label model's as well.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.ngrams import GroupCounts, Labels, bucket
from assaymark.dataset.engines.text_marks import marks
from assaymark.dataset.engines.text_model import WORD_BITS, Model, fit
from assaymark.dataset.engines.words import Tokens, chunks, ngrams, tokenise
from assaymark.dataset.record import Batch

__all__ = [
    "FEWEST",
    "ORDERS",
    "PURE",
    "Counting",
    "Flags",
    "Found",
    "Part",
    "clean",
    "count",
    "flags",
    "grams",
    "labelled",
    "look",
]

ORDERS = (0, 1, 2, 3, 5)
"""Marks, words, and n-grams of so many tokens."""
FEWEST = 5
"""Texts that a pattern must stand in to be looked at."""
PURE = 0.8
"""Share of them that must have one label."""
_GRAM_BITS, _MARK_BITS = 22, 10
_SURELY, _MAJORITY = 3.0, 0.6
_SURE = np.uint8(0x80)
_BITS = (_MARK_BITS, WORD_BITS, _GRAM_BITS)


class Counting:
    """State of pass 0."""

    def __init__(self) -> None:
        self.labels = Labels()
        self.tables = {kind: GroupCounts(bits) for kind, bits in enumerate(_BITS)}
        self.unlabelled = 0

    def merge(self, other: "Counting") -> None:
        """`other` taken in."""
        self._admit(other.labels.texts)
        if other.labels.folded:
            where = [(group, group) for group in range(len(other.labels.groups))]
        else:
            where = [(group, self.labels.group(label)) for label, group in other.labels.groups.items()]
        for kind, table in self.tables.items():
            table.join(other.tables[kind], where)
        self.unlabelled += other.unlabelled

    def _admit(self, labels: Counter[str]) -> None:
        moved = self.labels.admit(labels)
        if moved is not None:
            for table in self.tables.values():
                table.move(moved)

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
            for order in ORDERS:
                keys, text = grams(part.tokens, order)
                self.tables[_kind(order)].add(part.group[text], keys)


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
    targets: tuple[NDArray[np.uint8], ...]
    """For each place of each table, 1 + the group that what is counted there leans to, or 0; with the highest
    bit if it determines the label by itself."""
    share: NDArray[np.float64]
    """Share of the texts in each group."""
    unlabelled: int

    @property
    def judged(self) -> bool:
        """Whether there are two groups to tell apart."""
        return int((self.share > 0).sum()) > 1


@dataclass(frozen=True, eq=False)
class Found:
    """What is flagged in some texts, of one order."""

    order: int
    key: NDArray[np.uint64]
    at: NDArray[np.int64]
    """First token."""
    text: NDArray[np.int64]
    group: NDArray[np.int64]
    """Group that it leans to."""
    sure: NDArray[np.bool_]
    """Whether it determines the label by itself."""


def grams(tokens: Tokens, order: int) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Keys of that order, and the text of each."""
    if order == 0:
        return marks(tokens)
    if order == 1:
        return tokens.key, tokens.text  # as the label model has them
    keys = ngrams(tokens, order)
    return keys, tokens.text[: len(keys)]


def look(given: Flags, tokens: Tokens, order: int) -> Found:
    """What is flagged of that order."""
    keys, text = grams(tokens, order)
    code = given.targets[_kind(order)][bucket(keys, _BITS[_kind(order)])]
    at = np.flatnonzero(code)
    at = at[keys[at] != 0]
    code, key, text = code[at], keys[at], text[at]
    where = tokens.first[text] if order == 0 else at
    return Found(order, key, where, text, (code & ~_SURE).astype(np.int64) - 1, code >= _SURE)


def _kind(order: int) -> int:
    """Which table an order is counted in."""
    return min(order, 2)


def flags(state: Counting) -> Flags:
    """Pass 0 finished."""
    order, groups = state.labels.order(), state.labels.final()
    texts = np.zeros(max(len(order), 1))
    for label, count_ in state.labels.texts.items():
        texts[groups[label]] += count_
    tables = [state.tables[kind].table[order] for kind in range(len(_BITS))]
    judged = len(order) > 1
    none = np.zeros((1, 1), np.int16)
    return Flags(
        groups=groups,
        texts=dict(sorted(state.labels.texts.items())),
        folded=state.labels.folded,
        model=fit(tables[1]) if judged else Model(none, none),
        targets=tuple(_leaning(table) if judged else np.zeros(table.shape[1], np.uint8) for table in tables),
        share=texts / max(texts.sum(), 1),
        unlabelled=state.unlabelled,
    )


def _leaning(counts: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """1 + the group that each place leans to."""
    weight = (counts.sum(1, dtype=np.float64) + 1) / (counts.sum(dtype=np.float64) + len(counts))
    target = np.zeros(counts.shape[1], np.uint8)
    whole = counts.sum(0, dtype=np.uint32)
    load = float(np.median(whole))  # what others put there, as a rule
    most = counts.max(0)
    floor = PURE * np.maximum(whole - load, most * 0.5)
    at = np.flatnonzero((most >= FEWEST) & (most >= floor))
    for begin in range(0, len(at), 1 << 18):
        part = at[begin : begin + (1 << 18)]
        have = counts[:, part].astype(np.float32)
        ratio = have / (whole[part].astype(np.float32) * weight[:, None].astype(np.float32))
        gain = have * np.log(np.maximum(ratio, np.float32(1e-9)))
        best = gain.argmax(0)
        along = np.arange(len(part))
        # for a label that most texts have, only what the rest of the text says can tell
        sure = gain[best, along] >= _SURELY
        enough = (sure | (weight[best] > _MAJORITY)) & (have[best, along] >= floor[part])
        target[part] = np.where(enough, (best + 1) | np.where(sure, int(_SURE), 0), 0)
    return target


def count(state: Counting, batch: Batch) -> Counting:
    """Pass 0 on a batch."""
    state.take(batch)
    return state
