"""The pipeline's components are fixed."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome


def _flow(*uses: str) -> dict[str, str]:
    steps = "".join(f"      - uses: {u}\n" for u in uses)
    return {".github/workflows/ci.yml": f"on: push\njobs:\n  a:\n    steps:\n{steps}"}


MET = _flow(f"actions/checkout@{'1' * 40}", f"some/one@{'a' * 40}", "./own")
NOT_MET = _flow("actions/checkout@v4", "some/one@v2", "other/two@main")
NAME = "ci_actions_are_pinned"


def test_branches_come_first_and_a_person_judges() -> None:
    """What moves most is named first; tags of third parties are a matter of judgement."""
    (seen,) = observe(NAME, NOT_MET)
    assert "other/two@main" in seen.details[0].message
    assert seen.certainty is Certainty.TENTATIVE
    assert len(seen.details) == 3


def test_the_hosts_own_actions_by_tag_are_no_alarm() -> None:
    """They come from where the pipeline runs."""
    assert outcomes(observe(NAME, _flow("actions/checkout@v4"))) == {Outcome.PARTLY_MET}
