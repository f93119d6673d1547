"""How the terminal report is set: width, colour, wrapped lines."""

from collections.abc import Iterator

import click
from msgspec import Struct

from assaymark.assess.assessment import Verdict
from assaymark.report.text import cut_middle, printable, wrap

__all__ = ["COLOURS", "MANY", "Page"]

COLOURS = {
    Verdict.FAIL: "red",
    Verdict.INCONCLUSIVE: "yellow",
    Verdict.PASS: "green",
    Verdict.NOT_APPLICABLE: "bright_black",
}
"""In the order in which verdicts are counted."""

MANY = 10_000
"""Stands for `all` where everything was asked for."""


class Page(Struct, frozen=True):
    """How to set the text."""

    width: int
    colour: bool
    places: int
    """Located statements shown under one piece of evidence."""
    verbose: bool

    def style(self, text: str, colour: str = "", *, bold: bool = False) -> str:
        """`text` in a colour, where colour is wanted."""
        return click.style(text, fg=colour or None, bold=bold or None) if self.colour else text

    def heading(self, text: str) -> Iterator[str]:
        """A section's heading after an empty line."""
        yield ""
        for line in self.paragraph(text.upper()):
            yield self.style(line, bold=True)

    def paragraph(self, text: str, first: str = "", rest: str | None = None) -> Iterator[str]:
        """Wrapped lines of text that may come from anywhere."""
        safe = printable(text if self.verbose else cut_middle(text, 600))
        return wrap(safe, self.width, first, " " * len(first) if rest is None else rest)

    def short(self, text: str, first: str = "", rest: str | None = None, *, lines: int = 3) -> Iterator[str]:
        """Wrapped like a paragraph, but at most `lines` of it; what was cut ends in a sign of it."""
        whole = list(self.paragraph(text, first, rest))
        yield from whole[: lines - 1]
        if len(whole) > lines:
            yield f"{whole[lines - 1][: self.width - 2].rstrip()} …"
        else:
            yield from whole[lines - 1 : lines]

    def line(self, text: str, first: str = "") -> str:
        """One line, cut at the end if it is too long."""
        safe = printable(cut_middle(text, 600))
        whole, *further = wrap(safe, self.width, first)
        return f"{next(wrap(safe, self.width - 2, first))} …" if further else whole
