"""The inventory names each asset once, ties it to the code that uses it, and knows the register."""

import pytest

from assaymark.asset import AssetKind, FileEntry, Inventory, Relation, Tree
from assaymark.discover.inventory import build_inventory
from assaymark.observation import Location
from assaymark.scan.facts import (
    CiJob,
    ContainerBuild,
    DataFile,
    Dependency,
    Deployment,
    Document,
    Endpoint,
    Fact,
    HubReference,
    LibraryUse,
    LlmCall,
    ModelFile,
    PromptText,
    Setting,
    ToolDefinition,
)
from assaymark.scan.facts.code import Effect
from assaymark.system.system import DeclaredAsset, System

APP = Location("app.py", 3)
TREE = Tree((FileEntry("app.py", 10, "a" * 64), FileEntry("m.safetensors", 20, "b" * 64)))


def built(*facts: Fact, system: System | None = None) -> Inventory:
    """The inventory of `facts` in a small tree."""
    return build_inventory(facts, TREE, system or System(name="s"))


def ids(inventory: Inventory) -> set[str]:
    """Ids of its assets."""
    return {a.id for a in inventory.assets}


def test_a_call_ties_code_to_service_and_model() -> None:
    """Code calls the provider, the provider serves the model."""
    seen = built(LlmCall(at=APP, client="openai", function="f", model="gpt-4o"))

    assert ids(seen) == {"code:app.py", "service:openai", "model:openai/gpt-4o"}
    assert ("code:app.py", Relation.CALLS, "service:openai") in {
        (e.source, e.relation, e.target) for e in seen.edges
    }


def test_a_local_reference_is_the_file_in_the_tree() -> None:
    """A path that names a model file is that file, not a second asset."""
    model = ModelFile(
        at=Location("m.safetensors"), format="safetensors", sha256="b" * 64, size=20, runs_code=False
    )
    used = HubReference(at=APP, kind="model", name="./m.safetensors", loader="load", pinned=False, local=True)

    seen = built(model, used)

    assert ids(seen) == {"code:app.py", "model:m.safetensors"}
    assert [(e.source, e.target) for e in seen.edges] == [("code:app.py", "model:m.safetensors")]


def test_an_asset_mentioned_twice_stands_once() -> None:
    """Mentions gather; one unpinned mention makes the asset unpinned."""
    pinned = HubReference(at=APP, kind="model", name="org/m", loader="l", pinned=True, revision="a" * 40)
    loose = HubReference(at=Location("b.py", 1), kind="model", name="org/m", loader="l", pinned=False)

    (model,) = [a for a in built(pinned, loose).assets if a.kind is AssetKind.MODEL]

    assert model.pinned is False
    assert len(model.seen_at) == 2


@pytest.mark.parametrize(
    ("line", "known"),
    [
        (DeclaredAsset(kind="model", name="other", location="./m.safetensors"), True),
        (DeclaredAsset(kind="model", name="other", sha256="b" * 64), True),
        (DeclaredAsset(kind="model", name="M.safetensors"), True),
        (DeclaredAsset(kind="dataset", name="m.safetensors"), False),
        (DeclaredAsset(kind="model", name="something else"), False),
    ],
)
def test_the_register_is_matched_by_place_digest_or_name(line: DeclaredAsset, known: bool) -> None:
    """A line of the register speaks of an asset by location, by digest, or by kind and name."""
    model = ModelFile(
        at=Location("m.safetensors"), format="safetensors", sha256="b" * 64, size=20, runs_code=False
    )

    (asset,) = built(model, system=System(name="s", assets=(line,))).assets

    assert asset.declared is known


