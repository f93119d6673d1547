"""Which library an import or `require` names, read from `libraries.yaml`."""

import functools
from importlib import resources

import yaml
from msgspec import Struct

__all__ = ["Library", "library_named"]


class Library(Struct, frozen=True):
    """A library that matters to an AI system."""

    name: str
    """Canonical distribution name."""
    category: str
    """As in `LibraryUse.category`."""


@functools.cache
def _table() -> dict[str, Library]:
    text = resources.files("assaymark.scan").joinpath("libraries.yaml").read_text("utf-8")
    groups = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe loaders
    return {
        imported: Library(name, category)
        for category, libraries in groups.items()
        for name, names in libraries.items()
        for imported in names
    }


def library_named(imported: str) -> Library | None:
    """The library that an import path belongs to, or None.

    Args:
        imported: `google.genai.types`, `@langchain/core/tools`, `openai` …
    """
    separator = "/" if "/" in imported else "."
    table = _table()
    while imported:
        if imported in table:
            return table[imported]
        imported = imported.rpartition(separator)[0]
    return None
