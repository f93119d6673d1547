"""The scan of a data set as JSON: it fits its schema, scores every record, and can be read again."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import assaymark.report
from assaymark._cli.data.making import make_report
from assaymark.dataset.finding import Example, Level, Result
from assaymark.errors import UsageError
from assaymark.report.data.document import DataReport, ProvenanceEntry
from assaymark.report.data.json_v1 import evidence, parse, render_json
from assaymark.report.data.places import Places
from assaymark.report.data.scores import merged_scores, rounded
from tests.report.data.samples import UNREAD, beside, finding, images, scanned, texts

SCHEMA = json.loads(
    (Path(assaymark.report.__file__).parent / "schemas/data-scan-v1.schema.json").read_text(encoding="utf-8")
)


@pytest.fixture
def report(tmp_path: Path) -> DataReport:
    """A suspect, something to explain, a note; one record could not be read."""
    found = (
        finding(),
        finding(engine="tables", level=Level.EXPLAIN, pattern="a = 1", trigger={}, rows=(0,), count=1),
        finding(engine="tables", level=Level.NOTE, pattern="twins", label="", purity=None, expected=None),
    )
    scan = scanned([str(texts(tmp_path))], found, holes=(UNREAD,), unread=(7,))
    known = ProvenanceEntry(manifest="manifest.json", records=8, complete=8, without_source=0, without_time=0)
    return make_report(scan, beside(provenance=known, labels={3: "good"}))


def test_json_fits_its_schema(report: DataReport) -> None:
    """And the schema is a schema, whose every object is closed."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    document = json.loads(render_json(report))

    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(render_json(evidence(report))))
    for broken in (document | {"extra": 1}, document | {"verdict": "fine"}, document | {"records": -1}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.Draft202012Validator(SCHEMA).validate(broken)


def test_every_record_has_a_score_from_each_engine_and_merged(report: DataReport) -> None:
    """Arrays run along record numbers; the flagged stand above all others."""
    document = json.loads(render_json(report))
    merged = document["scores"]["merged"]

    assert set(document["scores"]["engines"]) == {"text_triggers", "tables"}
    assert all(len(scores) == 8 for scores in document["scores"]["engines"].values())
    assert [n for n, s in enumerate(merged) if s >= 1] == [1, 3, 5]
    assert document["unread"] == [[7, 8]]
    assert document["records"] - document["read"] == 1


def test_records_are_named_by_their_place(tmp_path: Path, report: DataReport) -> None:
    """A row within a file, or the file itself; the report alone tells the place of any record."""
    assert json.loads(render_json(report))["findings"][0]["examples"][0]["at"] == {
        "row": 3,
        "file": "texts.jsonl",
        "line": 4,
    }
    assert Places(report).of(6).line == 7

    root, bearers = images(tmp_path, count=12)
    scan = scanned([str(root)], (finding(rows=bearers, examples=()),))
    places = Places(make_report(scan, beside()))
    assert [places.of(n).file for n in (0, 11)] == ["cat/0000.png", "dog/0011.png"]
    assert places.of(5).line == 0
    assert places.of(99).file == ""


def test_the_report_can_be_read_again(report: DataReport) -> None:
    """What was written is what is read, byte for byte."""
    data = render_json(report)

    again = parse(data, "scan.json")
    assert render_json(again) == data
    assert again.findings == report.findings


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"format": "other/1"}', b"\xff\xfe", b"[" * 5000])
def test_what_is_no_report_is_refused_with_advice(data: bytes) -> None:
    """Whatever the bytes are."""
    with pytest.raises(UsageError, match="is no report of"):
        parse(data, "x.json")


def test_hostile_text_is_kept_harmless(tmp_path: Path) -> None:
    """Lone surrogates are replaced, marks of direction become escapes, spans outside the text are cut."""
    bad = "a\ud800b\u202ec\x00d"
    path = texts(tmp_path, first=bad)
    found = finding(
        pattern=bad,
        trigger={"kind": "text", "text": f"{bad}!"},
        examples=(Example(row=3, text=bad, spans=((-4, 2), (1, 3), (900, 901))),),
        score=float("nan"),
        false_alarms=float("inf"),
    )
    data = render_json(make_report(scanned([str(path)], (found,)), beside()))

    assert "\u202e" not in data.decode("utf-8")
    read = parse(data, "x").findings[0]
    assert read.pattern == "a\ufffdb\u202ec\x00d"
    assert read.examples[0].spans == ((0, 2), (2, 3))
    assert (read.score, read.false_alarms) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("text", "span", "shown"),
    [
        ("I saw Read by the Committee in spring twice", (6, 17), (6, 37)),
        ("read by the committee in spring", (12, 21), (0, 31)),
        ("read by the committee in sprin", (0, 11), (0, 11)),
        ("İİİİ read by the committee in spring", (5, 16), (5, 16)),
    ],
    ids=["other case", "from the middle", "cut off", "letters that grow when folded"],
)
def test_a_piece_of_the_trigger_is_shown_as_the_whole(
    tmp_path: Path, text: str, span: tuple[int, int], shown: tuple[int, int]
) -> None:
    """Where the whole stands around it; otherwise as the engine had it."""
    example = Example(row=3, text=text, spans=(span,))
    found = finding(
        trigger={"kind": "phrase", "text": "read by the committee in spring"}, examples=(example,)
    )

    report = make_report(scanned([str(texts(tmp_path))], (found,)), beside())

    assert report.findings[0].examples[0].spans == (shown,)


def test_evidence_leaves_the_scores_out(report: DataReport) -> None:
    """What is kept with the system is small; the findings stay."""
    kept = evidence(report)

    assert kept.scores is None
    assert kept.findings == report.findings
    assert b'"scores": null' in render_json(kept)


@given(
    hnp.arrays(np.float32, st.integers(1, 40), elements=st.floats(0, 1e9, width=32, allow_subnormal=False))
)
def test_rounded_scores_keep_their_order(scores: Any) -> None:
    """Six digits are kept, none is ever NaN, and no order is turned round."""
    found = rounded(scores)

    assert np.isfinite(found).all()
    assert np.allclose(found, scores, rtol=1e-5)
    order = np.argsort(scores, kind="stable")
    assert (np.diff(np.array(found)[order]) >= 0).all()


def test_zeros_are_written_short(tmp_path: Path) -> None:
    """And numbers that end in a zero are what they were."""
    report = make_report(scanned([str(texts(tmp_path))], (finding(score=100.0, rows=(2,)),)), beside())
    data = render_json(report)

    assert b"[0,0,100.0,0,0,0,0,0]" in data
    assert msgspec.json.decode(data)["scores"]["engines"]["text_triggers"][2] == 100


def test_a_data_set_without_engines_scores_nothing() -> None:
    """No result, no score above 0."""
    assert merged_scores([], 3).tolist() == [0, 0, 0]


def test_oddity_counts_half_beside_a_near_miss() -> None:
    """The record that stands second with an engine for poison comes before the oddest one."""
    near, odd = np.zeros(1_000, np.float32), np.zeros(1_000, np.float32)
    near[[1, 2]] = 0.9, 0.8
    odd[3] = 50.0
    nothing = np.zeros(1_000, np.bool_)
    merged = merged_scores([Result("text_triggers", near, nothing), Result("outliers", odd, nothing)], 1_000)

    assert np.argsort(-merged)[:3].tolist() == [1, 2, 3]
    assert 0 < merged[3] < merged[2] < 1
