"""Facts → the inventory: assets and the edges between them. Pure."""

import functools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePosixPath

import msgspec

from assaymark.asset import Asset, AssetKind, Edge, Inventory, Relation, Tree
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
from assaymark.scan.paths import is_test_path
from assaymark.system.register import matches
from assaymark.system.system import DeclaredAsset, System

__all__ = ["build_inventory"]

_MENTIONS = 20
_KINDS = {"dataset": AssetKind.DATASET, "prompt": AssetKind.PROMPT, "container": AssetKind.SERVICE}
_SHOWN_LIBRARIES = {"llm-client", "ml", "agent", "vector-store", "mcp", "guard", "web"}

_SCRIPTS = {".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts"}

_ORDER = {kind: place for place, kind in enumerate(AssetKind)}

Pair = tuple[Asset, tuple[Edge, ...]]


def build_inventory(facts: Iterable[Fact], tree: Tree, system: System) -> Inventory:
    """The assets that `facts` speak of, each once, marked where the manifest's register names them.

    Material of tests is left out: it is not part of the system.
    """
    assets: dict[str, Asset] = {}
    edges: set[Edge] = set()
    own = _own_packages(tree)
    for fact in facts:
        make = _MAKERS.get(type(fact))
        if make is None or is_test_path(fact.at.path):
            continue
        if isinstance(fact, LibraryUse) and _plain(fact.library) in own:
            continue
        for asset, found_edges in make(fact):
            assets[asset.id] = _merged(assets.get(asset.id), asset)
            edges.update(found_edges)
    _resolve_local(assets, edges)
    _add_code(assets, edges, tree)
    marked = (_declared(a, system.assets) for a in assets.values())
    known = {e for e in edges if e.source in assets and e.target in assets and e.source != e.target}
    return Inventory(
        tuple(sorted(marked, key=lambda a: (_ORDER[a.kind], a.id))),
        tuple(sorted(known, key=lambda e: (e.source, e.relation, e.target))),
    )


def _own_packages(tree: Tree) -> set[str]:
    """Names of packages that the tree itself holds: importing them is no dependency."""
    parts = (PurePosixPath(f.path).parts for f in tree.files if f.path.endswith("/__init__.py"))
    return {_plain(p[-2]) for p in parts if len(p) == 2 or (len(p) == 3 and p[0] in ("src", "lib"))}


@functools.lru_cache(maxsize=4096)
def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")


def _declared(asset: Asset, register: tuple[DeclaredAsset, ...]) -> Asset:
    declared = any(matches(line, asset) for line in register)
    return msgspec.structs.replace(asset, declared=True) if declared else asset


def _merged(before: Asset | None, now: Asset) -> Asset:
    if before is None:
        return now
    places = tuple(dict.fromkeys((*before.seen_at, *now.seen_at)))[:_MENTIONS]
    both = [p for p in (before.pinned, now.pinned) if p is not None]
    return msgspec.structs.replace(
        before,
        seen_at=places,
        pinned=all(both) if both else None,
        version=before.version or now.version,
        note=before.note or now.note,
    )


def _code(at: Location) -> str:
    return f"code:{at.path}"


def _model_file(fact: ModelFile) -> Iterator[Pair]:
    facts = dict(fact.metadata)
    note = ", ".join(
        part
        for part in (
            fact.format,
            facts.get("architecture", ""),
            f"{fact.tensors:,} tensors" if fact.tensors else "",
            f"{fact.parameters:,} parameters" if fact.parameters else "",
        )
        if part
    )
    yield (
        Asset(
            id=f"model:{fact.at.path}",
            # What stands beside weights describes them; it is no second model to be listed.
            kind=AssetKind.CONFIG if fact.format.endswith("-config") else AssetKind.MODEL,
            name=PurePosixPath(fact.at.path).name,
            location=fact.at.path,
            sha256=fact.sha256,
            size=fact.size,
            note=note,
            seen_at=(fact.at,),
        ),
        (),
    )


