"""What all checks share in speaking: whose facts count, how long a list may be, how things are counted."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from assaymark.observation import Detail
from assaymark.scan.facts import CodeFile, Fact
from assaymark.scan.paths import is_documentation_path, is_example_path, is_test_path

__all__ = ["DETAIL_LIMIT", "capped", "counted", "in_product", "joined"]

DETAIL_LIMIT = 50
"""Details that one finding shows."""

F = TypeVar("F", bound=Fact)


def in_product(facts: Iterable[F], files: Iterable[CodeFile] = ()) -> list[F]:
    """Facts outside tests, examples and documentation.

    Args:
        facts: facts of one kind.
        files: source files, so that tests known by their content are left out too.
    """
    tests = {file.at.path for file in files if file.is_test}
    return [f for f in facts if f.at.path not in tests and not _beside(f.at.path)]


def _beside(path: str) -> bool:
    return is_test_path(path) or is_example_path(path) or is_documentation_path(path)


def capped(details: Iterable[Detail]) -> tuple[Detail, ...]:
    """The first fifty details, and one more that says how many are not shown."""
    every = tuple(details)
    if len(every) <= DETAIL_LIMIT:
        return every
    return (*every[:DETAIL_LIMIT], Detail(f"… and {len(every) - DETAIL_LIMIT:,} more like these."))


def counted(number: int, singular: str, plural: str = "") -> str:
    """`1 job`, `3 jobs`, `2 dependencies`."""
    if number == 1:
        return f"1 {singular}"
    regular = (
        f"{singular[:-1]}ies" if singular[-2:-1] not in "aeiou" and singular.endswith("y") else f"{singular}s"
    )
    return f"{number:,} {plural or regular}"


def joined(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""
