"""Blocks of a Word document as WordprocessingML text: headings, paragraphs, lists, tables. Pure.

Every text passes `safe`: what XML cannot hold or what deceives a reader is shown as its escape, and mark-up
stays text. Widths are in twentieths of a point; clause numbers are those of ECMA-376 Part 1.
"""

from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape

from msgspec import Struct

from assaymark.report.text import printable

__all__ = [
    "WIDTH",
    "Cell",
    "Entry",
    "bullets",
    "contents",
    "heading",
    "label",
    "page_break",
    "paragraph",
    "safe",
    "table",
]

WIDTH = 9638 - 80
"""Text width of A4 with margins of 2 cm, less a table's indent."""

_LONGEST = 6_000
"""Characters of one paragraph or cell; the rest is in the JSON statement, and the cut says so."""
_SPLIT = 700
"""Characters from which a table row may break over a page."""
_MOST_ROWS = 5_000
_CUT = " … [cut: the whole text is in the JSON statement]"
_FILLS = {
    "Y": "DDEFE0",
    "pass": "DDEFE0",
    "N": "F8DCD9",
    "fail": "F8DCD9",
    "not determined": "FBF0D2",
    "inconclusive": "FBF0D2",
    "stale": "FBF0D2",
    "expired": "FBF0D2",
}
"""Background beside the word, never instead of it."""


_COLOURED = ("Support", "Verdict", "Freshness")
"""Heads, or labels of a row, whose words have a background."""


class Cell(Struct, frozen=True):
    """A table cell that is more than text."""

    text: str
    fill: str = ""
    """Background, six hexadecimal digits."""
    bold: bool = False


class Entry(Struct, frozen=True):
    """A heading as the table of contents lists it."""

    level: int
    text: str
    anchor: str
    """Name of the heading's bookmark."""


def safe(text: str, limit: int = _LONGEST) -> str:
    """`text` as XML character data, at most `limit` characters of it; line ends become line breaks."""
    shown = text if len(text) <= limit else text[:limit] + _CUT
    lines = (escape(printable(line), {'"': "&quot;"}) for line in shown.split("\n"))
    return '</w:t><w:br/><w:t xml:space="preserve">'.join(lines)


def paragraph(text: str, style: str = "") -> str:
    """A paragraph in `style` (a style id)."""
    return f"<w:p>{_style(style)}{_run(text)}</w:p>"


def heading(entry: Entry, number: int) -> str:
    """A heading that the table of contents leads to; `number` is unique among bookmarks (17.13.6)."""
    return (
        f'<w:p>{_style(f"Heading{entry.level}")}<w:bookmarkStart w:id="{number}" w:name="{entry.anchor}"/>'
        f'{_run(entry.text)}<w:bookmarkEnd w:id="{number}"/></w:p>'
    )


def bullets(items: Iterable[str]) -> str:
    """A list, one item a line."""
    return "".join(paragraph(item, "ListBullet") for item in items)


def label(text: str) -> str:
    """A line that names what follows and stays with it; the table of contents does not list it."""
    return paragraph(text, "BlockLabel")


def page_break() -> str:
    """The next block begins on a new page."""
    return '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'


def contents(entries: Sequence[Entry], styles: Sequence[str]) -> str:
    """A table of contents: a line a heading, which leads there and whose page number is a field (17.16.5.42).

    It is no `TOC` field, because a program would ask before filling it, or leave it without numbers.

    Args:
        entries: the headings, in order.
        styles: style id for each level.
    """
    return "".join(
        f'<w:p>{_style(styles[e.level - 1])}<w:hyperlink w:anchor="{e.anchor}" w:history="1">'
        f"{_run(e.text)}<w:r><w:tab/></w:r>{_page_of(e)}</w:hyperlink></w:p>"
        for e in entries
    )