def _hub(fact: HubReference) -> Iterator[Pair]:
    if not fact.name:
        return
    kind = _KINDS.get(fact.kind, AssetKind.MODEL if fact.kind in ("model", "tokenizer") else AssetKind.CODE)
    prefix = "dataset" if kind is AssetKind.DATASET else kind.value
    asset = Asset(
        id=f"{prefix}:{fact.name}",
        kind=kind,
        name=fact.name,
        location=fact.name if fact.local else "",
        version=fact.revision,
        pinned=None if fact.local else fact.pinned,
        note="local path" if fact.local else f"loaded by name with {fact.loader}",
        seen_at=(fact.at,),
    )
    relation = Relation.READS if kind is AssetKind.DATASET else Relation.LOADS
    yield asset, (Edge(_code(fact.at), relation, asset.id),)


def _llm(fact: LlmCall) -> Iterator[Pair]:
    service = Asset(
        id=f"service:{fact.client}",
        kind=AssetKind.SERVICE,
        name=fact.client,
        location=fact.base_url,
        note="language model",
        seen_at=(fact.at,),
    )
    yield service, (Edge(_code(fact.at), Relation.CALLS, service.id),)
    if fact.model:
        model = Asset(
            id=f"model:{fact.client}/{fact.model}",
            kind=AssetKind.MODEL,
            name=fact.model,
            note=f"behind {fact.client}",
            seen_at=(fact.at,),
        )
        yield (
            model,
            (Edge(service.id, Relation.SERVES, model.id), Edge(_code(fact.at), Relation.CALLS, model.id)),
        )


def _prompt(fact: PromptText) -> Iterator[Pair]:
    place = fact.at.path if fact.in_file else f"{fact.at.path}#{fact.name}"
    asset = Asset(
        id=f"prompt:{place}",
        kind=AssetKind.PROMPT,
        name=fact.name,
        location=fact.at.path,
        sha256=fact.sha256,
        size=fact.length,
        note=", ".join(p for p in (fact.role, f"{fact.length:,} characters") if p),
        seen_at=(fact.at,),
    )
    yield asset, () if fact.in_file else (Edge(_code(fact.at), Relation.PROMPTS_WITH, asset.id),)


def _tool(fact: ToolDefinition) -> Iterator[Pair]:
    effects = ", ".join(e.value for e in fact.effects)
    asset = Asset(
        id=f"tool:{fact.at.path}#{fact.name}",
        kind=AssetKind.TOOL,
        name=fact.name,
        location=fact.at.path,
        note=f"{fact.framework}; can {effects}" if effects else fact.framework,
        seen_at=(fact.at,),
    )
    yield asset, (Edge(_code(fact.at), Relation.OFFERS_TOOL, asset.id),)


def _endpoint(fact: Endpoint) -> Iterator[Pair]:
    asset = Asset(
        id=f"service:{fact.at.path}#{fact.method} {fact.route}",
        kind=AssetKind.SERVICE,
        name=f"{fact.method} {fact.route or '/'}",
        location=fact.at.path,
        note=f"{fact.framework} endpoint",
        seen_at=(fact.at,),
    )
    yield asset, (Edge(_code(fact.at), Relation.SERVES, asset.id),)


def _deployment(fact: Deployment) -> Iterator[Pair]:
    asset = Asset(
        id=f"service:{fact.at.path}#{fact.name}",
        kind=AssetKind.SERVICE,
        name=fact.name,
        location=fact.at.path,
        version=fact.image,
        pinned=fact.pinned if fact.image else None,
        note=f"{fact.kind} service",
        seen_at=(fact.at,),
    )
    yield asset, ()


def _container(fact: ContainerBuild) -> Iterator[Pair]:
    asset = Asset(
        id=f"configuration:{fact.at.path}",
        kind=AssetKind.CONFIG,
        name=fact.at.path,
        location=fact.at.path,
        version=", ".join(fact.bases)[:200],
        pinned=fact.pinned if fact.bases else None,
        note="container build",
        seen_at=(fact.at,),
    )
    yield asset, ()


def _job(fact: CiJob) -> Iterator[Pair]:
    asset = Asset(
        id=f"pipeline:{fact.at.path}",
        kind=AssetKind.PIPELINE,
        name=fact.workflow or fact.at.path,
        location=fact.at.path,
        note=f"{fact.system} pipeline",
        seen_at=(fact.at,),
    )
    yield asset, ()


def _data(fact: DataFile) -> Iterator[Pair]:
    about = "about " if fact.rows and not fact.rows_exact else ""
    rows = f"{about}{fact.rows:,} records" if fact.rows else ""
    columns = f"{len(fact.columns)} columns" if fact.columns else ""
    asset = Asset(
        id=f"dataset:{fact.at.path}",
        kind=AssetKind.DATASET,
        name=PurePosixPath(fact.at.path).name,
        location=fact.at.path,
        sha256=fact.sha256,
        size=fact.size,
        note=", ".join(p for p in (fact.format, rows, columns) if p),
        seen_at=(fact.at,),
    )
    yield asset, ()


