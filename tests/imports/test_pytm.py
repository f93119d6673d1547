"""pytm."""

import pytest
from tests.imports.samples import encoded
from tests.imports.threat_samples import pytm

from assaymark.errors import UsageError
from assaymark.imports.pytm import IMPORTER
from assaymark.imports.report import Statement
from assaymark.observation import Outcome


def managed(*findings: dict[str, str], **more: tuple[dict[str, str], ...]) -> Statement:
    """What the model means for threats being managed."""
    return IMPORTER.read(encoded(pytm(*findings, **more)), "out.json").statements[0]


@pytest.mark.parametrize(
    ("finding", "outcome"),
    [
        ({}, Outcome.NOT_MET),
        ({"severity": "Medium"}, Outcome.PARTLY_MET),
        ({"response": "mitigated: by the guard"}, Outcome.MET),
        ({"response": "Accepted, since it is internal"}, Outcome.MET),
        ({"response": "transferred"}, Outcome.MET),
        ({"response": "to be seen"}, Outcome.PARTLY_MET),
    ],
)
def test_the_response_counts_not_the_advice(finding: dict[str, str], outcome: Outcome) -> None:
    """What the library advises every system is no answer."""
    assert managed(finding).outcome is outcome


def test_findings_that_an_assumption_rules_out_were_considered() -> None:
    """They are not applicable, and count as threats."""
    statement = managed({"response": "mitigated"}, excluded=({"severity": "Very High"},))

    assert statement.outcome is Outcome.MET
    assert "2 threats to 3 elements: 1 mitigated, 1 not applicable" in statement.summary


def test_its_own_threats_of_ai_are_known() -> None:
    """By the words of its library."""
    report = IMPORTER.read(
        encoded(pytm({}, {"threat_id": "LLM04", "description": "Training Data Poisoning"})), "out.json"
    )

    assert report.statements[1].outcome is Outcome.PARTLY_MET
    assert "considers poisoning, injection; not inversion" in report.statements[1].summary


def test_a_large_model_is_recognised_by_its_beginning() -> None:
    """The findings come last, beyond what is looked at."""
    assert IMPORTER.recognise(encoded(pytm())[:400], "x")


def test_what_is_no_model_is_refused() -> None:
    """With what to give instead."""
    with pytest.raises(UsageError, match="no list of findings"):
        IMPORTER.read(b'{"name": "x"}', "x.json")
