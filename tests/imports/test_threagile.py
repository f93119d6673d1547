"""Threagile."""

from typing import Any

import pytest
import yaml
from tests.imports.samples import encoded
from tests.imports.threat_samples import threagile, threagile_risks

from assaymark.errors import UsageError
from assaymark.imports.registry import importer_of
from assaymark.imports.report import ImportedReport
from assaymark.imports.threagile import IMPORTER
from assaymark.observation import Outcome

BOMB = b"technical_assets: &a0 {x: 1}\n" + b"".join(
    b"a%d: &a%d [%s]\n" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 30)
)
"""A few lines that stand for nine to the thirtieth values."""


def read(value: Any) -> ImportedReport:
    """A model as YAML."""
    return IMPORTER.read(yaml.safe_dump(value).encode(), "threagile.yaml")


def test_yaml_and_json_say_the_same() -> None:
    """The model may be either."""
    assert read(threagile()) == IMPORTER.read(encoded(threagile()), "parsed-model.json")


def test_a_model_alone_is_partly_met() -> None:
    """The tool derives more from it; a risk of its own takes its status from the tracking."""
    managed, peculiar = read(threagile()).statements

    assert managed.outcome is Outcome.PARTLY_MET
    assert "2 threats to 2 elements: 1 open, with an answer, 1 mitigated" in managed.summary
    assert "not in the model" in managed.summary
    assert {d.message for d in managed.details} == {
        "Poisoning at Chat of chat: mitigated, severity critical.",
        "unencrypted-asset@*: open, with an answer.",
    }
    assert peculiar.outcome is Outcome.PARTLY_MET


@pytest.mark.parametrize(
    ("risk", "outcome"),
    [
        ({"risk_status": "unchecked"}, Outcome.NOT_MET),
        ({"risk_status": ""}, Outcome.NOT_MET),
        ({"risk_status": "unchecked", "severity": ""}, Outcome.PARTLY_MET),
        ({"risk_status": "in-discussion", "severity": "critical"}, Outcome.PARTLY_MET),
        ({"risk_status": "accepted"}, Outcome.MET),
        ({"risk_status": "false-positive"}, Outcome.MET),
    ],
)
def test_derived_risks_count_by_status(risk: dict[str, str], outcome: Outcome) -> None:
    """Statuses and severities that are left out in JSON are the first of their kind: unchecked, low."""
    report = IMPORTER.read(encoded(threagile_risks(risk)), "risks.json")

    assert report.statements[0].outcome is outcome


def test_both_files_are_recognised() -> None:
    """By content."""
    for data in (yaml.safe_dump(threagile()).encode(), encoded(threagile_risks())):
        assert importer_of(data, "x").format == "threagile"


@pytest.mark.parametrize(
    "data",
    [
        b"threagile_version: 1.0.0\ntitle: x\n",
        BOMB,
        b"threagile_version: \xff\n",
        b"technical_assets: " + b"{a: " * 5_000,
        b"--- {technical_assets: {}}\n--- {technical_assets: {}}\n",
        b"[]",
    ],
    ids=["no assets", "bomb", "bytes", "deep", "two", "empty"],
)  # fmt: skip
def test_what_is_no_model_is_refused(data: bytes) -> None:
    """Incomplete, expanding without end, no text, nested, doubled, empty."""
    with pytest.raises(UsageError):
        IMPORTER.read(data, "x.yaml")


@pytest.mark.parametrize("value", [None, 1, "x", [], [1], {"a": None}, {"a": [1]}, {"a": {"status": 7}}])
@pytest.mark.parametrize("key", ["technical_assets", "individual_risk_categories", "risk_tracking", "title"])
def test_any_value_may_stand_anywhere(key: str, value: Any) -> None:
    """It is refused, or read without a crash."""
    try:
        report = read(threagile(**{key: value}))
    except UsageError:
        assert key == "technical_assets"
    else:
        assert len(report.statements) == 2
