"""external_risk_owners_give_assurance: assurance in date, and ended."""

from tests.trees import observe

NAME = "external_risk_owners_give_assurance"
MET: dict[str, str | bytes] = {
    "docs/suppliers.md": """\
# Supplier register

Reviewed: 2026-08-20

| Supplier | Service | Assessed | Assurance | Assurance until | Next review | Follows EN 304 223 |
|---|---|---|---|---|---|---|
| OpenAI | language model | 2026-02-01 | SOC 2 report | 2027-02-01 | 2027-02-01 | asked |
""",
}
NOT_MET: dict[str, str | bytes] = {
    "docs/suppliers.md": """\
# Supplier register

Reviewed: 2026-08-20

| Supplier | Service | Assessed | Assurance | Assurance until | Next review | Follows EN 304 223 |
|---|---|---|---|---|---|---|
| OpenAI | language model | 2026-02-01 | SOC 2 report | 2026-02-01 | 2026-02-01 | asked |
""",
}


def test_the_ended_assurance_is_named() -> None:
    """The finding says whose assurance ended, and when."""
    (seen,) = observe(NAME, NOT_MET)

    assert "OpenAI" in seen.details[0].message
    assert "2026-02-01" in seen.details[0].message
