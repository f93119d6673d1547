"""What the checks on models, data and history share: which facts count, and how lists are shown."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from assaymark.observation import Detail
from assaymark.scan.facts import Fact, ModelFile
from assaymark.scan.paths import is_documentation_path, is_example_path, is_test_path

__all__ = ["counted", "listed", "of_product", "weights"]

MAX_DETAILS = 50
AnyFact = TypeVar("AnyFact", bound=Fact)


def of_product(facts: Iterable[AnyFact]) -> list[AnyFact]:
    """Those that do not lie among tests, examples or documentation."""
    return [f for f in facts if not _apart(f.at.path)]


def _apart(path: str) -> bool:
    return is_test_path(path) or is_example_path(path) or is_documentation_path(path)


def weights(models: Iterable[ModelFile]) -> list[ModelFile]:
    """Files of the product that hold weights, or point to them; configurations beside them are left out."""
    return [m for m in of_product(models) if m.format != "hf-config"]


def listed(details: Sequence[Detail]) -> tuple[Detail, ...]:
    """At most fifty, and how many more there are."""
    more = len(details) - MAX_DETAILS
    return (*details[:MAX_DETAILS], Detail(f"… and {more:,} more.")) if more > 0 else tuple(details)


def counted(number: int, noun: str) -> str:
    """`1 model file`, `3 model files`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
