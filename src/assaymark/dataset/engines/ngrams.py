"""Counts of hashed n-grams by label, in tables of fixed size that add up the same in any order.

Up to `GROUPS` labels have a table each; more are folded into `GROUPS` by a checksum of the label, which keeps
a pattern that is pure in its label pure in its group.
"""

import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["GROUPS", "MOST_LABELS", "ONE", "GroupCounts", "Labels", "bucket", "fold", "pack", "unpack"]

GROUPS = 8
ONE = np.uint32(1)
"""One text, in the type of the tables: with another type numpy adds some fifteen times as slowly."""
MOST_LABELS = 5_000
"""Labels beyond which the column is taken for an id or a free text."""


class Labels:
    """The labels seen, how many texts have each, and the group of each."""

    def __init__(self) -> None:
        self.texts: Counter[str] = Counter()
        self.groups: dict[str, int] = {}
        """Group of each label while there are few; names of groups afterwards."""
        self.folded = False

    def admit(self, labels: Iterable[str]) -> "dict[int, int] | None":
        """Count `labels` (a `Counter` brings its counts); if they became too many for a group each, say which
        old group went to which new.
        """
        self.texts.update(labels)
        moved = None
        if not self.folded and len(self.texts) > GROUPS:
            moved = {group: fold(label) for label, group in self.groups.items()}
            self.groups, self.folded = {str(group): group for group in range(GROUPS)}, True
        if not self.folded:
            for label in sorted(self.texts):
                self.groups.setdefault(label, len(self.groups))
        return moved

    def group(self, label: str) -> int:
        """Where the label's counts stand."""
        return fold(label) if self.folded else self.groups[label]

    def order(self) -> list[int]:
        """Groups in an order that does not depend on which label came first."""
        if self.folded:
            return list(range(GROUPS))
        return [self.groups[label] for label in sorted(self.groups)]

    def final(self) -> dict[str, int]:
        """Index of each label's group in `order`."""
        if self.folded:
            return {label: fold(label) for label in self.texts}
        return {label: index for index, label in enumerate(sorted(self.groups))}


def fold(label: str) -> int:
    """Group of a label among many."""
    return zlib.crc32(label.encode("utf-8", "surrogatepass")) % GROUPS


class GroupCounts:
    """A table of counts for each group."""

    def __init__(self, bits: int) -> None:
        self.bits = bits
        self.table = np.zeros((GROUPS, 1 << bits), np.uint32)

    def add(self, group: NDArray[np.int64], keys: NDArray[np.uint64]) -> None:
        """One more for each key, in its group; keys of 0 are none."""
        flat = (group << self.bits) + bucket(keys, self.bits)
        np.add.at(self.table.reshape(-1), flat[keys != 0], ONE)

    def move(self, moved: dict[int, int]) -> None:
        """Groups put together as told."""
        table = np.zeros_like(self.table)
        for old, new in moved.items():
            table[new] += self.table[old]
        self.table = table

    def join(self, other: "GroupCounts", where: Sequence[tuple[int, int]]) -> None:
        """`other`'s counts added: pairs of its group and ours."""
        for theirs, ours in where:
            self.table[ours] += other.table[theirs]

    def __getstate__(self) -> dict[str, Any]:
        return {"bits": self.bits, "table": pack(self.table)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.bits = state["bits"]
        self.table = unpack(state["table"])


def bucket(keys: NDArray[np.uint64], bits: int, salt: int = 0xFF51AFD7ED558CCD) -> NDArray[np.int64]:
    """Place of each key in a table of 2 ** bits; another odd `salt` shuffles anew."""
    return ((keys * np.uint64(salt)) >> np.uint64(64 - bits)).astype(np.int64)


def pack(table: NDArray[Any]) -> tuple[Any, ...]:
    """A table for the journey: only what is not zero, where that is shorter."""
    flat = table.reshape(-1)
    where = np.flatnonzero(flat)
    if len(where) * 3 > len(flat):
        return table.shape, table.dtype.str, None, flat
    return table.shape, table.dtype.str, where.astype(np.uint32), flat[where]


def unpack(packed: tuple[Any, ...]) -> NDArray[Any]:
    """The table again."""
    shape, dtype, where, values = packed
    if where is None:
        return np.array(values).reshape(shape)
    table = np.zeros(shape, dtype)
    table.reshape(-1)[where] = values
    return table
