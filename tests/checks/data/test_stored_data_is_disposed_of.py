"""stored_data_is_disposed_of: what meets it, what does not, and near misses."""

from tests.trees import observe, outcomes

from assaymark.observation import Location, Outcome
from assaymark.scan.facts import Register

RECORD = Register(
    at=Location("assurance/disposals.csv"), kind="disposal", columns=("asset", "date"),
    rows=(("data/old.csv", "2026-01-02"),),
)  # fmt: skip
EXTRA_MET = EXTRA_NOT_MET = (RECORD,)
MET: dict[str, str | bytes] = {"data/new.csv": "a,b\n1,2\n"}
NOT_MET: dict[str, str | bytes] = {"data/old.csv": "a,b\n1,2\n"}
NAME = "stored_data_is_disposed_of"


def test_a_moved_file_is_found_by_its_name() -> None:
    """Erased in one folder, alive in another."""
    found = observe(NAME, {"backup/old.csv": "a,b\n"}, extra=(RECORD,))
    assert outcomes(found) == {Outcome.NOT_MET}


def test_no_register_is_not_observable() -> None:
    """Nothing to compare with."""
    assert outcomes(observe(NAME, NOT_MET)) == {Outcome.NOT_OBSERVABLE}
