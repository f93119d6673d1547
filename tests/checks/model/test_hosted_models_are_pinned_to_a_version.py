"""hosted_models_are_pinned_to_a_version: what meets it, what does not, and near misses."""

import pytest
from tests.trees import observe

from assaymark.observation import Certainty, Location, Outcome
from assaymark.scan.facts import LlmCall

CALL = "from openai import OpenAI\nr = OpenAI().chat.completions.create(model='{model}', messages=[])\n"
MET: dict[str, str | bytes] = {"app.py": CALL.format(model="gpt-4o-2024-11-20")}
NOT_MET: dict[str, str | bytes] = {"app.py": CALL.format(model="gpt-4o")}
NAME = "hosted_models_are_pinned_to_a_version"


def seen(model: str) -> Outcome:
    """The outcome for a call that names `model`."""
    call = LlmCall(at=Location("a.py", 1), client="x", function="", model=model)
    (found,) = observe(NAME, {}, extra=(call,))
    assert found.certainty is Certainty.TENTATIVE or found.outcome is not Outcome.NOT_MET
    return found.outcome


@pytest.mark.parametrize(
    "model",
    ["claude-sonnet-4-20250514", "openai/gpt-4-0613", "gemini-1.5-pro-002", "claude-3-5-sonnet@20241022",
     "anthropic.claude-3-5-sonnet-20241022-v2:0"],
)  # fmt: skip
def test_versions_are_known(model: str) -> None:
    """Dated and numbered forms of several providers."""
    assert seen(model) is Outcome.MET


@pytest.mark.parametrize(
    "model", ["gpt-4.1", "claude-3-5-sonnet-latest", "azure/gpt-4o-mini", "gemini-2.0-flash"]
)
def test_aliases_are_known(model: str) -> None:
    """Names without a version, whoever serves them."""
    assert seen(model) is Outcome.NOT_MET


@pytest.mark.parametrize(
    "model", ["llama3.1:8b", "mistral-7b-instruct", "qwen2.5", "gpt2", "text-embedding-3-small"]
)
def test_open_models_are_another_question(model: str) -> None:
    """Weights that one runs oneself, and families without versions, are left alone."""
    assert seen(model) is Outcome.NOT_APPLICABLE
