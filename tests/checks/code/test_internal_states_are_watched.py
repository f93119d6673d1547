"""Internal states are watched: what it sees, and what it must not take for it."""

from tests.trees import observe, outcomes

from assaymark.observation import Outcome

NAME = "internal_states_are_watched"

MET: dict[str, str | bytes] = {
    "app.py": """import torch


def attach(model, keep):
    model.layer4.register_forward_hook(keep)
"""
}
"""A project in which it holds."""

NOT_MET: dict[str, str | bytes] = {
    "app.py": """import torch

model = torch.nn.Linear(2, 2)
"""
}
"""A project in which it does not."""

NOT_MET_OUTCOME = Outcome.NOT_OBSERVABLE


def test_a_hosted_model_hides_its_states() -> None:
    """For a model behind an API the question does not arise."""
    source = "from openai import OpenAI\nOpenAI().responses.create(model='m', input='x')\n"

    assert outcomes(observe(NAME, {"app.py": source})) == {Outcome.NOT_APPLICABLE}
