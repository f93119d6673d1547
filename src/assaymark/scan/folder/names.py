"""The names that folder rules compare with, from `names.yaml`."""

import functools
from pathlib import Path
from typing import Any

__all__ = ["table"]


@functools.cache
def table() -> dict[str, Any]:
    """The names that folder rules compare with."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = Path(__file__).with_name("names.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.load(text, loader)  # noqa: S506 - a safe loader, the compiled one if there is one
    return found
