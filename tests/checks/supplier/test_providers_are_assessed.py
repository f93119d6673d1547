"""providers_are_assessed: due diligence in date, and past it."""

from tests.trees import observe

from assaymark.observation import Outcome

NAME = "providers_are_assessed"
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
""",
    "docs/suppliers.md": """\
# Supplier register

Reviewed: 2026-08-20

| Supplier | Service | Assessed | Assurance | Assurance until | Next review | Follows EN 304 223 |
|---|---|---|---|---|---|---|
| OpenAI | language model | 2023-02-01 | SOC 2 report | 2024-02-01 | 2024-02-01 | asked |
""",
}


def test_a_provider_nobody_assessed_is_named() -> None:
    """The register speaks of another supplier."""
    other = {**MET, "docs/suppliers.md": str(MET["docs/suppliers.md"]).replace("OpenAI", "Acme")}

    seen = observe(NAME, other)

    assert any(o.outcome is Outcome.PARTLY_MET and "openai" in o.details[0].message for o in seen)


def test_whether_suppliers_follow_the_standard_is_a_question_of_its_own() -> None:
    """Without the column the second obligation stays open."""
    without = {
        **MET,
        "docs/suppliers.md": str(MET["docs/suppliers.md"]).replace("Follows EN 304 223", "Notes"),
    }

    seen = {o.obligations: o.outcome for o in observe(NAME, without)}

    assert seen[("5.1.2-7#2",)] is Outcome.NOT_OBSERVABLE
    assert seen[("5.1.2-7#1",)] is Outcome.MET
