"""Ordinary words: the most frequent pieces of the guard's vocabulary (BERT uncased, Apache-2.0)."""

from functools import cache
from importlib import resources

__all__ = ["ordinary"]

_MOST = 12_000
"""The vocabulary is ordered by frequency; what stands behind is names, fragments and rarities."""


def ordinary(word: str) -> bool:
    """Whether a word, or a sign of punctuation, is one that English texts are made of."""
    return word.casefold() in _words()


@cache
def _words() -> frozenset[str]:
    path = resources.files("assaymark.guard.detector") / "weights" / "vocab.txt"
    lines = path.read_text(encoding="utf-8").splitlines()[:_MOST]
    return frozenset(line for line in lines if not line.startswith(("[", "##")))
