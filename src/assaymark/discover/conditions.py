"""Facts → circumstances that the tree itself shows to hold, each with the places that show it. Pure.

Only solid evidence counts, since what is found here outweighs an owner's exclusion. What a tree cannot show
(contracts, confidentiality by agreement, who the Operator is) is left to people.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from assaymark.asset import AssetKind, Inventory
from assaymark.observation import Location
from assaymark.scan.facts import (
    CiJob,
    DataFile,
    Dependency,
    Deployment,
    Document,
    Endpoint,
    Fact,
    History,
    HubReference,
    LibraryUse,
    LlmCall,
    Mechanism,
    OutboundFetch,
    ToolDefinition,
)
from assaymark.scan.paths import is_documentation_path, is_example_path, is_test_path
from assaymark.system.system import Condition

__all__ = ["MAX_PLACES", "calls_outside", "found_conditions", "published_card"]

MAX_PLACES = 20
"""Places kept for one circumstance."""

_VENDORS = (
    "openai", "anthropic", "azure", "google", "vertex", "mistral", "cohere", "groq", "together", "replicate",
    "fireworks", "bedrock", "ai21", "openrouter", "watsonx", "aleph-alpha", "deepseek", "perplexity",
    "cerebras",
)  # fmt: skip
"""Names of providers as they stand in clients, hosts and model names."""
_VENDOR_HOSTS = (
    ".googleapis.com",
    ".amazonaws.com",
    ".x.ai",
    ".huggingface.co",
    ".huggingface.cloud",
    ".nvidia.com",
)
_VENDOR_MODELS = ("gpt-", "chatgpt", "claude", "gemini", "command-r", "grok-")
_LOCAL_RUNNERS = {"ollama", "gpt4all"}
"""Clients of servers on this machine that run models released by others."""
_PUBLIC_OWNERS = {
    "allenai", "bigcode", "bigscience", "databricks", "EleutherAI", "HuggingFaceFW", "HuggingFaceH4",
    "mozilla-foundation", "nyu-mll", "OpenAssistant", "Open-Orca", "stanfordnlp", "tatsu-lab", "wikimedia",
}  # fmt: skip
"""Publishers of data sets that anybody may fetch."""
_TRAINERS = {"peft", "trl", "deepspeed", "lightning", "pytorch-lightning", "unsloth", "torchtune", "axolotl"}
_LEARNERS = {"ml", "tracking"}
_TRAINING_NAMES = {
    "train",
    "training",
    "trainer",
    "finetune",
    "finetuning",
    "pretrain",
    "pretraining",
    "retrain",
}
_PEOPLE_FRAMEWORKS = {"gradio", "streamlit", "chainlit"}
_HUB_KEYS = {"pipeline_tag", "library_name", "base_model"}

Evidence = Iterator[tuple[Condition, Location]]


def found_conditions(
    facts: Iterable[Fact], inventory: Inventory | None = None
) -> dict[Condition, tuple[Location, ...]]:
    """Circumstances that hold as far as `facts` show, in the order of `Condition`, with their places.

    Tests, examples and documentation are not the product and show nothing.
    """
    places: dict[Condition, set[Location]] = {}
    for fact in facts:
        read = _READERS.get(type(fact))
        if read is None or _beside_the_product(fact.at.path):
            continue
        for condition, at in read(fact):
            places.setdefault(condition, set()).add(at)
    _combine(places)
    _add_models(places, inventory)
    return {c: tuple(sorted(places[c])[:MAX_PLACES]) for c in Condition if places.get(c)}


def calls_outside(call: LlmCall) -> bool:
    """Whether a call surely goes to a provider outside: by its address, else by its client or model.

    A client of one vendor pointed at an unknown address may well call a model of one's own.
    """
    if call.base_url:
        host = f".{_host(call.base_url)}"
        return host.endswith(_VENDOR_HOSTS) or any(name in host for name in _VENDORS)
    if call.model.startswith("ollama") or call.client in _LOCAL_RUNNERS:
        return False
    name = call.model.rpartition("/")[2]
    return any(v in call.client for v in _VENDORS) or name.startswith(_VENDOR_MODELS)


def published_card(document: Document) -> bool:
    """Whether a document is a card as hubs read it: a readme whose front matter has a hub's own keys."""
    if PurePosixPath(document.at.path).name.casefold() != "readme.md":
        return False
    keys = {key for key, _ in document.front_matter}
    return "license" in keys and bool(keys & _HUB_KEYS)


def _host(url: str) -> str:
    try:
        return urlsplit(url if "//" in url else f"//{url}").hostname or ""
    except ValueError:
        return ""


def _beside_the_product(path: str) -> bool:
    return is_test_path(path) or is_documentation_path(path) or is_example_path(path)


