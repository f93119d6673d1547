"""changes_are_explained: what meets it, what does not, and near misses."""

from tests.checks.history.changes import change, history, trail
from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

NAME = "changes_are_explained"
MET: dict[str, str | bytes] = {"a.txt": ""}
NOT_MET: dict[str, str | bytes] = {"a.txt": ""}
FIRST = change("2026-01-01")
EXTRA_MET = (history(), trail("prompt", change("2026-03-01", reasoned=True), FIRST))
EXTRA_NOT_MET = (history(), trail("prompt", change("2026-03-01"), change("2026-02-01"), FIRST))


def test_the_commit_that_introduces_a_file_needs_no_reason() -> None:
    """One commit, no change."""
    assert outcomes(observe(NAME, {}, extra=(history(), trail("prompt", FIRST)))) == {Outcome.NOT_APPLICABLE}


def test_one_commit_over_many_files_counts_once() -> None:
    """Three prompts changed at once without a word are one silent change."""
    silent = change("2026-03-01")
    many = [trail("prompt", silent, FIRST, path=f"prompts/{i}.md") for i in range(3)]
    told = [
        trail("prompt", change(f"2026-04-0{i}", reasoned=True), FIRST, path=f"p{i}.md") for i in range(1, 5)
    ]
    assert outcomes(observe(NAME, {}, extra=(history(), *many, *told))) == {Outcome.MET}


def test_its_fault_is_tentative() -> None:
    """Reasons are judged by their form."""
    (seen,) = observe(NAME, {}, extra=EXTRA_NOT_MET)
    assert seen.certainty is Certainty.TENTATIVE
