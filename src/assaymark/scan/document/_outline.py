"""What every document format is turned into before meaning is read from it."""

from msgspec import Struct

__all__ = ["DOCUMENT_LIMIT", "Grid", "Heading", "Outline"]

DOCUMENT_LIMIT = 2 * 1024 * 1024
"""Bytes of a document that are read."""

SECTION_LIMIT = 5_000
"""Headings of a document that are kept."""

ROW_LIMIT = 2_000
"""Rows of a table that are kept."""


class Grid(Struct):
    """A table as it stands in the document."""

    line: int
    header: tuple[str, ...]
    rows: list[tuple[str, ...]] = []
    heading: str = ""
    """Title of the section in which it stands."""


class Heading(Struct):
    """A heading and the prose up to the next heading."""

    title: str
    level: int
    """1 for the document's own title, 0 for text before any heading."""
    line: int
    prose: list[tuple[int, str]] = []
    """Line number and text, without code, comments and markup of tables."""


class Outline(Struct):
    """A document by structure, whatever its format."""

    headings: list[Heading] = []
    grids: list[Grid] = []
    links: list[tuple[int, str]] = []
    """Line and target, as written."""
    code: list[tuple[int, str]] = []
    """Lines of code blocks and spans of inline code."""
    front_matter: list[tuple[str, str]] = []
    problem: str = ""
    """The bound that was hit, if one was."""

    def open(self, title: str, level: int, line: int) -> None:
        """Start a section, unless there are too many."""
        if len(self.headings) >= SECTION_LIMIT:
            self.problem = f"more than {SECTION_LIMIT:,} sections; the rest counts as one"
            return
        self.headings.append(Heading(title.strip()[:300], level, line))

    def say(self, line: int, text: str) -> None:
        """Add prose to the section that is open."""
        if not self.headings:
            self.headings.append(Heading("", 0, line))
        self.headings[-1].prose.append((line, text))

    def section(self) -> str:
        """Title of the section that is open."""
        return self.headings[-1].title if self.headings else ""

    def row(self, cells: tuple[str, ...]) -> None:
        """Add a row to the last table, up to the bound."""
        rows = self.grids[-1].rows
        if len(rows) < ROW_LIMIT:
            rows.append(cells)
        else:
            self.problem = f"a table has more than {ROW_LIMIT:,} rows; the rest was not read"
