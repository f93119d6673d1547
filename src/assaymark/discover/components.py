"""Facts, inventory and a few texts → the bill of materials. Pure; `read_sources` reads the texts."""

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from assaymark.asset import AssetKind, FileEntry, Inventory, NotLookedAt, Relation, Tree
from assaymark.bom import Bom, Component, ComponentKind, Licence, Link, LinkKind, Service
from assaymark.discover.bom_fixed import is_lock
from assaymark.discover.bom_licences import licence_of
from assaymark.discover.bom_material import SYSTEM, Material, Part, as_properties, plain
from assaymark.discover.bom_sources import Sources
from assaymark.discover.components_data import data_sets, missing_data_set, prompts
from assaymark.discover.components_models import models
from assaymark.discover.components_packages import containers, packages
from assaymark.discover.components_services import services, tools
from assaymark.observation import Location
from assaymark.scan.facts import Fact, History, ScanProblem
from assaymark.scan.paths import is_test_path
from assaymark.scan.structured import line_of_toml_key, read_json, read_toml
from assaymark.scan.words import public_url
from assaymark.system.system import System

__all__ = ["build_bom"]

_KINDS = {"model": ComponentKind.MODEL, "dataset": ComponentKind.DATA, "prompt": ComponentKind.PROMPT,
          "dependency": ComponentKind.PACKAGE, "tool": ComponentKind.TOOL}  # fmt: skip
_ORDER = {kind: place for place, kind in enumerate(ComponentKind)}


def build_bom(
    facts: Sequence[Fact],
    inventory: Inventory,
    tree: Tree,
    system: System,
    sources: Sources,
    holes: Iterable[NotLookedAt] = (),
) -> Bom:
    """The bill of materials of a tree.

    Args:
        facts: every fact of the tree.
        inventory: the assets built from them.
        tree: every file with its digest.
        system: the manifest, whose register adds owners, classes and dependencies.
        sources: cards and the project's own description, word for word.
        holes: what discovery did not look at.
    """
    material = Material(facts, inventory, tree, system, sources)
    software, unread = packages(material)
    parts = (models(material), data_sets(material), prompts(material), software, containers(material),
             services(material), tools(material))  # fmt: skip
    whole = _joined(parts)
    _named_data(whole, material)
    _register_only(whole, material)
    _edges(whole, material)
    _register_links(whole, material)
    licence = _own_licence(sources.texts)
    return Bom(
        name=system.name,
        version=system.version,
        description=system.purpose,
        organisation=system.organisation,
        owner=system.owner,
        commit=next((f.head for f in facts if isinstance(f, History)), ""),
        licences=(licence,) if licence is not None else (),
        files=_distinct(tree.files),
        components=_once(whole.components),
        services=_once_services(whole.services),
        links=_known_links(whole, material),
        holes=_holes((*holes, *sources.holes), unread, material),
    )


def _holes(
    found: Iterable[NotLookedAt], unread: Iterable[NotLookedAt], material: Material
) -> tuple[NotLookedAt, ...]:
    """What was not read. A lock file read whole is no hole, though the search for secrets stopped in it."""
    broken = {p.at.path for p in material.facts(ScanProblem) if p.scanner != "secrets"}
    whole = {p for p in material.files if is_lock(p) and not is_test_path(p)} - broken
    kept = (h for h in found if not (h.path in whole and h.reason.startswith("in part:")))
    once = {(h.path, h.reason): h for h in (*kept, *unread)}
    return tuple(once[key] for key in sorted(once))


def _distinct(files: Iterable[FileEntry]) -> tuple[FileEntry, ...]:
    """The files, told apart where two names look alike once odd bytes are written as escapes."""
    seen: Counter[str] = Counter()
    found = []
    for file in files:
        seen[file.path] += 1
        number = seen[file.path]
        found.append(file if number == 1 else FileEntry(f"{file.path} ({number})", file.size, file.sha256))
    return tuple(found)


def _joined(parts: Iterable[Part]) -> Part:
    whole = Part()
    for part in parts:
        whole.components += part.components
        whole.services += part.services
        whole.links += part.links
        whole.refs.update(part.refs)
        whole.top += part.top
    return whole


def _once(components: Iterable[Component]) -> tuple[Component, ...]:
    """Each ref once, the fullest first; sorted."""
    found: dict[str, Component] = {}
    for component in components:
        found.setdefault(component.ref, component)
    return tuple(sorted(found.values(), key=lambda c: (_ORDER[c.kind], c.ref)))


def _once_services(found: Iterable[Service]) -> tuple[Service, ...]:
    return tuple(sorted({s.ref: s for s in reversed(list(found))}.values(), key=lambda s: s.ref))


