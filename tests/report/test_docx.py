"""The conformance statement as a Word document."""

import subprocess
import sys
import zipfile
from io import BytesIO
from typing import Any
from xml.etree import ElementTree as ET

import docx
import pytest
from msgspec.structs import replace

from assaymark.assess.assessment import Assessment, Verdict
from assaymark.errors import UsageError
from assaymark.observation import Detail, Location
from assaymark.report.docx import render_docx
from assaymark.report.docx_blocks import Cell, safe, table
from assaymark.report.ics_options import StatementOptions, VersionRow
from assaymark.standard.catalogue import obligation_ids
from tests.examples.examples import assessed
from tests.report.ooxml import assert_whole, png
from tests.report.sample import HOSTILE, sample

SAMPLE = sample()
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def opened(assessment: Assessment, options: StatementOptions | None = None) -> Any:
    """The document as python-docx reads it back."""
    return docx.Document(BytesIO(render_docx(assessment, options)))


def headings(document: Any) -> list[tuple[str, str]]:
    """Style and text of each heading."""
    return [(p.style.name, p.text) for p in document.paragraphs if p.style.name.startswith("Heading")]


def rows(document: Any) -> list[list[str]]:
    """Texts of every row of every table, read from the XML because python-docx is slow at it."""
    found = []
    for row in document.element.body.iter(f"{W}tr"):
        cells = row.findall(f"{W}tc")
        found.append(["".join(t.text or "" for t in cell.iter(f"{W}t")) for cell in cells])
    return found


@pytest.fixture(scope="module", params=["written by hand", "agent"])
def assessment(request: pytest.FixtureRequest) -> Assessment:
    """One written by hand with hostile text, and one of a real example."""
    return SAMPLE if request.param == "written by hand" else assessed("agent")


@pytest.fixture(scope="module")
def document(assessment: Assessment) -> Any:
    """Its document."""
    return opened(assessment)


def test_every_provision_has_a_heading_and_every_obligation_a_row(
    document: Any, assessment: Assessment
) -> None:
    """72 below their 13 principles, and 115 with status and support."""
    found = headings(document)
    ids = [text.split()[0] for style, text in found if style == "Heading 2"]
    assert ids == [p.id for p in assessment.provisions]
    assert sum(text.startswith("Principle ") for _, text in found) == 13
    listed = [row[0] for row in rows(document) if len(row) == 5 and "#" in row[0]]
    assert [i for i in listed if i in set(obligation_ids())][-115:] == list(obligation_ids())


def test_a_heading_says_the_verdict_in_words(document: Any, assessment: Assessment) -> None:
    """A sign and a word, so that nothing rests on colour."""
    verdicts = [r.verdict.value for r in assessment.results]
    assert [t.split(maxsplit=2)[2] for s, t in headings(document) if s == "Heading 2"] == verdicts


def test_every_entry_of_evidence_is_in_the_appendix(document: Any, assessment: Assessment) -> None:
    """Entry number and leaf hash, so that every reference in the text resolves."""
    leaves = {row[0]: row[4] for row in rows(document) if len(row) == 5 and "recorded" in row[4]}
    assert all(leaves[f"#{e.index}"].startswith(e.leaf) for e in assessment.evidence)


def test_contents_lead_to_every_heading(document: Any) -> None:
    """Each line is a link to a bookmark that exists once, with a field for its page."""
    body = document.element.body
    bookmarks = [b.get(f"{W}name") for b in body.iter(f"{W}bookmarkStart")]
    anchors = [h.get(f"{W}anchor") for h in body.iter(f"{W}hyperlink")]
    fields = [i.text.split()[1] for i in body.iter(f"{W}instrText")]
    assert len(bookmarks) == len(set(bookmarks)) == len(headings(document))
    assert anchors == bookmarks == fields


def test_headers_repeat_and_tables_say_what_they_hold(document: Any) -> None:
    """A table with a header repeats it on each page, and each has a text for who cannot see it."""
    for found in document.element.body.iter(f"{W}tbl"):
        assert found.find(f"{W}tblPr/{W}tblCaption").get(f"{W}val")
        heads = found.findall(f"{W}tr/{W}trPr/{W}tblHeader")
        first = found.find(f"{W}tr")
        if first.find(f".//{W}pStyle").get(f"{W}val") == "TableHead":
            assert len(heads) == 1
    assert any(True for _ in document.element.body.iter(f"{W}tblHeader"))


def test_page_numbers_classification_and_what_it_is_stand_on_every_page() -> None:
    """Header and footer carry them."""
    document = opened(SAMPLE, StatementOptions(classification="Confidential <&>"))
    section = document.sections[0]
    assert "Confidential <&>" in "".join(t.text for t in section.header._element.iter(f"{W}t"))
    footer = section.footer._element
    fields = [f.get(f"{W}instr").strip() for f in footer.iter(f"{W}fldSimple")]
    assert fields == ["PAGE", "NUMPAGES"]
    assert "certifies nothing" in "".join(t.text for t in footer.iter(f"{W}t"))


def test_the_cover_has_logo_with_text_and_version_history() -> None:
    """The picture is bounded and described; history rows are as given."""
    versions = (VersionRow(version="1.2", date="2026-11-01", author="Ada", change="First issue"),)
    document = opened(SAMPLE, StatementOptions(logo=png(width=400, height=100), versions=versions))
    (picture,) = document.inline_shapes
    assert picture._inline.docPr.get("descr") == "Logo"
    assert picture.width.cm <= 6
    assert picture.height.cm <= 2.5
    assert ["1.2", "2026-11-01", "Ada", "First issue"] in rows(document)


