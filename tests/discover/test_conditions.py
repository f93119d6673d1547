"""Circumstances are found only where the tree shows them beyond doubt."""

import pytest

from assaymark.asset import Asset, AssetKind, Inventory
from assaymark.discover.conditions import MAX_PLACES, calls_outside, found_conditions
from assaymark.observation import Location
from assaymark.scan.facts import (
    CiJob,
    Column,
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
from assaymark.scan.facts.code import Effect, Origin
from assaymark.system.system import Condition as C

AT = Location("src/app.py", 7)


def call(client: str = "openai", **fields: str) -> LlmCall:
    """A call to a language model in the product."""
    return LlmCall(at=AT, client=client, function="f", **fields)  # type: ignore[arg-type]


def hub(name: str, kind: str = "model", *, local: bool = False) -> HubReference:
    """A reference to a hub."""
    return HubReference(at=AT, kind=kind, name=name, loader="x.load", pinned=False, local=local)


def library(name: str, category: str, path: str = "src/app.py") -> LibraryUse:
    """An import."""
    return LibraryUse(at=Location(path, 1), library=name, category=category)


def card(path: str = "README.md") -> Document:
    """A model card as a hub reads it."""
    matter = (("license", "mit"), ("pipeline_tag", "text-generation"))
    return Document(at=Location(path, 1), kind="model-card", sha256="0", words=9, front_matter=matter)


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        (
            call(),
            {
                C.DEVELOPS_AI,
                C.EXTERNAL_COMPONENTS,
                C.CONNECTED,
                C.EXTERNAL_PROVIDER,
                C.USES_RELEASED_MODEL,
            },
        ),
        (call("ollama"), {C.DEVELOPS_AI, C.USES_RELEASED_MODEL}),
        (call("transformers"), {C.DEVELOPS_AI}),
        (call("openai", base_url="http://localhost:8000/v1"), {C.DEVELOPS_AI}),
        (call("openai", base_url="https://llm.harbour.example/v1"), {C.DEVELOPS_AI}),
        (hub("org/model"), {C.EXTERNAL_COMPONENTS, C.USES_RELEASED_MODEL}),
        (hub("./model", local=True), set()),
        (hub("squad", "dataset"), {C.EXTERNAL_COMPONENTS}),
        (ToolDefinition(at=AT, name="add", framework="mcp"), {C.DEVELOPS_AI, C.AGENT_TOOLS}),
        (
            ToolDefinition(at=AT, name="pay", framework="mcp", effects=(Effect.PAY,), approval=True),
            {C.DEVELOPS_AI, C.AGENT_TOOLS, C.CONNECTED, C.OVERSIGHT_IS_CONTROL},
        ),
        (Endpoint(at=AT, framework="gradio", method="", route="/", handler="h"), {C.HAS_END_USERS}),
        (Endpoint(at=AT, framework="fastapi", method="GET", route="/", handler="h"), set()),
        (
            Endpoint(at=AT, framework="fastapi", method="GET", route="/", handler="h", reaches=("database",)),
            {C.CONNECTED},
        ),
        (library("trl", "ml"), {C.TRAINS, C.DEVELOPS_AI}),
        (library("scikit-learn", "ml", "ml/train_model.py"), {C.TRAINS, C.DEVELOPS_AI}),
        (library("scikit-learn", "ml", "ml/constraint.py"), set()),
        (library("chromadb", "vector-store"), {C.CONNECTED}),
        (library("boto3", "cloud"), {C.CLOUD}),
        (Mechanism(at=AT, kind="feedback-training", name="m"), {C.TRAINS, C.CONTINUOUS_LEARNING}),
        (Mechanism(at=AT, kind="internal-state", name="m"), {C.INTERNAL_STATES}),
        (Mechanism(at=AT, kind="human-approval", name="m"), {C.OVERSIGHT_IS_CONTROL}),
        (Mechanism(at=AT, kind="retry", name="m"), set()),
        (CiJob(at=AT, system="github", workflow="w", name="j", releases=True), {C.RELEASES}),
        (CiJob(at=AT, system="github", workflow="w", name="j", tests=True), set()),
        (CiJob(at=AT, system="github", workflow="w", name="j", trains=True), {C.TRAINS, C.DEVELOPS_AI}),
        (History(at=Location(".git"), available=True, tags=(("v1", "2026-01-01"),)), {C.RELEASES}),
        (History(at=Location(".git"), available=True), set()),
        (Dependency(at=AT, ecosystem="pypi", name="x", pinned=True), {C.EXTERNAL_COMPONENTS}),
        (Dependency(at=AT, ecosystem="pypi", name="x", pinned=True, group="dev"), set()),
        (Deployment(at=AT, name="f", kind="serverless"), {C.CLOUD}),
        (Deployment(at=AT, name="f", kind="compose"), set()),
        (OutboundFetch(at=AT, callee="get", origin=Origin.REQUEST, guarded=True), {C.CONNECTED}),
        (OutboundFetch(at=AT, callee="open", origin=Origin.REQUEST, guarded=True, file=True), set()),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Fact) else "",
)
def test_each_fact_shows_what_it_shows_and_no_more(fact: Fact, expected: set[C]) -> None:
    """One fact alone, with its place."""
    found = found_conditions([fact])
    assert set(found) == expected
    assert all(places == (fact.at,) for places in found.values())