def _named_data(whole: Part, material: Material) -> None:
    """Data sets that cards name: the one that is there by another spelling, else one known by name only."""
    known = {c.ref for c in whole.components if c.kind is ComponentKind.DATA}
    spelt: dict[str, str] = {}
    for component in whole.components:
        for spelling in _spellings(component) if component.kind is ComponentKind.DATA else ():
            spelt.setdefault(spelling, component.ref)
    for number, link in enumerate(whole.links):
        if link.kind is not LinkKind.TRAINED_ON or link.target in known:
            continue
        name = plain(link.target.partition(":")[2])
        if name in spelt:
            whole.links[number] = Link(link.source, link.kind, spelt[name])
            continue
        known.add(link.target)
        whole.components.append(missing_data_set(link.target, material))


def _spellings(component: Component) -> set[str]:
    names = {component.name, component.name.partition(".")[0], *component.files}
    names |= {v for k, v in component.properties if k == "register-name"}
    return {plain(n) for n in names}


def _register_only(whole: Part, material: Material) -> None:
    """What the register lists and nothing in the tree mentions; what should lie in the tree is missing."""
    found = (material.declared(a) for a in material.inventory.assets)
    seen = {id(line) for line in found if line is not None}
    for line in material.system.assets:
        if id(line) in seen or (line.location and "://" not in line.location):
            continue
        ref = f"{line.kind}:{line.name}"
        path = material.system.manifest_path
        at = (Location(path, line.line),) if path else ()
        told = as_properties(
            where="listed in the register, not seen in the tree", source=public_url(line.source)
        )
        owner, version = line.owner, line.version
        if line.kind == AssetKind.SERVICE:
            service = Service(
                ref=ref, name=line.name, kind="listed", owner=owner, properties=told, seen_at=at
            )
            whole.services.append(msgspec.structs.replace(service, version=version))
        elif line.kind in _KINDS:
            kind, url = _KINDS[line.kind], public_url(line.location)
            component = Component(ref=ref, kind=kind, name=line.name, url=url, properties=told, seen_at=at)
            whole.components.append(msgspec.structs.replace(component, owner=owner, version=version))
        whole.top.append(ref)
        whole.refs[ref] = (ref,)


def _edges(whole: Part, material: Material) -> None:
    """The inventory's edges between what the bill names."""

    def refs(asset_id: str) -> tuple[str, ...]:
        kind, _, path = asset_id.partition(":")
        if kind in ("code", "document", "configuration", "pipeline"):
            return (f"file:{path}",)
        return whole.refs.get(asset_id, ())

    for edge in material.inventory.edges:
        for source in refs(edge.source):
            for target in refs(edge.target):
                match edge.relation:
                    case Relation.DESCRIBES:
                        whole.link(target, LinkKind.DESCRIBED_BY, source)
                    case Relation.READS:
                        whole.link(source, LinkKind.READS, target)
                    case Relation.SERVES if source.startswith("file:"):
                        whole.link(target, LinkKind.DEPENDS_ON, source)
                    case Relation.OFFERS_TOOL:
                        pass  # a tool depends on its file already
                    case _:
                        whole.link(source, LinkKind.DEPENDS_ON, target)
    for ref in whole.top:
        whole.link(SYSTEM, LinkKind.DEPENDS_ON, ref)


def _register_links(whole: Part, material: Material) -> None:
    """`depends_on` of the register, between whatever its lines stand for."""
    stands: dict[str, list[str]] = {}
    for asset in material.inventory.assets:
        line = material.declared(asset)
        if line is not None:
            stands.setdefault(line.name, []).extend(whole.refs.get(asset.id, ()))
    for line in material.system.assets:
        if line.name not in stands:
            stands[line.name] = list(whole.refs.get(f"{line.kind}:{line.name}", ()))
    for line in material.system.assets:
        for source in stands.get(line.name, ()):
            for target in (t for name in line.depends_on for t in stands.get(name, ())):
                whole.link(source, LinkKind.DEPENDS_ON, target)


def _known_links(whole: Part, material: Material) -> tuple[Link, ...]:
    refs = {c.ref for c in whole.components} | {s.ref for s in whole.services}
    refs |= {f"file:{path}" for path in material.files} | {SYSTEM}
    return tuple(sorted({k for k in whole.links if k.source in refs and k.target in refs}))


def _own_licence(texts: dict[str, str]) -> Licence | None:
    """The licence that pyproject.toml or package.json at the top states."""
    table, _ = read_toml(texts.get("pyproject.toml", ""))
    project = table.get("project")
    stated = project.get("license") if isinstance(project, dict) else None
    stated = stated.get("text") if isinstance(stated, dict) else stated
    if isinstance(stated, str):
        line = line_of_toml_key(texts["pyproject.toml"], "project", "license")
        return licence_of(stated, Location("pyproject.toml", line))
    package, _ = read_json(texts.get("package.json", "null"))
    stated = package.get("license") if isinstance(package, dict) else None
    return licence_of(stated, Location("package.json")) if isinstance(stated, str) else None
