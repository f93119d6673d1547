"""cloud_contracts_back_the_requirements: a review of the clauses, and one that says nothing."""

from tests.trees import observe

from assaymark.observation import Outcome

NAME = "cloud_contracts_back_the_requirements"
MET: dict[str, str | bytes] = {
    "docs/contract-review.md": """\
# Contract review

Reviewed: 2026-05-18

| Clause | Agreed |
|---|---|
| access control and who can see data | yes |
| incident response within 24 hours | yes |
| region UK, deletion at the end | yes |
| 30 days notice of changes and updates | yes |

Access control, incident response, region, deletion and the notice period were read and agreed.
""",
}
NOT_MET: dict[str, str | bytes] = {
    "docs/contract-review.md": """\
# Contract review

Reviewed: 2026-05-18

The price is fair.
""",
}


def test_an_old_review_is_a_part() -> None:
    """Contracts change; a review of years ago is partly met."""
    old = {k: str(v).replace("2026-05-18", "2021-05-18") for k, v in MET.items()}

    (seen,) = observe(NAME, old)

    assert seen.outcome is Outcome.PARTLY_MET
