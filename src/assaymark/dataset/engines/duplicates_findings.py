"""What was found to be the same, told: repeats, near repeats, repeats with other labels, across splits."""

from dataclasses import dataclass, field

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from assaymark.dataset.finding import Example, Finding, Level
from assaymark.dataset.record import Kind

__all__ = ["Found", "findings"]

_MOST_ROWS = 1_000
_SHOWN = 3
"""Largest clusters that are shown, and records of each."""


def _none() -> NDArray[np.int64]:
    return np.zeros(0, dtype=np.int64)


@dataclass
class Found:
    """The records that have, or may have, a twin; arrays run along them, positions point into them."""

    kind: Kind
    rows: NDArray[np.int64] = field(default_factory=_none)
    """Their numbers, ascending."""
    same_as: NDArray[np.int64] = field(default_factory=_none)
    """Position of the first record that is the same."""
    links: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 2), dtype=np.int64))
    """Pairs that may be near duplicates; once compared, those that are."""
    labels: NDArray[np.uint32] = field(default_factory=lambda: np.zeros(0, dtype=np.uint32))
    splits: NDArray[np.uint32] = field(default_factory=lambda: np.zeros(0, dtype=np.uint32))
    cluster: NDArray[np.int64] = field(default_factory=_none)
    """Position of the first record of the cluster of same and near."""
    names: dict[int, str] = field(default_factory=dict)
    """Code → label or split."""
    sizes: dict[int, int] = field(default_factory=dict)
    """Code of a split → records in it."""
    excerpts: dict[int, str] = field(default_factory=dict)
    """Row → how its record begins."""
    looked_at: int = 0
    notes: tuple[str, ...] = ()

    def repeated(self) -> NDArray[np.bool_]:
        """Which have a record that is the same."""
        return np.bincount(self.same_as, minlength=len(self.rows))[self.same_as] > 1

    def clustered(self) -> NDArray[np.bool_]:
        """Which have one that is the same or near."""
        return np.bincount(self.cluster, minlength=len(self.rows))[self.cluster] > 1

    def shown(self, most: int) -> NDArray[np.int64]:
        """Positions whose excerpts may be wanted: of the largest groups first."""
        sizes = np.bincount(self.same_as, minlength=len(self.rows))[self.same_as]
        order = np.lexsort((self.rows, -sizes))
        return np.sort(order[:most])

    def mixed(self, codes: NDArray[np.uint32], groups: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which are in a group that has more than one of the codes; code 0 is none."""
        wide = codes.astype(np.int64)
        top = np.full(len(self.rows), -1, dtype=np.int64)
        low = np.full(len(self.rows), 1 << 40, dtype=np.int64)
        has = wide > 0
        np.maximum.at(top, groups[has], wide[has])
        np.minimum.at(low, groups[has], wide[has])
        return has & (top[groups] > low[groups])

    def scores(self) -> NDArray[np.float32]:
        """How much each is worth a look."""
        score = np.where(self.clustered(), 0.25, 0.0)
        score[self.repeated()] = 0.5
        score[self.mixed(self.labels, self.same_as)] = 1.0
        return score.astype(np.float32)


def findings(found: Found, engine: str) -> tuple[Finding, ...]:
    """All there is to say."""
    if not len(found.rows):
        return ()
    repeated = found.repeated()
    nearly = found.mixed(found.same_as.astype(np.uint32) + np.uint32(1), found.cluster)
    other_label = found.mixed(found.labels, found.same_as)
    near_label = found.mixed(found.labels, found.cluster) & ~other_label
    told = [
        _told(found, engine, other_label, found.same_as, "the same record with different labels", "label"),
        _told(found, engine, near_label, found.cluster, "nearly the same record, different labels", "label"),
        *_leaks(found, engine),
        _told(found, engine, repeated, found.same_as, "the same record more than once", "record"),
        _told(found, engine, nearly, found.cluster, "nearly the same record", "record"),
    ]
    return tuple(f for f in told if f is not None)


def _leaks(found: Found, engine: str) -> list[Finding | None]:
    """Records of a smaller split that stand in the largest one too."""
    sizes = {code: n for code, n in found.sizes.items() if code}
    if len(sizes) < 2:
        return []
    largest = max(sizes, key=lambda code: (sizes[code], -code))
    into = found.names.get(largest, "?")
    told: list[Finding | None] = []
    for code in sorted(sizes.keys() - {largest}, key=lambda c: (-sizes[c], c)):
        leaked = (found.splits == code) & _inside(found, largest, found.cluster)
        same = int((leaked & _inside(found, largest, found.same_as)).sum())
        name = found.names.get(code, "?")
        what = f"records of “{name}” that stand in “{into}” too"
        made = _told(found, engine, leaked, found.cluster, what, "split")
        if made is not None:
            share = made.count / sizes[code]
            text = (
                f"{made.count:,} of the {sizes[code]:,} records of “{name}” ({share:.2%}) are also in"
                f" “{into}”, {same:,} of them the same and the rest nearly; a test on them measures memory."
            )
            told.append(replace(made, summary=text))
    return told


def _inside(found: Found, split: int, groups: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which are in a group that has a record of `split`."""
    inside = np.zeros(len(found.rows), dtype=np.bool_)
    np.logical_or.at(inside, groups, found.splits == split)
    return inside[groups]


def _told(
    found: Found, engine: str, bears: NDArray[np.bool_], groups: NDArray[np.int64], pattern: str, what: str
) -> Finding | None:
    count = int(bears.sum())
    if not count:
        return None
    at = np.flatnonzero(bears)
    sizes = np.bincount(groups[at], minlength=len(found.rows))
    order = at[np.lexsort((at, groups[at], -sizes[groups[at]]))]
    number = int((sizes > 0).sum())
    share = count / max(found.looked_at, 1)
    several = f"{count:,} records" if count > 1 else "1 record"
    return Finding(
        engine=engine,
        level=Level.NOTE,
        pattern=pattern,
        where=what,
        count=count,
        score=float(count),
        threshold=1.0,
        summary=f"{several} ({share:.2%}) in {number:,} clusters, the largest of {int(sizes.max()):,}:"
        f" {pattern}.",
        rows=tuple(found.rows[order[:_MOST_ROWS]].tolist()),
        examples=_examples(found, order, groups),
    )


def _examples(found: Found, order: NDArray[np.int64], groups: NDArray[np.int64]) -> tuple[Example, ...]:
    """The first records of the first clusters."""
    seen: dict[int, int] = {}
    chosen: list[Example] = []
    for at in order.tolist():
        group = int(groups[at])
        if group not in seen and len(seen) == _SHOWN:
            break
        seen[group] = seen.get(group, 0) + 1
        if seen[group] <= _SHOWN:
            row = int(found.rows[at])
            label = found.names.get(int(found.labels[at]), "") if found.labels[at] else ""
            text = found.excerpts.get(row, "")
            chosen.append(Example(row=row, text=f"[{label}] {text}" if label and text else text))
    return tuple(chosen)
