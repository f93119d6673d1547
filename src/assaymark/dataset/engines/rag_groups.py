"""Documents that share a question and go on differently: planted, or honest as far as the corpus tells. Pure.

Honest corpora ask a question twice before they ask it five times: groups of two tell how many larger ones
chance and habit make. Planted answers come in threes to tens without the twos.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

import numpy as np

from assaymark.dataset.engines.rag_questions import Asked

__all__ = ["LEAST", "Group", "grouped", "planted"]

LEAST = 3
"""Documents for one question."""
_ECHO = 0.5
"""Share of a question's content words that its documents take up, on average."""
_ALIKE = 0.6
"""Share of the same pairs of words from which two bodies are one document twice."""
_COMPARED = 60
_FEWER = 0.25
"""For one group of so many documents, an honest corpus has at most this share with one document more …"""
_BEYOND = 3.0
"""… and a corpus in which groups outnumber that so many times was added to."""
_SAME = 0.8
"""Share of the same documents from which two groups are one."""


@dataclass(frozen=True, eq=False)
class Group:
    """Documents for one question."""

    text: str
    """The question."""
    leans: bool
    members: tuple[Asked, ...]
    """Ascending by row."""
    different: int
    """How many of them are no near duplicates of one before."""
    echo: float

    @property
    def rows(self) -> tuple[int, ...]:
        """Numbers of the documents."""
        return tuple(m.row for m in self.members)


def grouped(asked: Mapping[int, Sequence[Asked]]) -> list[Group]:
    """Groups of two different documents or more that take their question up, largest first."""
    found = []
    for members in asked.values():
        ordered = tuple(sorted(members, key=lambda m: m.row))
        echo = float(np.mean([m.echo for m in ordered]))
        if len(ordered) < 2 or echo < _ECHO:
            continue
        different = _different([m.body for m in ordered[:_COMPARED]])
        if different >= 2:
            found.append(Group(_common(ordered), any(m.leans for m in ordered), ordered, different, echo))
    found.sort(key=lambda g: (-g.different, -len(g.text), g.text, g.rows))
    held: list[Group] = []
    taken: dict[int, int] = {}
    for group in found:
        if sum(row in taken for row in group.rows) < _SAME * len(group.rows):
            taken.update(dict.fromkeys(group.rows, 1))
            held.append(group)
    return held


def _different(bodies: Sequence[frozenset[int]]) -> int:
    kept: list[frozenset[int]] = []
    for body in bodies:
        if all(len(body & k) < _ALIKE * max(min(len(body), len(k)), 1) for k in kept):
            kept.append(body)
    return len(kept)


def _common(members: Sequence[Asked]) -> str:
    """The words in which all begin, or the first's if these are few."""
    words = [m.text.split() for m in members]
    same = list(takewhile(lambda w: len(set(w)) == 1, zip(*words, strict=False)))
    return " ".join(w[0] for w in same) if len(same) >= LEAST else members[0].text


def planted(groups: Sequence[Group]) -> list[Group]:
    """Groups that are more than the corpus's own pairs of documents lead to expect, the largest first.

    Groups that were planted say nothing about those smaller by more than one, the near duplicate among five.
    """
    alone = sorted((g for g in groups if not g.leans), key=lambda g: -g.different)
    pairs = sum(g.different == LEAST - 1 for g in alone)
    beyond: list[Group] = []
    for size in sorted({g.different for g in alone if g.different >= LEAST}, reverse=True):
        as_large = sum(g.different >= size for g in alone) - sum(g.different > size + 1 for g in beyond)
        if as_large > _BEYOND * pairs * _FEWER ** (size - LEAST + 1):
            held = {id(g) for g in beyond}
            beyond += [g for g in alone if g.different >= size and id(g) not in held]
    return beyond
