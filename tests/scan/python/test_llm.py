"""Calls to language models are recognised whatever the client, alias or attribute they go through."""

import pytest
from tests.scan.python.reading import found, the

from assaymark.scan.facts import LibraryUse, LlmCall, Origin


@pytest.mark.parametrize(
    ("client", "source"),
    [
        (
            "openai",
            "from openai import OpenAI as O\nc = O()\nc.chat.completions.create(model='m', messages=[])",
        ),
        ("openai", "import openai\nopenai.ChatCompletion.create(model='m', messages=[])"),
        (
            "anthropic",
            "import anthropic\nanthropic.Anthropic().messages.create(model='m', max_tokens=9, messages=[])",
        ),
        ("litellm", "from litellm import completion as ask\nask(model='m', messages=[])"),
        ("ollama", "import ollama\nollama.chat(model='m', messages=[])"),
        ("vllm", "from vllm import LLM\nllm = LLM(model='org/m')\nllm.generate(['x'])"),
        (
            "transformers",
            "from transformers import pipeline\np = pipeline('text-generation', model='m')\np('x')",
        ),
        (
            "google-genai",
            "from google import genai\ngenai.Client().models.generate_content(model='m', contents='x')",
        ),
        ("cohere", "import cohere\ncohere.ClientV2().chat(model='m', messages=[])"),
        ("mistralai", "from mistralai import Mistral\nMistral().chat.complete(model='m', messages=[])"),
        (
            "bedrock",
            "import boto3\nb = boto3.client('bedrock-runtime')\nb.converse(modelId='m', messages=[])",
        ),
        (
            "langchain-openai",
            "from langchain_openai import ChatOpenAI\nllm = ChatOpenAI(model='m')\nllm.invoke('x')",
        ),
        ("llama-index", "from llama_index.llms.openai import OpenAI\nOpenAI().complete('x')"),
        ("pydantic-ai", "from pydantic_ai import Agent\na = Agent('openai:m')\na.run_sync('x')"),
        ("openai-agents", "from agents import Runner\nRunner.run_sync(agent, 'x')"),
        ("crewai", "from crewai import Crew\nCrew(agents=[]).kickoff()"),
        (
            "smolagents",
            "from smolagents import CodeAgent\nagent = CodeAgent(tools=[], model=m)\nagent.run('x')",
        ),
    ],
)
def test_a_client_is_recognised(client: str, source: str) -> None:
    """Each client's call yields one fact with its canonical name."""
    assert the(LlmCall, source).client == client


@pytest.mark.parametrize(
    "source",
    [
        "from twilio.rest import Client\nClient().messages.create(body='x')",
        "import requests\nrequests.post('https://a.example', json={})",
        "class A:\n    def run(self): ...\nA().run()",
        "model.predict(x)",
    ],
)
def test_what_only_looks_like_one_is_not(source: str) -> None:
    """Names shared with other libraries raise no call."""
    assert found(LlmCall, source) == []


def test_a_client_kept_on_self_is_followed() -> None:
    """Settings on a client that a class keeps count for the calls of its methods."""
    call = the(
        LlmCall,
        """
from openai import OpenAI

class Bot:
    def __init__(self):
        self.client = OpenAI(timeout=5, base_url="http://localhost:8000/v1")

    def ask(self, question):
        try:
            return self.client.chat.completions.create(
                model="m", max_tokens=5, response_format=Answer,
                messages=[{"role": "system", "content": "Be brief."}, {"role": "user", "content": question}],
            )
        except Exception:
            return None
""",
    )

    assert (call.timeout, call.token_limit, call.handles_failure, call.system_prompt) == (
        True,
        True,
        True,
        True,
    )
    assert call.output_schema is True
    assert call.base_url == "http://localhost:8000/v1"
    assert call.function == "Bot.ask"
    assert call.prompt_origins == (Origin.PARAMETER, Origin.CONSTANT)


def test_options_passed_on_unseen_are_unknown() -> None:
    """`**options` may hold anything, so nothing is claimed."""
    call = the(LlmCall, "import litellm\nlitellm.completion(model='m', messages=[], **options)")

    assert call.timeout is None
    assert call.token_limit is None


def test_tools_offered_are_named() -> None:
    """The names in a JSON schema that a call offers are kept."""
    source = """
import openai
TOOLS = [{"type": "function", "function": {"name": "lookup", "parameters": {"type": "object"}}}]
openai.OpenAI().chat.completions.create(model="m", messages=[], tools=TOOLS)
"""
    assert the(LlmCall, source).tools == ("lookup",)


def test_libraries_are_named_once() -> None:
    """An import counts once for its library, under the name of the distribution."""
    uses = found(LibraryUse, "import sklearn.svm\nfrom sklearn import tree\nfrom . import openai\nimport os")

    assert [(u.library, u.category) for u in uses] == [("scikit-learn", "ml")]
