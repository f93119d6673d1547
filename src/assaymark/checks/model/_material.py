"""What the checks on models share: which files hold weights."""

from collections.abc import Iterable

from assaymark.checks._findings import in_product
from assaymark.scan.facts import ModelFile

__all__ = ["weights"]


def weights(models: Iterable[ModelFile]) -> list[ModelFile]:
    """Files of the product that hold weights, or point to them; configurations beside them are left out."""
    return [m for m in in_product(models) if m.format != "hf-config"]
