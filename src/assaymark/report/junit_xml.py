"""What the JUnit reports share: text that any XML 1.0 parser takes and no terminal obeys, and the frame."""

from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape, quoteattr

from assaymark.report.text import printable

__all__ = ["attributes", "body", "document"]

_LONGEST = 4_000
"""Characters of one attribute or line."""


def attributes(given: Mapping[str, object]) -> str:
    """` name="value"` for each, with what XML forbids shown as its escape; long values are cut."""
    return "".join(f" {name}={quoteattr(printable(str(value)[:_LONGEST]))}" for name, value in given.items())


def body(lines: Iterable[str]) -> str:
    """Lines of character data."""
    return "\n".join(escape(printable(line[:_LONGEST])) for line in lines)


def document(lines: Iterable[str]) -> bytes:
    """The whole file in UTF-8."""
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return ("\n".join((head, *lines)) + "\n").encode("utf-8")