def test_personal_columns_show_that_data_could_be_confidential() -> None:
    """A column of e-mail addresses is enough."""
    plain = DataFile(at=AT, format="csv", sha256="0", size=1, columns=(Column("n", "integer"),))
    personal = DataFile(at=AT, format="csv", sha256="0", size=1, columns=(Column("m", "string", "email"),))
    assert found_conditions([plain]) == {}
    assert set(found_conditions([personal])) == {C.CONFIDENTIAL_ASSETS}


@pytest.mark.parametrize("path", ["tests/test_app.py", "docs/guide.md", "examples/bot.py"])
def test_what_stands_beside_the_product_shows_nothing(path: str) -> None:
    """A test that calls a model is not the system."""
    assert found_conditions([LlmCall(at=Location(path, 1), client="openai", function="")]) == {}


def test_a_hubs_data_set_is_training_data_only_where_something_is_trained() -> None:
    """Fetching a benchmark for evaluation trains nothing; a private data set is not public."""
    trains = library("trl", "ml")
    assert C.PUBLIC_TRAINING_DATA not in found_conditions([hub("squad", "dataset")])
    assert C.PUBLIC_TRAINING_DATA in found_conditions([hub("squad", "dataset"), trains])
    assert C.PUBLIC_TRAINING_DATA not in found_conditions([hub("our-bank/ledger", "dataset"), trains])


def test_a_published_card_shares_a_model_only_beside_its_file() -> None:
    """A card that describes somebody else's model hands nothing on."""
    weights = Asset(id="model:w", kind=AssetKind.MODEL, name="w", sha256="a")
    named = Asset(id="model:n", kind=AssetKind.MODEL, name="n")
    assert C.SHARES_MODEL in found_conditions([card()], Inventory((weights,), ()))
    assert C.SHARES_MODEL not in found_conditions([card()], Inventory((named,), ()))
    assert C.SHARES_MODEL not in found_conditions([card("model/card.md")], Inventory((weights,), ()))


@pytest.mark.parametrize(
    ("client", "model", "url", "outside"),
    [
        ("openai", "", "", True),
        ("@ai-sdk/anthropic", "", "", True),
        ("litellm", "gpt-4o", "", True),
        ("litellm", "openrouter/claude-x", "", True),
        ("litellm", "ollama/llama3", "", False),
        ("langchain", "", "", False),
        ("openai", "m", "https://x.openai.azure.com/", True),
        ("openai", "m", "https://api.groq.com/openai/v1", True),
        ("openai", "gpt-4o", "http://vllm:8000/v1", False),
        ("openai", "m", "http://[broken", False),
        ("llama-cpp-python", "", "", False),
    ],
)
def test_a_call_goes_outside_only_where_that_is_sure(
    client: str, model: str, url: str, outside: bool
) -> None:
    """An address outweighs the client's brand, since many servers speak its protocol."""
    assert calls_outside(call(client, model=model, base_url=url)) is outside


def test_places_are_sorted_and_bounded() -> None:
    """A thousand imports do not swell the report."""
    many = [library("boto3", "cloud", f"src/m{n:04}.py") for n in range(1000, 0, -1)]
    places = found_conditions(many)[C.CLOUD]
    assert len(places) == MAX_PLACES
    assert list(places) == sorted(places)
    assert places[0].path == "src/m0001.py"
