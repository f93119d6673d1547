"""`assaymark export` from the outside: every format by outside validators, and nothing that is not whole."""

import json
import shutil
import sys
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree as ET

import docx
import junitparser
import openpyxl
import pytest
from click.testing import CliRunner, Result
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from google.protobuf import json_format
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement
from sarif_pydantic import Sarif
from tests.report.bom.sample import full
from tests.report.sample import sample

from assaymark._cli.export import checked, command
from assaymark._cli.import_ import command as import_command
from assaymark.errors import AssaymarkError, NothingToAssess, UsageError
from assaymark.report.formats import FORMATS, Material

EXAMPLE = Path(__file__).resolve().parent.parent.parent / "examples" / "chatbot"


def run(*arguments: str | Path) -> Result:
    """Run the command; errors come through."""
    return CliRunner().invoke(
        command, [*map(str, arguments), "--jobs", "1"], catch_exceptions=False, standalone_mode=False
    )


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Places for all that Assaymark writes, and one moment for all runs."""
    for name in ("STATE_DIR", "CACHE_DIR"):
        monkeypatch.setenv(f"ASSAYMARK_{name}", str(tmp_path / name.lower()))
    monkeypatch.setenv("ASSAYMARK_KEY", str(tmp_path / "keys" / "key.pem"))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795000000")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def project(places: None, tmp_path: Path) -> Path:
    """The smallest thing that can be assessed."""
    root = tmp_path / "project"
    root.mkdir()
    (root / "app.py").write_text("import openai\n\nclient = openai.OpenAI()\n", encoding="utf-8")
    return root


FOREIGN = {
    "version": "2.1.0",
    "runs": [
        {
            "tool": {"driver": {"name": "Semgrep", "version": "1.2", "rules": [{"id": "eval"}]}},
            "results": [{"ruleId": "eval", "level": "error", "message": {"text": "eval of an answer"}}],
        }
    ],
}
"""Another tool's report."""


@pytest.mark.usefixtures("places")
def test_every_format_of_an_example_is_valid_by_outside_judgement(tmp_path: Path) -> None:
    """Checks, persons and another tool speak; one run writes all; what others use reads each of them."""
    system, out = tmp_path / "chatbot", tmp_path / "out"
    shutil.copytree(EXAMPLE, system)  # away from this repository's own history
    Path("foreign.sarif").write_text(json.dumps(FOREIGN), encoding="utf-8")
    words = ["foreign.sarif", "--system", str(system), "--tested", str(system / "app/main.py")]
    CliRunner().invoke(import_command, words, catch_exceptions=False, standalone_mode=False)
    result = run(system, "--format", "all", "--out", out)
    data = {form: (out / row.file).read_bytes() for form, row in FORMATS.items()}

    assert result.return_value == 0
    assert {p.name for p in out.iterdir()} == {row.file for row in FORMATS.values()}
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(data["cyclonedx-1.6"].decode()) is None
    assert JsonStrictValidator(SchemaVersion.V1_7).validate_str(data["cyclonedx-1.7"].decode()) is None
    assert b"Reported by Semgrep 1.2." in data["cyclonedx-1.7"]
    Sarif.model_validate_json(data["sarif"])
    assert sum(len(suite) for suite in junitparser.JUnitXml.fromstring(data["junit"])) == 72
    for form in ("in-toto", "svr"):
        Statement.copy_from_pb(json_format.Parse(data[form], statement_pb2.Statement())).validate()
    assert openpyxl.load_workbook(BytesIO(data["xlsx"])).sheetnames
    assert docx.Document(BytesIO(data["docx"])).tables


@pytest.mark.usefixtures("places")
def test_all_formats_tell_the_same_story(project: Path) -> None:
    """They are drawn from one assessment: the verdicts agree, whoever reads them."""
    run(
        project,
        "--format",
        "json",
        "--format",
        "junit",
        "--format",
        "in-toto",
        "--format",
        "svr",
        "--out",
        "o",
    )
    report = json.loads(Path("o/report.json").read_bytes())
    verdicts = {r["id"]: r["verdict"] for r in report["results"]}
    predicate = json.loads(Path("o/statement.intoto.json").read_bytes())["predicate"]
    root = ET.parse("o/junit.xml").getroot()
    green = {c.get("name", "").partition(" ")[0] for c in root.iter("testcase") if len(c) == 1}

    assert {r["requirement"]: r["verdict"] for r in predicate["results"]} == verdicts
    assert green == {i for i, v in verdicts.items() if v == "pass"}
    assert len(json.loads(Path("o/svr.intoto.json").read_bytes())["predicate"]["properties"]) == len(green)