def _llm_call(fact: LlmCall) -> Evidence:
    yield Condition.DEVELOPS_AI, fact.at
    if calls_outside(fact) or fact.client in _LOCAL_RUNNERS:
        yield Condition.USES_RELEASED_MODEL, fact.at
    if calls_outside(fact):
        yield Condition.EXTERNAL_PROVIDER, fact.at
        yield Condition.EXTERNAL_COMPONENTS, fact.at
        yield Condition.CONNECTED, fact.at


def _hub(fact: HubReference) -> Evidence:
    if fact.local or not fact.name:
        return
    yield Condition.EXTERNAL_COMPONENTS, fact.at
    if fact.kind == "model":
        yield Condition.USES_RELEASED_MODEL, fact.at
    if fact.kind == "dataset" and _public(fact.name):
        yield Condition.PUBLIC_TRAINING_DATA, fact.at


def _public(name: str) -> bool:
    """A data set that anybody may fetch; one under an unknown owner may be private."""
    owner, slash, _ = name.partition("/")
    return not slash or owner in _PUBLIC_OWNERS


def _tool(fact: ToolDefinition) -> Evidence:
    yield Condition.DEVELOPS_AI, fact.at
    yield Condition.AGENT_TOOLS, fact.at
    if fact.effects or fact.touches:
        yield Condition.CONNECTED, fact.at
    if fact.approval:
        yield Condition.OVERSIGHT_IS_CONTROL, fact.at


def _endpoint(fact: Endpoint) -> Evidence:
    if fact.framework in _PEOPLE_FRAMEWORKS:
        yield Condition.HAS_END_USERS, fact.at
    if "database" in fact.reaches:
        yield Condition.CONNECTED, fact.at


def _library(fact: LibraryUse) -> Evidence:
    if fact.category in ("vector-store", "mcp"):
        yield Condition.CONNECTED, fact.at
    if fact.category == "cloud":
        yield Condition.CLOUD, fact.at
    if fact.library in _TRAINERS or (fact.category in _LEARNERS and _named_for_training(fact.at.path)):
        yield Condition.TRAINS, fact.at
        yield Condition.DEVELOPS_AI, fact.at


def _named_for_training(path: str) -> bool:
    stem = PurePosixPath(path).stem.casefold().replace("-", "_")
    return bool(_TRAINING_NAMES & {*stem.split("_"), stem.replace("_", "")})


def _mechanism(fact: Mechanism) -> Evidence:
    if fact.kind == "feedback-training":
        yield Condition.CONTINUOUS_LEARNING, fact.at
        yield Condition.TRAINS, fact.at
    if fact.kind == "human-approval":
        yield Condition.OVERSIGHT_IS_CONTROL, fact.at
    if fact.kind in ("internal-state", "feature-attribution"):
        yield Condition.INTERNAL_STATES, fact.at


def _job(fact: CiJob) -> Evidence:
    if fact.releases or fact.deploys:
        yield Condition.RELEASES, fact.at
    if fact.trains:
        yield Condition.TRAINS, fact.at
        yield Condition.DEVELOPS_AI, fact.at


def _history(fact: History) -> Evidence:
    if fact.tags:
        yield Condition.RELEASES, fact.at


def _dependency(fact: Dependency) -> Evidence:
    if fact.ecosystem in ("pypi", "npm", "conda", "cargo", "go") and not fact.group:
        yield Condition.EXTERNAL_COMPONENTS, fact.at


def _deployment(fact: Deployment) -> Evidence:
    if fact.kind == "serverless":
        yield Condition.CLOUD, fact.at


def _data(fact: DataFile) -> Evidence:
    if any(column.personal for column in fact.columns):
        yield Condition.CONFIDENTIAL_ASSETS, fact.at


def _document(fact: Document) -> Evidence:
    if published_card(fact):
        yield Condition.SHARES_MODEL, fact.at


def _fetch(fact: OutboundFetch) -> Evidence:
    if not fact.file:
        yield Condition.CONNECTED, fact.at


_READERS: dict[type[Fact], Callable[[Any], Evidence]] = {
    CiJob: _job,
    DataFile: _data,
    Dependency: _dependency,
    Deployment: _deployment,
    Document: _document,
    Endpoint: _endpoint,
    History: _history,
    HubReference: _hub,
    LibraryUse: _library,
    LlmCall: _llm_call,
    Mechanism: _mechanism,
    OutboundFetch: _fetch,
    ToolDefinition: _tool,
}


def _combine(places: dict[Condition, set[Location]]) -> None:
    """A hub's data set is training data only where something is trained."""
    if Condition.TRAINS not in places:
        places.pop(Condition.PUBLIC_TRAINING_DATA, None)


def _add_models(places: dict[Condition, set[Location]], inventory: Inventory | None) -> None:
    """A published card shares a model only where the model's file is there too."""
    if inventory is None:
        return
    files = [a for a in inventory.assets if a.kind is AssetKind.MODEL and a.sha256]
    if not files:
        places.pop(Condition.SHARES_MODEL, None)
