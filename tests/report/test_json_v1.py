"""The published JSON report, version 1."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

import assaymark.report
from assaymark.assess.assessment import Freshness, Verdict
from assaymark.errors import UsageError
from assaymark.report.json_v1 import read_json, render_json
from assaymark.report.json_v1_format import ReportV1
from tests.report.sample import HOSTILE, sample

SAMPLE = sample()
SCHEMA_PATH = Path(assaymark.report.__file__).with_name("schemas") / "report-v1.schema.json"
SCHEMA: dict[str, Any] = json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))


def test_the_report_follows_its_schema() -> None:
    """An independent validator accepts what is written, and the schema itself is sound."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(json.loads(render_json(SAMPLE)), SCHEMA)


def test_the_published_schema_is_that_of_the_types() -> None:
    """A change to the frozen types shows as a change to a published file."""
    generated = msgspec.json.schema(ReportV1)
    assert {k: v for k, v in SCHEMA.items() if k not in ("$schema", "title")} == generated


@pytest.mark.parametrize(
    ("place", "value"),
    [("assaymark_report", 2), ("results", {}), ("assessed_at", None), ("counts", {"total": 72})],
)
def test_the_schema_refuses_what_is_wrong(place: str, value: object) -> None:
    """The schema can fail: another version, a wrong type, a missing member."""
    report = json.loads(render_json(SAMPLE))
    report[place] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(report, SCHEMA)


def test_all_is_there_and_counts_add_up() -> None:
    """72 results, all evidence, and entry numbers that resolve; text is exact, hostile or not."""
    report = json.loads(render_json(SAMPLE))
    counts = report["counts"]
    assert len(report["results"]) == 72 == counts["total"]
    assert counts["fail"] + counts["inconclusive"] + counts["pass"] + counts["not_applicable"] == 72
    known = {e["index"] for e in report["evidence"]}
    used = {
        i for r in report["results"] for o in r["obligations"] for i in o["evidence"] + o["counter_evidence"]
    }
    assert used <= known
    assert report["system"]["purpose"].endswith(HOSTILE)


def test_an_earlier_report_is_read_back() -> None:
    """What `--since` needs comes back as it was written."""
    earlier = read_json(render_json(SAMPLE))
    assert earlier.assessed_at == SAMPLE.assessed_at
    assert earlier.verdicts == {r.id: r.verdict for r in SAMPLE.results}
    assert earlier.by_provision["5.2.3-1"].unmet == "shall"
    assert earlier.by_provision["5.1.1-1"].freshness is Freshness.NONE
    assert earlier.verdicts["5.2.3-1"] is Verdict.FAIL


def test_members_of_later_releases_are_ignored() -> None:
    """A report with members that this release does not know is still read."""
    report = json.loads(render_json(SAMPLE)) | {"new": {"a": [1]}}
    assert len(read_json(json.dumps(report).encode()).results) == 72


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff\xfe{}",
        b"[" * 200_000,
        b'{"assaymark_report":1,"x":' + b"[" * 200_000,
        b'{"assaymark_report":1,"x":' + b'{"a":' * 200_000,
        b'{"assaymark_report":2}',
        b'{"assaymark_report":true}',
        b'{"assaymark_report":1e999}',
        b'{"assaymark_report":1,"edition":"x","assessed_at":"x","results":[{"id":1}]}',
        b'{"assaymark_report":1,"edition":"x","assessed_at":"x","results":[{"id":"a","verdict":"great"}]}',
    ],
    ids=lambda data: data[:40].decode(errors="replace"),
)
def test_what_is_no_such_report_is_refused_with_advice(data: bytes) -> None:
    """Hostile, deep, truncated or foreign JSON gives one clear error."""
    with pytest.raises(UsageError, match="earlier report") as caught:
        read_json(data)
    assert caught.value.advice


def test_an_unknown_version_is_named() -> None:
    """The message says which version was found and which is read."""
    with pytest.raises(UsageError, match="version 7; this release reads version 1"):
        read_json(b'{"assaymark_report":7}')


def test_names_that_are_not_utf8_do_not_stop_the_report() -> None:
    """Lone surrogates, which strict readers refuse, are spelt out."""
    report = render_json(msgspec.structs.replace(SAMPLE, root="caf\udce9"))
    assert json.loads(report.decode("utf-8"))["system"]["folder"] == "caf\\udce9"
    assert len(read_json(report).results) == 72
