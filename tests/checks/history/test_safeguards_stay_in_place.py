"""safeguards_stay_in_place: what meets it, what does not, and near misses."""

from tests.checks.history.changes import change, history
from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Location, Outcome
from assaymark.scan.facts import RemovedSafeguard

NAME = "safeguards_stay_in_place"
MET: dict[str, str | bytes] = {"a.txt": ""}
NOT_MET: dict[str, str | bytes] = {"a.txt": ""}
LOST = RemovedSafeguard(
    at=Location("app/api.py"),
    kind="rate-limit",
    text="@limiter.limit('5/minute')",
    change=change("2026-02-01"),
)
EXTRA_MET = (history(),)
EXTRA_NOT_MET = (history(), LOST)


def test_a_loss_asks_for_a_person() -> None:
    """A replacement under another name looks the same, so the fault is tentative and located."""
    (seen,) = observe(NAME, {}, extra=EXTRA_NOT_MET)
    assert seen.certainty is Certainty.TENTATIVE
    assert str(seen.details[0].at) == "app/api.py"


def test_a_cut_history_is_partly() -> None:
    """What was not read may hold a removal."""
    assert outcomes(observe(NAME, {}, extra=(history(problem="it is shallow"),))) == {Outcome.PARTLY_MET}