def test_only_what_was_asked_for_is_written_in_the_tables_order(project: Path) -> None:
    """The table on standard output has a line for each file, with its size, within 80 columns."""
    result = run(project, "--format", "svr", "--format", "json", "--out", "o")
    head, *lines = result.stdout.splitlines()

    assert head.split() == ["Format", "File", "Bytes"]
    assert [line.split() for line in lines] == [
        [form, FORMATS[form].file, f"{Path('o', FORMATS[form].file).stat().st_size:,}"]
        for form in ("json", "svr")
    ]
    assert sorted(p.name for p in Path("o").iterdir()) == ["report.json", "svr.intoto.json"]
    assert result.stderr == "Written to o.\n"


def test_the_same_tree_ledger_and_key_give_the_same_bytes(project: Path) -> None:
    """A second run, answered from the ledger, changes no byte of any format; its table has 80 columns."""
    table = run(project, "--format", "all", "--out", "first").stdout
    run(project, "--format", "all", "--out", "second")

    assert max(map(len, table.splitlines())) <= 80
    for row in FORMATS.values():
        assert Path("first", row.file).read_bytes() == Path("second", row.file).read_bytes(), row.file


def test_an_export_within_the_system_is_no_part_of_it(project: Path) -> None:
    """Writing into the assessed folder changes nothing about what is assessed."""
    for _ in range(2):
        run(project, "--format", "json", "--format", "cyclonedx-1.6", "--out", project / "out")
    files = json.loads((project / "out/report.json").read_bytes())["system"]["files"]
    bill = json.loads((project / "out/declarations-1.6.cdx.json").read_bytes())

    assert files == 1
    assert [c["name"] for c in bill["components"] if c["type"] == "file"] == ["app.py"]


def test_an_export_that_contradicts_itself_is_never_handed_over() -> None:
    """An assessment with passes that rest on nothing gives no file, and the fault is ours: exit code 1."""
    with pytest.raises(AssaymarkError, match=r"scores 1\.0 on no claim") as caught:
        checked(["cyclonedx-1.6"], Material(assessment=sample(), bom=full()))

    assert caught.value.exit_code == 1
    assert "Nothing was written." in caught.value.advice


def test_without_an_extra_all_means_the_rest(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`all` leaves out what is not installed and says how to get it; asked for by name it is an error."""
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    result = run(project, "--format", "all", "--out", "o")

    assert result.return_value == 0
    assert "Not written: xlsx. Install 'assaymark[office]' for them." in result.stderr
    assert not Path("o", FORMATS["xlsx"].file).exists()
    with pytest.raises(UsageError):
        run(project, "--format", "xlsx", "--out", "p")
    assert not Path("p").exists()


def test_classification_logo_and_history_reach_the_document(project: Path) -> None:
    """What a person adds for people stands in the workbook."""
    Path("history.csv").write_text(
        "version,date,author,change\n1.0,2026-01-02,Ada Example,First issue\n\n", encoding="utf-8"
    )
    options = ("--classification", "For the board only", "--history", "history.csv")
    run(project, "--format", "xlsx", *options, "--out", "o", "--quiet")
    book = openpyxl.load_workbook(Path("o", FORMATS["xlsx"].file))
    words = {str(cell.value) for sheet in book for row in sheet for cell in row if cell.value is not None}

    assert any("For the board only" in w for w in words)
    assert any("First issue" in w for w in words)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"when,what\n", "has other columns"),
        (b"", "has other columns"),
        (b"version,date,author,change\n1,2\n", "has 2 cells in row 2"),
        (b"\xff\xfe", "is no CSV file"),
        (b'version,date,author,change\n"1,2', "is no CSV file"),
        (b"x" * 3_000_000, "is longer than"),
    ],
)
def test_a_history_that_is_none_is_refused(project: Path, content: bytes, told: str) -> None:
    """Before anything is assessed, with what is wrong in it."""
    Path("history.csv").write_bytes(content)
    with pytest.raises(UsageError, match=told):
        run(project, "--format", "xlsx", "--history", "history.csv")


def test_other_mistakes_are_told_before_any_work(project: Path) -> None:
    """A picture that is none, a file that is not there, a folder that is empty or in the way."""
    Path("logo.png").write_bytes(b"GIF89a")
    Path("empty").mkdir()
    Path("file").write_bytes(b"")
    with pytest.raises(UsageError, match="no PNG"):
        run(project, "--format", "docx", "--logo", "logo.png")
    with pytest.raises(UsageError, match="cannot be read"):
        run(project, "--format", "docx", "--logo", "gone.png")
    with pytest.raises(NothingToAssess):
        run("empty", "--format", "json")
    with pytest.raises(AssaymarkError, match="Could not write"):
        run(project, "--format", "json", "--out", "file")


def test_quiet_prints_nothing(project: Path) -> None:
    """Nothing on either stream."""
    result = run(project, "--format", "json", "--quiet")

    assert (result.stdout, result.stderr) == ("", "")
