"""Results that come in any order, merged in one order: a tree over their numbers. Pure.

Engines' merges are exact, so any order would do; a fixed one keeps even a slip in one of them repeatable.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

__all__ = ["Tree"]

T = TypeVar("T")


class Tree(Generic[T]):
    """Merges neighbours as soon as both are there, so that few results wait at any time."""

    def __init__(self, leaves: int, merge: Callable[[T, T], T]) -> None:
        self._leaves = leaves
        self._merge = merge
        self._waiting: dict[tuple[int, int], T] = {}

    def add(self, number: int, value: T) -> None:
        """Take in leaf `number`, from 0; each once."""
        level = 0
        while (width := -(-self._leaves >> level) if level else self._leaves) > 1:
            sibling = number ^ 1
            if sibling < width:
                other = self._waiting.pop((level, sibling), None)
                if other is None:
                    break
                value = self._merge(other, value) if sibling < number else self._merge(value, other)
            level, number = level + 1, number >> 1
        self._waiting[level, number] = value

    @property
    def held(self) -> int:
        """Values that wait for their neighbours."""
        return len(self._waiting)

    def root(self) -> T:
        """All leaves as one; every leaf has to be in."""
        (value,) = self._waiting.values()
        return value
