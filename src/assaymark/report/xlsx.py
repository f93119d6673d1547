"""The conformance statement as an Excel workbook, as auditors ask for it (extra `office`).

Every cell is written as a string or a number, never as a formula or a link; what Excel cannot hold is shown
escaped or cut with a visible mark, and stands whole in the JSON statement. The same assessment and options
give the same bytes.
"""

from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING

from assaymark.assess.assessment import Assessment
from assaymark.errors import UsageError
from assaymark.report.ics import conformance_statement
from assaymark.report.ics_format import IcsV1
from assaymark.report.ics_options import StatementOptions, checked_logo
from assaymark.report.ixit import extra_information
from assaymark.report.ixit_tables import (
    Table,
    action_table,
    asset_table,
    conformance_table,
    decision_table,
    evidence_table,
    limit_table,
    question_table,
    scope_table,
)
from assaymark.report.text import printable
from assaymark.report.view import rows
from assaymark.report.xlsx_cover import write_cover
from assaymark.report.xlsx_sheet import Styles, write_table

if TYPE_CHECKING:
    import xlsxwriter

__all__ = ["render_xlsx"]


def render_xlsx(assessment: Assessment, options: StatementOptions | None = None) -> bytes:
    """The workbook: cover, conformance, evidence, assets, scope, open questions, action plan, limits.

    Raises:
        UsageError: XlsxWriter is not installed, or the logo is no sound PNG.
    """
    options = options or StatementOptions()
    logo = checked_logo(options.logo)
    ics = conformance_statement(assessment)
    tables = _tables(assessment, ics)
    out = BytesIO()
    book = _workbook(out)
    book.set_properties(
        {
            "title": printable(f"Conformance statement: {assessment.system.name}")[:255],
            "subject": assessment.edition,
            "author": f"Assaymark {assessment.tool_version}",
            "comments": ics.statement,
            "created": datetime.fromisoformat(assessment.assessed_at).replace(tzinfo=None),
        }
    )
    styles = Styles(book)
    write_cover(book, styles, assessment, ics, options, logo, tables)
    for table in tables:
        write_table(book, styles, table, system=assessment.system.name, note=options.classification)
    book.close()
    return out.getvalue()


def _tables(a: Assessment, ics: IcsV1) -> tuple[Table, ...]:
    ixit = extra_information(a)
    return (
        conformance_table(ics),
        evidence_table(a.evidence),
        asset_table(ixit),
        scope_table(ixit),
        question_table(ixit),
        action_table(rows(a)),
        decision_table(a),
        limit_table(a),
    )


def _workbook(out: BytesIO) -> "xlsxwriter.Workbook":
    try:
        import xlsxwriter
    except ImportError as error:
        raise UsageError("XLSX needs a package.", "Run: pip install 'assaymark[office]'") from error
    settings = {
        "in_memory": True,  # members then carry a fixed time
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    return xlsxwriter.Workbook(out, settings)