def test_every_kind_of_fact_becomes_an_asset() -> None:
    """Whatever the system is made of appears in the inventory."""
    seen = built(
        DataFile(at=Location("d.csv"), format="csv", sha256="c" * 64, size=1, rows=5, rows_exact=False),
        PromptText(at=APP, name="SYSTEM", sha256="d" * 64, length=10, role="system"),
        Dependency(at=Location("r.txt", 1), ecosystem="pypi", name="torch", pinned=True, spec="==2"),
        LibraryUse(at=APP, library="chromadb", category="vector-store"),
        LibraryUse(at=APP, library="yaml", category="data"),
        Deployment(at=Location("c.yml", 1), name="db", kind="compose", image="pg:1"),
        Endpoint(at=APP, framework="fastapi", method="POST", route="/x", handler="x"),
        ToolDefinition(at=APP, name="pay", framework="mcp", effects=(Effect.PAY,)),
        Document(at=Location("README.md"), kind="readme", sha256="e" * 64, words=3),
        Document(at=Location("x.md"), kind="other", sha256="e" * 64, words=3),
        CiJob(at=Location("ci.yml", 1), system="github", workflow="ci", name="test"),
        ContainerBuild(at=Location("Dockerfile", 1), bases=("python:3",), pinned=False),
        Setting(at=Location(".mcp.json", 1), key="mcpServers.fs", value="npx", category="mcp-server"),
        Setting(at=Location("s.yml", 1), key="temperature", value="0", category="temperature"),
    )

    assert {a.kind for a in seen.assets} == set(AssetKind) - {AssetKind.MODEL}
    assert "document:x.md" not in ids(seen)
    assert "dependency:pypi/yaml" not in ids(seen)
    (tool,) = [a for a in seen.assets if a.kind is AssetKind.TOOL]
    assert "pay" in tool.note
    (data,) = [a for a in seen.assets if a.kind is AssetKind.DATASET]
    assert "about 5 records" in data.note


def test_material_of_tests_is_no_part_of_the_system() -> None:
    """A model used in a test is not an asset of the product."""
    assert not built(LlmCall(at=Location("tests/test_a.py", 1), client="openai", function="f")).assets


def test_edges_lead_to_assets() -> None:
    """No edge dangles."""
    seen = built(
        Document(at=Location("card.md"), kind="model-card", sha256="e" * 64, words=3, links=("gone.bin",)),
        LlmCall(at=APP, client="openai", function="f", model="gpt-4o"),
    )

    assert all({e.source, e.target} <= ids(seen) for e in seen.edges)


def test_the_projects_own_package_is_no_dependency() -> None:
    """A library that imports itself does not depend on itself."""
    tree = Tree((FileEntry("sentence_transformers/__init__.py", 1, "a" * 64), *TREE.files))
    fact = LibraryUse(at=APP, library="sentence-transformers", category="ml")

    assert not build_inventory([fact], tree, System(name="s")).assets


def test_endpoints_of_two_files_stay_apart() -> None:
    """The same route below two routers is two endpoints."""
    one = Endpoint(at=APP, framework="fastapi", method="GET", route="", handler="x")
    two = Endpoint(at=Location("b.py", 1), framework="fastapi", method="GET", route="", handler="y")

    services = [a for a in built(one, two).assets if a.kind is AssetKind.SERVICE]

    assert [a.name for a in services] == ["GET /", "GET /"]


def test_a_web_framework_alone_makes_no_source_file_an_asset() -> None:
    """A database migration imports Django; the AI system's code is what uses models, tools or stores."""
    web = built(LibraryUse(at=APP, library="django", category="web"))
    model = built(LibraryUse(at=APP, library="openai", category="llm-client"))

    assert ids(web) == {"dependency:pypi/django"}
    assert ids(model) == {"dependency:pypi/openai", "code:app.py"}


def test_source_files_of_one_name_are_told_apart() -> None:
    """Two files called `model.py` are named by their paths, a file with a name of its own by that."""
    paths = ("a/model.py", "b/model.py", "b/only.py")
    tree = Tree(tuple(FileEntry(p, 1, "a" * 64) for p in paths))
    uses = [LibraryUse(at=Location(p, 1), library="torch", category="ml") for p in paths]
    names = {a.name for a in build_inventory(uses, tree, System(name="s")).assets if a.kind is AssetKind.CODE}

    assert names == {"a/model.py", "b/model.py", "only.py"}
