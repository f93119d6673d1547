"""risks_are_treated: registers with and without gaps, as table, CSV and YAML."""

from tests.trees import observe

from assaymark.observation import Outcome
from assaymark.system.system import AcceptedRisk, System

PATH = "docs/risk-register.md"
TABLE = """\
# Risk register

Measures are weighed against their cost and our risk tolerance.

| Risk | Likelihood | Impact | Treatment | Owner |
|---|---|---|---|---|
| Prompt injection | high | medium | tools only read | Ada |
| Poisoned index | low | high | {} | {} |
"""
MET: dict[str, str | bytes] = {PATH: TABLE.format("contributors are checked", "Grace")}
NOT_MET: dict[str, str | bytes] = {PATH: TABLE.format("TBD", "")}


def test_the_gap_is_named() -> None:
    """The row without treatment and owner is the one shown."""
    (seen,) = observe("risks_are_treated", NOT_MET)

    assert seen.summary.startswith("1 of 2 ")
    assert seen.details[0].message == "Poisoned index: no treatment and no owner."


def test_a_csv_register_counts() -> None:
    """The same table as CSV is read by its columns."""
    text = "Risk,Mitigation,Risk owner,Status\nTheft of weights,encrypted store,Ada,open\n"

    (seen,) = observe("risks_are_treated", {"governance/risks.csv": text})

    assert seen.outcome is Outcome.PARTLY_MET
    assert "tolerance" in seen.summary


def test_a_yaml_register_counts() -> None:
    """A list of mappings is a register too."""
    text = "risks:\n  - {risk: Theft of weights, treatment: encrypted store, owner: ''}\n"

    (seen,) = observe("risks_are_treated", {"governance/risks.yaml": text})

    assert seen.outcome is Outcome.NOT_MET


def test_accepted_risks_in_the_manifest_count_partly() -> None:
    """A named person accepted one until a day still to come."""
    risk = AcceptedRisk(id="R1", risk="x", reason="y", owner="Ada", until="2027-01-01")

    (seen,) = observe("risks_are_treated", {"a.py": ""}, system=System(name="x", accepted_risks=(risk,)))

    assert seen.outcome is Outcome.PARTLY_MET


def test_absence_is_not_failure() -> None:
    """Registers often live in other tools."""
    (seen,) = observe("risks_are_treated", {"a.py": ""})

    assert seen.outcome is Outcome.NOT_OBSERVABLE
