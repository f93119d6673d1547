"""Tables of names and sizes that the specifications of formats give, loaded when first asked for."""

import functools
from pathlib import Path
from typing import Any

__all__ = ["table"]


@functools.cache
def table(file: str, name: str) -> Any:
    """One table of a YAML file beside this module; lists of names come as frozen sets."""
    found = _file(file)[name]
    return frozenset(found) if isinstance(found, list) else found


@functools.cache
def _file(file: str) -> dict[str, Any]:
    import yaml

    text = Path(__file__).with_name(file).read_text(encoding="utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    tables: dict[str, Any] = yaml.load(text, Loader=loader)  # noqa: S506 - safe either way, and our own file
    return tables
