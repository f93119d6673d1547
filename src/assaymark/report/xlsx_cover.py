"""The workbook's first sheet: whose statement it is, its figures, and what the other sheets hold."""

from io import BytesIO
from typing import TYPE_CHECKING

from assaymark.assess.assessment import Assessment
from assaymark.report.ics_format import IcsCountsV1, IcsV1
from assaymark.report.ics_options import Logo, StatementOptions, history
from assaymark.report.ixit_tables import Table
from assaymark.report.text import share
from assaymark.report.view import tally
from assaymark.report.xlsx_sheet import Styles, set_page, write_text

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

__all__ = ["cover_facts", "support_rows", "verdict_rows", "write_cover"]

_LOGO_HEIGHT = 60
"""Pixels."""
_LEGEND = (
    ("Status", "M mandatory (shall), R recommended (should), O optional (may); C: only under its condition."),
    (
        "Support",
        "Y on fresh evidence for it and none against it, N, N/A, or not determined: nobody showed it.",
    ),
    ("Verdict", "pass, fail, inconclusive or not applicable, on all evidence; fail wins."),
    ("Freshness", "Whether the evidence still describes the system; apart from the verdict."),
    ("Entry #", "Number of an entry of the ledger; the sheet Evidence lists each with its leaf hash."),
)


def write_cover(
    book: "Workbook",
    styles: Styles,
    a: Assessment,
    ics: IcsV1,
    options: StatementOptions,
    logo: Logo | None,
    tables: tuple[Table, ...],
) -> None:
    """Add the cover as the next sheet."""
    sheet = book.add_worksheet("Cover")
    sheet.hide_gridlines(2)
    for column, width in enumerate((26, 20, 22, 22, 44)):
        sheet.set_column(column, column, width)
    if logo:
        scale = _LOGO_HEIGHT / max(logo.height, logo.width / 6)
        sheet.set_row(0, _LOGO_HEIGHT * 0.75 + 6)
        places = {"image_data": BytesIO(logo.data), "x_scale": scale, "y_scale": scale}
        sheet.insert_image(0, 0, "logo.png", {**places, "description": "Logo", "object_position": 1})
    sheet.set_row(1, 30)
    sheet.write_string(1, 0, "Implementation conformance statement", styles.title)
    sheet.merge_range(2, 0, 2, 4, "", styles.subtitle)
    write_text(sheet, 2, 0, f"{ics.edition}. {ics.statement}", styles.subtitle, styles)
    sheet.set_row(2, 48)
    at = _block(sheet, styles, 4, "The system", ((), *cover_facts(a, options)))
    if a.problems:
        at = _block(sheet, styles, at, "Read this first", ((), *(("Problem", p) for p in a.problems)))
    columns = ("", "Provisions", "Obligations")
    at = _block(sheet, styles, at, "What may be claimed", (columns, *support_rows(ics)))
    at = _block(sheet, styles, at, "Verdicts on the provisions", ((), *verdict_rows(a)))
    versions = tuple((v.version, v.date, v.author, v.change) for v in history(a, options))
    heads = ("Version", "Date", "Author", "Change")
    at = _block(sheet, styles, at, "Version history", (heads, *versions))
    sheets = tuple((t.name, f"{len(t.rows):,} rows. {t.about}") for t in tables)
    at = _block(sheet, styles, at, "Sheets", ((), *sheets))
    _block(sheet, styles, at, "Words", ((), *_LEGEND))
    set_page(sheet, system=a.system.name, note=options.classification)


def cover_facts(a: Assessment, options: StatementOptions) -> tuple[tuple[str, str], ...]:
    """What identifies the statement, label and value; what is unknown says so."""
    s = a.system
    unknown = "not stated"
    return (
        ("System", s.name),
        ("Version", s.version or unknown),
        ("Purpose", s.purpose or unknown),
        ("Organisation", s.organisation or unknown),
        ("Who answers for it", s.owner or unknown),
        (
            "Roles held",
            ", ".join(r.value for r in s.roles) or f"{unknown}, so every role's duties are in scope",
        ),
        ("Classification", options.classification or "none given"),
        ("Assessed at", a.assessed_at),
        ("Made by", f"Assaymark {a.tool_version}, from the folder {a.root} ({a.files:,} files)"),
        ("Git commit", a.commit or "not known"),
        ("Standard", f"{a.edition}, catalogue SHA-256 {a.catalogue_sha256}"),
        ("Ledger", f"{a.ledger_size:,} entries, root {a.ledger_root or unknown}"),
        ("Ledger's key", a.public_key or unknown),
    )


def support_rows(ics: IcsV1) -> tuple[tuple[str, str, str], ...]:
    """Support with denominators: of all that apply, and of all."""
    both = (ics.provisions, ics.obligations)

    def line(label: str, field: str) -> tuple[str, str, str]:
        provisions, obligations = (share(getattr(c, field), c.applicable) for c in both)
        return label, provisions, obligations

    def whole(count: IcsCountsV1) -> str:
        return f"{count.applicable} of {count.total}"

    out = (f"{both[0].not_applicable} of {both[0].total}", f"{both[1].not_applicable} of {both[1].total}")
    return (
        ("Applicable", whole(both[0]), whole(both[1])),
        line("Y, supported", "supported"),
        line("N, not supported", "not_supported"),
        line("Not determined", "not_determined"),
        ("N/A", *out),
    )


def verdict_rows(a: Assessment) -> tuple[tuple[str, str], ...]:
    """Verdicts on the provisions, of all."""
    counts = tally(a.results)
    return tuple((verdict.value, share(number, counts.total)) for verdict, number in counts.parts)


def _block(
    sheet: "Worksheet", styles: Styles, at: int, title: str, lines: tuple[tuple[str, ...], ...]
) -> int:
    """A heading, a line of column heads (or none), and lines; gives the row after it."""
    sheet.write_string(at, 0, title, styles.heading)
    heads, *rest = lines
    at += 1
    if heads:
        for column, head in enumerate(heads):
            sheet.write_string(at, column, head, styles.header)
        at += 1
    for line in rest:
        for column, text in enumerate(line):
            write_text(sheet, at, column, text, styles.text if column else styles.label, styles)
        if len(line) in (2, 4):
            _widen(sheet, styles, at, len(line) - 1, line[-1])
        at += 1
    return at + 1


def _widen(sheet: "Worksheet", styles: Styles, at: int, column: int, text: str) -> None:
    """Let the last cell of a line take the rest of the width."""
    sheet.merge_range(at, column, at, 4, "", styles.text)
    write_text(sheet, at, column, text, styles.text, styles)
    lines = min(10, -(-len(text) // (105 if column == 1 else 60)))
    sheet.set_row(at, 3 + 13.5 * max(1, lines))