def test_the_summary_counts_with_denominators(document: Any) -> None:
    """72 and 115 are said beside every count."""
    text = "\n".join(" ".join(row) for row in rows(document))
    assert "of 72" in text
    assert "of 115" in text
    assert any("self-assessment" in p.text for p in document.paragraphs)


def test_what_fails_and_what_is_out_of_scope_is_summed_up(document: Any, assessment: Assessment) -> None:
    """Each failing provision is a row of the summary, with its force."""
    listed = [
        row[0] for row in rows(document) if len(row) == 4 and row[1] in ("shall", "should", "shall+should")
    ]
    assert listed == [r.id for r in assessment.results if r.verdict is Verdict.FAIL]


def test_counter_evidence_stands_apart(document: Any) -> None:
    """It has a table of its own before the evidence."""
    labels = [p.text for p in document.paragraphs if p.style.name == "Block Label"]
    assert {"Counter-evidence", "Evidence", "Open questions", "What would move the verdict"} <= set(labels)


def test_hostile_text_is_shown_and_does_nothing() -> None:
    """Mark-up is text, controls and surrogates are spelt out, and every part is sound XML."""
    odd = "caf\udce9 \x00\x1b[31m\ufffe ]]></w:t></w:r><w:p>" + HOSTILE
    observation = replace(
        SAMPLE.evidence[0].observation, summary=odd, details=(Detail(odd, Location(odd, 2)),), by=odd
    )
    evidence = (replace(SAMPLE.evidence[0], observation=observation), *SAMPLE.evidence[1:])
    system = replace(SAMPLE.system, name=odd, version=odd, owner=odd, organisation=odd)
    data = render_docx(
        replace(SAMPLE, evidence=evidence, system=system), StatementOptions(classification=odd)
    )
    with zipfile.ZipFile(BytesIO(data)) as package:
        for name in package.namelist():
            if name.endswith((".xml", ".rels")):
                ET.fromstring(package.read(name))
    text = "\n".join(" ".join(row) for row in rows(docx.Document(BytesIO(data))))
    assert "caf\\udce9 \\x00\\x1b[31m" in text
    assert "</w:t></w:r><w:p>" in text
    assert "\u202e" not in text


def test_long_text_is_cut_with_a_mark() -> None:
    """Nobody takes a part for the whole."""
    assert safe("x" * 10_000).endswith("[cut: the whole text is in the JSON statement]")
    assert safe("x" * 6_000) == "x" * 6_000


def test_rows_that_do_not_fit_are_counted() -> None:
    """A table of very many rows says how many were left out."""
    assert "7 more rows: see the JSON statement." in table(
        ("No",), [(str(n),) for n in range(5_007)], (1,), "n"
    )


def test_a_cell_keeps_line_ends_and_colour() -> None:
    """A line end is a break; a word of the vocabulary has its background, and the word."""
    xml = table(("Name", "Verdict"), [(Cell("a\nb"), "fail")], (1, 1), "t")
    assert "<w:br/>" in xml
    assert 'w:fill="F8DCD9"' in xml
    assert ">fail<" in xml
    assert "F8DCD9" not in table(("Name", "Note"), [("fail", "fail")], (1, 1), "t")


def test_a_bare_assessment_is_still_a_document() -> None:
    """No evidence, no assets, no manifest: every provision is there and says that nobody has spoken."""
    results = tuple(
        replace(
            r,
            waiver=None,
            obligations=tuple(replace(o, evidence=(), counter_evidence=()) for o in r.obligations),
        )
        for r in SAMPLE.results
    )
    bare = replace(SAMPLE, evidence=(), assets=(), edges=(), problems=(), not_looked_at=(), results=results)
    document = opened(bare)
    assert sum(s == "Heading 2" for s, _ in headings(document)) == 72
    assert sum(p.text == "No check and no person has spoken to it." for p in document.paragraphs) == 72


def test_the_same_assessment_gives_the_same_bytes() -> None:
    """The dates in the file are those of the assessment; no clock goes in."""
    data = render_docx(SAMPLE, StatementOptions(logo=png()))
    assert data == render_docx(sample(), StatementOptions(logo=png()))
    with zipfile.ZipFile(BytesIO(data)) as package:
        assert {i.date_time for i in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    about = docx.Document(BytesIO(data)).core_properties
    assert about.created == about.modified
    assert about.created is not None
    assert about.created.isoformat().startswith("2026-11-23T10:15:00")
    assert about.author == "Assaymark 0.1.0"


def test_every_relationship_of_the_package_has_its_target() -> None:
    """The package is whole: each part that another names exists, and none points outside."""
    assert_whole(render_docx(SAMPLE, StatementOptions(logo=png())))


def test_every_style_in_use_exists(document: Any) -> None:
    """A style that is missing would fall back to plain text without a word."""
    known = {s.style_id for s in document.styles}
    assert {s.get(f"{W}val") for s in document.element.body.iter(f"{W}pStyle")} <= known


def test_a_logo_that_is_no_picture_is_refused() -> None:
    """It is named, with advice."""
    with pytest.raises(UsageError, match="no PNG"):
        render_docx(SAMPLE, StatementOptions(logo=b"<svg/>"))


def test_without_the_extra_it_says_what_to_install() -> None:
    """One line names the command."""
    script = (
        "import sys; sys.modules['docx'] = None\n"
        "from assaymark.report.docx import render_docx\n"
        "from tests.report.sample import sample\n"
        "try:\n    render_docx(sample())\nexcept Exception as e:\n    print(e)"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert "pip install 'assaymark[office]'" in run.stdout


def test_importing_the_renderer_imports_nothing_heavy() -> None:
    """The library loads when a document is written, not before."""
    script = "import sys, assaymark.report.docx; print('docx' in sys.modules, 'lxml' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert run.stdout == "False False\n"
