"""OWASP Threat Dragon."""

import pytest
from tests.imports.samples import encoded
from tests.imports.threat_samples import NAMED, threat_dragon

from assaymark.errors import UsageError
from assaymark.imports.report import ImportedReport
from assaymark.imports.threat_dragon import IMPORTER
from assaymark.observation import Outcome


def read(*threats: dict[str, str], **more: object) -> ImportedReport:
    """A model with these threats."""
    return IMPORTER.read(encoded(threat_dragon(*threats, **more)), "model.json")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("threat", "outcome"),
    [
        ({"status": "Open", "mitigation": ""}, Outcome.NOT_MET),
        ({"status": "Open", "mitigation": "", "severity": "TBD"}, Outcome.PARTLY_MET),
        ({"status": "Open", "mitigation": "Sign messages."}, Outcome.PARTLY_MET),
        ({"status": "Open", "mitigation": "", "severity": "Critical"}, Outcome.NOT_MET),
        ({"status": "NA", "mitigation": "There is no upload."}, Outcome.MET),
        (
            {"status": "Open", "mitigation": "Mitigation or prevention for the threat"},
            Outcome.NOT_MET,
        ),
        ({"status": "Mitigated"}, Outcome.MET),
        ({"status": "", "mitigation": ""}, Outcome.NOT_MET),
    ],
)
def test_the_status_of_a_threat_counts(threat: dict[str, str], outcome: Outcome) -> None:
    """A mitigation that is only written down does not close it; an unknown status is open."""
    assert read(threat).statements[0].outcome is outcome


@pytest.mark.parametrize("status", ["Mitigated", "NA"])
@pytest.mark.parametrize(
    "mitigation", ["", "Provide remediation for this threat or a reason if status is N/A", "  "]
)
def test_a_settled_threat_says_how_or_why(status: str, mitigation: str) -> None:
    """What the tool itself puts there is no answer; such a model is partly met."""
    managed = read({"status": status, "mitigation": mitigation}).statements[0]

    assert managed.outcome is Outcome.PARTLY_MET
    assert "1 settled threat without a word" in managed.summary
    assert managed.fix.startswith("Write into each settled threat")


def test_both_versions_of_the_format_are_read() -> None:
    """With the same result, but for the version."""
    one, two = read(version=1), read()

    assert one.statements == two.statements
    assert (one.tool_version, two.tool_version) == ("", "2.4.1")


def test_boundaries_are_no_elements_and_what_is_out_of_scope_is_left_out() -> None:
    """A model whose only threats are out of scope analyses none."""
    managed = read(out_of_scope=True).statements[0]

    assert managed.outcome is Outcome.NOT_OBSERVABLE
    assert "0 threats to 1 element: none. 1 element out of scope." in managed.summary


def test_the_attacks_of_ai_are_told() -> None:
    """By title or description."""
    report = read(*({"title": name} for name in NAMED))

    assert report.statements[1].outcome is Outcome.MET
    assert report.tested == ()


def test_what_is_no_model_is_refused() -> None:
    """With what to give instead."""
    with pytest.raises(UsageError, match="no Threat Dragon model"):
        IMPORTER.read(b'{"summary": {}}', "x.json")
