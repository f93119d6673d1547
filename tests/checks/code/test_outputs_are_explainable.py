"""Outputs are explainable: what it sees, and what it must not take for it."""

from tests.trees import observe, outcomes

from assaymark.observation import Outcome

NAME = "outputs_are_explainable"

MET: dict[str, str | bytes] = {
    "app.py": """import shap


def reasons(model, row):
    return shap.TreeExplainer(model).shap_values(row)
"""
}
"""A project in which it holds."""

NOT_MET: dict[str, str | bytes] = {
    "app.py": """print("no reasons are given")
"""
}
"""A project in which it does not."""

NOT_MET_OUTCOME = Outcome.NOT_OBSERVABLE


def test_sources_beside_an_answer_count() -> None:
    """A response model with a field for its sources helps a reader to judge."""
    source = (
        "from pydantic import BaseModel\n\nclass Answer(BaseModel):\n    text: str\n    sources: list[str]\n"
    )

    assert outcomes(observe(NAME, {"app.py": source})) == {Outcome.MET}
