"""One table as one sheet: frozen header, filters, widths, and text that stays text."""

import math
from typing import TYPE_CHECKING

from assaymark.report.ixit_tables import Table
from assaymark.report.text import cut_middle, printable

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

__all__ = ["MAX_CELL", "MAX_ROWS", "Styles", "cell_text", "set_page", "write_table", "write_text"]

MAX_CELL = 32_767
"""UTF-16 units that an Excel cell holds."""
MAX_ROWS = 1_048_576
"""Rows that an Excel sheet holds, its header among them."""

_CUT = " … [cut: the whole text is in the JSON statement]"
_RISKY = ("=", "+", "-", "@", "\t", "\r", "'")
"""Beginnings that a spreadsheet takes for a formula once somebody edits or re-types the cell."""
_COLOURS = {
    "Y": "#DDEFE0",
    "pass": "#DDEFE0",
    "N": "#F8DCD9",
    "fail": "#F8DCD9",
    "not determined": "#FBF0D2",
    "inconclusive": "#FBF0D2",
    "stale": "#FBF0D2",
    "expired": "#FBF0D2",
}
"""Background beside the word, never instead of it."""
_A4_COLUMNS = 10
"""More than these are unreadable on A4."""
_LINE = 13.5
"""Points a line of text takes."""
_TALLEST = 216.0
"""Points; a taller row would not fit on a screen. Its text is all there and shows on selecting the cell."""


class Styles:
    """The few cell formats of a workbook."""

    def __init__(self, book: "Workbook") -> None:
        base = {"font_name": "Calibri", "font_size": 10, "valign": "top", "text_wrap": True}
        ruled = {**base, "border": 1, "border_color": "#D0D5DB"}
        self.title: Format = book.add_format({**base, "font_size": 20, "bold": True, "text_wrap": False})
        self.subtitle: Format = book.add_format({**base, "font_size": 12, "font_color": "#44505C"})
        self.heading: Format = book.add_format({**base, "font_size": 12, "bold": True, "text_wrap": False})
        self.header: Format = book.add_format(
            {**ruled, "bold": True, "bg_color": "#22384D", "font_color": "#FFFFFF", "valign": "vcenter"}
        )
        self.plain: Format = book.add_format(base)
        self.label: Format = book.add_format({**ruled, "bold": True, "bg_color": "#EEF1F4"})
        self.text: Format = book.add_format(ruled)
        self.quoted: Format = book.add_format({**ruled, "quote_prefix": True})
        self.strong: Format = book.add_format({**ruled, "bold": True, "bg_color": "#EEF1F4"})
        self.to_fill: Format = book.add_format({**ruled, "bg_color": "#FFFBE6"})
        self.number: Format = book.add_format({**ruled, "num_format": "#,##0"})
        self.coloured: dict[str, Format] = {
            word: book.add_format({**ruled, "bg_color": colour}) for word, colour in _COLOURS.items()
        }


def cell_text(text: str) -> str:
    """`text` as a cell can hold it: nothing that deceives, line ends kept, a visible mark where it is cut."""
    shown = "\n".join(map(printable, text.split("\n"))) if "\n" in text else printable(text)
    if len(shown) <= MAX_CELL // 2 or _units(shown) <= MAX_CELL:
        return shown
    room = MAX_CELL - len(_CUT)
    kept = shown[:room]
    while _units(kept) > room:
        kept = kept[: len(kept) - max(1, (_units(kept) - room) // 2)]
    return kept + _CUT


def write_text(sheet: "Worksheet", row: int, column: int, text: str, style: "Format", styles: Styles) -> None:
    """One string cell; a beginning that could turn into a formula on editing is marked as quoted text."""
    shown = cell_text(text)
    quoted = shown.startswith(_RISKY) and style is styles.text
    sheet.write_string(row, column, shown, styles.quoted if quoted else style)


def write_table(
    book: "Workbook", styles: Styles, table: Table, *, system: str, note: str, most: int = MAX_ROWS
) -> None:
    """A sheet of at most `most` rows, its header among them; the last says how many were left out."""
    sheet = book.add_worksheet(table.name)
    for column, about in enumerate(table.columns):
        sheet.set_column(column, column, about.width)
        sheet.write_string(0, column, about.title, styles.header)
    sheet.set_row(0, 30)
    shown = table.rows if len(table.rows) < most else table.rows[: most - 2]
    for number, row in enumerate(shown, 1):
        _write_row(sheet, styles, table, number, row)
    if len(shown) < len(table.rows):
        left_out = f"{len(table.rows) - len(shown):,} more rows do not fit here: see the JSON statement."
        sheet.write_string(len(shown) + 1, 0, left_out, styles.plain)
    if not table.rows:
        sheet.write_string(1, 0, "Nothing to list.", styles.plain)
    sheet.autofilter(0, 0, max(1, len(shown)), len(table.columns) - 1)
    sheet.freeze_panes(1, _frozen(table))
    sheet.repeat_rows(0)
    set_page(sheet, system=system, note=note)
    if len(table.columns) > _A4_COLUMNS:
        sheet.set_paper(8)  # A3


def set_page(sheet: "Worksheet", *, system: str, note: str) -> None:
    """A4 across, one page wide, with the system, its classification and page numbers at the foot."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    left, middle = (cut_middle(printable(t), 60).replace("&", "&&") for t in (system, note))
    sheet.set_footer(f"&L&8{left} &C&8 {middle} &R&8&P / &N")


def _write_row(
    sheet: "Worksheet", styles: Styles, table: Table, number: int, row: tuple[str | int, ...]
) -> None:
    strong = table.name == "Conformance" and row[1] == "provision"
    for column, (cell, about) in enumerate(zip(row, table.columns, strict=True)):
        style = styles.to_fill if about.to_fill else styles.strong if strong and not column else styles.text
        if isinstance(cell, int):
            sheet.write_number(number, column, cell, styles.number)
        elif about.title in ("Support", "Verdict", "Freshness") and cell in styles.coloured:
            sheet.write_string(number, column, cell, styles.coloured[cell])
        elif about.to_fill:
            sheet.write_blank(number, column, None, style)
        else:
            write_text(sheet, number, column, cell, style, styles)
    sheet.set_row(number, _height(table, row))


def _height(table: Table, row: tuple[str | int, ...]) -> float:
    """Points that show the row's text, within reason."""
    lines = 1
    for cell, about in zip(row, table.columns, strict=True):
        if isinstance(cell, str) and cell:
            head = cell[:4_000].split("\n")
            lines = max(lines, sum(max(1, math.ceil(len(part) * 1.08 / about.width)) for part in head))
    return min(_TALLEST, 3 + lines * _LINE)


def _frozen(table: Table) -> int:
    """Columns that stay in sight: the first one, which names the row."""
    return 1 if len(table.columns) > 6 else 0


def _units(text: str) -> int:
    return len(text) + sum(ord(c) > 0xFFFF for c in text)
