"""The four outputs of a scan say the same, to people and to machines, and cannot be made to deceive."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import msgspec
import pytest

import assaymark.report
from assaymark.inspection import ScanReport
from assaymark.report.scan.json_v1 import render_json
from assaymark.report.scan.junit import render_junit
from assaymark.report.scan.sarif import render_sarif
from assaymark.report.scan.terminal import render_terminal
from assaymark.report.text import columns
from tests.report.scan.sample import CLEAN, REPORT

SCHEMA = json.loads(
    (Path(assaymark.report.__file__).parent / "schemas/scan-v1.schema.json").read_text(encoding="utf-8")
)
CLEAN_REPORT = ScanReport(target="w", tool_version="0.1.0", files=1, inspections=(CLEAN,))


def test_json_fits_its_schema() -> None:
    """And the schema is a schema."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    document = json.loads(render_json(REPORT))

    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    assert document["verdict"] == "dangerous"
    assert document["counts"] == {"dangerous": 1, "inconclusive": 1, "unknown": 1, "clean": 1}
    assert document["files"][1]["hazards"][0]["offset"] == 17


def test_a_schema_without_meaning_would_show() -> None:
    """A field too many and a verdict that does not exist are refused."""
    document = json.loads(render_json(REPORT))
    for broken in (document | {"extra": 1}, document | {"verdict": "fine"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.Draft202012Validator(SCHEMA).validate(broken)


def test_sarif_names_each_hazard_and_hole() -> None:
    """Dangerous ones are errors; paths are percent-encoded; text cannot become a link."""
    run = json.loads(render_sarif(REPORT))["runs"][0]

    assert [r["level"] for r in run["results"]] == ["error", "warning", "warning", "warning", "note"]
    rules = [r["id"] for r in run["tool"]["driver"]["rules"]]
    assert [rules[r["ruleIndex"]] for r in run["results"]] == [r["ruleId"] for r in run["results"]]
    assert {"pickle-call", "not-covered"} <= set(rules)
    first = run["results"][0]
    uri = first["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "weights/evil%1B%5B2J%E2%80%AE.pkl"
    assert "](" not in first["message"]["text"]
    assert len({r["partialFingerprints"]["assaymark-scan/v1"] for r in run["results"]}) == 5


def test_junit_is_xml_with_a_case_for_each_file() -> None:
    """Counts agree with the cases."""
    suite = ET.fromstring(render_junit(REPORT))[0]

    assert suite.attrib["tests"] == str(len(suite.findall("testcase"))) == "4"
    assert suite.attrib["failures"] == str(len(suite.findall("testcase/failure"))) == "2"
    assert suite.attrib["errors"] == str(len(suite.findall("testcase/error"))) == "1"


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("verbose", [False, True])
def test_text_fits_the_terminal_and_is_safe(width: int, verbose: bool) -> None:
    """No line is longer; no character moves the cursor or the order of the text."""
    text = render_terminal(REPORT, width=width, verbose=verbose)

    assert max(columns(line) for line in text.splitlines()) <= width
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert text.isprintable() is False
    assert all(line.isprintable() for line in text.splitlines())


def test_the_worst_comes_first_and_shows_its_code() -> None:
    """What loading calls, where, and the opcodes around it."""
    text = render_terminal(REPORT)

    assert text.index("evil") < text.index("locked.zip") < text.index("custom.pkl")
    assert "os.system" in text
    assert "byte 17" in text
    assert "REDUCE" in text
    assert "good.safetensors" not in text  # only --verbose lists clean files


def test_a_clean_report_says_so_and_what_it_did_not_look_at() -> None:
    """Silence would be no answer."""
    text = render_terminal(CLEAN_REPORT)

    assert "1 clean" in text
    assert "0 dangerous" in text
    assert "nothing was loaded or run" in text


def test_what_was_not_looked_at_keeps_the_whole_from_being_clean() -> None:
    """A link that leads out may lead to anything."""
    whole = msgspec.structs.replace(CLEAN_REPORT, not_looked_at=REPORT.not_looked_at)

    assert (CLEAN_REPORT.verdict.value, whole.verdict.value) == ("clean", "inconclusive")
