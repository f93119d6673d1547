"""The conformance statement as a Word document, for people who sign on paper (extra `office`).

Cover, version history, contents, summary, a section a principle with every provision and obligation, and
appendices with every entry of evidence. The same assessment and options give the same bytes.
"""

import zipfile
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING

from assaymark.assess.assessment import Assessment
from assaymark.errors import UsageError
from assaymark.report.docx_blocks import contents, label, page_break, paragraph, table
from assaymark.report.docx_frame import dress, fill, number_pages, place_logo
from assaymark.report.docx_sections import Body
from assaymark.report.ics import conformance_statement
from assaymark.report.ics_options import StatementOptions, checked_logo, history
from assaymark.report.ixit import extra_information
from assaymark.report.text import printable
from assaymark.report.xlsx_cover import cover_facts

if TYPE_CHECKING:
    from docx.document import Document

__all__ = ["render_docx"]

_FIXED_TIME = (1980, 1, 1, 0, 0, 0)


def render_docx(assessment: Assessment, options: StatementOptions | None = None) -> bytes:
    """The document.

    Raises:
        UsageError: python-docx is not installed, or the logo is no sound PNG.
    """
    options = options or StatementOptions()
    logo = checked_logo(options.logo)
    document = _document()
    dress(document)
    _describe(document, assessment)
    ics = conformance_statement(assessment)
    body = Body(assessment, ics, extra_information(assessment))
    if logo:
        place_logo(document, logo)
    number_pages(document, printable(assessment.system.name), printable(options.classification))
    listed = paragraph("Contents", "ContentsTitle") + contents(body.entries, ("TOC1", "TOC2"))
    fill(document, _cover(assessment, options, ics.statement) + listed + body.xml)
    out = BytesIO()
    document.save(out)
    return _at_a_fixed_time(out.getvalue())


def _document() -> "Document":
    try:
        import docx
    except ImportError as error:
        raise UsageError("DOCX needs a package.", "Run: pip install 'assaymark[office]'") from error
    return docx.Document()


def _cover(a: Assessment, options: StatementOptions, statement: str) -> str:
    versions = [(v.version, v.date, v.author, v.change) for v in history(a, options)]
    heads = ("Version", "Date", "Author", "Change")
    return "".join(
        (
            paragraph("Implementation conformance statement", "Title"),
            paragraph(a.system.name, "Subtitle"),
            paragraph(f"{a.edition}. {statement}"),
            table((), cover_facts(a, options), (2, 7), "What identifies this statement", labelled=True),
            label("Version history"),
            table(heads, versions, (2, 2, 3, 6), "Version history"),
            page_break(),
        )
    )


def _describe(document: "Document", a: Assessment) -> None:
    """Properties of the file, from the assessment alone."""
    about = document.core_properties
    made = datetime.fromisoformat(a.assessed_at).replace(tzinfo=None)
    about.title = printable(f"Conformance statement: {a.system.name}")[:255]
    about.subject = a.edition
    about.author = about.last_modified_by = f"Assaymark {a.tool_version}"
    about.comments = "A self-assessment; it certifies nothing."
    about.language = "en-GB"
    about.keywords = ""
    about.created = about.modified = made
    about.revision = 1


def _at_a_fixed_time(package: bytes) -> bytes:
    """The same package without the clock: members keep their order and content and lose their time."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(package)) as old, zipfile.ZipFile(out, "w") as new:
        for member in old.infolist():
            fixed = zipfile.ZipInfo(member.filename, _FIXED_TIME)
            fixed.compress_type = zipfile.ZIP_DEFLATED
            fixed.external_attr = 0o600 << 16
            new.writestr(fixed, old.read(member))
    return out.getvalue()
