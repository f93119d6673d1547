"""What the checks on agents, prompts and endpoints share: the product's own facts, and short lists."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from assaymark.observation import Detail
from assaymark.scan.facts import Fact
from assaymark.scan.paths import is_documentation_path, is_example_path, is_test_path

__all__ = ["SHOWN", "first", "of_product", "plural"]

SHOWN = 50
"""Details printed in one finding."""

_F = TypeVar("_F", bound=Fact)


def of_product(facts: Iterable[_F]) -> tuple[_F, ...]:
    """The facts that lie neither in tests nor among examples or documentation."""
    return tuple(f for f in facts if not _aside(f.at.path))


def _aside(path: str) -> bool:
    return is_test_path(path) or is_example_path(path) or is_documentation_path(path)


def first(details: Sequence[Detail]) -> tuple[Detail, ...]:
    """The first details, and how many more there are."""
    more = len(details) - SHOWN
    return (*details[:SHOWN], Detail(f"And {more} more of the same.")) if more > 0 else tuple(details)


def plural(count: int, noun: str) -> str:
    """`1 tool`, `3 tools`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
