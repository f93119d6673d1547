"""The conformance statement as a workbook."""

import re
import subprocess
import sys
import zipfile
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from msgspec.structs import replace

from assaymark.assess.assessment import Assessment
from assaymark.errors import UsageError
from assaymark.observation import Detail, Location
from assaymark.report.ics_options import StatementOptions, VersionRow, checked_logo
from assaymark.report.ixit_tables import Column, Table, evidence_table
from assaymark.report.xlsx import render_xlsx
from assaymark.report.xlsx_sheet import MAX_CELL, Styles, cell_text, write_table
from assaymark.standard.catalogue import obligation_ids
from tests.examples.examples import assessed
from tests.report.ooxml import assert_whole, png
from tests.report.sample import sample

SAMPLE = sample()
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://e.example","x")', "\t=1", "\r=1", "'=1")
SHEETS = [
    "Cover",
    "Conformance",
    "Evidence",
    "Assets",
    "Scope",
    "Open questions",
    "Action plan",
    "Waivers and risks",
    "Thresholds and limits",
]


def opened(assessment: Assessment, options: StatementOptions | None = None) -> Any:
    """The workbook as an independent reader sees it, formulas as formulas."""
    return openpyxl.load_workbook(BytesIO(render_xlsx(assessment, options)))


def column(sheet: Any, title: str) -> list[Any]:
    """Values below one header."""
    heads = [c.value for c in sheet[1]]
    return [row[heads.index(title)].value for row in sheet.iter_rows(min_row=2)]


@pytest.fixture(scope="module", params=["written by hand", "agent"])
def book(request: pytest.FixtureRequest) -> Any:
    """The workbook of one written by hand with hostile text, and of a real example."""
    return opened(SAMPLE if request.param == "written by hand" else assessed("agent"))


def test_every_sheet_is_there_with_header_filter_and_frozen_row(book: Any) -> None:
    """What auditors expect of a sheet: a header that stays, filters, widths."""
    assert book.sheetnames == SHEETS
    for name in SHEETS[1:]:
        sheet = book[name]
        assert sheet.freeze_panes in ("A2", "B2")
        assert sheet.auto_filter.ref.startswith("A1:")
        assert all(c.value for c in sheet[1])
        assert sheet.column_dimensions["A"].width > 5


def test_every_provision_and_obligation_is_there(book: Any) -> None:
    """72 and 115, in the standard's order."""
    ids, kinds = column(book["Conformance"], "Id"), column(book["Conformance"], "Kind")
    pairs = list(zip(ids, kinds, strict=True))
    assert [i for i, k in pairs if k == "obligation"] == list(obligation_ids())
    assert sum(k == "provision" for k in kinds) == 72
    assert len(ids) == 187


def test_every_evidence_reference_resolves_to_a_row(book: Any) -> None:
    """An entry that a row cites is a row of the sheet Evidence, with its leaf hash."""
    known = set(column(book["Evidence"], "Entry"))
    cited = {
        found
        for title in ("Evidence (entries)", "Counter-evidence (entries)")
        for cell in column(book["Conformance"], title)
        for found in re.findall(r"^#\d+", cell or "", re.MULTILINE)
    }
    assert cited
    assert cited <= known
    assert all(len(leaf) == 64 for leaf in column(book["Evidence"], "Leaf hash (RFC 6962)"))


def test_colour_never_stands_alone(book: Any) -> None:
    """Each support and verdict is a word."""
    assert set(column(book["Conformance"], "Support")) <= {"Y", "N", "N/A", "not determined"}
    verdicts = {"pass", "fail", "inconclusive", "not applicable"}
    assert set(column(book["Conformance"], "Verdict")) <= verdicts


def test_the_action_plan_leaves_room_for_people(book: Any) -> None:
    """Owner, date, effort and state come empty, one line a step."""
    plan = book["Action plan"]
    assert len(column(plan, "What to do")) > 3
    for title in ("Owner", "Until", "Effort", "State"):
        assert set(column(plan, title)) == {None}
    assert set(column(plan, "Force")) <= {"shall", "should"}


