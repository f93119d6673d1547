"""What surrounds the text of a Word document: page, styles, header and footer, logo."""

from io import BytesIO
from typing import TYPE_CHECKING, cast

from assaymark.report.docx_blocks import safe
from assaymark.report.ics_options import Logo
from assaymark.report.text import cut_middle

if TYPE_CHECKING:
    from docx.document import Document
    from docx.styles.style import ParagraphStyle

__all__ = ["dress", "fill", "number_pages", "place_logo"]

_NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_INK = (0x22, 0x38, 0x4D)
_FONT = "Calibri"
# Style name, style it is based on, points, bold, ink, space before and after in points
_STYLES = (
    ("Title", "Normal", 26, True, True, 60, 6),
    ("Subtitle", "Normal", 16, False, True, 0, 14),
    ("Heading 1", "Normal", 18, True, True, 24, 8),
    ("Heading 2", "Normal", 13, True, True, 18, 4),
    ("List Bullet", "Normal", 10, False, False, 0, 2),
    ("Table Text", "Normal", 8.5, False, False, 0, 0),
    ("Table Head", "Normal", 8.5, True, False, 0, 0),
    ("Block Label", "Normal", 10, True, True, 8, 3),
    ("Contents Title", "Normal", 18, True, True, 0, 10),
    ("toc 1", "Normal", 10, True, False, 6, 0),
    ("toc 2", "Normal", 9.5, False, False, 0, 0),
)
_IDS = {"toc 1": "TOC1", "toc 2": "TOC2"}
"""Ids by which programs know Word's own styles."""


def dress(document: "Document") -> None:
    """A4 with margins of 2 cm, and the few styles in use."""
    from docx.shared import Cm

    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(2)
    normal = cast("ParagraphStyle", document.styles["Normal"])
    _face(normal, 10, bold=False, ink=False)
    _space(normal, 0, 6)
    _speak(normal)
    for name, base, points, bold, ink, before, after in _STYLES:
        style = _style(document, name)
        style.base_style = document.styles[base]
        _face(style, points, bold=bold, ink=ink)
        _space(style, before, after)
    _arrange(document)


def fill(document: "Document", xml: str) -> None:
    """Put blocks at the end of the text, before the properties of the last section; nothing can follow.

    The text is joined before it is parsed: to move parsed blocks into a tree takes time that grows with its
    square, 25 seconds for 5,000 entries of evidence.
    """
    from docx.oxml import parse_xml
    from lxml import etree

    written = etree.tostring(document.element, encoding="unicode")
    before, mark, after = written.rpartition("<w:sectPr")
    whole = f"{before}{xml}{mark}{after}".encode()
    document.part._element = parse_xml(whole)


def place_logo(document: "Document", logo: Logo) -> None:
    """The logo at the top of the cover, at most 6 cm wide and 2.5 cm high."""
    from docx.shared import Cm

    width = min(Cm(6), Cm(2.5) * logo.width // logo.height)
    picture = document.add_picture(BytesIO(logo.data), width=width)
    properties = picture._inline.docPr  # python-docx has no other way to alternative text
    properties.set("descr", "Logo")
    properties.set("name", "Logo")


def number_pages(document: "Document", system: str, classification: str) -> None:
    """Header with system and classification; footer with what this is and page numbers."""
    section = document.sections[0]
    left, right = (cut_middle(text, 60) for text in (system, classification))
    _line(section.header, f"{_text(left)}{_TAB}{_text(right)}")
    said = _text("A self-assessment; it certifies nothing.")
    _line(section.footer, f"{said}{_TAB}{_text('Page ')}{_field('PAGE')}{_text(' of ')}{_field('NUMPAGES')}")


def _line(part: object, runs: str) -> None:
    """Make `runs` the one line of a header or footer, with a tab stop at the right margin."""
    from docx.oxml import parse_xml

    element = part._element  # type: ignore[attr-defined]  # fields have no public way in
    for old in list(element):
        element.remove(old)
    tabs = '<w:tabs><w:tab w:val="clear" w:pos="4320"/><w:tab w:val="clear" w:pos="8640"/>'
    tabs += '<w:tab w:val="right" w:pos="9638"/></w:tabs>'
    properties = f'<w:pPr><w:pStyle w:val="TableText"/>{tabs}</w:pPr>'
    element.append(parse_xml(f'<w:p xmlns:w="{_NAMESPACE}">{properties}{runs}</w:p>'))


def _text(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{safe(text)}</w:t></w:r>'


def _field(name: str) -> str:
    return f'<w:fldSimple w:instr=" {name} "><w:r><w:t>1</w:t></w:r></w:fldSimple>'


_TAB = "<w:r><w:tab/></w:r>"


def _style(document: "Document", name: str) -> "ParagraphStyle":
    """A paragraph style by name, made if the template lacks it."""
    from docx.enum.style import WD_STYLE_TYPE

    styles = document.styles
    if name in [s.name for s in styles]:
        return cast("ParagraphStyle", styles[name])
    style = cast("ParagraphStyle", styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH, builtin=name in _IDS))
    style.element.set(f"{{{_NAMESPACE}}}styleId", _IDS.get(name, name.replace(" ", "")))
    return style


def _face(style: "ParagraphStyle", points: float, *, bold: bool, ink: bool) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    style.font.name = _FONT
    style.font.size = Pt(points)
    style.font.bold = bold
    style.font.italic = False
    style.font.color.rgb = RGBColor(*_INK) if ink else RGBColor(0x1A, 0x1A, 0x1A)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)  # a theme's font would win over the one named


def _space(style: "ParagraphStyle", before: float, after: float) -> None:
    from docx.shared import Pt

    style.paragraph_format.space_before = Pt(before)
    style.paragraph_format.space_after = Pt(after)


def _speak(style: "ParagraphStyle") -> None:
    """Say which language it is in, for spelling and for readers aloud."""
    from docx.oxml import parse_xml

    style.element.get_or_add_rPr().append(parse_xml(f'<w:lang xmlns:w="{_NAMESPACE}" w:val="en-GB"/>'))


def _arrange(document: "Document") -> None:
    """Where pages break, how contents are aligned, what colour a table's head has."""
    from docx.enum.text import WD_TAB_ALIGNMENT, WD_TAB_LEADER
    from docx.shared import Cm, RGBColor

    styles = {s.name: s for s in document.styles}
    title = cast("ParagraphStyle", styles["Title"])
    for border in title.element.get_or_add_pPr().findall(f"{{{_NAMESPACE}}}pBdr"):
        title.element.pPr.remove(border)
    cast("ParagraphStyle", styles["Heading 1"]).paragraph_format.page_break_before = True
    cast("ParagraphStyle", styles["Table Head"]).font.color.rgb = RGBColor(0xFF, 0xFF, 0xFF)
    cast("ParagraphStyle", styles["Block Label"]).paragraph_format.keep_with_next = True
    for name, indent in (("toc 1", 0.0), ("toc 2", 0.6)):
        contents = cast("ParagraphStyle", styles[name]).paragraph_format
        contents.left_indent = Cm(indent)
        contents.tab_stops.add_tab_stop(Cm(17), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)
