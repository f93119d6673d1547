"""external_components_are_assessed: the register names what the code uses, or does not."""

from tests.trees import observe

from assaymark.observation import Outcome

NAME = "external_components_are_assessed"
MET: dict[str, str | bytes] = {
    "app.py": """\
from openai import OpenAI

client = OpenAI()
reply = client.chat.completions.create(model="gpt-4o-2024-08-06", messages=[])
""",
    "docs/suppliers.md": """\
# Supplier register

Reviewed: 2026-08-20

| Supplier | Service | Assessed | Assurance | Assurance until | Next review | Follows EN 304 223 |
|---|---|---|---|---|---|---|
| OpenAI | language model | 2026-02-01 | SOC 2 report | 2027-02-01 | 2027-02-01 | asked |
""",
}
NOT_MET: dict[str, str | bytes] = {
    "app.py": """\
from openai import OpenAI

client = OpenAI()
reply = client.chat.completions.create(model="gpt-4o-2024-08-06", messages=[])

from transformers import AutoModel
model = AutoModel.from_pretrained("someone/thing")
""",
    "docs/suppliers.md": """\
# Supplier register

Reviewed: 2026-08-20

| Supplier | Service | Assessed | Assurance | Assurance until | Next review | Follows EN 304 223 |
|---|---|---|---|---|---|---|
| OpenAI | language model | 2026-02-01 | SOC 2 report | 2027-02-01 | 2027-02-01 | asked |
""",
}
NOT_MET_OUTCOME = Outcome.PARTLY_MET


def test_the_component_without_an_assessment_is_named() -> None:
    """The finding points at the line that uses it."""
    (seen,) = observe(NAME, NOT_MET)

    assert "someone/thing" in seen.details[0].message
    assert str(seen.details[0].at) == "app.py:7"


def test_an_accepted_risk_counts_until_it_ends() -> None:
    """A named person may accept a component for a time."""
    from assaymark.system.system import AcceptedRisk, System

    def system(until: str) -> System:
        risk = AcceptedRisk(
            id="R1", component="someone/thing", risk="no card", reason="r", owner="Ada", until=until
        )
        return System(name="s", accepted_risks=(risk,))

    assert observe(NAME, NOT_MET, system=system("2027-01-01"))[0].outcome is Outcome.MET
    assert observe(NAME, NOT_MET, system=system("2026-01-01"))[0].outcome is Outcome.PARTLY_MET


def test_no_register_at_all_is_not_observable() -> None:
    """It may be kept elsewhere; the components are listed."""
    (seen,) = observe(NAME, {"app.py": str(MET["app.py"])})

    assert seen.outcome is Outcome.NOT_OBSERVABLE
    assert "openai" in seen.details[0].message


def test_a_component_named_at_run_time_is_not_observable() -> None:
    """Something is taken from outside, and only a register can say what."""
    source = "from transformers import AutoModel\nm = AutoModel.from_pretrained(name)\n"
    (seen,) = observe(NAME, {"app.py": source})
    assert seen.outcome is Outcome.NOT_OBSERVABLE