def _dependency(fact: Dependency) -> Iterator[Pair]:
    asset = Asset(
        id=f"dependency:{fact.ecosystem}/{fact.name}",
        kind=AssetKind.DEPENDENCY,
        name=fact.name,
        version=fact.spec,
        pinned=fact.pinned,
        note=fact.ecosystem,
        seen_at=(fact.at,),
    )
    yield asset, ()


def _library(fact: LibraryUse) -> Iterator[Pair]:
    """Code that uses a library which matters to an AI system; the dependency itself, if undeclared."""
    if fact.category not in _SHOWN_LIBRARIES:
        return
    ecosystem = (
        "npm"
        if PurePosixPath(fact.at.path).suffix in {".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs"}
        else "pypi"
    )
    asset = Asset(
        id=f"dependency:{ecosystem}/{fact.library}",
        kind=AssetKind.DEPENDENCY,
        name=fact.library,
        note=f"{ecosystem}; imported",
        seen_at=(fact.at,),
    )
    # A web framework alone makes a file no part of the AI system: a migration imports it too.
    edges = () if fact.category == "web" else (Edge(_code(fact.at), Relation.DEPENDS_ON, asset.id),)
    yield asset, edges


def _document(fact: Document) -> Iterator[Pair]:
    if fact.kind == "other":
        return
    asset = Asset(
        id=f"document:{fact.at.path}",
        kind=AssetKind.DOCUMENT,
        name=fact.title or PurePosixPath(fact.at.path).name,
        location=fact.at.path,
        sha256=fact.sha256,
        note=fact.kind.replace("-", " "),
        seen_at=(fact.at,),
    )
    edges = tuple(Edge(asset.id, Relation.DESCRIBES, f"model:{link}") for link in fact.links)
    yield asset, edges


def _setting(fact: Setting) -> Iterator[Pair]:
    if fact.category != "mcp-server":
        return
    asset = Asset(
        id=f"service:mcp/{fact.key}",
        kind=AssetKind.SERVICE,
        name=fact.key.rpartition(".")[2],
        location=fact.at.path,
        version=fact.value,
        note="MCP server",
        seen_at=(fact.at,),
    )
    yield asset, ()


_MAKERS: dict[type[Fact], Callable[..., Iterator[Pair]]] = {
    ModelFile: _model_file,
    HubReference: _hub,
    LlmCall: _llm,
    PromptText: _prompt,
    ToolDefinition: _tool,
    Endpoint: _endpoint,
    Deployment: _deployment,
    ContainerBuild: _container,
    CiJob: _job,
    DataFile: _data,
    Dependency: _dependency,
    LibraryUse: _library,
    Document: _document,
    Setting: _setting,
}


def _resolve_local(assets: dict[str, Asset], edges: set[Edge]) -> None:
    """A reference to a path in the tree is the file there, not a second asset."""
    for asset in [a for a in assets.values() if a.location and not a.sha256 and a.note == "local path"]:
        wanted = asset.location.removeprefix("./")
        target = next((a for a in assets.values() if a.sha256 and a.location == wanted), None)
        if target is None:
            continue
        del assets[asset.id]
        for edge in [e for e in edges if e.target == asset.id]:
            edges.discard(edge)
            edges.add(Edge(edge.source, edge.relation, target.id))


def _add_code(assets: dict[str, Asset], edges: set[Edge], tree: Tree) -> None:
    """Source files that use an asset are assets too; files of one name are told apart by their paths."""
    digests = {f.path: f for f in tree.files}
    sources = sorted({e.source for e in edges if e.source.startswith("code:")})
    alike = Counter(PurePosixPath(s).name for s in sources)
    for source in sources:
        path = source.removeprefix("code:")
        entry = digests.get(path)
        if source not in assets and entry is not None:
            assets[source] = Asset(
                id=source,
                kind=AssetKind.CODE,
                name=path if alike[PurePosixPath(path).name] > 1 else PurePosixPath(path).name,
                location=path,
                sha256=entry.sha256,
                size=entry.size,
                seen_at=(Location(path),),
            )