def table(
    heads: Sequence[str],
    rows: Sequence[Sequence[str | Cell]],
    shares: Sequence[int],
    about: str,
    *,
    labelled: bool = False,
) -> str:
    """A table whose header repeats on each page (17.4.49).

    Args:
        heads: column heads; none for a table without a header.
        rows: cells; words of the verdict vocabulary get their colour.
        shares: relative widths of the columns.
        about: what the table holds, for readers who cannot see it.
        labelled: whether the first column is a label.
    """
    widths = [WIDTH * share // sum(shares) for share in shares]
    shown = rows[:_MOST_ROWS]
    body = "".join(_row(_cells(row, heads, labelled), widths) for row in shown)
    top = _row([Cell(h, "22384D", True) for h in heads], widths, header=True) if heads else ""
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    left_out = len(rows) - len(shown)
    more = paragraph(f"{left_out:,} more rows: see the JSON statement.") if left_out else ""
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/>{_INDENT}{_BORDERS}'
        f'<w:tblLayout w:type="fixed"/>{_MARGINS}'
        f'<w:tblLook w:val="0020" w:firstRow="{int(bool(heads))}" w:lastRow="0" '
        f'w:firstColumn="{int(labelled)}" w:lastColumn="0" w:noHBand="1" w:noVBand="1"/>'
        f'<w:tblCaption w:val="{_attribute(about)}"/></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{top}{body}</w:tbl>{more}{_GAP}"
    )


def _cells(row: Sequence[str | Cell], heads: Sequence[str], labelled: bool) -> list[Cell]:
    """Cells with their background: that of a label, or that of a word under a head that asks for one."""
    names = heads or ("", str(row[0]), *("",) * len(row))
    return [
        c
        if isinstance(c, Cell)
        else Cell(c, "EEF1F4", True)
        if labelled and not n
        else Cell(c, _FILLS.get(c, "") if names[n] in _COLOURED else "")
        for n, c in enumerate(row)
    ]


def _row(cells: Sequence[Cell], widths: Sequence[int], *, header: bool = False) -> str:
    whole = header or max(len(c.text) for c in cells) < _SPLIT
    properties = ("<w:cantSplit/>" if whole else "") + ("<w:tblHeader/>" if header else "")
    style = _style("TableHead" if header else "TableText")
    inside = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{_fill(c.fill)}</w:tcPr>'
        f"<w:p>{style}{_run(c.text, c.bold)}</w:p></w:tc>"
        for c, width in zip(cells, widths, strict=True)
    )
    return f"<w:tr><w:trPr>{properties}</w:trPr>{inside}</w:tr>"


def _fill(colour: str) -> str:
    return f'<w:shd w:val="clear" w:color="auto" w:fill="{colour}"/>' if colour else ""


def _style(identifier: str) -> str:
    return f'<w:pPr><w:pStyle w:val="{identifier}"/></w:pPr>' if identifier else ""


def _run(text: str, bold: bool = False) -> str:
    properties = "<w:rPr><w:b/></w:rPr>" if bold else ""
    return f'<w:r>{properties}<w:t xml:space="preserve">{safe(text)}</w:t></w:r>'


def _page_of(entry: Entry) -> str:
    """The page that `entry` is on, as a complex field (17.16.18) that a program fills in."""
    return (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r><w:instrText xml:space="preserve"> PAGEREF {entry.anchor} \\h </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def _attribute(text: str) -> str:
    return escape(printable(text[:250]), {'"': "&quot;"})


_SIDES = ("top", "left", "bottom", "right", "insideH", "insideV")
_BORDERS = (
    "<w:tblBorders>"
    + "".join(f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="C9D0D6"/>' for side in _SIDES)
    + "</w:tblBorders>"
)
_INDENT = '<w:tblInd w:w="80" w:type="dxa"/>'
"""As much as a cell's margin, so that the border stands where text does."""
_MARGINS = (
    '<w:tblCellMar><w:top w:w="40" w:type="dxa"/><w:left w:w="80" w:type="dxa"/>'
    '<w:bottom w:w="40" w:type="dxa"/><w:right w:w="80" w:type="dxa"/></w:tblCellMar>'
)
_GAP = '<w:p><w:pPr><w:pStyle w:val="TableText"/></w:pPr></w:p>'
"""Two tables without a paragraph between them would become one."""
