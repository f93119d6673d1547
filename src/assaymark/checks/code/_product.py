"""Which facts count as the product's own, and how many details a reader is given."""

import re
from collections.abc import Iterable, Sequence
from typing import TypeVar

from assaymark.observation import Detail, Location
from assaymark.scan.facts import CodeFile, Fact, SafeguardDefinition
from assaymark.scan.paths import is_documentation_path, is_example_path, is_test_path

__all__ = ["about_oversight", "counted", "in_product", "listed"]

SHOWN = 50
"""Details shown in one finding; the rest are counted."""

_APPROVAL = re.compile(r"approv|confirm|consent|human_in_the_loop|ask_human", re.IGNORECASE)

F = TypeVar("F", bound=Fact)


def in_product(facts: Iterable[F], files: Iterable[CodeFile] = ()) -> tuple[F, ...]:
    """Facts outside tests, examples and documentation.

    Args:
        facts: facts of one kind.
        files: source files, so that tests known by their content are left out too.
    """
    tests = {file.at.path for file in files if file.is_test}
    return tuple(f for f in facts if f.at.path not in tests and not _is_beside(f.at))


def _is_beside(at: Location) -> bool:
    return is_test_path(at.path) or is_example_path(at.path) or is_documentation_path(at.path)


def about_oversight(names: Iterable[str], definitions: Iterable[SafeguardDefinition]) -> bool:
    """Whether one of these functions asks a person for approval; other safeguards are no oversight."""
    approvals = {d.name for d in definitions if d.kind == "approval"}
    lasts = {name.rpartition(".")[2] for name in names}
    return bool(lasts & approvals) or any(_APPROVAL.search(last) for last in lasts)


def listed(details: Sequence[Detail]) -> tuple[Detail, ...]:
    """The first details, and one more that says how many are not shown."""
    if len(details) <= SHOWN:
        return tuple(details)
    return (*details[:SHOWN], Detail(f"… and {len(details) - SHOWN} more places like these."))


def counted(number: int, singular: str, plural: str = "") -> str:
    """`1 call`, `3 calls`."""
    return f"{number} {singular if number == 1 else plural or singular + 's'}"
