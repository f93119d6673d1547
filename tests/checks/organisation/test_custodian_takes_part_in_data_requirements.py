"""custodian_takes_part_in_data_requirements: a named custodian in the approval, and none."""

from tests.trees import observe

from assaymark.observation import Outcome
from assaymark.system.system import System

NAME = "custodian_takes_part_in_data_requirements"
MET: dict[str, str | bytes] = {
    "docs/data-approval.md": """\
# Approval of data use

Data custodian: Marta Silva
Approved: 2026-06-03

The payments of May may be used to train the fraud model.
""",
}
NOT_MET: dict[str, str | bytes] = {
    "docs/data-approval.md": """\
# Approval of data use

The payments of May may be used to train the fraud model.
""",
}
NOT_MET_OUTCOME = Outcome.NOT_OBSERVABLE
SYSTEM = System(name="s", custodians=("Marta Silva",))


def test_a_custodian_unknown_to_the_manifest_is_a_part() -> None:
    """Somebody signed as custodian; whether that is the custodian, the manifest does not say."""
    (seen,) = observe(NAME, MET)

    assert seen.outcome is Outcome.PARTLY_MET