def test_the_cover_says_what_it_is_and_counts_with_denominators(book: Any) -> None:
    """Self-assessment, edition, classification, history; a share is never without its whole."""
    words = "\n".join(str(c.value) for row in book["Cover"].iter_rows() for c in row if c.value)
    for expected in ("self-assessment", "EN 304 223 V2.1.1", "Classification", "Version history", "of 72"):
        assert expected in words
    assert "of 115" in words


def test_no_cell_is_a_formula_or_a_link(book: Any) -> None:
    """Whatever the material says, a spreadsheet computes nothing and fetches nothing."""
    for sheet in book:
        assert not [c.coordinate for row in sheet.iter_rows() for c in row if c.data_type == "f"]
        assert not [c.coordinate for row in sheet.iter_rows() for c in row if c.hyperlink]


@pytest.mark.parametrize("text", FORMULAS)
def test_text_that_looks_like_a_formula_stays_text(text: str) -> None:
    """It reads the same, is a string, and stays one when somebody edits the cell."""
    observation = replace(SAMPLE.evidence[0].observation, summary=text, check=text, by=text)
    evidence = (replace(SAMPLE.evidence[0], observation=observation), *SAMPLE.evidence[1:])
    system = replace(SAMPLE.system, name=text, version=text, owner=text)
    options = StatementOptions(
        classification=text, versions=(VersionRow(version=text, date=text, author=text, change=text),)
    )
    book = opened(replace(SAMPLE, evidence=evidence, system=system), options)
    cell = next(book["Evidence"].iter_rows(min_row=2))[8]
    assert cell.value == cell_text(text)
    assert cell.data_type == "s"
    assert cell.quotePrefix == text.startswith(("=", "+", "-", "@", "'"))
    assert not [c for sheet in book for row in sheet.iter_rows() for c in row if c.data_type == "f"]


def test_no_member_of_the_package_holds_a_formula() -> None:
    """Not even one that a lenient reader would not show."""
    with zipfile.ZipFile(BytesIO(render_xlsx(SAMPLE))) as package:
        for name in package.namelist():
            assert b"<f>" not in package.read(name)
            assert b"<hyperlink" not in package.read(name)


@pytest.mark.parametrize(
    "text", ["x" * 40_000, "😀" * 20_000, "x" * MAX_CELL, "\x00" * 9_000, "_x0041_" * 3, "caf\udce9", "a\nb"]
)
def test_a_cell_holds_at_most_what_excel_can(text: str) -> None:
    """Longer text ends with a mark that says where the whole is; shorter text is whole."""
    shown = cell_text(text)
    units = len(shown.encode("utf-16-le")) // 2
    assert units <= MAX_CELL
    assert shown.endswith("[cut: the whole text is in the JSON statement]") == (
        units < len(text.encode("utf-16-le", "surrogatepass")) // 2 or text[0] == "\x00"
    )


def test_long_and_odd_text_survives_the_file() -> None:
    """Excel's own escapes, emoji and cut cells are read back as they were meant."""
    long = "😀" * 20_000
    observation = replace(
        SAMPLE.evidence[0].observation,
        summary=long,
        by="_x0041_ literally",
        details=(Detail("x", Location("a\nb\udce9.py", 3)),),
    )
    book = opened(replace(SAMPLE, evidence=(replace(SAMPLE.evidence[0], observation=observation),)))
    row = [c.value for c in next(book["Evidence"].iter_rows(min_row=2))]
    assert row[8] == cell_text(long)
    assert "literally" in row[3]
    assert row[9] == "a\\nb\\udce9.py:3"


