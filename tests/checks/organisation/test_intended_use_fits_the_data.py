"""intended_use_fits_the_data: an approval, and data that changed after it."""

from tests.trees import observe

from assaymark.observation import Location, Outcome
from assaymark.scan.facts import Trail

NAME = "intended_use_fits_the_data"
MET: dict[str, str | bytes] = {
    "docs/data-approval.md": """\
# Approval of data use

Data custodian: Marta Silva
Approved: 2026-06-03

## Intended use

Intended use: scoring of card payments only.

## Sensitivity

Sensitivity: internal, no personal data.

## Controls

Access control: the fraud team only; retention of 24 months.
""",
}
NOT_MET: dict[str, str | bytes] = {
    "docs/data-approval.md": """\
# Approval of data use

Data custodian: Marta Silva
Approved: 2026-06-03

## Intended use

Intended use: scoring of card payments only.

## Sensitivity

Sensitivity: internal, no personal data.

## Controls

Access control: the fraud team only; retention of 24 months.
""",
}
EXTRA_NOT_MET = (
    Trail(
        at=Location("data/payments.csv"),
        subject="data",
        first="2026-01-01",
        last="2026-09-01T10:00:00Z",
        changes=(),
        total=3,
    ),
)


def test_data_without_an_approval_is_not_observable() -> None:
    """The approval may be kept elsewhere."""
    (seen,) = observe(NAME, {"data/train.csv": "amount,label\n" + "1,0\n" * 30})

    assert seen.outcome is Outcome.NOT_OBSERVABLE


def test_an_approval_without_a_date_is_a_part() -> None:
    """Which content was approved cannot be told."""
    undated = {k: str(v).replace("Approved: 2026-06-03\n", "") for k, v in MET.items()}

    (seen,) = observe(NAME, undated)

    assert seen.outcome is Outcome.PARTLY_MET
