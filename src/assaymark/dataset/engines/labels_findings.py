"""Which labels are taken for which: the confident joint, and where it is lopsided."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.finding import Example, Finding, Level

__all__ = ["Pairs", "findings"]

_KEPT, _EXAMPLES, _EXCERPT = 1_000, 3, 240
_FEWEST = 3
"""Records of a pair from which it is worth a line."""
_SHOWN = 20
_LOPSIDED, _CERTAIN, _LEAST, _LEAST_SHARE = 4.0, 6.0, 20, 0.01
"""How many times the other way round, digits of the odds, records and share of the class from which a pair
is to be explained."""


@dataclass
class Pairs:
    """Counts, and of each pair of labels the records that contradict theirs most."""

    counts: Counter[tuple[int, int]] = field(default_factory=Counter)
    """(given, likely) → records; the same class twice: all records with it."""
    belief: Counter[tuple[int, int]] = field(default_factory=Counter)
    """(given, likely) → sum of the probabilities of the given label, in millionths."""
    kept: dict[tuple[int, int], list[tuple[int, int, str]]] = field(default_factory=dict)
    """Probability of the given label in ten-thousandths, row, excerpt."""

    def add(
        self,
        rows: NDArray[np.int64],
        given: NDArray[np.int64],
        found: NDArray[np.float64],
        thresholds: NDArray[np.float64],
        texts: Sequence[str] | None,
        at: NDArray[np.int64],
    ) -> None:
        """Count records: a label is likely where its probability is at least what is usual for its class."""
        for n, count in zip(*np.unique(given, return_counts=True), strict=True):
            self.counts[int(n), int(n)] += int(count)
        sure = np.where(found >= thresholds - 1e-9, found, -1.0)
        likely = sure.argmax(axis=1)
        own = found[np.arange(len(given)), given]
        wrong = np.flatnonzero((sure.max(axis=1) > 0) & (likely != given))
        for n in wrong.tolist():
            pair = int(given[n]), int(likely[n])
            self.counts[pair] += 1
            self.belief[pair] += round(float(own[n]) * 1e6)
            excerpt = texts[int(at[n])][:_EXCERPT] if texts is not None else ""
            self.kept.setdefault(pair, []).append((round(float(own[n]) * 1e4), int(rows[n]), excerpt))
        self._cut()

    def join(self, other: "Pairs") -> None:
        """Take in others."""
        self.counts += other.counts
        for pair, belief in other.belief.items():
            self.belief[pair] += belief
        for pair, kept in other.kept.items():
            self.kept[pair] = self.kept.get(pair, []) + kept
        self._cut()

    def _cut(self) -> None:
        for pair, kept in self.kept.items():
            if len(kept) > _KEPT:
                self.kept[pair] = sorted(kept)[:_KEPT]


def findings(pairs: Pairs, classes: Sequence[str], engine: str) -> tuple[Finding, ...]:
    """The pairs, those to be explained first, then by count."""
    worth = [p for p, n in pairs.counts.items() if p[0] != p[1] and n >= _FEWEST]
    worth.sort(key=lambda p: (not _lopsided(pairs, p), -pairs.counts[p], p))
    return (*_all(pairs, engine), *(_finding(pairs, pair, classes, engine) for pair in worth[:_SHOWN]))


def _all(pairs: Pairs, engine: str) -> tuple[Finding, ...]:
    """All pairs as one, where there are several."""
    wrong = [p for p, n in pairs.counts.items() if p[0] != p[1] and n]
    count, total = (
        sum(pairs.counts[p] for p in wrong),
        sum(n for p, n in pairs.counts.items() if p[0] == p[1]),
    )
    if len(wrong) < 2 or count < _FEWEST:
        return ()
    kept = sorted(record for pair in wrong for record in pairs.kept[pair])
    return (
        Finding(
            engine=engine,
            level=Level.NOTE,
            pattern="labels that the rest of the record contradicts",
            where="label",
            count=count,
            expected=sum(pairs.belief[p] for p in wrong) / 1e6 / count,
            score=count / total,
            threshold=_LEAST_SHARE,
            summary=f"{count:,} of {total:,} records ({count / total:.2%}) have a label that the rest of them"
            f" contradicts, in {len(wrong):,} pairs of labels; errors and hard cases are among them.",
            rows=tuple(row for _, row, _ in kept[:_KEPT]),
            examples=tuple(Example(row=row, text=text) for _, row, text in kept[:_EXAMPLES]),
        ),
    )


def _lopsided(pairs: Pairs, pair: tuple[int, int]) -> bool:
    """Whether one label is taken for the other far more often than the other way round."""
    there, back = pairs.counts[pair], pairs.counts[pair[::-1]]
    size, other = pairs.counts[pair[0], pair[0]], pairs.counts[pair[1], pair[1]]
    # Random flips move records in proportion to the class they come from, hard cases to both.
    usual = max(back, back / other * size, back / size * other, 1.0)
    if there < max(_LEAST, _LOPSIDED * usual) or there < _LEAST_SHARE * max(size, other):
        return False
    digits = (there * math.log(there / usual) - there + usual) / math.log(10)
    return digits >= _CERTAIN


def _finding(pairs: Pairs, pair: tuple[int, int], classes: Sequence[str], engine: str) -> Finding:
    count, size = pairs.counts[pair], pairs.counts[pair[0], pair[0]]
    given, likely = (classes[n][:60] for n in pair)
    kept = sorted(pairs.kept[pair])
    lopsided = _lopsided(pairs, pair)
    belief = pairs.belief[pair] / 1e6 / count
    back = pairs.counts[pair[::-1]]
    several = f"{count:,} records" if count > 1 else "1 record"
    return Finding(
        engine=engine,
        level=Level.EXPLAIN if lopsided else Level.NOTE,
        pattern=f"labelled “{given}”, reads like “{likely}”",
        where="label",
        count=count,
        label=classes[pair[0]],
        purity=1.0,
        expected=belief,
        score=count / size,
        threshold=_LEAST_SHARE,
        summary=f"{several} ({count / size:.2%} of those labelled “{given}”) look like “{likely}”;"
        f" the other way round {back:,} do. The rest of them gives their label {belief:.0%}.",
        rows=tuple(row for _, row, _ in kept),
        examples=tuple(Example(row=row, text=text) for _, row, text in kept[:_EXAMPLES]),
    )
