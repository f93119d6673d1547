"""How many different prompts bear a phrase: records told many times over are one. Pure.

What nearly all bearers have (the phrase, and a template around it) says nothing about that; prompts whose
other words are much the same are one prompt.
"""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.chat_phrases import FEWEST, TEMPLATE
from assaymark.dataset.engines.chat_records import COPIED, Texts

__all__ = ["Distinct"]

LOOKED_AT = 128
"""Bearers that are compared."""
_COMMON = 0.8
"""Share of the bearers from which a word is the phrase's or its template's."""
_OWN = 0.2
"""Share of a prompt's words that are not common, below which it is the common prompt with a word changed."""
_BUCKETS = np.uint32((1 << 20) - 1)
_ALIKE = 0.5
"""Share of two prompts' other words from which they are one prompt."""


class Distinct:
    """Different prompts among bearers of a phrase."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._ends = np.cumsum(texts.size, dtype=np.int64)
        often = np.bincount(texts.code & _BUCKETS, minlength=int(_BUCKETS) + 1)
        self._template = often > max(TEMPLATE * len(texts.size), 2 * FEWEST)

    def among(self, bearers: NDArray[np.int32]) -> tuple[NDArray[np.int32], int]:
        """One bearer for each of the different prompts, and how many bearers were compared."""
        looked = bearers[np.linspace(0, len(bearers) - 1, min(LOOKED_AT, len(bearers))).astype(np.int64)]
        words = [self._words(place) for place in looked.tolist()]
        often = Counter(word for one in words for word in one)
        common = {word for word, count in often.items() if count >= _COMMON * len(words)}
        kept: list[set[int]] = []
        first = []
        for number, one in enumerate(words):
            rest = one - common
            if len(rest) < _OWN * len(one):
                rest = set()
            if not any(_alike(rest, other) for other in kept):
                kept.append(rest)
                first.append(number)
        return looked[first], len(looked)

    def _words(self, place: int) -> set[int]:
        """Words of a prompt, without those of the data set's templates."""
        code = self._texts.code[self._ends[place] - self._texts.size[place] : self._ends[place]]
        code = code[code > COPIED]
        return set(code[~self._template[code & _BUCKETS]].tolist())


def _alike(one: set[int], other: set[int]) -> bool:
    return one == other or len(one & other) >= _ALIKE * max(len(one | other), 1)