def test_rows_that_do_not_fit_are_counted() -> None:
    """The sheet's last row says how many were left out."""
    import xlsxwriter

    out = BytesIO()
    writer = xlsxwriter.Workbook(out, {"in_memory": True})
    table = Table("Many", "A number.", (Column("No", 6),), tuple((n,) for n in range(50)))
    write_table(writer, Styles(writer), table, system="s", note="", most=20)
    writer.close()
    sheet = openpyxl.load_workbook(out)["Many"]
    assert sheet.max_row == 20
    assert sheet["A20"].value == "32 more rows do not fit here: see the JSON statement."
    assert sheet["A19"].value == 17


def test_an_empty_table_says_so() -> None:
    """Nothing to list is a sentence, not a blank sheet."""
    bare = replace(SAMPLE, evidence=(), assets=(), edges=())
    assert opened(bare)["Evidence"]["A2"].value == "Nothing to list."
    assert evidence_table(()).rows == ()


def test_options_are_printed() -> None:
    """Classification, history and logo stand on the cover."""
    options = StatementOptions(
        classification="Confidential & more",
        logo=png(text=b"secret"),
        versions=(VersionRow(version="1.2", date="2026-11-01", author="Ada", change="First issue"),),
    )
    document = render_xlsx(SAMPLE, options)
    book = openpyxl.load_workbook(BytesIO(document))
    words = {str(c.value) for row in book["Cover"].iter_rows() for c in row}
    assert words >= {"Confidential & more", "1.2", "First issue"}
    assert "Confidential && more" in book["Evidence"].oddFooter.center.text
    with zipfile.ZipFile(BytesIO(document)) as package:
        (picture,) = [n for n in package.namelist() if n.endswith(".png")]
        assert b"secret" not in package.read(picture)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"GIF89a", "no PNG"),
        (png()[:-20], "without a whole picture|damaged"),
        (png().replace(b"IDAT", b"IDAX"), "damaged"),
        (b"\x89PNG\r\n\x1a\n", "without a whole picture"),
        (png(width=5000, height=1), "5,000 by 1"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 1_100_000, "too large"),
        (b"\x89PNG\r\n\x1a\n" + b"\xff\xff\xff\xffIHDR" + b"\x00" * 40, "damaged"),
    ],
    ids=["gif", "short", "wrong checksum", "empty", "wide", "large", "endless chunk"],
)
def test_a_logo_that_is_no_sound_picture_is_refused(data: bytes, message: str) -> None:
    """It is named, with advice, before anything is written."""
    with pytest.raises(UsageError, match=message) as caught:
        render_xlsx(SAMPLE, StatementOptions(logo=data))
    assert caught.value.advice


def test_a_logo_keeps_only_its_picture() -> None:
    """Texts and what follows the picture are left out."""
    logo = checked_logo(png(text=b"who drew it") + b"trailing")
    assert logo is not None
    assert logo.data == png()
    assert (logo.width, logo.height) == (8, 4)


def test_the_same_assessment_gives_the_same_bytes() -> None:
    """The date in the file is that of the assessment; no clock goes in."""
    document = render_xlsx(SAMPLE, StatementOptions(logo=png()))
    assert document == render_xlsx(sample(), StatementOptions(logo=png()))
    with zipfile.ZipFile(BytesIO(document)) as package:
        assert {i.date_time for i in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"2026-11-23T10:15:00Z" in package.read("docProps/core.xml")


def test_every_relationship_of_the_package_has_its_target() -> None:
    """The package is whole: each part that another names exists, and none points outside."""
    assert_whole(render_xlsx(SAMPLE, StatementOptions(logo=png())))


def test_without_the_extra_it_says_what_to_install() -> None:
    """One line names the command."""
    script = (
        "import sys; sys.modules['xlsxwriter'] = None\n"
        "from assaymark.report.xlsx import render_xlsx\n"
        "from tests.report.sample import sample\n"
        "try:\n    render_xlsx(sample())\nexcept Exception as e:\n    print(e)"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert "pip install 'assaymark[office]'" in run.stdout


def test_importing_the_renderer_imports_nothing_heavy() -> None:
    """The library loads when a workbook is written, not before."""
    script = "import sys, assaymark.report.xlsx; print('xlsxwriter' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert run.stdout == "False\n"
