"""Performance is tracked: what it sees, and what it must not take for it."""

from tests.trees import observe, outcomes

from assaymark.observation import Outcome

NAME = "performance_is_tracked"

MET: dict[str, str | bytes] = {
    "app.py": """from scipy.stats import ks_2samp


def check_drift(reference, current):
    return ks_2samp(reference, current).pvalue < 0.01
"""
}
"""A project in which it holds."""

NOT_MET: dict[str, str | bytes] = {
    "app.py": """print("nothing is measured")
"""
}
"""A project in which it does not."""

NOT_MET_OUTCOME = Outcome.NOT_OBSERVABLE


def test_figures_alone_are_half_of_it() -> None:
    """A metric that nothing compares over time is part of it."""
    source = "import mlflow\nmlflow.log_metric('accuracy', 0.9)\n"

    assert outcomes(observe(NAME, {"app.py": source})) == {Outcome.PARTLY_MET}
